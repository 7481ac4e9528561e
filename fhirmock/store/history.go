package store

import (
	"cmp"
	"slices"
)

// When is the place of a version in histories.
func (r *Record) When() Position {
	return Position{Keys: []Key{{Number: float64(r.Updated.UnixMilli())}, {Text: r.ID}}, Seq: uint64(r.Version)}
}

// When is the place of a version in histories. That there is a version, and of when, is told to nobody
// by this alone.
func (s *Sealed) When() Position { return s.r.When() }

// Later tells whether b comes after a in a history: the latest comes first.
func Later(a, b Position) bool { return compareWhen(a, b) < 0 }

func compareWhen(a, b Position) int {
	if len(a.Keys) < 2 || len(b.Keys) < 2 {
		return -1
	}
	return cmp.Or(cmp.Compare(b.Keys[0].Number, a.Keys[0].Number), cmp.Compare(a.Keys[1].Text, b.Keys[1].Text), cmp.Compare(b.Seq, a.Seq))
}

// History lists the versions of all records of a type, the latest first.
func (v View) History(resourceType string) []*Sealed {
	var out []*Sealed
	seen := map[string]bool{}
	for i := len(v.s.layers) - 1; i >= 0; i-- {
		s := v.s.layers[i].shelves[resourceType]
		if s == nil {
			continue
		}
		for _, r := range s.list {
			if len(v.s.layers) > 1 {
				if seen[r.ID] {
					continue // a younger layer has its latest version, and by way of it this one
				}
				seen[r.ID] = true
			}
			for ; r != nil; r = r.prev {
				out = append(out, seal(r))
			}
		}
	}
	slices.SortFunc(out, func(a, b *Sealed) int { return compareWhen(a.When(), b.When()) })
	return out
}
