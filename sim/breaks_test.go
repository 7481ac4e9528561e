package sim_test

import (
	"slices"
	"testing"

	"thiefbox/sim"
	"thiefbox/sim/control"
)

// What the dialect can satisfy breaks none of the clients that speak it; what it cannot breaks some.
func TestBreaks(t *testing.T) {
	for _, p := range control.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			breaks, err := sim.Breaks(t.Context(), p, 42)
			if err != nil {
				t.Fatal(err)
			}
			satisfied := p.Full().Controls
			for id, who := range breaks {
				c, err := control.Lookup(id)
				if err != nil {
					t.Fatal(err)
				}
				if satisfied.With(c) == satisfied && slices.Contains(who, "Web EHR") {
					t.Errorf("%s breaks %v, though the dialect satisfies it", id, who)
				}
			}
			if !p.Dialect.ClientAuth.Asymmetric() && len(breaks["as/client-auth-asymmetric"]) == 0 {
				t.Error("expected clients with secrets to be broken by a demand for keys")
			}
		})
	}
}
