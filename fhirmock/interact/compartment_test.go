package interact

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// A search in a patient's compartment finds what a search everywhere finds and $everything has of her (R4 http, "Variant
// Searches"), and its links stay in it.
func TestSearchesWithinACompartment(t *testing.T) {
	e := engine(people.Everybody().Base())
	all := names(do(t, e, &open{}, "GET", "Patient/p01/$everything", ""))
	for _, kind := range query.Types {
		path := "Patient/p01/" + kind
		if len(r4.Compartment(kind)) == 0 {
			if _, p := Route("GET", path, url.Values{}); p == nil || p.Status != 404 {
				t.Errorf("%s: expected nothing there, since it lies in nobody's compartment", path)
			}
			continue
		}
		var want []string
		for _, name := range all {
			if strings.HasPrefix(name, kind+"/") && !strings.HasSuffix(name, "*") {
				want = append(want, name)
			}
		}
		got := names(do(t, e, &open{}, "GET", path+"?_count=250", ""))
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: expected %v, got %v", path, want, got)
		}
	}
	n := do(t, e, &open{}, "GET", "Patient/p01/Observation?status=final&_count=1&_total=accurate", "")
	for _, l := range n.List("link") {
		if !strings.HasPrefix(l.String("url"), base+"/Patient/p01/Observation?") {
			t.Errorf("expected a link within the compartment, got %s", l.String("url"))
		}
	}
	want := names(do(t, e, &open{}, "GET", "Observation?patient=p01&status=final", ""))
	if got := pages(t, e, &open{}, "Patient/p01/Observation?status=final&_count=1"); !slices.Equal(got, want) || len(got) < 2 {
		t.Errorf("expected %v, a page each, got %v", want, got)
	}
	if got := names(do(t, e, &open{}, "GET", "Patient/nobody/Observation", "")); len(got) > 0 {
		t.Errorf("expected nothing of nobody's, got %v", got)
	}
}

// So it is in a town, whose records are made when they are asked for.
func TestACompartmentInATown(t *testing.T) {
	e := engine(town(t, 50).Base())
	want := names(do(t, e, &open{}, "GET", "Observation?patient=t000007&_sort=-date", ""))
	if got := names(do(t, e, &open{}, "GET", "Patient/t000007/Observation?_sort=-date", "")); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("expected %v, got %v", want, got)
	}
}
