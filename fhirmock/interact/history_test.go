package interact

import (
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Who asks how many versions there are is told, and shown none (R4 search, "_summary"; once this fell over).
func TestAHistoryIsCounted(t *testing.T) {
	e := engine(people.Everybody().Base())
	for _, city := range []string{"Oslo", "Bergen"} {
		do(t, e, &open{}, "PUT", "Patient/p01", strings.Replace(ada, "{", `{"id":"p01","address":[{"city":"`+city+`"}],`, 1))
	}
	do(t, e, &open{}, "DELETE", "Patient/p01", "")
	everything := do(t, e, &open{}, "GET", "Patient/p02/$everything", "").Get("total").Text
	for target, want := range map[string]string{
		"Patient/p01/_history?_count=0":             "4",
		"Patient/p01/_history?_summary=count":       "4",
		"Patient/_history?_count=0":                 "43",
		"Patient/_history?_summary=count":           "43",
		"Patient/_history?_count=0&_since=2026-11":  "3",
		"Patient/p02/_history?_count=0&_since=2027": "0",
		"Patient/p02/$everything?_count=0":          everything,
		"Patient/p02/$everything?_summary=count":    everything,
	} {
		n := do(t, e, &open{}, "GET", target, "")
		if total := n.Get("total"); total == nil || total.Text != want || len(n.List("entry")) > 0 || n.Get("link") == nil {
			t.Errorf("%s: expected a total of %s and no entry, got %s", target, want, n.Append(nil))
		}
	}
}

// An update that brings a deleted record back creates it, and its history says so as the update's answer did (R4 http,
// "update"; once it said 200). Who may not see the deletion is told of an update.
func TestARevivalIsACreation(t *testing.T) {
	e := engine(people.Everybody().Base())
	body := strings.Replace(ada, "{", `{"id":"back",`, 1)
	for _, method := range []string{"PUT", "PUT", "DELETE", "PUT", "PUT"} {
		b := body
		if method == "DELETE" {
			b = ""
		}
		do(t, e, &open{}, method, "Patient/back", b)
	}
	blind := &open{closed: func(_ store.Way, r *store.Record) bool { return r.Deleted }}
	for target, want := range map[string]string{"Patient/back/_history": "200 201 204 200 201", "Patient/_history?_count=2": "200 201"} {
		if got := statuses(do(t, e, &open{}, "GET", target, "")); got != want {
			t.Errorf("%s: expected %s, got %s", target, want, got)
		}
	}
	if got := statuses(do(t, e, blind, "GET", "Patient/back/_history", "")); got != "200 200 200 201" {
		t.Errorf("expected the deletion not to be told of, got %s", got)
	}
}

// statuses lists what the entries of a history were answered with.
func statuses(n *r4.Node) string {
	var out []string
	for _, entry := range n.List("entry") {
		status, _, _ := strings.Cut(entry.Get("response").String("status"), " ")
		out = append(out, status)
	}
	return strings.Join(out, " ")
}
