package sim

import (
	"sync"

	"thiefbox/sim/report"
)

// ahead is how many runs, for each worker, may be begun before the first of them is done: what waits for its turn is
// bounded by it, however many runs there are.
const ahead = 8

// queue hands on what came of runs in the order in which they were begun, which is that of the matrix: which core was
// faster must not decide what a history looks like.
type queue struct {
	o     MatrixOptions
	total int
	room  chan struct{} // one for each run that is begun and not handed on

	mu       sync.Mutex
	finished int
	turn     int            // of which run it is
	waiting  map[int]func() // for their turn; nil if there is nothing to do then
	failure  error          // the first
}

func newQueue(total, workers int, o MatrixOptions) *queue {
	return &queue{o: o, total: total, waiting: map[int]func(){}, room: make(chan struct{}, ahead*workers)}
}

// begin waits until another run may begin.
func (q *queue) begin() { q.room <- struct{}{} }

func (q *queue) done(i int, run report.Run, err error) {
	var then func()
	if err == nil && q.o.Each != nil {
		then = q.o.Each(run)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil && q.failure == nil {
		q.failure = err
	}
	if q.finished++; q.o.Progress != nil {
		q.o.Progress(q.finished, q.total)
	}
	q.waiting[i] = then
	for then, is := q.waiting[q.turn]; is; then, is = q.waiting[q.turn] {
		delete(q.waiting, q.turn)
		q.turn++
		<-q.room
		if then != nil {
			then()
		}
	}
}
