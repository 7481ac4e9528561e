package serve

import "thiefbox/sim/event"

// ring is a queue of entries in one array, which grows to what it needs and is never copied again: a
// request tells some thirty events.
type ring struct {
	slots       []entry
	head, count int // of the oldest
}

func (r *ring) at(i int) *entry { return &r.slots[(r.head+i)&(len(r.slots)-1)] } // their number is a power of two

// add makes room for the next and returns it, to be filled in.
func (r *ring) add() *entry {
	if r.count == len(r.slots) {
		grown := make([]entry, max(64, 2*len(r.slots)))
		for i := range r.count {
			grown[i] = *r.at(i)
		}
		r.slots, r.head = grown, 0
	}
	r.count++
	return r.at(r.count - 1)
}

// drop takes the oldest out, and returns its size.
func (r *ring) drop() int {
	oldest := r.at(0)
	size := oldest.size
	*oldest = entry{} // what it holds on to can go
	r.head = (r.head + 1) & (len(r.slots) - 1)
	r.count--
	return size
}

// from makes events of the entries, oldest first, but for the first skip of them. first is the number of the oldest.
func (r *ring) from(skip, first int) []event.Event {
	out := make([]event.Event, 0, max(r.count-skip, 0))
	for i := skip; i < r.count; i++ {
		out = append(out, r.at(i).event(first+i))
	}
	return out
}
