package sim

import (
	"context"

	"thiefbox/sim/event"
)

// turns let several things happen at once, and in the same way whenever a run is repeated. Each has a goroutine of
// its own and one of them moves at a time: it hands over after each ruling of an honest party, so that the servers
// are in the middle of all of them together. A rule that is checked in one step and kept in a later one does not
// survive that; what is one step of a guard stays one, and whether it is atomic on real cores is for the race
// detector to say.
type turns struct {
	mine chan struct{} // of whoever moves
	told chan bool     // he hands over; true: he is done
}

// atOnce returns when all are done. What panics, panics here.
func (w *World) atOnce(fs ...func()) {
	t := &turns{told: make(chan bool)}
	var fault any
	var waiting []chan struct{}
	for _, f := range fs {
		start := make(chan struct{})
		waiting = append(waiting, start)
		go func() {
			<-start
			defer func() {
				if p := recover(); p != nil {
					fault = p
				}
				t.told <- true
			}()
			f()
		}()
	}
	w.turns.Store(t)
	for len(waiting) > 0 {
		next := waiting[0]
		waiting = waiting[1:]
		t.mine = next
		next <- struct{}{}
		if done := <-t.told; !done {
			waiting = append(waiting, next)
		}
	}
	w.turns.Store(nil)
	if fault != nil {
		panic(fault)
	}
}

// passTurn hands over, and returns when it is this one's turn again. Nobody else moves meanwhile, so whoever calls it
// is the one whose turn it is.
func (w *World) passTurn() {
	if t := w.turns.Load(); t != nil {
		mine := t.mine
		t.told <- false
		<-mine
	}
}

// tellInTurn is how parties tell.
func (w *World) tellInTurn(ctx context.Context, b event.Body) {
	w.tell(ctx, b)
	w.passTurn()
}
