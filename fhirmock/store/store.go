// Package store keeps resources: versions, secondary indexes, transactions. It knows nothing of HTTP or OAuth.
//
// A store is a stack of layers, oldest first. The lowest is a Base: the invented population, made once,
// never changed and shared by all worlds. Each commit lays a thin layer on top; layers of like size are
// merged, so that there are few. Readers take the stack as it is at one moment (View) and are never
// kept waiting, nor shown half a transaction; writers take turns. A store over a base costs a few words
// until something is written.
//
// What is found comes out sealed: its content can be had only by way of a Door, which says whether the
// caller may see it. sealed.go is the one place, for a read as for an _include; begin there. record.go is
// a version of a resource, index.go what each parameter is found by (column.go gathers it, words.go and spans.go hold
// it), find.go how a search walks them, commit.go how versions come about. A Keeper makes what is committed outlive the process.
//
// Below a base there can be folk (folk.go): many patients whose records are made on demand. Who of them is meant
// is in indexes (roll.go). What stands in their charts is in ledgers (ledger.go). A filter is held against one by sieve.go
// (refer.go, asks.go), several go through it by way of sift.go and walking.go, in an order by way of sorting.go and merging.go.
// Searches by anything that such a record says, their sorts and counts, open no chart, and a page opens those of its
// records. One thing is known to a chart alone: which of its records refers to which other of it. By that one can
// search (encounter=enc-…), for it names the chart; but to sort all by it is refused, and a chain through it leads through few.
package store

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Store is one API's records. It is safe for concurrent use.
type Store struct {
	state   atomic.Pointer[state]
	writing sync.Mutex // one commit at a time; readers do not take it
	keeper  Keeper
}

// state is a stack of layers, never changed once it is there to be read.
type state struct {
	layers    []*layer // oldest first; the first is the base
	committed uint64   // versions, since the store began
}

// Base is the lowest layer: records that were there before anybody wrote.
type Base struct{ layer layer }

// NewBase makes a base of records in the order in which searches will list them. No two may have the
// same type and id. The records are the base's from then on.
func NewBase(records []*Record) *Base {
	b := &Base{layer{shelves: map[string]*shelf{}}}
	for _, r := range records {
		s := b.layer.shelves[r.Type]
		if s == nil {
			s = newShelf()
			b.layer.shelves[r.Type] = s
		}
		if s.byID[r.ID] != nil {
			panic("store: two records are called " + r.Type + "/" + r.ID)
		}
		r.seq = uint64(len(s.list) + 1)
		s.add(r)
	}
	return b
}

// Prepare makes the indexes of a type, which otherwise the first search for it does.
func (b *Base) Prepare(resourceType string) {
	if s := b.layer.shelves[resourceType]; s != nil {
		s.prepare()
	}
	if f := b.layer.folk; f != nil && resourceType == "Patient" {
		f.roll.roll.prepare()
	}
}

// PrepareCharts makes the ledgers of what stands in charts, which otherwise the first search among many does.
func (b *Base) PrepareCharts() {
	if f := b.layer.folk; f != nil {
		f.books.of(f, "")
		for _, book := range f.books.kept {
			book.samples()
		}
	}
}

// New returns a store over a base. Nil stands for an empty one.
func New(b *Base) *Store {
	if b == nil {
		b = NewBase(nil)
	}
	s := &Store{}
	s.state.Store(&state{layers: []*layer{&b.layer}})
	return s
}

// Keeper is where a store keeps what is committed. Keep returns when the records will outlive a crash,
// all of them or none.
type Keeper interface {
	Keep(records []*Record) error
	// Kept calls see with every record that was kept, in the order of Keep.
	Kept(see func(*Record) error) error
}

// Open returns a store over a base that remembers by way of a keeper. Marks are those of views that are wanted again
// (View.Mark): each is looked for among what was kept, and returned by its mark if it is there.
func Open(b *Base, k Keeper, marks ...uint64) (*Store, map[uint64]View, error) {
	s := New(b)
	marks = slices.Compact(slices.Sorted(slices.Values(marks)))
	again := map[uint64]View{}
	var all []*Record
	n := uint64(0)
	reach := func() {
		if len(marks) > 0 && marks[0] == n {
			s.restore(all)
			all, marks, again[n] = nil, marks[1:], s.View()
		}
	}
	reach()
	err := k.Kept(func(r *Record) error {
		all = append(all, r)
		n++
		reach()
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	s.restore(all)
	s.keeper = k
	return s, again, nil
}

// View is the store at one moment.
type View struct {
	s *state
	// among are the patients whose records of the base are looked at, and those of nobody; nil for all.
	among []string
	panel *panel
}

// Mark names what was committed when the view was taken: with the same base and what a keeper has kept, Open finds the
// same view again.
func (v View) Mark() uint64 { return v.s.committed }

// View returns the store as it is now.
func (s *Store) View() View { return View{s: s.state.Load()} }

// get finds the present version of a record, which may be a deletion.
func (v View) get(resourceType, id string) *Record {
	for i := len(v.s.layers) - 1; i >= 0; i-- {
		if shelf := v.s.layers[i].shelves[resourceType]; shelf != nil {
			if r := shelf.byID[id]; r != nil {
				return r
			}
		}
		if f := v.s.layers[i].folk; f != nil {
			return f.find(resourceType, id)
		}
	}
	return nil
}

// Get finds the present version of a record, which may be a deletion. It is nil if there never was one.
func (v View) Get(resourceType, id string) *Sealed { return seal(v.get(resourceType, id)) }

// Version finds a version of a record, or returns nil.
func (v View) Version(resourceType, id string, version int) *Sealed {
	for r := v.get(resourceType, id); r != nil; r = r.prev {
		if r.Version == version {
			return seal(r)
		}
	}
	return nil
}

// Versions lists the versions of a record, the latest first.
func (v View) Versions(resourceType, id string) []*Sealed {
	var out []*Sealed
	for r := v.get(resourceType, id); r != nil; r = r.prev {
		out = append(out, seal(r))
	}
	return out
}
