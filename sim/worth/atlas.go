package worth

import (
	"context"
	"runtime"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// Atlas makes maps, several attacks at a time.
type Atlas struct {
	Run     Runner
	Workers int // 0: one for each core
	// Budget is how many parts a map may have; 0 for the usual. Seed draws the orders that stand in for the rest.
	Budget int
	Seed   uint64
	// Known are answers from earlier, by attack; Keep receives all there are afterwards. Both may be nil.
	Known func(attack string, d control.Dialect) []Answer
	Keep  func(attack string, d control.Dialect, all []Answer)
	// Progress may be nil; it is called by one goroutine at a time.
	Progress func(done, total int)
}

// Maps maps attacks under a profile's dialect: from no control at all to every one that its honest
// clients can live with, and those of the profile besides. If ctx ends, what is finished is returned
// with the error, in the order of attacks; runs is how many were played rather than remembered.
func (a Atlas) Maps(ctx context.Context, attacks []string, p control.Profile) (maps []Map, runs int, err error) {
	return a.between(ctx, attacks, p, control.Set{}, p.Full().Controls.Union(p.Controls))
}

func (a Atlas) between(ctx context.Context, attacks []string, p control.Profile, lower, upper control.Set) (maps []Map, runs int, err error) {
	var (
		mu    sync.Mutex
		first error
		wg    sync.WaitGroup
		found = make([]*Map, len(attacks))
		next  = make(chan int)
		done  int
	)
	one := func(i int) {
		var known []Answer
		if a.Known != nil {
			known = a.Known(attacks[i], p.Dialect)
		}
		b := NewBook(a.Run, attacks[i], p, known)
		m, err := Explore(ctx, b, lower, upper, a.budget())
		if err == nil && m.Open > 0 {
			var s Sample
			s, err = SampleShares(ctx, b, lower, p.Controls, Orders, dice.New(a.Seed).Fork("orders of "+attacks[i]))
			m.Sample = &s
		}
		if err == nil && m.Open > 0 {
			var s Shrunk
			s, err = Shrink(ctx, b, m, p.Controls, ShrinkBudget)
			m.Shrunk = &s
		}
		mu.Lock()
		defer mu.Unlock()
		runs += b.Runs
		if a.Keep != nil && b.Runs > 0 {
			a.Keep(attacks[i], p.Dialect, b.Answers)
		}
		if err != nil {
			if first == nil {
				first = err
			}
			return
		}
		found[i] = &m
		if done++; a.Progress != nil {
			a.Progress(done, len(attacks))
		}
	}
	for range a.workers() {
		wg.Go(func() {
			for i := range next {
				one(i)
			}
		})
	}
	for i := range attacks {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for _, m := range found {
		if m != nil {
			maps = append(maps, *m)
		}
	}
	if first == nil {
		first = ctx.Err()
	}
	return maps, runs, first
}

func (a Atlas) budget() int {
	if a.Budget > 0 {
		return a.Budget
	}
	return Budget
}

func (a Atlas) workers() int {
	if a.Workers > 0 {
		return a.Workers
	}
	return runtime.GOMAXPROCS(0)
}
