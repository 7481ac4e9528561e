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
	// Each may be nil; it is given each finished run, several at a time. What it returns, unless that is nil, is called
	// in the order of the matrix, one at a time. A matrix lets go of a run as soon as Each returns.
	Each func(report.Run) (then func())

	stock *stock // nil: one that the runs share, and nobody else
}

// Matrix plays every technique under every profile, side by side on several cores. Each cell is a
// world of its own, so the order in which they finish decides nothing. They share what follows from the seed alone.
func Matrix(ctx context.Context, ts []attacker.Technique, ps []control.Profile, o MatrixOptions) (report.Matrix, error) {
	m := emptyMatrix(ts, ps, o.Seed)
	jobs, shared, n := applicable(m), o.stock, workers(o.Workers)
	if shared == nil {
		shared = newSharedStock(o.Seed)
	}
	q := newQueue(len(jobs), n, o)
	next := make(chan int)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for i := range next {
				cell := jobs[i]
				run, err := Judged(ctx, ts[cell.attack], Options{Profile: ps[cell.profile], Seed: o.Seed, Wire: o.Wire, stock: shared})
				m.Cells[cell.attack][cell.profile].Verdict = run.Verdict
				q.done(i, run, err)
			}
		})
	}
	for i := range jobs {
		q.begin()
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if q.failure == nil {
		q.failure = ctx.Err()
	}
	return m, q.failure
}

func workers(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.GOMAXPROCS(0)
}

// spot is where a run belongs in a matrix.
type spot struct{ attack, profile int }

// applicable are the spots where there is something to play, row by row.
func applicable(m report.Matrix) (out []spot) {
	for t, row := range m.Cells {
		for p, c := range row {
			if c.Applicable {
				out = append(out, spot{t, p})
			}
		}
	}
	return out
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
