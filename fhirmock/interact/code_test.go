package interact

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/r4"
)

// coded lists the records among some that have a code, by reading them.
func coded(t *testing.T, e *Engine, all []string, is func(system, code string) bool) []string {
	t.Helper()
	var out []string
	for _, name := range all {
		for _, c := range do(t, e, &open{}, "GET", name, "").Get("code").List("coding") {
			if is(c.String("system"), c.String("code")) {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

const icpc = "http://hl7.org/fhir/sid/icpc-2"

// A search by code alone opens the charts that have it, and finds what one finds that reads everything: also when records
// have been changed, deleted and entered since, and among the patients of somebody who may see few.
func TestSearchingATownByCode(t *testing.T) {
	p := town(t, 150)
	e, g := engine(p.Base()), &open{}
	with := func(code string) func(string, string) bool {
		return func(_, c string) bool { return c == code }
	}
	check := func() {
		t.Helper()
		all := pages(t, e, g, "Condition?_count=200")
		for query, is := range map[string]func(system, code string) bool{
			"K86": with("K86"), icpc + "|T90": with("T90"), "http://hl7.org/fhir/sid/icd-10|T90": with("none"), "|T90": with("none"),
			"K86,T90,none": func(_, c string) bool { return c == "K86" || c == "T90" },
			icpc + "|":     func(s, _ string) bool { return s == icpc }, "none": with("none"),
		} {
			want := coded(t, e, all, is)
			if got := pages(t, e, g, "Condition?_count=7&code="+strings.ReplaceAll(query, "|", "%7C")); !slices.Equal(got, want) {
				t.Errorf("%s: expected %d, got %d", query, len(want), len(got))
			}
			if got := len(pages(t, e, g, "Condition?_count=200&code:not="+strings.ReplaceAll(query, "|", "%7C"))); got != len(all)-len(want) {
				t.Errorf("not %s: expected %d, got %d", query, len(all)-len(want), got)
			}
		}
	}
	check()
	hypertension := pages(t, e, g, "Condition?code=K86")
	if len(hypertension) < 10 {
		t.Fatalf("expected some with hypertension, got %d", len(hypertension))
	}
	changed := do(t, e, g, "GET", hypertension[3], "")
	changed.Get("code").List("coding")[0].Set("code", r4.Text("T90"))
	do(t, e, g, "PUT", hypertension[3], string(changed.Append(nil)))
	if _, err := e.Do(g, request(t, "DELETE", hypertension[5], "")); err != nil {
		t.Fatal(err)
	}
	do(t, e, g, "POST", "Condition", `{"resourceType":"Condition","subject":{"reference":"Patient/t000007"},"code":{"coding":[{"system":"`+icpc+`","code":"K86"}]}}`)
	check()

	few := newPanel(p)
	few.list, few.has = nil, map[string]bool{}
	for n := 1; n < 150; n += 9 {
		id := fmt.Sprintf("t%06d", n)
		few.list, few.has[id] = append(few.list, id), true
	}
	a, b := pages(t, engine(p.Base()), few, "Observation?code=85354-9&_count=9"), pages(t, engine(p.Base()), &open{closed: few.closed}, "Observation?code=85354-9&_count=9")
	if len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("expected the same for who begins at his patients, got %d and %d", len(a), len(b))
	}
}

// In a large town the first who asks does not wait for the index: what he is told of by walking, and goes on to find when the
// index is there, is all there is, once.
func TestSearchingALargeTownByCode(t *testing.T) {
	e, g := engine(town(t, 4500).Base()), &open{}
	first := pages(t, e, g, "AllergyIntolerance?code=3718001&_count=5")
	if again := pages(t, e, g, "AllergyIntolerance?code=3718001&_count=50"); len(first) < 50 || !slices.Equal(first, again) {
		t.Errorf("expected the same with and without the index, got %d and %d", len(first), len(again))
	}
}
