package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// Tx is a transaction under way. What it has put is seen by its own View and by nobody else.
type Tx struct {
	s    *Store
	now  time.Time
	base *state
	new  *layer
	all  []*Record // every version, in order
	view *View     // what View returned, while nothing was put since
}

// ErrNotKept is why nothing has happened where the keeper failed.
var ErrNotKept = errors.New("expected room on the disk, got an error")

// Update runs do in a transaction and commits what it has put. If do fails, or the keeper does, nothing
// has happened. Only one runs at a time; readers go on meanwhile. The time is asked for when its turn has come, so that
// what is committed later is never dated earlier.
func (s *Store) Update(now func() time.Time, do func(*Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx := &Tx{s: s, now: now(), base: s.state.Load(), new: newLayer()}
	if err := do(tx); err != nil {
		return err
	}
	if len(tx.all) == 0 {
		return nil
	}
	if s.keeper != nil {
		if err := s.keeper.Keep(tx.all); err != nil {
			return fmt.Errorf("%w: %d records: %w", ErrNotKept, len(tx.all), err)
		}
	}
	s.state.Store(&state{merged(append(slices.Clip(tx.base.layers), tx.new)), tx.base.committed + uint64(len(tx.all))})
	for _, r := range tx.all {
		if r.prev != nil {
			r.prev.terms.Store(nil) // whoever searches an older view reads them again
		}
	}
	return nil
}

// Settled is the store when nothing is under way, and the time then: the view holds all that is dated before, and
// nothing that is dated after.
func (s *Store) Settled(now func() time.Time) (View, time.Time) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.View(), now()
}

// View is the store with what the transaction has put so far.
func (tx *Tx) View() View {
	if len(tx.all) == 0 {
		return View{s: tx.base}
	}
	if tx.view == nil {
		tx.view = &View{s: &state{layers: append(slices.Clip(tx.base.layers), tx.new.again())}}
	}
	return *tx.view
}

// names is a view that is good for looking up by name alone: it costs no copy.
func (tx *Tx) names() View {
	return View{s: &state{layers: append(slices.Clip(tx.base.layers), tx.new)}}
}

// Get is View().Get, and cheaper.
func (tx *Tx) Get(resourceType, id string) *Sealed { return tx.names().Get(resourceType, id) }

// Put stores the next version of a resource, whose type and id are set, and returns it. It sets
// meta.versionId and meta.lastUpdated.
func (tx *Tx) Put(n *r4.Node, method string) *Record {
	r := tx.next(n.Resource(), n.String("id"), method)
	meta := n.Get("meta")
	if meta == nil {
		meta = &r4.Node{Kind: r4.Object}
		n.Insert(2, "meta", meta)
	}
	meta.Set("versionId", r4.Text(fmt.Sprint(r.Version)))
	meta.Set("lastUpdated", r4.Text(r.Updated.UTC().Format("2006-01-02T15:04:05.000Z07:00")))
	r.parts = [][]byte{n.Append(nil)}
	ts := terms.Of(n)
	r.terms.Store(&ts)
	r.Confidentiality = confidentialityOf(n)
	r.Patients = PatientsOf(n, ts, tx.names())
	tx.put(r)
	return r
}

// Delete stores a deletion. The history keeps the versions before.
func (tx *Tx) Delete(resourceType, id string) *Record {
	r := tx.next(resourceType, id, "DELETE")
	r.Deleted = true
	r.Patients, r.Confidentiality = r.prev.Patients, r.prev.Confidentiality // a deletion concerns whom the record did
	tx.put(r)
	return r
}

func (tx *Tx) next(resourceType, id, method string) *Record {
	v := tx.names()
	r := &Record{Type: resourceType, ID: id, Version: 1, Updated: tx.now.Truncate(time.Millisecond), Method: method}
	if r.prev = v.get(resourceType, id); r.prev != nil {
		r.Version, r.seq = r.prev.Version+1, r.prev.seq
	} else {
		r.seq = v.lastSeq(resourceType) + 1
	}
	return r
}

func (v View) lastSeq(resourceType string) uint64 {
	last := uint64(0)
	for _, l := range v.s.layers {
		if s := l.shelves[resourceType]; s != nil && len(s.list) > 0 {
			last = max(last, s.list[len(s.list)-1].seq)
		}
		if l.folk != nil {
			last = max(last, l.folk.lastSeq())
		}
	}
	return last
}

func (tx *Tx) put(r *Record) {
	tx.new.put(r)
	tx.view = nil
	tx.all = append(tx.all, r)
}

// restore puts back what a keeper kept, in one commit. Several versions of a record come one after the other.
func (s *Store) restore(all []*Record) {
	if len(all) == 0 {
		return
	}
	l, was := newLayer(), s.state.Load()
	l.kept = true
	v := View{s: &state{layers: append(slices.Clip(was.layers), l)}}
	for _, r := range all {
		if r.prev = v.get(r.Type, r.ID); r.prev != nil {
			r.seq = r.prev.seq
		} else {
			r.seq = v.lastSeq(r.Type) + 1
		}
		l.put(r)
	}
	s.state.Store(&state{merged(v.s.layers), was.committed + uint64(len(all))})
}

// Prepare makes the indexes of what is above the base, which otherwise the first search of each type does.
func (v View) Prepare() {
	for _, l := range v.s.layers[1:] {
		for _, s := range l.shelves {
			s.prepare()
		}
	}
}

// merged joins the youngest layers until each is more than twice as large as the next, the base aside:
// so there are few layers, and a record is merged few times.
func merged(layers []*layer) []*layer {
	for len(layers) > 2 {
		young, old := layers[len(layers)-1], layers[len(layers)-2]
		if old.size > 2*young.size {
			break
		}
		layers = append(layers[:len(layers)-2:len(layers)-2], join(old, young))
	}
	return layers
}

func join(old, young *layer) *layer {
	l := &layer{shelves: maps.Clone(old.shelves), size: old.size + young.size}
	for name, s := range young.shelves {
		below := l.shelves[name]
		if below == nil {
			l.shelves[name] = s
			continue
		}
		both := newShelf()
		for _, r := range below.list {
			if s.byID[r.ID] == nil {
				both.add(r)
			}
		}
		for _, r := range s.list {
			both.add(r)
		}
		both.sort()
		l.shelves[name] = both
	}
	return l
}
