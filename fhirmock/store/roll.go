package store

import (
	"slices"
	"sync"

	"thiefbox/fhirmock/terms"
)

// roll is the patients of folk as a shelf: a record is made when it is asked for, and a parameter is read when it is
// first searched by, so that an hundred thousand patients weigh what they are searched by.
type roll struct {
	folk  *folk
	mu    sync.Mutex
	index map[string]*rollIndex
}

type rollIndex struct {
	once sync.Once
	made *index // nil if nobody has a value
}

func (r *roll) indexOf(param string) *index {
	r.mu.Lock()
	x := r.index[param]
	if x == nil {
		if r.index == nil {
			r.index = map[string]*rollIndex{}
		}
		x = &rollIndex{}
		r.index[param] = x
	}
	r.mu.Unlock()
	x.once.Do(func() {
		all := gather(r.folk.Len(), func(place int, into func(string, terms.Kind) *column) {
			r.folk.Terms(place, param, func(t *terms.Term) { into(param, t.Kind).add(int32(place), t) }) //nolint:gosec // see column.tuple
		})
		if c := all[param]; c != nil {
			x.made = c.index()
		}
	})
	return x.made
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
