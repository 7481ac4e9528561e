package store

import (
	"math"
	"slices"
	"sort"
)

// merge puts the records of shapes in the order of one key.
type merge struct {
	s       *sift
	sorts   []Sort
	after   *Position
	match   func(place int32) bool
	streams []source
	fixed   []fixed // shapes all of whose records have one key, in order of it
	inner   feed    // of the one that is gone through
}

// source is what a shape has yet to give, in the order of the key: downwards from to, upwards from from.
type source struct {
	m        moving
	places   []int32
	from, to int
	head     Key
}

// fixed are shapes whose records have one key.
type fixed struct {
	key    Key
	shapes []int
}

// groups feeds the matches of some shapes group by group.
func (s *sift) groups(sorts []Sort, shapes []int, after *Position) feed {
	m := &merge{s: s, sorts: sorts, after: after, match: s.test(shapes)}
	by, of := sorts[0], s.g.samples()
	x := of.shelf.indexOf(by.Param)
	for _, shape := range shapes {
		var spans []moving
		if x != nil && x.spans != nil {
			spans = s.g.movingOf(x.spans, by.Param, shape)
		}
		still := !slices.ContainsFunc(spans, func(sp moving) bool { return sp.by != orders })
		switch {
		case still:
			m.fix(of.shelf.key(by, int32(shape)), shape) //nolint:gosec // see column.tuple
		default:
			m.stream(spans[0], shape)
		}
	}
	slices.SortStableFunc(m.fixed, func(a, b fixed) int { return a.key.compare(b.key, by.Down) })
	return m.next
}

func (m *merge) fix(key Key, shape int) {
	for i := range m.fixed {
		if m.fixed[i].key == key {
			m.fixed[i].shapes = append(m.fixed[i].shapes, shape)
			return
		}
	}
	m.fixed = append(m.fixed, fixed{key, []int{shape}})
}

// stream begins a shape: where its matches can be, and after the position.
func (m *merge) stream(sp moving, shape int) {
	g, down := m.s.g, m.sorts[0].Down
	st := source{m: sp, places: g.orders[sp.by].of(shape)}
	st.to = len(st.places)
	if st.to > 0 && (down && math.IsInf(sp.hi, 1) || !down && math.IsInf(sp.lo, -1)) { // what has no end ends for all at once
		m.fix(g.keyAt(&sp, st.places[0], down), shape)
		return
	}
	for _, v := range m.s.sieves {
		if v.says[shape] != some || v.stretches == nil {
			continue
		}
		if all, known := v.stretches(shape); known && len(all) == 0 {
			return
		} else if known && len(all) == 1 && all[0].order == sp.by {
			st.from, st.to = max(st.from, all[0].from), min(st.to, all[0].to)
		}
	}
	if m.after != nil && st.from < st.to {
		passed := func(i int) bool { return g.keyAt(&sp, st.places[i], down).compare(m.after.Keys[0], down) < 0 }
		at := st.from + sort.Search(st.to-st.from, func(i int) bool { return passed(st.from+i) == down })
		if down {
			st.to = at
		} else {
			st.from = at
		}
	}
	if st.from < st.to {
		st.head = m.headOf(&st)
		m.streams = append(m.streams, st)
	}
}

func (m *merge) headOf(st *source) Key {
	at := st.from
	if m.sorts[0].Down {
		at = st.to - 1
	}
	return m.s.g.keyAt(&st.m, st.places[at], m.sorts[0].Down)
}

// next is the next group with a match.
func (m *merge) next() []int32 {
	down := m.sorts[0].Down
	for {
		if m.inner != nil {
			if out := m.inner(); out != nil {
				return out
			}
			m.inner = nil
		}
		best := -1
		for i := range m.streams {
			if best < 0 || m.streams[i].head.compare(m.streams[best].head, down) < 0 {
				best = i
			}
		}
		if len(m.fixed) > 0 && (best < 0 || m.fixed[0].key.compare(m.streams[best].head, down) < 0) {
			m.enter()
			continue
		}
		if best < 0 {
			return nil
		}
		if out := m.group(m.streams[best].head); out != nil {
			return out
		}
	}
}

// enter begins shapes of one key.
func (m *merge) enter() {
	f := m.fixed[0]
	m.fixed = m.fixed[1:]
	var after *Position
	if m.after != nil {
		switch c := f.key.compare(m.after.Keys[0], m.sorts[0].Down); {
		case c < 0:
			return
		case c == 0:
			after = &Position{Keys: m.after.Keys[1:], Seq: m.after.Seq}
		}
	}
	m.inner = m.s.sorted(m.sorts[1:], f.shapes, after)
}

// group takes all that has a key off the streams, and puts it in order.
func (m *merge) group(key Key) []int32 {
	var out []int32
	down := m.sorts[0].Down
	for i := 0; i < len(m.streams); i++ {
		st := &m.streams[i]
		for st.from < st.to && st.head == key {
			at := st.from
			if down {
				st.to--
				at = st.to
			} else {
				st.from++
			}
			if m.match(st.places[at]) {
				out = append(out, st.places[at])
			}
			if st.from < st.to {
				st.head = m.headOf(st)
			}
		}
		if st.from == st.to {
			m.streams = slices.Delete(m.streams, i, i+1)
			i--
		}
	}
	return orNil(m.s.inOrder(out, m.sorts, m.after))
}
