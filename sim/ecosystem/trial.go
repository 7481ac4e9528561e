package ecosystem

import (
	"math"
	"slices"

	"thiefbox/sim/dice"
)

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
	api     []float64 // by API: days until it looks at what bound tokens say, unhurried; +Inf for never
	told    []bool    // by API
	checked []float64 // by API: the same under the policy at work
	tally   *tally    // nil if nobody asks who is exposed when
}

func newTrial(s Study, f field) *trial {
	return &trial{
		study: s, field: f, release: make([]float64, s.Suppliers), tier: make([]uint8, s.Suppliers), reached: make([]bool, s.Suppliers),
		roll: make([]float64, s.Clients), back: make([]float64, s.Clients), days: make([]float64, s.Suppliers),
		api: make([]float64, max(s.APIs, 1)), told: make([]bool, max(s.APIs, 1)), checked: make([]float64, max(s.APIs, 1)),
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
	for a := range t.api {
		t.api[a] = p.API * shock * math.Exp(p.APISpread*rng.Normal())
		if rng.Float() < p.APINever {
			t.api[a] = math.Inf(1)
		}
		if t.told[a] = rng.Float() < p.Reach; t.study.APIs == 0 || !t.study.Gap {
			t.api[a] = 0
		}
	}
	for k, policy := range t.study.Policies {
		out[k][i] = t.under(k, policy, p)
		if t.tally != nil {
			t.tally.end(k, i)
		}
	}
}

// faster is how much faster somebody is under a policy.
func (p Policy) faster(by Params, told, dated bool) float64 {
	f := 1.0
	if p.Notify && told {
		f *= by.Notified
	}
	if dated {
		f *= by.Mandate
	}
	return f
}

// under plays one policy on the trial's numbers.
func (t *trial) under(k int, policy Policy, p Params) (o Outcome) {
	dates := policy.dates()
	dated := len(dates) > 0
	for a := range t.checked {
		t.checked[a] = t.api[a] / policy.faster(p, t.told[a], dated)
	}
	for s := range t.release {
		date, which := policy.date(dates, t.tier[s])
		release := t.release[s] / policy.faster(p, t.reached[s], dated)
		supplier := 0.0
		for c := t.field.first[s]; c < t.field.first[s+1]; c++ {
			moved := release + t.roll[c]
			one := t.exposed(moved, t.checked[t.field.api[c]], date, t.back[c], policy.Ratchet)
			if t.tally != nil {
				t.tally.add(one)
			}
			days := one[0].days() + one[1].days()
			supplier += days
			o.ClinicDays += days * t.field.clinics[c]
			if moved > date && date <= t.study.Horizon && t.study.Refused {
				o.Broken++
				o.On[which]++
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

// span is from one day to another; nothing if it ends before it begins.
type span struct{ from, to float64 }

func (s span) days() float64 { return max(s.to-s.from, 0) }

// exposed is when a client's stolen token is worth something. It is until the client has moved, and besides until
// the API it calls looks at what a bound token says. On the date a client that has not moved is refused: it has
// no more tokens to steal, until it has moved. A client that falls back is exposed again, unless it is held.
func (t *trial) exposed(moved, checked, date, back float64, held bool) (out [2]span) {
	horizon := t.study.Horizon
	if moved > date {
		out[0] = span{0, min(date, horizon)}
		out[1] = span{min(moved, horizon), min(checked, horizon)}
		return out
	}
	out[0] = span{0, min(max(moved, checked), horizon)}
	if !held {
		out[1] = span{max(moved+back, out[0].to), min(date, horizon)}
	}
	return out
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

// tally counts who is exposed on each of some days, in order.
type tally struct {
	days  []float64
	diff  []float64     // of the policy at work: how the count changes from day to day
	count [][][]float64 // by policy, by day, by trial
}

func (t *tally) add(spans [2]span) {
	for _, s := range spans {
		from, _ := slices.BinarySearch(t.days, s.from)
		to, _ := slices.BinarySearch(t.days, s.to)
		if to > from {
			t.diff[from]++
			t.diff[to]--
		}
	}
}

// end closes the books of a policy in a trial.
func (t *tally) end(policy, trial int) {
	n := 0.0
	for i := range t.days {
		n += t.diff[i]
		t.count[policy][i][trial] = n
	}
	clear(t.diff)
}
