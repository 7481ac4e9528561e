package ecosystem

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"thiefbox/sim/dice"
)

// Policy is a way to bring a migration about.
type Policy struct {
	Name string `json:"name"`
	// Notify: suppliers are told, with the exact change.
	Notify bool `json:"notify"`
	// Deadline is the day on which the old form is refused for all; 0 is never.
	Deadline float64 `json:"deadline_days,omitempty"`
	// Phased gives each tier its own day in place of Deadline, in the order of the tiers.
	Phased []float64 `json:"phased_days,omitempty"`
	// Ratchet refuses the old form for each client from the day it has moved, so that none falls back.
	Ratchet bool `json:"ratchet"`
}

// Policies are those worth comparing.
func Policies() []Policy {
	return []Policy{
		{Name: "no deadline"},
		{Name: "notify", Notify: true},
		{Name: "notify, ratchet", Notify: true, Ratchet: true},
		{Name: "90 d", Deadline: 90, Ratchet: true},
		{Name: "30 d", Deadline: 30, Ratchet: true},
		{Name: "notify, 90 d", Notify: true, Deadline: 90, Ratchet: true},
		{Name: "notify, 30 d", Notify: true, Deadline: 30, Ratchet: true},
		{Name: "notify, phased", Notify: true, Phased: []float64{30, 60, 120}, Ratchet: true},
	}
}

// dates are the days on which a policy refuses the old form to some or all, in order.
func (p Policy) dates() []float64 {
	if len(p.Phased) > 0 {
		return slices.Compact(slices.Sorted(slices.Values(p.Phased)))
	}
	if p.Deadline > 0 {
		return []float64{p.Deadline}
	}
	return nil
}

// date is the day for a tier, and which of the policy's dates that is; +Inf where there is none.
func (p Policy) date(dates []float64, tier uint8) (day float64, which int) {
	switch {
	case len(p.Phased) > 0:
		day = p.Phased[min(int(tier), len(p.Phased)-1)]
	case p.Deadline > 0:
		day = p.Deadline
	default:
		return math.Inf(1), 0
	}
	which, _ = slices.BinarySearch(dates, day)
	return day, which
}

// Study is a rollout to be played many times under several policies, on the same random numbers.
type Study struct {
	Params    Params   `json:"params"`
	APIs      int      `json:"apis"` // 0 leaves them out, as if all had moved before
	Suppliers int      `json:"suppliers"`
	Clients   int      `json:"clients"`
	Clinics   int      `json:"clinics"`
	Policies  []Policy `json:"policies"`
	Trials    int      `json:"trials"`
	Horizon   float64  `json:"horizon_days"` // exposure is counted up to here
	Seed      uint64   `json:"seed"`
	// Vary draws the parameters themselves from their ranges in each trial: not knowing them, besides chance.
	Vary bool `json:"vary"`
	// Exposed and Refused are what the wire measured: what an old client is worth to a thief before it
	// moves, and whether it is served after the old form is refused.
	Exposed float64 `json:"exposed"`
	Refused bool    `json:"refused"`
	// Gap is what it measured of a client that has moved at an API that has not: what its token is worth to a
	// thief there.
	Gap bool `json:"gap"`
}

// Check refuses a study that cannot be played.
func (s Study) Check() error {
	switch {
	case s.Suppliers < 1 || s.Suppliers > s.Clients || s.Clients > 1e6 || s.Clinics < s.Clients || s.Suppliers > math.MaxUint16:
		return fmt.Errorf("expected 1 ≤ suppliers ≤ clients ≤ clinics, at most %d suppliers and 1,000,000 clients, got %d, %d and %d", math.MaxUint16, s.Suppliers, s.Clients, s.Clinics)
	case s.APIs < 0 || s.APIs > 10000:
		return fmt.Errorf("expected 0 to 10,000 APIs, got %d", s.APIs)
	case s.Trials < 1 || s.Trials > 1e6:
		return fmt.Errorf("expected 1 to 1,000,000 trials, got %d", s.Trials)
	case !(s.Horizon > 0 && s.Horizon <= 3650):
		return fmt.Errorf("expected a horizon of at most 3650 days, got %g", s.Horizon)
	case len(s.Policies) == 0 || len(s.Policies) > 64:
		return fmt.Errorf("expected 1 to 64 policies, got %d", len(s.Policies))
	}
	for _, p := range s.Policies {
		if len(p.Phased) > mostDates {
			return fmt.Errorf("policy %s: expected at most %d dates, got %d", p.Name, mostDates, len(p.Phased))
		}
		for _, d := range append([]float64{p.Deadline}, p.Phased...) {
			if !(d >= 0 && d <= 3650) {
				return fmt.Errorf("policy %s: expected a deadline of 0 to 3650 days, got %g", p.Name, d)
			}
		}
	}
	return s.Params.Check()
}

// mostDates is how many dates a policy can have.
const mostDates = 8

// Outcome is one trial under one policy.
type Outcome struct {
	ClientDays float64 // exposure
	ClinicDays float64
	Broken     float64          // clients not ready on their date
	Clinics    float64          // that stand on them
	On         [mostDates]int32 // clients not ready, by date
	Ten        float64          // share of the exposure with the ten suppliers that have most of it
}

// Result is every trial under every policy: by policy, by trial.
type Result [][]Outcome

// Play plays the study on all cores. The result does not depend on how many there are: each trial has
// dice of its own.
func (s Study) Play(ctx context.Context) (Result, error) { return s.play(ctx, nil) }

// play plays; counts, which may be nil, makes the tally of a worker.
func (s Study) play(ctx context.Context, counts func() *tally) (Result, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	out := make(Result, len(s.Policies))
	for i := range out {
		out[i] = make([]Outcome, s.Trials)
	}
	field := s.field()
	root := dice.New(s.Seed).Fork("rollout")
	const batch = 64
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, min(runtime.GOMAXPROCS(0), s.Trials/batch+1)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			t := newTrial(s, field)
			if counts != nil {
				t.tally = counts()
			}
			for from := range next {
				rng := root.Fork(fmt.Sprint(from)).Fast()
				for i := from; i < min(from+batch, s.Trials); i++ {
					t.play(rng, out, i)
				}
			}
		}()
	}
	for from := 0; from < s.Trials && ctx.Err() == nil; from += batch {
		next <- from
	}
	close(next)
	wg.Wait()
	return out, ctx.Err()
}

// field is what is the same in every trial: who belongs to whom.
type field struct {
	first   []int32   // by supplier: its first client; one more at the end
	clinics []float64 // by client
	api     []int32   // by client: the API it calls
}

func (s Study) field() field {
	f := field{first: make([]int32, 0, s.Suppliers+1), clinics: make([]float64, s.Clients), api: make([]int32, s.Clients)}
	n := 0
	for _, size := range sizes(s.Suppliers, s.Clients, s.Params.Zipf) {
		f.first = append(f.first, int32(n))
		n += size
	}
	f.first = append(f.first, int32(n))
	// Which client is how large has nothing to do with who supplies it.
	share := sizes(s.Clients, s.Clinics, 0.6)
	rng := dice.New(s.Seed).Fork("clinics").Fast()
	for i := len(share) - 1; i > 0; i-- {
		j := int(rng.Uint64() % uint64(i+1))
		share[i], share[j] = share[j], share[i]
	}
	for i, c := range share {
		f.clinics[i] = float64(c)
		f.api[i] = int32(rng.Uint64() % uint64(max(s.APIs, 1)))
	}
	return f
}
