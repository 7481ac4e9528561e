package drill

import (
	"strings"
	"testing"
)

// TestConditionsAreSaid: a facilitator reads conditions in words; every fact has words of its own.
func TestConditionsAreSaid(t *testing.T) {
	f := &File{Hypotheses: []Hypothesis{{ID: "key", Text: "a key was stolen"}}}
	for condition, want := range map[string]string{
		"records > 150": "more than 150 records have reached the thief", "records == 0": "no record has reached the thief",
		"rounds_since('revoke') > 0 && success > 0": "the thief has come again since revoke and the thief's latest round brought him something",
		"!acked('I3') && t > 5h":                    "I3 has not been answered and it is later than T+5h00m",
		"clients_broken < 50 || !broken('web-ehr')": "fewer than 50 clients are broken or web-ehr is served everywhere",
		"shown('key')":                     "“a key was stolen” is held likely, by evidence that bears on it",
		"on('rs/dpop-jti-shared@records')": "rs/dpop-jti-shared at records is on", "rolled('auth web-ehr')": "web-ehr's first key for authentication is good no more",
		"!(began && old_key == 0)": "it is not so that the thief has begun and no API believes a replaced key", "success > 0.5": "more than 0.5 of the APIs let the thief in (1 is all)",
		"records >": "records >", "": "",
	} {
		if got := f.Say(condition); got != want {
			t.Errorf("%s: expected %q, got %q", condition, want, got)
		}
	}
	for name, word := range factNames {
		condition := name
		if word != noWord {
			condition += "('x y')"
		}
		if got := f.Say(condition); strings.Contains(got, "_") || strings.Contains(got, "is not 0") && name != "t" || got == "" {
			t.Errorf("%s: expected words, got %q", condition, got)
		}
	}
}
