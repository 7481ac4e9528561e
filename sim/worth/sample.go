package worth

import (
	"context"
	"math"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// Sample is the Shapley values of a map that was too large to be drawn whole, estimated from orders drawn at
// random.
type Sample struct {
	Orders int    // drawn
	Whole  Answer // with all of the controls on
	Shares []SampledShare
}

// SampledShare is an estimate, and half the width of its 95% interval.
type SampledShare struct {
	Share
	Error float64
}

// Orders is how many orders of switching controls on are drawn for a sample. The error of a share of one half is
// then five hundredths.
const Orders = 400

// SampleShares draws orders of switching the controls of upper on, from lower, and counts how often each control
// is the one with which the attack comes to be stopped, less how often it is the one with which it gets in again.
// Every order is walked to its end: nothing here assumes that more controls are safer. The same dice give the same
// orders, and so the same estimate, whatever the book knew before.
func SampleShares(ctx context.Context, b *Book, lower, upper control.Set, orders int, d *dice.Dice) (Sample, error) {
	controls := upper.Minus(lower).Controls()
	sum, squares := make(map[*control.Control]float64), make(map[*control.Control]float64)
	out := Sample{}
	whole, err := b.Ask(ctx, upper)
	if err != nil {
		return out, err
	}
	out.Whole = whole
	for range orders {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		for i := len(controls) - 1; i >= 0; i-- { // Fisher and Yates
			j := d.IntN(i + 1)
			controls[i], controls[j] = controls[j], controls[i]
		}
		// The order is from the last to the first, and is walked back: an answer depends on the few controls that were
		// in the way, and on the many that are off, so it holds for most smaller sets and for few larger ones.
		on, stopped := upper, Cell{Answer: whole}.Stopped()
		for _, c := range controls {
			on = on.Without(c)
			a, err := b.Ask(ctx, on)
			if err != nil {
				return out, err
			}
			if before := (Cell{Answer: a}).Stopped(); before != stopped {
				step := 1.0
				if before {
					step = -1
				}
				sum[c], squares[c], stopped = sum[c]+step, squares[c]+1, before
			}
		}
		out.Orders++
	}
	n := float64(out.Orders)
	for _, c := range upper.Minus(lower).Controls() {
		if squares[c] == 0 { // never seen to matter: by the rule of three, at most 3/n
			continue
		}
		mean := sum[c] / n
		out.Shares = append(out.Shares, SampledShare{Share{c, mean}, max(1.96*math.Sqrt((squares[c]/n-mean*mean)/n), 1/n)})
	}
	return out, nil
}
