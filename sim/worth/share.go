package worth

import "thiefbox/sim/control"

// Share is what one control contributes to stopping an attack.
type Share struct {
	Control *control.Control
	Value   float64
}

// Shares is each relevant control's Shapley value: switch the controls of Upper on one after the other
// in a random order; the value is the probability that this one is the one with which the attack comes
// to be stopped (less the probability that it undoes that, if more is not always safer). Values add up
// to 1 if the attack is stopped under Upper and not under Lower.
//
// It says how the credit is to be divided if all orders count alike. It is no probability of an attack,
// and controls that replace one another share what each could do alone.
//
// No sampling is needed for a complete map (sample.go is for the others): it is a sum of cells, the value of a sum is the sum of the values, and for one cell,
// "p controls on and q off", it is (p-1)!q!/(p+q)! for each of the p and -p!(q-1)!/(p+q)! for each of the q.
func (m Map) Shares() []Share {
	values := map[*control.Control]float64{}
	for _, c := range m.Cells {
		if !c.Stopped() {
			continue
		}
		p, q := c.On.Len(), c.Off.Len()
		for _, on := range c.On.Controls() {
			values[on] += beta(p-1, q)
		}
		for _, off := range c.Off.Controls() {
			values[off] -= beta(p, q-1)
		}
	}
	var out []Share
	for _, c := range m.Relevant().Controls() {
		out = append(out, Share{c, values[c]})
	}
	return out
}

// beta is a!b!/(a+b+1)!.
func beta(a, b int) float64 {
	v := 1 / float64(a+b+1)
	for i := 1; i <= b; i++ {
		v *= float64(i) / float64(a+i)
	}
	return v
}
