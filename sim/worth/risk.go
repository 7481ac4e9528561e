package worth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// Theft is an attack as a way to steal records.
type Theft struct {
	Attack   string
	Foothold []string // what the thief must have: places where he listens, things he holds
}

// Side is one of two states that are compared: a profile, and the maps of the attacks that make sense
// under its dialect.
type Side struct {
	Profile control.Profile
	Maps    []Map
}

// RiskOptions say how the ways to steal are weighed.
type RiskOptions struct {
	// Weights are how common each attack is among real thefts, in any unit; nil weighs all alike.
	Weights map[string]float64
	// Concentration is how sure one is of them: that of a Dirichlet distribution around them. The smaller,
	// the wider the intervals.
	Concentration float64
	Seed          uint64
	Draws         int
}

// The usual options.
const (
	UsualConcentration = 30
	UsualDraws         = 10_000
)

// Risk is what is left of the ways to steal.
type Risk struct {
	Before  SideRisk `json:"before"`
	After   SideRisk `json:"after"`
	Reduced Interval `json:"relative_reduction"` // 1 - after/before
	Vectors []Vector `json:"vectors"`            // by contribution after, then before
	// Weighed says where the weights come from, and Hash stands for vectors and weights: figures with
	// different hashes must not be compared.
	Weighed       string  `json:"weighed"`
	Hash          string  `json:"hash"`
	Concentration float64 `json:"concentration"`
	Draws         int     `json:"draws"`
	Seed          uint64  `json:"seed"`
	// Swings are the weights that move the residual after most: when halved, and when doubled.
	Swings []Swing `json:"swings"`
	// Defect is the single control whose absence after raises the residual most: a rollout is seldom whole.
	Defect  Defect   `json:"defect"`
	Caveats []string `json:"caveats"`
}

// SideRisk is what is left under one profile.
type SideRisk struct {
	Profile  string   `json:"profile"`
	Residual Interval `json:"residual"`            // weighted share of the ways to steal that still yield data
	Count    int      `json:"still_yielding"`      // ways that yield anything, unweighted
	Records  float64  `json:"records_per_success"` // patients' records per way that yields any, on average
	Product  float64  `json:"records_per_attempt"` // the weighted mean over all ways
	// Adaptive is the thief who does not take what is common but what still works best.
	Adaptive Adaptive `json:"adaptive"`
}

// Adaptive is the best way that is left.
type Adaptive struct {
	Attack  string   `json:"attack,omitempty"` // empty: none is left
	Yield   float64  `json:"yield"`
	Records int      `json:"records"`
	AsGood  []string `json:"as_good"`
}

