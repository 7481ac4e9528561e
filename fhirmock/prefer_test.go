package fhirmock

import (
	"net/http"
	"strings"
	"testing"
)

// How much of a record comes back is the caller's to say, in each way of saying it (RFC 7240 s2), of a conditional create
// that found its record too.
func TestPreferences(t *testing.T) {
	w := newWorld(t, strictest(t))
	once := strings.Replace(note("p01", "once"), `{`, `{"identifier":[{"system":"urn:x","value":"7"}],`, 1)
	created(t, w.write("POST", "/Observation", fhirType, once))
	const whole, nothing, outcome = "Observation", "", "OperationOutcome"
	for prefer, want := range map[string]string{
		"":                                        whole,
		"return=representation":                   whole,
		"return=minimal":                          nothing,
		"Return=minimal":                          nothing,
		`return="minimal"`:                        nothing,
		"return=minimal; foo=bar":                 nothing,
		"respond-async, return=minimal":           nothing,
		"return=minimal, return=representation":   nothing,
		"return=OperationOutcome":                 outcome,
		"return=":                                 whole,
		"return=something":                        whole,
		`x="a,return=minimal"`:                    whole,
		"handling=strict;return=OperationOutcome": outcome,
	} {
		for _, unless := range []string{"", "identifier=urn:x|7"} {
			res := w.write("POST", "/Observation", fhirType, note("p01", "another"), func(try *try) {
				try.touch = func(r *http.Request) {
					r.Header.Set("Prefer", prefer)
					if unless != "" {
						r.Header.Set("If-None-Exist", unless)
					}
				}
			})
			got := ""
			if res.Body.Len() > 0 {
				got, _ = decode(t, res)["resourceType"].(string)
			}
			if res.Code/100 != 2 || got != want || res.Header().Get("Location") == "" {
				t.Errorf("Prefer %s, If-None-Exist %s: expected %q, got %d with %q", prefer, unless, want, res.Code, got)
			}
		}
	}
}
