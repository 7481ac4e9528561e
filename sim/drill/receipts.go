package drill

import "time"

// Stretch is receipts of one cause: a thief's rounds at one API, say.
type Stretch struct {
	Receipt               // the last, with the sum of all
	From    time.Duration // the first
	Times   int
}

// Stretches gathers receipts by term and cause, in the order in which each cause began.
func Stretches(all []Receipt) (out []Stretch) {
	type cause struct{ term, why string }
	at := map[cause]int{}
	for _, one := range all {
		c := cause{one.Term, one.Why}
		i, there := at[c]
		if !there {
			i, at[c] = len(out), len(out)
			out = append(out, Stretch{From: one.At})
		}
		sum := out[i].Amount + one.Amount
		out[i].Receipt, out[i].Amount = one, sum
		out[i].Times++
	}
	return out
}
