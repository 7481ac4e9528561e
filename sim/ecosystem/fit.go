package ecosystem

import (
	"fmt"
	"math"
	"slices"
)

// Case is one client of the user's own: how many days it took to turn green, or, if it is open, how many
// days it has not. Open cases are most of what slow suppliers look like: leaving them out, or taking a
// mean, makes every network look fast.
type Case struct {
	Supplier string
	Days     float64
	Open     bool
}

// Survival is the share of clients that are not green yet, by Kaplan and Meier: a step at each day on
// which some turned green.
type Survival struct {
	Days []float64 `json:"days"`
	Left []float64 `json:"left"`
}

// KaplanMeier estimates it, with open cases counted for as long as they were watched.
func KaplanMeier(cases []Case) (s Survival) {
	sorted := slices.Clone(cases)
	slices.SortFunc(sorted, func(a, b Case) int {
		switch {
		case a.Days < b.Days:
			return -1
		case a.Days > b.Days:
			return 1
		}
		return 0
	})
	left := 1.0
	for i := 0; i < len(sorted); {
		day, green, j := sorted[i].Days, 0, i
		for ; j < len(sorted) && sorted[j].Days == day; j++ {
			if !sorted[j].Open {
				green++
			}
		}
		if green > 0 {
			left *= 1 - float64(green)/float64(len(sorted)-i)
			s.Days, s.Left = append(s.Days, day), append(s.Left, left)
		}
		i = j
	}
	return s
}

// Fit is a log-normal with a fraction that never turns green, by maximum likelihood with censoring.
type Fit struct {
	Median float64 `json:"median_days"`
	Spread float64 `json:"spread"`
	Never  float64 `json:"never"`
	Cases  int     `json:"cases"`
	Open   int     `json:"open"`
	// Off is the largest distance of the fit to the Kaplan-Meier curve: what it does not say.
	Off float64 `json:"off_by"`
}

// FitCases fits. It needs some clients that have turned green: without them the data say nothing about when.
func FitCases(cases []Case) (Fit, error) {
	f := Fit{Cases: len(cases), Median: 14, Spread: 1, Never: 0.05}
	for _, c := range cases {
		if c.Open {
			f.Open++
		}
	}
	if f.Cases-f.Open < 3 {
		return f, fmt.Errorf("expected at least 3 clients that have turned green, got %d of %d", f.Cases-f.Open, f.Cases)
	}
	// A search by halving steps in (log median, log spread, logit never): three numbers, a smooth hill.
	at := [3]float64{math.Log(f.Median), 0, -3}
	best := likelihood(cases, at)
	for step := 1.0; step > 1e-4; {
		better := false
		for i := range at {
			for _, by := range []float64{step, -step} {
				next := at
				next[i] += by
				if l := likelihood(cases, next); l > best {
					at, best, better = next, l, true
				}
			}
		}
		if !better {
			step /= 2
		}
	}
	f.Median, f.Spread, f.Never = math.Exp(at[0]), math.Exp(at[1]), logistic(at[2])
	km := KaplanMeier(cases)
	for i, day := range km.Days {
		f.Off = max(f.Off, math.Abs(km.Left[i]-f.Left(day)))
	}
	return f, nil
}

// Left is the share not green after so many days, as the fit has it.
func (f Fit) Left(days float64) float64 {
	return f.Never + (1-f.Never)*(1-normalCDF((math.Log(days)-math.Log(f.Median))/f.Spread))
}

func likelihood(cases []Case, at [3]float64) (sum float64) {
	mu, s, never := at[0], math.Exp(at[1]), logistic(at[2])
	if s < 0.05 || s > 10 || math.Abs(mu) > 20 || math.Abs(at[2]) > 12 {
		return math.Inf(-1)
	}
	for _, c := range cases {
		z := (math.Log(c.Days) - mu) / s
		if c.Open {
			sum += math.Log(never + (1-never)*(1-normalCDF(z)) + 1e-300)
			continue
		}
		sum += math.Log(1-never+1e-300) - z*z/2 - math.Log(s*c.Days*math.Sqrt(2*math.Pi))
	}
	return sum
}

func normalCDF(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Fitted is the parameters with the user's own clients in place of the tiers. What was measured is the
// time to a client that is green, so nothing is added for rolling out.
func (p Params) Fitted(f Fit) Params {
	p.Tiers = []Tier{{"your clients", 1, f.Median, f.Spread, f.Never}}
	p.Rollout, p.RollSpread = 0.01, 0
	return p
}
