package ecosystem

import (
	"context"
	"math"
	"slices"
)

// Band is a quantity over the trials. It has no mean: a mean hides the tail.
type Band struct {
	P5  float64 `json:"p5"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	// Error is the Monte Carlo error of the median: what playing more trials would still move it by, apart
	// from the spread of the model, which it would not narrow.
	Error float64 `json:"monte_carlo_error"`
}

// Row is a policy, summed up.
type Row struct {
	Policy     Policy `json:"policy"`
	ClientDays Band   `json:"exposure_client_days"`
	ClinicDays Band   `json:"exposure_clinic_days"`
	Broken     Band   `json:"clients_broken"`
	Clinics    Band   `json:"clinics_broken"`
	Ten        Band   `json:"share_of_ten_suppliers"`
	// Dates are those of the policy, and who is not ready on each.
	Dates []Date `json:"dates,omitempty"`
	// Better is the fraction of trials in which the policy has less exposure than the first, on the same
	// random numbers; Worse, in which it breaks more clients.
	Better float64 `json:"less_exposure_than_first"`
	Worse  float64 `json:"more_broken_than_first"`
	// Saved is the paired difference of exposure to the first policy.
	Saved Band `json:"client_days_saved"`
}

// Date is a day on which the old form is refused to some or all.
type Date struct {
	Day    float64 `json:"day"`
	Broken Band    `json:"clients_broken"`
}

// Summary sums up a result.
func (s Study) Summary(r Result) []Row {
	out := make([]Row, len(r))
	for k, trials := range r {
		pick := func(f func(Outcome) float64) Band {
			values := make([]float64, len(trials))
			for i, o := range trials {
				values[i] = f(o)
			}
			return band(values)
		}
		row := Row{
			Policy:     s.Policies[k],
			ClientDays: pick(func(o Outcome) float64 { return o.ClientDays }), ClinicDays: pick(func(o Outcome) float64 { return o.ClinicDays }),
			Broken: pick(func(o Outcome) float64 { return o.Broken }), Clinics: pick(func(o Outcome) float64 { return o.Clinics }),
			Ten: pick(func(o Outcome) float64 { return o.Ten }),
		}
		for i, day := range s.Policies[k].dates() {
			row.Dates = append(row.Dates, Date{day, pick(func(o Outcome) float64 { return float64(o.On[i]) })})
		}
		saved := make([]float64, len(trials))
		for i, o := range trials {
			first := r[0][i]
			saved[i] = first.ClientDays - o.ClientDays
			if saved[i] > 0 {
				row.Better++
			}
			if o.Broken > first.Broken {
				row.Worse++
			}
		}
		row.Better /= float64(len(trials))
		row.Worse /= float64(len(trials))
		row.Saved = band(saved)
		out[k] = row
	}
	return out
}

// band sorts values in place.
func band(values []float64) Band {
	slices.Sort(values)
	n := float64(len(values))
	b := Band{P5: quantile(values, 0.05), P50: quantile(values, 0.5), P95: quantile(values, 0.95)}
	// The order statistics one standard error to either side of the median (binomial).
	half := math.Sqrt(n) / 2 / n
	b.Error = (quantile(values, min(1, 0.5+half)) - quantile(values, max(0, 0.5-half))) / 2
	return b
}

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Swing is how much one parameter moves the answer: the median exposure with it at the ends of its range,
// everything else as usual and on the same random numbers.
type Swing struct {
	Param Param   `json:"param"`
	From  float64 `json:"from"` // the ends of the range
	To    float64 `json:"to"`
	Low   float64 `json:"median_at_low"`
	High  float64 `json:"median_at_high"`
}

// Sensitivity plays the study under one policy with each parameter at either end of its range. The widest
// swing comes first.
func (s Study) Sensitivity(ctx context.Context, policy Policy, trials int) ([]Swing, error) {
	s.Policies, s.Trials, s.Vary = []Policy{policy}, trials, false
	usual := s.Params
	list := usual.List()
	values := make([]float64, len(list))
	for i, p := range list {
		values[i] = p.Value
	}
	median := func(i int, v float64) (float64, error) {
		was := values[i]
		values[i] = v
		s.Params = usual.with(values)
		values[i] = was
		r, err := s.Play(ctx)
		if err != nil {
			return 0, err
		}
		return s.Summary(r)[0].ClientDays.P50, nil
	}
	var out []Swing
	for i, p := range list {
		swing := Swing{Param: p, From: p.Low, To: p.High}
		var err error
		if swing.Low, err = median(i, p.Low); err != nil {
			return nil, err
		}
		if swing.High, err = median(i, p.High); err != nil {
			return nil, err
		}
		out = append(out, swing)
	}
	slices.SortStableFunc(out, func(a, b Swing) int {
		x, y := math.Abs(a.High-a.Low), math.Abs(b.High-b.Low)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out, nil
}

// Curve is the number of clients exposed on each day, under a policy: the picture of a rollout.
type Curve struct {
	Policy string    `json:"policy"`
	Days   []float64 `json:"days"`
	P5     []float64 `json:"p5"`
	P50    []float64 `json:"p50"`
	P95    []float64 `json:"p95"`
}

// Curves plays trials trials and counts, on each of the days, who is exposed. Days are in order.
func (s Study) Curves(ctx context.Context, days []float64, trials int) ([]Curve, error) {
	s.Trials = trials
	if n := len(days); n > 0 {
		s.Horizon = max(s.Horizon, days[n-1]+1) // whoever is exposed on the last day still is
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	count := make([][][]float64, len(s.Policies))
	for k := range count {
		count[k] = make([][]float64, len(days))
		for i := range days {
			count[k][i] = make([]float64, trials)
		}
	}
	_, err := s.play(ctx, func() *tally { return &tally{days, make([]float64, len(days)+1), count} })
	if err != nil {
		return nil, err
	}
	out := make([]Curve, len(s.Policies))
	for k, p := range s.Policies {
		out[k] = Curve{Policy: p.Name, Days: days}
		for i := range days {
			b := band(count[k][i])
			worth := s.Exposed
			out[k].P5, out[k].P50, out[k].P95 = append(out[k].P5, worth*b.P5), append(out[k].P50, worth*b.P50), append(out[k].P95, worth*b.P95)
		}
	}
	return out, nil
}
