package party

import (
	"sync"
	"sync/atomic"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// habits are what a party ruled the last time, list by list of its guards. More than half of all rulings say what the
// one before them said ("rs/token-alg: pass, saw ES256"), and half of a log is rulings: the same event is told again
// then, rather than another like it made.
type habits struct {
	mu    sync.Mutex
	lists []*rulings // a few dozen
	// Room for further lists, which come in dozens as well.
	spare []rulings
	room  []event.Body
}

// rulings are the latest of one list of guards. One request at a time uses them.
type rulings struct {
	first  *control.Control // which stands in one list only
	taken  atomic.Bool
	latest []event.Body // each an event.Ruling, or nil
}

// borrow returns the rulings of a list of n guards; nil if another request is using them.
func (h *habits) borrow(first *control.Control, n int) *rulings {
	h.mu.Lock()
	defer h.mu.Unlock()
	var r *rulings
	for _, known := range h.lists {
		if known.first == first {
			r = known
			break
		}
	}
	if r == nil {
		r = h.add(first, n)
	}
	if len(r.latest) < n || !r.taken.CompareAndSwap(false, true) {
		return nil
	}
	return r
}

func (h *habits) add(first *control.Control, n int) *rulings {
	if len(h.spare) == 0 {
		h.spare = make([]rulings, 8)
	}
	if len(h.room) < n {
		h.room = make([]event.Body, max(n, 24))
	}
	r := &h.spare[0]
	r.first, r.latest = first, h.room[:n:n]
	h.spare, h.room = h.spare[1:], h.room[n:]
	h.lists = append(h.lists, r)
	return r
}

func (r *rulings) giveBack() {
	if r != nil {
		r.taken.Store(false)
	}
}

// at is the event of the guard in place i.
func (r *rulings) at(i int, party string, d control.Decision) event.Body {
	if r == nil || d.Refusal != nil || i >= len(r.latest) {
		return Ruling(party, d)
	}
	if last, ok := r.latest[i].(event.Ruling); !ok || last.Control != d.Control.ID || last.Outcome != string(d.Outcome) || last.Saw != d.Saw {
		r.latest[i] = Ruling(party, d)
	}
	return r.latest[i]
}
