package store

import "sync"

// gist is what somebody has made of the records of a shelf.
type gist struct {
	once sync.Once
	made any
}

// Gists returns what is made of the records of a type, a part of the store each: once for each part, however many ask, so
// that what is asked all the time costs no search. A record may be in several parts, and the present version is the one
// that Get finds. Of folk nothing is made: nobody reads a hundred thousand charts for it. There is one use for a type.
func (v View) Gists(resourceType string, of func([]*Sealed) any) []any {
	var out []any
	for _, l := range v.s.layers {
		s := l.shelves[resourceType]
		if s == nil {
			continue
		}
		s.gist.once.Do(func() {
			all := []*Sealed{}
			for _, r := range s.list {
				all = append(all, seal(r))
			}
			s.gist.made = of(all)
		})
		out = append(out, s.gist.made)
	}
	return out
}
