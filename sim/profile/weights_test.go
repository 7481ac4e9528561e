package profile

import (
	"bytes"
	"reflect"
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

// What is printed reads back as the same weights.
func TestPrintedWeights(t *testing.T) {
	attacks := []string{"T-01", "T-02", "D-04", "D-05", "F-01"}
	want := Weights{ByAttack: map[string]float64{"T-01": 2, "T-02": 2, "D-04": 0.1, "D-05": 0, "F-01": 0.3333333333333333}, Concentration: 10}
	var b bytes.Buffer
	if err := want.Print(&b, attacks, func(f string) string { return "about " + f }); err != nil {
		t.Fatal(err)
	}
	got, err := ParseWeights("w.yaml", b.Bytes(), attacks, func(string, []string) string { return "" })
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v, %v from\n%s", want, got, err, b.String())
	}
}
