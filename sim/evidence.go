package sim

import (
	"context"
	"slices"
	"sync"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/detect"
	"thiefbox/sim/event"
	"thiefbox/sim/telemetry"
	"thiefbox/sim/verdict"
)

// Evidence is the logs that the honest parties of a run have, as rules read them.
func Evidence(rec event.Recording) []detect.Record { return evidenceFrom(rec, nil) }

func evidenceFrom(rec event.Recording, address func(actor string, exchange int) string) (out []detect.Record) {
	w := telemetry.NewWitness()
	if address != nil {
		w.Address = address
	}
	for _, e := range rec.Events {
		for _, entry := range w.See(e) {
			out = append(out, detect.Record{N: e.N, At: entry.At, Service: entry.Log, Get: entry.Get})
		}
	}
	return out
}

// DetectOptions say what rules are measured over.
type DetectOptions struct {
	Seed     uint64
	HeldOut  bool                  // honest days of the kinds that no rule was written with a view to
	Days     int                   // honest days of each kind under each profile, each with a seed of its own
	Workers  int                   // 0: one for each core
	Progress func(done, total int) // may be nil; called by one goroutine at a time
}

// Samples plays every technique under every profile in which it makes sense, and honest days of every kind,
// and says which rules fire at each. A sample's place depends on nothing but what was asked for. Days on which
// something honest failed, and attacks that a fault of their own stopped, are samples like any other: a log is a log.
func Samples(ctx context.Context, pack detect.Pack, ts []attacker.Technique, ps []control.Profile, o DetectOptions) ([]detect.Sample, error) {
	var jobs []func() (detect.Sample, error)
	shared := Sharing(Options{Seed: o.Seed})
	for _, p := range ps {
		shared.Profile = p
		for _, t := range ts {
			if Applies(t, p.Dialect) {
				under := shared
				jobs = append(jobs, func() (detect.Sample, error) { return sampleAttack(ctx, pack, t, under) })
			}
		}
		for _, kind := range days {
			if kind.heldOut != o.HeldOut {
				continue
			}
			for i := range o.Days {
				jobs = append(jobs, func() (detect.Sample, error) { return sampleDay(ctx, pack, kind, p, o.Seed+uint64(i)) })
			}
		}
	}
	return together(ctx, jobs, o)
}

func sampleAttack(ctx context.Context, pack detect.Pack, t attacker.Technique, o Options) (detect.Sample, error) {
	rec, err := Run(ctx, t, o)
	if err != nil {
		return detect.Sample{}, err
	}
	begun := len(rec.Events)
	for _, e := range rec.Events {
		if phase, ok := e.Body.(event.Phase); ok && phase.Name == event.PhaseAttack {
			begun = e.N
		}
	}
	// An alarm that rang while honest people worked, before the thief lifted a finger, did not find him.
	fired := slices.DeleteFunc(pack.Evaluate(Evidence(rec)), func(f detect.Fired) bool { return f.Last < begun })
	breached := verdict.Judge(rec.Events).Outcome == verdict.Breached
	return detect.Sample{Attack: t.ID, Under: o.Profile.Name, Breached: breached, Fired: fired}, nil
}

func sampleDay(ctx context.Context, pack detect.Pack, d day, p control.Profile, seed uint64) (detect.Sample, error) {
	rec, err := d.play(ctx, Options{Profile: p, Seed: seed})
	if err != nil {
		return detect.Sample{}, err
	}
	return detect.Sample{Day: d.name, Under: p.Name, Fired: pack.Evaluate(evidenceFrom(rec, d.address))}, nil
}

// together does jobs side by side and returns what came of them in their order.
func together(ctx context.Context, jobs []func() (detect.Sample, error), o DetectOptions) ([]detect.Sample, error) {
	out := make([]detect.Sample, len(jobs))
	errs := make([]error, len(jobs))
	next := make(chan int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := 0
	for range workers(o.Workers) {
		wg.Go(func() {
			for i := range next {
				out[i], errs[i] = jobs[i]()
				mu.Lock()
				if done++; o.Progress != nil {
					o.Progress(done, len(jobs))
				}
				mu.Unlock()
			}
		})
	}
	for i := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i >= 0 {
		return nil, errs[i]
	}
	return out, ctx.Err()
}

// HonestDays are the kinds of honest day that rules are measured against, each with what is odd about it: those
// that were in view when the rules were written, or those held out.
func HonestDays(heldOut bool) (out [][2]string) {
	for _, d := range days {
		if d.heldOut == heldOut {
			out = append(out, [2]string{d.name, d.about})
		}
	}
	return out
}
