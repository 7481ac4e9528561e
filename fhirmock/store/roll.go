package store

import (
	"slices"

	"thiefbox/fhirmock/terms"
)

// roll is the patients of folk as a shelf: a record is made when it is asked for, and a parameter is read when it is
// first searched by, so that an hundred thousand patients weigh what they are searched by.
type roll struct {
	folk  *folk
	asked asked
}

func (r *roll) indexOf(param string) *index {
	return r.asked.of(param, r.folk.Len(), func(place int, see func(*terms.Term)) { r.folk.Terms(place, param, see) })
}

// prepare makes the indexes by which people are usually looked for.
func (r *roll) prepare() {
	for _, param := range []string{"identifier", "name", "birthdate"} {
		r.indexOf(param)
	}
}

// places lists the places of those patients who are on the roll.
func (r *roll) places(patients []string) []int {
	out := make([]int, 0, len(patients))
	for _, p := range patients {
		if n, is := r.folk.Patient(p); is {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *roll) own(patients []string) probe {
	places := r.places(patients)
	out := make([]int32, len(places))
	for i, n := range places {
		out[i] = int32(n) //nolint:gosec // see column.tuple
	}
	return listed(out)
}
