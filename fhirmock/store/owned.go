package store

import "slices"

// ofNewcomers is the name under which owned has the records of patients who were entered later.
const ofNewcomers = "?"

// owned finds the records of a shelf by whose they are; those of nobody under "".
func (s *shelf) owned(settled func(patient string) bool) map[string][]int32 {
	s.owning.Do(func() {
		s.owners = map[string][]int32{}
		for i, r := range s.list {
			if len(r.Patients) == 0 {
				s.owners[""] = append(s.owners[""], int32(i)) //nolint:gosec // fits
			}
			for _, p := range r.Patients {
				if !settled(p) {
					p = ofNewcomers
				}
				s.owners[p] = append(s.owners[p], int32(i)) //nolint:gosec // fits
			}
		}
	})
	return s.owners
}

// own is a probe for the records of some patients, of nobody, and of those who were entered later.
func (s *shelf) own(patients []string, settled func(patient string) bool) probe {
	if s.roll != nil {
		return s.roll.own(patients)
	}
	owners := s.owned(settled)
	n := len(owners[""]) + len(owners[ofNewcomers])
	for _, p := range patients {
		n += len(owners[p])
	}
	list := func() []int32 {
		out := slices.Concat(owners[""], owners[ofNewcomers])
		for _, p := range patients {
			out = append(out, owners[p]...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return probe{estimate: n, list: list, match: func(int32) bool { return true }}
}
