package sim

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"thiefbox/sim/report"
)

// Whatever order runs end in, they are handed on in the order they were begun in, and no more of them wait than there is
// room for.
func TestQueue(t *testing.T) {
	const runs, workers = 200, 3
	var handed []uint64
	q := newQueue(runs, workers, MatrixOptions{Each: func(r report.Run) func() {
		return func() { handed = append(handed, r.Seed) }
	}})
	next, most := make(chan int), 0
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				if i%17 == 5 { // a slow one: others overtake it
					for range 1000 {
						q.mu.Lock()
						most = max(most, len(q.waiting))
						q.mu.Unlock()
					}
				}
				err := error(nil)
				if i == 60 {
					err = errors.New("no socket")
				}
				q.done(i, report.Run{Seed: uint64(i)}, err)
			}
		})
	}
	for i := range runs {
		q.begin()
		next <- i
	}
	close(next)
	wg.Wait()
	var want []uint64
	for i := range uint64(runs) {
		if i != 60 {
			want = append(want, i)
		}
	}
	if !slices.Equal(handed, want) {
		t.Errorf("expected all but the failed one in order, got %v", handed)
	}
	if q.failure == nil || q.finished != runs || len(q.waiting) > 0 || most > ahead*workers {
		t.Errorf("expected one failure, all done and at most %d waiting, got %v, %d, %d and %d", ahead*workers, q.failure, q.finished, len(q.waiting), most)
	}
}
