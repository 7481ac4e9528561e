package store

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// ledgers are those of all types.
type ledgers struct {
	once      sync.Once
	kept      map[string]*ledger
	made      atomic.Bool // and there to be searched
	beginning sync.Once   // of their being made beside what goes on
}

// of returns the ledger of a type. Whoever asks first waits until all are made, and so does who asks meanwhile.
func (l *ledgers) of(f *folk, resourceType string) *ledger {
	l.once.Do(func() {
		l.kept = f.ledgers()
		l.made.Store(true)
	})
	return l.kept[resourceType]
}

// draft is what a stretch of patients adds to a ledger.
type draft struct {
	counts []uint16 // by patient
	shape  []uint16
	when   []int32
	values [][2]uint16 // of the places up to the last where something was measured
	known  map[Shape]uint16
	shapes []Shape
}

func (d *draft) add(patient int, o *Outline) {
	s, is := d.known[o.Shape]
	if !is {
		s = uint16(len(d.shapes)) //nolint:gosec // a town has some hundred
		d.known[o.Shape], d.shapes = s, append(d.shapes, o.Shape)
	}
	d.counts[patient]++
	d.shape = append(d.shape, s)
	d.when = append(d.when, int32(o.When.Unix()/60)) //nolint:gosec // until the year 6053
	if o.Shape.Measured > 0 {
		for len(d.values) < len(d.shape)-1 {
			d.values = append(d.values, [2]uint16{})
		}
		d.values = append(d.values, o.Values)
	}
}

// ledgers goes through everybody, several stretches at a time.
func (f *folk) ledgers() map[string]*ledger {
	stretches := 1
	if f.Len() > alone {
		stretches = runtime.GOMAXPROCS(0)
	}
	parts := make([]map[string]*draft, stretches)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { parts[i] = f.drafts(i*f.Len()/stretches, (i+1)*f.Len()/stretches) })
	}
	wg.Wait()
	out := map[string]*ledger{}
	for _, part := range parts {
		for kind := range part {
			out[kind] = nil
		}
	}
	for kind := range out {
		g := &ledger{folk: f, kind: kind}
		g.room(parts)
		known := map[Shape]uint16{}
		for i, part := range parts {
			g.join(part[kind], (i+1)*f.Len()/stretches-i*f.Len()/stretches, known)
			delete(part, kind)
		}
		g.arrange()
		out[kind] = g
	}
	return out
}

func (f *folk) drafts(from, to int) map[string]*draft {
	out := map[string]*draft{}
	for n := from; n < to; n++ {
		f.Outline(n, func(o *Outline) {
			d := out[o.Type]
			if d == nil {
				d = &draft{counts: make([]uint16, to-from), known: map[Shape]uint16{}}
				out[o.Type] = d
			}
			d.add(n-from, o)
		})
	}
	return out
}

// room is made for what drafts add, once: what grows is larger than it need be.
func (g *ledger) room(parts []map[string]*draft) {
	size, measured := 0, false
	for _, part := range parts {
		if d := part[g.kind]; d != nil {
			size += len(d.shape)
			measured = measured || len(d.values) > 0
		}
	}
	g.shape, g.when = make([]uint16, 0, size), make([]int32, 0, size)
	g.begins, g.blocks = make([]uint16, 0, g.folk.Len()+1), make([]int32, 0, g.folk.Len()/aBlock+1)
	if measured {
		g.values = make([][2]uint16, size)
	}
}

// join takes what the next patients add; d is nil if they have nothing of the type.
func (g *ledger) join(d *draft, patients int, known map[Shape]uint16) {
	if d == nil {
		d = &draft{counts: make([]uint16, patients)}
	}
	at := int32(g.size()) //nolint:gosec // see column.tuple
	for _, count := range d.counts {
		g.begin(at)
		at += int32(count)
	}
	numbers := make([]uint16, len(d.shapes))
	for i, s := range d.shapes {
		n, is := known[s]
		if !is {
			n = uint16(len(g.shapes)) //nolint:gosec // see draft.add
			known[s], g.shapes = n, append(g.shapes, s)
		}
		numbers[i] = n
	}
	if g.values != nil {
		copy(g.values[g.size():], d.values)
	}
	g.when = append(g.when, d.when...)
	for _, s := range d.shape {
		g.shape = append(g.shape, numbers[s])
	}
}

// begin notes where the places of the next patient begin.
func (g *ledger) begin(at int32) {
	if len(g.begins)%aBlock == 0 {
		g.blocks = append(g.blocks, at)
	}
	g.begins = append(g.begins, uint16(at-g.blocks[len(g.blocks)-1])) //nolint:gosec // see aBlock
}

// arrange ends what was joined, and puts places in their orders.
func (g *ledger) arrange() {
	g.begin(int32(g.size()))                                                                                                        //nolint:gosec // see column.tuple
	g.orders[byTime] = g.order(func(Shape) bool { return true }, func(place int32) uint32 { return uint32(g.when[place]) ^ 1<<31 }) //nolint:gosec // in the order of int32
	for slot := range 2 {
		g.orders[byFirst+slot] = g.order(func(s Shape) bool { return int(s.Measured) > slot }, func(place int32) uint32 { return uint32(g.values[place][slot]) })
	}
}

// order lists the places of those shapes that are wanted, by shape and key, and in order where these are equal.
func (g *ledger) order(wanted func(Shape) bool, key func(place int32) uint32) ordered {
	o := ordered{heads: make([]int32, len(g.shapes)+1)}
	take := make([]bool, len(g.shapes))
	for i, s := range g.shapes {
		take[i] = wanted(s)
	}
	for _, s := range g.shape {
		if take[s] {
			o.heads[s+1]++
		}
	}
	for i := range g.shapes {
		o.heads[i+1] += o.heads[i]
	}
	all := make([]uint64, o.heads[len(g.shapes)])
	next := slices.Clone(o.heads)
	for place, s := range g.shape {
		if take[s] {
			all[next[s]] = uint64(key(int32(place)))<<32 | uint64(place) //nolint:gosec // see column.tuple
			next[s]++
		}
	}
	o.places = make([]int32, len(all))
	for i := range g.shapes {
		own := all[o.heads[i]:o.heads[i+1]]
		slices.Sort(own)
		for j, packed := range own {
			o.places[int(o.heads[i])+j] = int32(packed) //nolint:gosec // its lower half
		}
	}
	return o
}
