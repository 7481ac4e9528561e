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
	lists map[*control.Control]*rulings // by the first control, which stands in one list only
}

// rulings are the latest of one list of guards. One request at a time uses them.
type rulings struct {
	taken  atomic.Bool
	latest []event.Body // each an event.Ruling, or nil
}

// borrow returns the rulings of a list of n guards; nil if another request is using them.
func (h *habits) borrow(first *control.Control, n int) *rulings {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.lists[first]
	if r == nil {
		if h.lists == nil {
			h.lists = map[*control.Control]*rulings{}
		}
		r = &rulings{latest: make([]event.Body, n)}
		h.lists[first] = r
	}
	if len(r.latest) < n || !r.taken.CompareAndSwap(false, true) {
		return nil
	}
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
