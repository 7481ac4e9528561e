package sim

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock"
	"thiefbox/sim/drill"
)

// TestRecordsAreCountedOnTheWire: the thief goes through record numbers in order, in each round from where he stopped
// and further than before. The records of the drill are the patients that reached him on the wire and are in its logs,
// no more and no fewer; a bound on requests cuts a round short, and asking whose record it is ends the sequence where
// it stands.
func TestRecordsAreCountedOnTheWire(t *testing.T) {
	for i, test := range []struct {
		order string
		most  int // that reach him in a round afterwards
	}{{"", 32}, {"deploy rs/rate referrals", 24}, {"ask-owner referrals", 0}} {
		if i%Sampled != 0 {
			continue
		}
		d := begun(t, "d6")
		d.Advance(drillMinutes(80))
		if test.order != "" {
			if err := d.Decide(drill.ParseLine(test.order)); err != nil {
				t.Fatal(err)
			}
		}
		d.Advance(drillMinutes(200))
		order := strangersTo(fhirmock.Everybody().Entitled(fhirmock.Caller{Practitioner: population().last.ID}))
		tries, records, next := d.Truth().Tries, 0, 0
		for i, try := range tries {
			records += len(try.Patients)
			for _, p := range inOrder(try.Patients, order, next) {
				if p != order[next%len(order)] {
					t.Fatalf("%q, round %d: expected %s next, got %v", test.order, i+1, order[next%len(order)], try.Patients)
				}
				next++
			}
			if served := servedTo(d, try); !slices.Equal(served, slices.Sorted(slices.Values(try.Patients))) {
				t.Errorf("%q, round %d: the log has %v served, the thief holds %v", test.order, i+1, served, try.Patients)
			}
			if want := min(6*(i+1), len(order)); try.At < drillMinutes(80) && len(try.Patients) != want {
				t.Errorf("round %d: expected him to read %d, got %d", i+1, want, len(try.Patients))
			}
		}
		if got := len(tries[len(tries)-1].Patients); got != test.most {
			t.Errorf("%q: expected %d to reach him in the last round, got %d", test.order, test.most, got)
		}
		if d.Truth().Records != float64(records) || d.Harm().Records != float64(records) {
			t.Errorf("%q: %d reached him on the wire, and the drill counts %g", test.order, records, d.Truth().Records)
		}
	}
}

// inOrder is patients in the order in which he goes through their numbers.
func inOrder(patients, order []string, next int) []string {
	at := func(p string) int { return (slices.Index(order, p) - next%len(order) + len(order)) % len(order) }
	out := slices.Clone(patients)
	slices.SortFunc(out, func(a, b string) int { return at(a) - at(b) })
	return out
}

// servedTo are the patients of a try whose records the API's log says it served.
func servedTo(d *drill.Drill, try drill.Try) (out []string) {
	for _, e := range d.Evidence(try.First) {
		if e.N > try.Last {
			break
		}
		if _, id, found := strings.Cut(e.Request, "/fhir/Patient/"); found && e.Log == "referrals" && e.Status == 200 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
