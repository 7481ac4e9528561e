package serve

import "thiefbox/sim/event"

// ring is a queue of events in one array, which grows to what it needs and is never copied again: a
// request tells some forty events.
type ring struct {
	slots       []event.Event
	head, count int // of the oldest
}

func (r *ring) add(e event.Event) {
	if r.count == len(r.slots) {
		grown := make([]event.Event, max(64, 2*len(r.slots)))
		copy(grown, r.from(0))
		r.slots, r.head = grown, 0
	}
	r.slots[(r.head+r.count)%len(r.slots)] = e
	r.count++
}

// drop takes the oldest out.
func (r *ring) drop() event.Event {
	oldest := &r.slots[r.head]
	e := *oldest
	*oldest = event.Event{} // what it holds on to can go
	r.head = (r.head + 1) % len(r.slots)
	r.count--
	return e
}

// from copies the events out, oldest first, but for the first skip of them.
func (r *ring) from(skip int) []event.Event {
	out := make([]event.Event, 0, max(r.count-skip, 0))
	for i := skip; i < r.count; i++ {
		out = append(out, r.slots[(r.head+i)%len(r.slots)])
	}
	return out
}
