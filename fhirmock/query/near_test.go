package query

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// Who mistypes a name is told which he may have meant.
func TestNearest(t *testing.T) {
	for got, want := range map[string]string{"Pateint": "Patient", "patient": "Patient", "Observations": "Observation", "Xyz": "", "": "", "P": "", strings.Repeat("x", 1000): ""} {
		if near := Nearest(got, Types); near != want {
			t.Errorf("%.20q: expected %q, got %q", got, want, near)
		}
	}
	for query, want := range map[string]string{
		"birthDate=1990":                  "did you mean birthdate?",
		"general-pracitioner=x":           "did you mean general-practitioner?",
		"_lastupdated=2020":               "did you mean _lastUpdated?",
		"_inclde=x":                       "did you mean _include?",
		"link.brithdate=1":                "did you mean birthdate?",
		"_sort=birthDate":                 "did you mean birthdate?",
		"_include=Patient:lnk":            "did you mean link?",
		"_has:Observation:pateint:code=1": "did you mean patient?",
		"zzzzzz=1":                        "the CapabilityStatement lists",
	} {
		params, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(Context{}, "Patient", params)
		var p *Problem
		if !errors.As(err, &p) || !strings.Contains(p.Text, want) || p.Code != "not-supported" {
			t.Errorf("%s: expected %q, got %v", query, want, err)
		}
	}
}
