package sim

import (
	"context"
	"runtime"
	"sync"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// MatrixOptions say how a matrix is made.
type MatrixOptions struct {
	Seed     uint64
	Wire     string
	Workers  int                   // 0: one for each core
	Progress func(done, total int) // may be nil; called by one goroutine at a time
	Keep     func(report.Run)      // may be nil; receives each finished run, one at a time
}

// Matrix plays every technique under every profile, side by side on several cores. Each cell is a
// world of its own, so the order in which they finish decides nothing. They share what follows from the seed alone.
func Matrix(ctx context.Context, ts []attacker.Technique, ps []control.Profile, o MatrixOptions) (report.Matrix, error) {
	m := emptyMatrix(ts, ps, o.Seed)
	type job struct{ t, p int }
	var jobs []job
	for t := range ts {
		for p := range ps {
			if m.Cells[t][p].Applicable {
				jobs = append(jobs, job{t, p})
			}
		}
	}
	var (
		mu    sync.Mutex
		first error
		done  int
	)
	shared := newSharedStock(o.Seed)
	next := make(chan job)
	var wg sync.WaitGroup
	work := func() {
		defer wg.Done()
		for j := range next {
			run, err := Judged(ctx, ts[j.t], Options{Profile: ps[j.p], Seed: o.Seed, Wire: o.Wire, stock: shared})
			mu.Lock()
			if err != nil && first == nil {
				first = err
			}
			m.Cells[j.t][j.p].Verdict = run.Verdict
			done++
			if err == nil && o.Keep != nil {
				o.Keep(run)
			}
			if o.Progress != nil {
				o.Progress(done, len(jobs))
			}
			mu.Unlock()
		}
	}
	for range workers(o.Workers) {
		wg.Add(1)
		go work()
	}
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- j
	}
	close(next)
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return m, first
}

func workers(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.GOMAXPROCS(0)
}

func emptyMatrix(ts []attacker.Technique, ps []control.Profile, seed uint64) report.Matrix {
	m := report.Matrix{Seed: seed}
	for _, p := range ps {
		m.Profiles = append(m.Profiles, DescribeProfile(p))
	}
	for _, t := range ts {
		m.Attacks = append(m.Attacks, Describe(t))
		row := make([]report.Cell, len(ps))
		for i, p := range ps {
			row[i] = report.Cell{Attack: t.ID, Profile: p.Name, Applicable: Applies(t, p.Dialect)}
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

// DescribeProfile returns what readers need to know about a profile.
func DescribeProfile(p control.Profile) report.Profile {
	out := report.Profile{Name: p.Name, Title: p.Title}
	for _, c := range p.Controls.Controls() {
		out.Controls = append(out.Controls, c.ID)
	}
	return out
}

// Judged plays a technique and judges it.
func Judged(ctx context.Context, t attacker.Technique, o Options) (report.Run, error) {
	rec, err := Run(ctx, t, o)
	if err != nil {
		return report.Run{}, err
	}
	began := rec.Began()
	return report.Run{
		Attack: Describe(t), Profile: began.Profile, Seed: began.Seed, Wire: began.Wire,
		Verdict: verdict.Judge(rec.Events), Recording: rec,
	}, nil
}
