package interact

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/r4"
)

func town(t *testing.T, n int) *people.People {
	t.Helper()
	p, err := people.Town(people.Settings{People: n, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pages follows the links of a search and lists everything it finds, which must not be listed twice.
func pages(t *testing.T, e *Engine, g Gate, target string) []string {
	t.Helper()
	var out []string
	for range 2000 {
		n := do(t, e, g, "GET", target, "")
		for _, name := range names(n) {
			if slices.Contains(out, name) && !strings.Contains(target, "_history") {
				t.Fatalf("%s: %s a second time", target, name)
			}
			out = append(out, name)
		}
		next := ""
		for _, l := range n.List("link") {
			if l.String("relation") == "next" {
				next = strings.TrimPrefix(l.String("url"), base+"/")
			}
		}
		if next == "" {
			return out
		}
		target = next
	}
	t.Fatalf("%s: expected an end", target)
	return nil
}

// A search that begins at the few patients of the caller finds what one finds that goes through everybody.
func TestWhoIsEntitledToFewFindsAllOfIt(t *testing.T) {
	p := town(t, 160)
	few := newPanel(p)
	few.list, few.has = nil, map[string]bool{}
	for _, n := range []int{3, 77, 78, 150} {
		id := fmt.Sprintf("t%06d", n)
		few.list, few.has[id] = append(few.list, id), true
	}
	knows, doesNot := engine(p.Base()), engine(p.Base())
	blunt := &open{closed: few.closed}
	for _, target := range []string{
		"Observation?_count=40", "Observation?date=ge2024-01-01&_count=7", "Condition?_sort=-recorded-date&_count=9", "Encounter?class=AMB&_count=50",
		"Observation?code=85354-9&_sort=date&_count=5", "Patient?_count=10", "Practitioner?_count=100", "Binary?_count=20",
		"Observation?subject.birthdate=ge1900-01-01&_count=50", "Consent/_history?_count=3", "Encounter?_id=enc-t000003-001", "Observation?performer=berg&_count=50",
		"Encounter?service-provider=Organization/fjordheim,granfjelldal",
	} {
		a, b := pages(t, knows, few, target), pages(t, doesNot, blunt, target)
		if len(a) == 0 || !slices.Equal(a, b) {
			t.Errorf("%s: found %d and %d", target, len(a), len(b))
		}
	}
}

// What is written lies over what is made on demand, and paging passes no record by.
func TestWritingInATown(t *testing.T) {
	p := town(t, 120)
	e, g := engine(p.Base()), &open{}
	before := len(pages(t, e, g, "Consent?_count=50"))
	if before != 120 {
		t.Fatalf("expected a consent of each, got %d", before)
	}
	put := func(id, status string) {
		n := do(t, e, g, "GET", "Consent/"+id, "")
		n.Set("status", r4.Text(status))
		do(t, e, g, "PUT", "Consent/"+id, string(n.Append(nil)))
	}
	put("cons-t000050-001", "inactive")
	put("cons-t000051-001", "inactive")
	put("cons-t000051-001", "rejected")
	if _, err := e.Do(g, request(t, "DELETE", "Consent/cons-t000002-001", "")); err != nil {
		t.Fatal(err)
	}
	if after := pages(t, e, g, "Consent?_count=11"); len(after) != 119 {
		t.Errorf("expected one less, got %d", len(after))
	}
	if got := pages(t, e, g, "Consent?status=inactive"); !slices.Equal(got, []string{"Consent/cons-t000050-001"}) {
		t.Errorf("got %v", got)
	}
	if got := do(t, e, g, "GET", "Consent?patient=t000051", ""); len(got.List("entry")) != 1 || got.List("entry")[0].Get("resource").String("status") != "rejected" {
		t.Errorf("got %s", got.Append(nil))
	}
	if n := len(do(t, e, g, "GET", "Consent/cons-t000051-001/_history", "").List("entry")); n != 3 {
		t.Errorf("expected three versions, got %d", n)
	}
	versions := 0
	for target := "Consent/_history?_count=17"; target != ""; {
		n := do(t, e, g, "GET", target, "")
		versions += len(n.List("entry"))
		target = ""
		for _, l := range n.List("link") {
			if l.String("relation") == "next" {
				target = strings.TrimPrefix(l.String("url"), base+"/")
			}
		}
	}
	if versions != 124 {
		t.Errorf("expected 120 versions and four more, got %d", versions)
	}
}

// Everything of one patient holds nothing of another's, and a search that would open everybody's chart is refused rather
// than begun: what a record of one chart has to say of another in it is known to nobody else.
func TestATownIsNotGoneThrough(t *testing.T) {
	p := town(t, 3000)
	e, g := engine(p.Base()), &open{}
	for _, name := range names(do(t, e, g, "GET", "Patient/t002900/$everything?_count=250", "")) {
		if strings.Contains(name, "-t0") && !strings.Contains(name, "-t002900-") {
			t.Errorf("found %s", name)
		}
	}
	if n := do(t, e, g, "GET", "Encounter?location:below=fjordheim&service-provider=nobody", ""); n.Get("total") == nil {
		t.Errorf("expected what nobody's chart refers to to be known for that, got %s", n.Append(nil))
	}
	if got := names(do(t, e, g, "GET", "Encounter?participant=Practitioner/berg&_sort=-date&_count=5&_total=none", "")); len(got) != 5 {
		t.Errorf("expected the latest of a panel, got %v", got)
	}
	if _, err := e.Do(g, request(t, "GET", "Observation?_sort=encounter", "")); err == nil || !strings.Contains(err.Error(), "narrow") {
		t.Errorf("expected to be asked to narrow it, got %v", err)
	}
	n := do(t, e, g, "GET", "Observation?value-quantity=600", "")
	if len(n.List("entry")) > 0 || len(n.List("link")) != 1 || n.Get("total") == nil {
		t.Errorf("expected a page that says that there is none, got %s", n.Append(nil))
	}
}

// Who asks for a count alone is told it, however many there are, or that it is too much.
func TestCountingATown(t *testing.T) {
	e, g := engine(town(t, 2500).Base()), &open{}
	for _, target := range []string{"Patient?_summary=count", "Patient?_count=0", "Patient?_total=accurate&_count=1"} {
		if got := string(do(t, e, g, "GET", target, "").Get("total").Append(nil)); got != "2540" {
			t.Errorf("%s: expected 2540, got %s", target, got)
		}
	}
	if got := do(t, e, g, "GET", "Patient?_count=1", "").Get("total"); got != nil {
		t.Errorf("expected nobody to have counted, got %s", got.Text)
	}
}

// A chain is asked about the few records that the other conditions leave, so that it can be asked in a town.
func TestChainsOfFew(t *testing.T) {
	e, g := engine(town(t, 300).Base()), &open{}
	for target, some := range map[string]bool{
		"Patient?_id=t000042,t000043&_has:Encounter:patient:class=AMB":                             true,
		"Patient?_id=t000042&_has:Encounter:patient:_has:Observation:encounter:status=final":       true,
		"Patient?_id=t000042&_has:Encounter:patient:_has:Observation:encounter:status=preliminary": false,
		"Observation?patient=t000042&encounter.status=finished":                                    true,
		"Observation?patient=t000042&encounter.status=planned":                                     false,
		"Observation?patient=t000042&encounter:Encounter.subject:Patient.name=nobody":              false,
	} {
		if got := names(do(t, e, g, "GET", target, "")); len(got) > 0 != some {
			t.Errorf("%s: expected some %t, got %v", target, some, got)
		}
	}
	if _, err := e.Do(g, request(t, "GET", "Observation?encounter.status=finished", "")); err == nil {
		t.Error("expected a chain through everybody to be too costly")
	}
}

// $everything can be asked for the care of some years.
func TestEverythingOfSomeYears(t *testing.T) {
	e, g := engine(town(t, 60).Base()), &open{}
	all := names(do(t, e, g, "GET", "Patient/t000042/$everything?_type=Encounter,Patient&_count=250", ""))
	before := names(do(t, e, g, "GET", "Patient/t000042/$everything?_type=Encounter,Patient&_count=250&end=2023-12-31", ""))
	after := names(do(t, e, g, "GET", "Patient/t000042/$everything?_type=Encounter,Patient&_count=250&start=2024-01-01", ""))
	if len(before) < 2 || len(after) < 2 || len(before)+len(after) != len(all)+1 { // the patient is in both
		t.Errorf("expected each encounter on one side, got %d and %d of %d", len(before), len(after), len(all))
	}
	if _, err := e.Do(g, request(t, "GET", "Patient/t000042/$everything?start=never", "")); err == nil {
		t.Error("expected a date to be asked for")
	}
}
