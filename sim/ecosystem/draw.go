package ecosystem

import (
	"math"
	"slices"

	"thiefbox/sim/dice"
)

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
	p.API, p.APISpread, p.APINever = rest[9], rest[10], rest[11]
	return p
}
