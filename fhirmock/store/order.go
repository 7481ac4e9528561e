package store

import (
	"cmp"
	"slices"
)

// A sorted search walks each shelf in an order. That of a few results is made for them; that of more is the order of
// the whole shelf, which is made once, and a bit for each place tells which of them are results.

// fewSorted is how many results are put in order by themselves.
const fewSorted = 256

// arrange prepares a sorted search.
func (s *Search) arrange() {
	for _, r := range s.runs {
		r.bySeq = false
		if r.sift != nil {
			if r.more = r.sift.arranged(s.sorts, s.after); r.more == nil {
				s.runs, s.Cut = nil, true
				return
			}
			continue
		}
		if r.size > fewSorted {
			r.fit = r.fitting()
			r.places = r.shelf.sorted(s.sorts)
			r.size, r.probes = len(r.places), nil
		} else {
			var good []int32
			for i := range r.size {
				if r.good(i) != nil {
					good = append(good, r.place(i))
				}
			}
			s.sortPlaces(r, good)
		}
		for lo, hi := 0, r.size; s.after != nil && lo <= hi; {
			if lo == hi {
				r.next = lo
				break
			}
			mid := (lo + hi) / 2
			if s.order(s.position(r, mid), *s.after) <= 0 {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
	}
}

// fitting marks the places that a run goes through and that satisfy all filters.
func (r *run) fitting() set {
	size := r.shelf.size()
	out := newSet(size)
	if r.places != nil {
		out.add(r.places)
	} else {
		out.fill(size)
	}
	n := r.size
	for i := range r.probes {
		switch p := &r.probes[i]; {
		case p.except != nil:
			out.without(p.except())
		case n < p.estimate/4: // sooner looked up than listed
			out.keep(p.match)
		default:
			only := newSet(size)
			only.add(p.list())
			out.and(only)
		}
		n = out.count()
	}
	return out
}

// skipUnfit passes over places that are no results, which takes about a nanosecond each.
func (r *run) skipUnfit() {
	for r.fit != nil && r.next < r.size && !r.fit.has(r.places[r.next]) {
		r.next++
	}
}

func (s *Search) sortPlaces(r *run, good []int32) {
	type keyed struct {
		place int32
		at    Position
	}
	all := make([]keyed, len(good))
	r.places = good
	for i := range good {
		all[i] = keyed{good[i], s.position(r, i)}
	}
	slices.SortFunc(all, func(a, b keyed) int { return s.order(a.at, b.at) })
	r.places = make([]int32, len(all))
	for i := range all {
		r.places[i] = all[i].place
	}
	r.size, r.probes = len(all), nil
}

// headOf is the position of what a run comes to next. It is asked for each time that any run goes on.
func (s *Search) headOf(r *run) Position {
	if r.bySeq {
		return Position{Seq: r.seq(r.next)}
	}
	if r.headed != r.next+1 {
		r.head, r.headed = s.position(r, r.next), r.next+1
	}
	return r.head
}

func (s *Search) position(r *run, i int) Position {
	p := Position{Seq: r.seq(i)}
	for _, by := range s.sorts {
		p.Keys = append(p.Keys, r.shelf.key(by, r.place(i)))
	}
	return p
}

func (s *Search) order(a, b Position) int {
	for i := range s.sorts {
		if i >= len(a.Keys) || i >= len(b.Keys) {
			break
		}
		if c := a.Keys[i].compare(b.Keys[i], s.sorts[i].Down); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Seq, b.Seq)
}
