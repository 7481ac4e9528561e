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

// Study is a rollout to be played many times under several policies, on the same random numbers.
type Study struct {
	Params    Params   `json:"params"`
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
}

// Check refuses a study that cannot be played.
func (s Study) Check() error {
	switch {
	case s.Suppliers < 1 || s.Suppliers > s.Clients || s.Clients > 1e6 || s.Clinics < s.Clients || s.Suppliers > math.MaxUint16:
		return fmt.Errorf("expected 1 ≤ suppliers ≤ clients ≤ clinics, at most %d suppliers and 1,000,000 clients, got %d, %d and %d", math.MaxUint16, s.Suppliers, s.Clients, s.Clinics)
	case s.Trials < 1 || s.Trials > 1e6:
		return fmt.Errorf("expected 1 to 1,000,000 trials, got %d", s.Trials)
	case !(s.Horizon > 0 && s.Horizon <= 3650):
		return fmt.Errorf("expected a horizon of at most 3650 days, got %g", s.Horizon)
	case len(s.Policies) == 0 || len(s.Policies) > 64:
		return fmt.Errorf("expected 1 to 64 policies, got %d", len(s.Policies))
	}
	for _, p := range s.Policies {
		for _, d := range append([]float64{p.Deadline}, p.Phased...) {
			if !(d >= 0 && d <= 3650) {
				return fmt.Errorf("policy %s: expected a deadline of 0 to 3650 days, got %g", p.Name, d)
			}
		}
	}
	return s.Params.Check()
}

// Outcome is one trial under one policy.
type Outcome struct {
	ClientDays float64 // exposure
	ClinicDays float64
	Broken     float64 // clients not ready on their date
	Clinics    float64 // that stand on them
	Ten        float64 // share of the exposure with the ten suppliers that have most of it
}

// Result is every trial under every policy: by policy, by trial.
type Result [][]Outcome

// Play plays the study on all cores. The result does not depend on how many there are: each trial has
// dice of its own.
func (s Study) Play(ctx context.Context) (Result, error) {
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
}

func (s Study) field() field {
	f := field{first: make([]int32, 0, s.Suppliers+1), clinics: make([]float64, s.Clients)}
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
	}
	return f
}

// trial is the room one worker plays in. Everything random is drawn once, and every policy plays on it.
type trial struct {
	study   Study
	field   field
	release []float64 // by supplier: days to a release, unhurried; +Inf for never
	tier    []uint8
	reached []bool
	roll    []float64 // by client: days from release to running
	back    []float64 // by client: days from moving to falling back; +Inf for never
	days    []float64 // by supplier: exposure, for the top ten
}

func newTrial(s Study, f field) *trial {
	return &trial{
		study: s, field: f, release: make([]float64, s.Suppliers), tier: make([]uint8, s.Suppliers), reached: make([]bool, s.Suppliers),
		roll: make([]float64, s.Clients), back: make([]float64, s.Clients), days: make([]float64, s.Suppliers),
	}
}

func (t *trial) play(rng *dice.Fast, out Result, i int) {
	p := t.study.Params
	if t.study.Vary {
		p = p.draw(rng)
	}
	shock := math.Exp(p.Shock * rng.Normal())
	for s := range t.release {
		tier := pickTier(p.Tiers, rng.Float())
		one := p.Tiers[tier]
		t.tier[s] = tier
		t.release[s] = one.Median * shock * math.Exp(one.Spread*rng.Normal())
		if rng.Float() < one.Never {
			t.release[s] = math.Inf(1)
		}
		t.reached[s] = rng.Float() < p.Reach
	}
	for c := range t.roll {
		t.roll[c] = p.Rollout * math.Exp(p.RollSpread*rng.Normal())
		t.back[c] = math.Inf(1)
		if rng.Float() < p.Regress {
			t.back[c] = p.Again * math.Exp(0.5*rng.Normal())
		}
	}
	for k, policy := range t.study.Policies {
		out[k][i] = t.under(policy, p)
	}
}

// under plays one policy on the trial's numbers.
func (t *trial) under(policy Policy, p Params) (o Outcome) {
	horizon := t.study.Horizon
	for s := range t.release {
		faster := 1.0
		if policy.Notify && t.reached[s] {
			faster *= p.Notified
		}
		date := math.Inf(1)
		if policy.Deadline > 0 {
			date = policy.Deadline
		}
		if len(policy.Phased) > 0 {
			date = policy.Phased[min(int(t.tier[s]), len(policy.Phased)-1)]
		}
		if !math.IsInf(date, 1) {
			faster *= p.Mandate
		}
		release := t.release[s] / faster
		end := min(date, horizon)
		supplier := 0.0
		for c := t.field.first[s]; c < t.field.first[s+1]; c++ {
			moved := release + t.roll[c]
			days := min(moved, end)
			if !policy.Ratchet {
				if again := moved + t.back[c]; again < end {
					days += end - again
				}
			}
			supplier += days
			o.ClinicDays += days * t.field.clinics[c]
			if moved > date && date <= horizon && t.study.Refused {
				o.Broken++
				o.Clinics += t.field.clinics[c]
			}
		}
		t.days[s] = supplier
		o.ClientDays += supplier
	}
	if o.ClientDays > 0 {
		o.Ten = top(t.days, 10) / o.ClientDays
	}
	o.ClientDays *= t.study.Exposed
	o.ClinicDays *= t.study.Exposed
	return o
}

// top is the sum of the n largest.
func top(values []float64, n int) (sum float64) {
	var largest [10]float64
	for _, v := range values {
		if v <= largest[0] {
			continue
		}
		i := 1
		for ; i < n && largest[i] < v; i++ {
			largest[i-1] = largest[i]
		}
		largest[i-1] = v
	}
	for _, v := range largest[:n] {
		sum += v
	}
	return sum
}

// draw takes every parameter from its range, by a triangle with the usual value on top.
func (p Params) draw(rng *dice.Fast) Params {
	list := p.List()
	values := make([]float64, len(list))
	for i, one := range list {
		values[i] = triangle(rng.Float(), one.Low, one.Value, one.High)
	}
	return p.with(values)
}

func triangle(u, low, top, high float64) float64 {
	if high <= low {
		return top
	}
	if at := (top - low) / (high - low); u < at {
		return low + math.Sqrt(u*(high-low)*(top-low))
	}
	return high - math.Sqrt((1-u)*(high-low)*(high-top))
}

// with is the parameters with other values, in the order of List. Shares of tiers are made to come to 1.
func (p Params) with(values []float64) Params {
	p.Tiers = slices.Clone(p.Tiers)
	share := 0.0
	for i := range p.Tiers {
		p.Tiers[i].Share, p.Tiers[i].Median, p.Tiers[i].Spread, p.Tiers[i].Never = values[4*i], values[4*i+1], values[4*i+2], values[4*i+3]
		share += p.Tiers[i].Share
	}
	for i := range p.Tiers {
		p.Tiers[i].Share /= share
	}
	rest := values[4*len(p.Tiers):]
	p.Zipf, p.Shock, p.Rollout, p.RollSpread, p.Notified, p.Reach, p.Mandate, p.Regress, p.Again =
		rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], rest[6], rest[7], rest[8]
	return p
}
