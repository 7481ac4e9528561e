package store

import (
	"cmp"
	"slices"
)

// InCompartment lists the records of a type that lie in a patient's compartment by any of the given
// parameters, in order, from after a position; nothing, and making, if what finds them is still being made.
func (v View) InCompartment(resourceType string, params []string, patient string, after *Position) (out []*Sealed, making bool) {
	seen := map[string]bool{}
	for _, param := range params {
		search := v.Find(resourceType, []Filter{{Param: param, Any: []Match{{Key: "Patient/" + patient}}}}, nil, after)
		if search.Making() {
			return nil, true
		}
		for s := search.Next(); s != nil; s = search.Next() {
			if !seen[s.r.ID] {
				seen[s.r.ID] = true
				out = append(out, s)
			}
		}
	}
	if resourceType == "Binary" {
		out = v.binariesOf(patient, after)
	}
	slices.SortFunc(out, func(a, b *Sealed) int { return cmp.Compare(a.r.seq, b.r.seq) })
	return out, false
}

// binariesOf looks at every Binary that was written, and at those of one chart: no search parameter says whose they are.
func (v View) binariesOf(patient string, after *Position) []*Sealed {
	var out []*Sealed
	search := v.Among([]string{patient}, nil).Find("Binary", nil, nil, after)
	for s := search.Next(); s != nil; s = search.Next() {
		if slices.Contains(s.r.Patients, patient) {
			out = append(out, s)
		}
	}
	return out
}

// Seq is the record's place among those of its type.
func (r *Record) Seq() uint64 { return r.seq }