// Interval is a figure and how far uncertain weights move it: 5th, 50th and 95th percentile.
type Interval struct {
	Value float64 `json:"value"`
	P5    float64 `json:"p5"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
}

// Vector is one way to steal.
type Vector struct {
	Attack string  `json:"attack"`
	Weight float64 `json:"weight"` // of all, 1 together
	Before Outturn `json:"before"`
	After  Outturn `json:"after"`
}

// Outturn is what a way to steal yields under one profile.
type Outturn struct {
	Yield   float64 `json:"yield"` // of the records the thief was after, from 0 to 1
	Records int     `json:"records"`
	// Instead is the attack that he uses with the same foothold where this one makes no sense; empty if it
	// makes sense, and "none" if nothing else yields anything either.
	Instead string `json:"instead,omitempty"`
}

// Swing is how far one weight moves the residual after.
type Swing struct {
	Attack  string  `json:"attack"`
	Halved  float64 `json:"halved"`
	Doubled float64 `json:"doubled"`
}

// Defect is a control that is missing in a rollout that was meant to be whole.
type Defect struct {
	Control  string  `json:"control,omitempty"` // empty: no single one matters
	Residual float64 `json:"residual"`
}

// Compare computes what is left of the ways to steal, before and after. A way counts if it yields records
// where no control is on: then there is something to lose by it.
func Compare(before, after Side, thefts []Theft, o RiskOptions) Risk {
	b, a := newYields(before, thefts), newYields(after, thefts)
	r := Risk{Concentration: o.Concentration, Draws: o.Draws, Seed: o.Seed, Weighed: "all alike", Swings: []Swing{}, Vectors: []Vector{}, Caveats: Caveats}
	if o.Weights != nil {
		r.Weighed = "by file"
	}
	for _, t := range thefts {
		if b.aimed[t.Attack]+a.aimed[t.Attack] == 0 {
			continue
		}
		w := 1.0
		if o.Weights != nil {
			w = o.Weights[t.Attack]
		}
		r.Vectors = append(r.Vectors, Vector{t.Attack, w, b.of(t, before.Profile.Controls), a.of(t, after.Profile.Controls)})
	}
	normalize(r.Vectors)
	r.Hash = hashOf(r.Vectors)
	r.Before, r.After = sideRisk(before.Profile.Name, r.Vectors, beforeOf), sideRisk(after.Profile.Name, r.Vectors, afterOf)
	r.Reduced.Value = reduction(r.Before.Residual.Value, r.After.Residual.Value)
	r.draw(dice.New(o.Seed).Fork("risk"))
	r.swing()
	r.Defect = defect(a, after.Profile, thefts, r.Vectors)
	slices.SortStableFunc(r.Vectors, func(x, y Vector) int {
		if d := compareFloats(y.Weight*y.After.Yield, x.Weight*x.After.Yield); d != 0 {
			return d
		}
		return compareFloats(y.Weight*y.Before.Yield, x.Weight*x.Before.Yield)
	})
	return r
}

func beforeOf(v Vector) Outturn { return v.Before }
func afterOf(v Vector) Outturn  { return v.After }

func normalize(vs []Vector) {
	total := 0.0
	for _, v := range vs {
		total += v.Weight
	}
	for i := range vs {
		if total > 0 {
			vs[i].Weight /= total
		}
	}
}

func hashOf(vs []Vector) string {
	h := sha256.New()
	for _, v := range vs {
		fmt.Fprintf(h, "%s %.9f\n", v.Attack, v.Weight)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func residual(vs []Vector, of func(Vector) Outturn) (sum float64) {
	for _, v := range vs {
		sum += v.Weight * of(v).Yield
	}
	return sum
}

func reduction(before, after float64) float64 {
	if before == 0 {
		return 0
	}
	return 1 - after/before
}

func sideRisk(profile string, vs []Vector, of func(Vector) Outturn) SideRisk {
	s := SideRisk{Profile: profile, Adaptive: Adaptive{AsGood: []string{}}}
	s.Residual.Value = residual(vs, of)
	total := 0
	for _, v := range vs {
		out := of(v)
		s.Product += v.Weight * float64(out.Records)
		if out.Yield == 0 {
			continue
		}
		s.Count++
		total += out.Records
		best := &s.Adaptive
		switch better := compareFloats(out.Yield, best.Yield)*2 + compareFloats(float64(out.Records), float64(best.Records)); {
		case better > 0:
			*best = Adaptive{Attack: v.Attack, Yield: out.Yield, Records: out.Records, AsGood: []string{}}
		case better == 0:
			best.AsGood = append(best.AsGood, v.Attack)
		}
	}
	if s.Count > 0 {
		s.Records = float64(total) / float64(s.Count)
	}
	return s
}

// swing finds the weights that matter most for the residual after.
func (r *Risk) swing() {
	for i := range r.Vectors {
		r.Swings = append(r.Swings, Swing{r.Vectors[i].Attack, r.reweighed(i, 0.5), r.reweighed(i, 2)})
	}
	width := func(s Swing) float64 { return max(s.Halved-s.Doubled, s.Doubled-s.Halved) }
	slices.SortStableFunc(r.Swings, func(a, b Swing) int { return compareFloats(round(width(b)), round(width(a))) })
	r.Swings = r.Swings[:min(len(r.Swings), 10)]
}

func (r *Risk) reweighed(i int, factor float64) float64 {
	w := r.Vectors[i].Weight
	rest := r.After.Residual.Value - w*r.Vectors[i].After.Yield
	return (rest + factor*w*r.Vectors[i].After.Yield) / (1 + (factor-1)*w)
}

// defect takes one control away after the other.
func defect(y yields, p control.Profile, thefts []Theft, vs []Vector) (worst Defect) {
	weight := map[string]float64{}
	for _, v := range vs {
		weight[v.Attack] = v.Weight
	}
	whole := -1.0
	for _, c := range append([]*control.Control{nil}, p.Controls.Controls()...) {
		s := p.Controls
		if c != nil {
			s = s.Without(c)
		}
		sum := 0.0
		for _, t := range thefts {
			if w := weight[t.Attack]; w > 0 {
				sum += w * y.of(t, s).Yield
			}
		}
		if sum = round(sum); c == nil {
			whole, worst.Residual = sum, sum
		} else if sum > worst.Residual && sum > whole {
			worst = Defect{c.ID, sum}
		}
	}
	return worst
}
