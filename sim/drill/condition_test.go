package drill

import "testing"

// known is a state for conditions.
type known map[string]float64

func (k known) fact(name, word string) float64 { return k[name+word] }

func TestConditions(t *testing.T) {
	state := known{"t": 7200, "records": 600, "notifiedauthority": 0, "donedeny web-ehr": 1, "onas/par-required": 1, "clients_broken": 3}
	for text, want := range map[string]bool{
		"": false, "t > 1h": true, "t >= 2h && t <= 2h": true, "t < 90m": false, "records > 500 && !notified('authority')": true,
		"records > 500 && notified('authority')": false, "done('deny web-ehr')": true, `done("deny")`: false, "on('as/par-required')": true,
		"!(records > 500) || clients_broken == 3": true, "records != 600 || clients_broken != 3": false, "1 && 0 || 1": true, "1 && (0 || 0)": false, "!!records": true,
	} {
		c, err := Parse(text)
		if err != nil || c.met(state) != want {
			t.Errorf("%s: expected %v, got %v, %v", text, want, c.met(state), err)
		}
	}
	for _, text := range []string{"records >", "(records", "records)", "notified(", "notified()", "notified", "nonsense", "'x'", "records > > 1", "records 1", "done('x", "&", "a;b"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s: expected an error", text)
		}
	}
}

// Whatever is written, a condition is read or refused, and answered.
func FuzzConditions(f *testing.F) {
	f.Add("records > 500 && !notified('authority') || (t > 6h)")
	f.Add("((((((((((1))))))))))")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := Parse(text); err == nil {
			c.met(known{})
		}
	})
}
