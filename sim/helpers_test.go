package sim

import (
	"sync"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
)

// shared is what the runs of these tests have in common: a seed, and so keys and most of their cryptography.
var shared = sync.OnceValue(func() Options { return Sharing(Options{Seed: seed}) })

// under is how a test plays one of many runs. Those about the seed itself play theirs alone.
func under(p control.Profile) Options {
	o := shared()
	o.Profile = p
	return o
}

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
