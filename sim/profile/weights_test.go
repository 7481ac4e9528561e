package profile

import (
	"strings"
	"testing"
)

func TestParseWeights(t *testing.T) {
	attacks := []string{"T-01", "T-04", "D-04"}
	w, err := ParseWeights("w.yaml", []byte("weights:\n  T: 4\n  T-01: 1.5\nrest: 0.5\nconcentration: 10\n"), attacks, first)
	if err != nil || w.ByAttack["T-01"] != 1.5 || w.ByAttack["T-04"] != 4 || w.ByAttack["D-04"] != 0.5 || w.Concentration != 10 {
		t.Errorf("expected an attack, a family without it, and a rest, got %+v, %v", w, err)
	}
	for text, want := range map[string]string{
		"rest: 1":                                "expected weights",
		"weights: {X-01: 1}":                     `1:11: no key of weights is called "X-01"`,
		"weights: {T-01: -1}":                    "1:17: weights.T-01: expected a number",
		"weights: {T-01: many}":                  "expected a number",
		"weights: {T-01: 1}\nconcentration: nan": "2:16: concentration: expected a number",
		"weights: {T-01: inf}":                   "expected a number",
		"weights: {T-01: 0}":                     "all weights are 0",
		"weights: {T: 1}\nrest: a":               "2:7: rest: expected a number",
	} {
		if _, err := ParseWeights("w.yaml", []byte(text), attacks, first); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected an error with %q, got %v", text, want, err)
		}
	}
}
