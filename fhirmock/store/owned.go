package store

import "slices"

// owned finds the records of a shelf by whose they are; those of nobody under "".
func (s *shelf) owned() map[string][]int32 {
	s.owning.Do(func() {
		s.owners = map[string][]int32{}
		for i, r := range s.list {
			if len(r.Patients) == 0 {
				s.owners[""] = append(s.owners[""], int32(i)) //nolint:gosec // fits
			}
			for _, p := range r.Patients {
				s.owners[p] = append(s.owners[p], int32(i)) //nolint:gosec // fits
			}
		}
	})
	return s.owners
}

// own is a probe for the records of some patients, and of nobody.
func (s *shelf) own(patients []string) probe {
	if s.roll != nil {
		return s.roll.own(patients)
	}
	owners := s.owned()
	n := len(owners[""])
	for _, p := range patients {
		n += len(owners[p])
	}
	list := func() []int32 {
		out := slices.Clone(owners[""])
		for _, p := range patients {
			out = append(out, owners[p]...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return probe{estimate: n, list: list, match: func(int32) bool { return true }}
}
