package sim

import (
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
)

func technique(tb testing.TB, id string) attacker.Technique {
	tb.Helper()
	for _, a := range attacker.All() {
		if a.ID == id {
			return a
		}
	}
	tb.Fatalf("no technique %s", id)
	return attacker.Technique{}
}

func profile(tb testing.TB, name string) control.Profile {
	tb.Helper()
	p, err := control.ProfileNamed(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
