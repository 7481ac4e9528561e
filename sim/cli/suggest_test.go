package cli

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	names := []string{"replay-proof", "replay-proof-other-node", "stolen-bearer", "D-04", "D-07", "T-01", "fapi2-dpop", "hardened", "DK"}
	for _, tt := range []struct{ word, want string }{
		{"replay-prof", "replay-proof"},    // a letter left out
		{"replay_proof", "replay-proof"},   // the file's name
		{"Replay-Proof", "replay-proof"},   // shouted
		{"rpelay-proof", "replay-proof"},   // two swapped
		{"stolen bearer", "stolen-bearer"}, // a blank
		{"d04", "D-04"},
		{"D-4", "D-04"},
		{"fapi2", "fapi2-dpop"},                   // it begins like this
		{"other-node", "replay-proof-other-node"}, // part of it
		{"harden", "hardened"},
		{"dj", "DK"},
		{"xx", ""}, // two letters off is all of it
		{"xyz", ""},
		{"something-else-entirely", ""},
		{"", ""},
	} {
		if got := nearest(tt.word, names); got != tt.want {
			t.Errorf("nearest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

// A distance that is not a metric would suggest one name to him who typed another correctly.
func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "abd", 1},
		{"abc", "acb", 1}, {"kitten", "sitting", 3}, {"blåbær", "blabar", 2},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		d := distance(a, b)
		if d != distance(b, a) {
			t.Fatalf("the way back is not as long: %d", d)
		}
		if (d == 0) != (string([]rune(a)) == string([]rune(b))) {
			t.Fatalf("distance %d", d)
		}
		if longest := max(len([]rune(a)), len([]rune(b))); d > longest {
			t.Fatalf("distance %d is more than writing %d letters anew", d, longest)
		}
	})
}

// What is spelled correctly is its own nearest, whatever else is registered.
func TestNearestKnowsItself(t *testing.T) {
	for _, n := range allNames() {
		if got := nearest(n, allNames()); got != n {
			t.Errorf("nearest(%q) = %q", n, got)
		}
	}
}
