package worth

import (
	"encoding/binary"
	"math"
	"slices"

	"thiefbox/sim/dice"
)

// draw draws weights from a Dirichlet distribution around those given, and takes the percentiles of what
// follows. Runs are deterministic, so all the chance is in the weights.
func (r *Risk) draw(d *dice.Dice) {
	var before, after, reduced []float64
	weights := make([]float64, len(r.Vectors))
	for range r.Draws {
		total := 0.0
		for i, v := range r.Vectors {
			weights[i] = gamma(d, r.Concentration*v.Weight)
			total += weights[i]
		}
		b, a := 0.0, 0.0
		for i, v := range r.Vectors {
			b += weights[i] * v.Before.Yield
			a += weights[i] * v.After.Yield
		}
		if total > 0 {
			before, after, reduced = append(before, b/total), append(after, a/total), append(reduced, reduction(b, a))
		}
	}
	r.Before.Residual = percentiles(r.Before.Residual.Value, before)
	r.After.Residual = percentiles(r.After.Residual.Value, after)
	r.Reduced = percentiles(r.Reduced.Value, reduced)
}

func percentiles(value float64, draws []float64) Interval {
	if len(draws) == 0 {
		return Interval{value, value, value, value}
	}
	slices.Sort(draws)
	at := func(q float64) float64 { return round(draws[int(q*float64(len(draws)-1))]) }
	return Interval{value, at(0.05), at(0.5), at(0.95)}
}

// uniform is a number between 0 and 1, without the ends.
func uniform(d *dice.Dice) float64 {
	var b [8]byte
	_, _ = d.Read(b[:]) // Dice never fail
	return (float64(binary.BigEndian.Uint64(b[:])>>11) + 0.5) / (1 << 53)
}

func normal(d *dice.Dice) float64 {
	return math.Sqrt(-2*math.Log(uniform(d))) * math.Cos(2*math.Pi*uniform(d))
}

// gamma draws from the gamma distribution of a shape and scale 1, by the method of Marsaglia and Tsang.
func gamma(d *dice.Dice, shape float64) float64 {
	if shape <= 0 {
		return 0
	}
	if shape < 1 {
		return gamma(d, shape+1) * math.Pow(uniform(d), 1/shape)
	}
	a := shape - 1.0/3
	c := 1 / math.Sqrt(9*a)
	for {
		x := normal(d)
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := uniform(d); math.Log(u) < 0.5*x*x+a-a*v+a*math.Log(v) {
			return a * v
		}
	}
}

// Caveats go with every figure of a Risk.
var Caveats = []string{
	"Only ways that somebody thought of are in the list; what nobody thought of weighs nothing, by construction.",
	"Real thieves adapt: what is stopped moves them to what still works. The adaptive thief shows the other end: he takes the best way that is left, and his figure is the greatest, not the mean.",
	"This is susceptibility: what becomes of an attempt. It says nothing about how often anybody tries, or what a lost record costs.",
	"It supposes that everything is deployed as written. One missing control changes the figure; the worst one is shown.",
	"The number of records per success is another thing than the share of ways that succeed. Both are shown; their product is the records per attempt.",
	"Where an attack makes no sense under a profile, the thief is taken to use the best that does with no more than the same foothold; if there is none, the way counts as closed there, although the same lapse may leak something else.",
	"It compares with another figure only if the list of ways and their weights are the same, which the hash shows. Other weights give almost any pair of figures.",
}
