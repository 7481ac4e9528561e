package store

import "slices"

// A sift is a search in a ledger: which shapes may match at all, what has to be asked of their records besides, and
// which way finds a page soonest. Where few records can match they are listed, by way of the order that leaves
// fewest; where many do, the next that does is not far, and one goes on from place to place.

// sift goes through a ledger.
type sift struct {
	g      *ledger
	sieves []*sieve
	crowd  []int32 // patients to whom all are; everybody if all
	all    bool
	keys   map[Sort]func(place int32) Key
}

// sift holds filters against a ledger, for somebody to whom the records of some patients matter; nil for all.
func (g *ledger) sift(filters []Filter, own []string) *sift {
	s := &sift{g: g, all: true, keys: map[Sort]func(int32) Key{}}
	for i := range filters {
		s.sieves = append(s.sieves, g.sieve(&filters[i]))
	}
	if own != nil {
		s.sieves = append(s.sieves, g.among(own))
	}
	shapes := s.shapes()
	for _, v := range s.sieves {
		if v.crowd == nil || slices.ContainsFunc(shapes, func(shape int) bool { return v.says[shape] == every }) {
			continue
		}
		if s.all || len(v.crowd) < len(s.crowd) {
			s.crowd, s.all = v.crowd, false
		}
	}
	return s
}

// among lets the records of some patients through.
func (g *ledger) among(patients []string) *sieve {
	v := &sieve{says: slices.Repeat([]verdict{some}, len(g.shapes)), crowd: []int32{}}
	who := newSet(g.folk.Len())
	for _, n := range g.folk.roll.roll.places(patients) {
		who.put(int32(n))                   //nolint:gosec // see column.tuple
		v.crowd = append(v.crowd, int32(n)) //nolint:gosec // see column.tuple
	}
	v.match = func(place int32) bool { return who.has(int32(g.patient(place))) } //nolint:gosec // see column.tuple
	return v
}

// shapes are those that may match.
func (s *sift) shapes() (out []int) {
	for shape := range s.g.shapes {
		if !slices.ContainsFunc(s.sieves, func(v *sieve) bool { return v.says[shape] == none }) {
			out = append(out, shape)
		}
	}
	return out
}

// test tells of places of some shapes whether they match.
func (s *sift) test(shapes []int) func(place int32) bool {
	asks := make([][]*sieve, len(s.g.shapes))
	may := make([]bool, len(s.g.shapes))
	for _, shape := range shapes {
		may[shape] = true
		for _, v := range s.sieves {
			if v.says[shape] == some {
				asks[shape] = append(asks[shape], v)
			}
		}
	}
	return func(place int32) bool {
		shape := s.g.shape[place]
		if !may[shape] {
			return false
		}
		for _, v := range asks[shape] {
			if !v.match(place) {
				return false
			}
		}
		return true
	}
}

// stretches are where the records of a shape are that can match, and how many: those of the sieve that leaves fewest.
func (s *sift) stretches(shape int) (best []stretch, n int) {
	n = len(s.g.orders[byTime].of(shape))
	best = []stretch{{byTime, 0, n}}
	for _, v := range s.sieves {
		if v.says[shape] != some || v.stretches == nil {
			continue
		}
		if all, known := v.stretches(shape); known {
			size := 0
			for _, st := range all {
				size += st.to - st.from
			}
			if size < n {
				best, n = all, size
			}
		}
	}
	return best, n
}
