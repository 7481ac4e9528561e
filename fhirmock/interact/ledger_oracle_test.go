package interact

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

func at(ms float64) time.Time { return time.UnixMilli(int64(ms)).UTC() }

// Whoever searches a town whose charts are made on demand finds what he finds in the same records where each is indexed
// by what it says: everybody and who may see few, and after records have been changed, deleted and entered.
func TestALedgerFindsWhatTheRecordsSay(t *testing.T) {
	tw := newTwins(t, 150)
	tw.queries = tw.asked()
	if len(tw.queries) < 1000 {
		t.Errorf("expected a thousand searches, got %d", len(tw.queries))
	}
	tw.check(t, &open{}, 2)
	few := everyNinth(150)
	tw.check(t, few, 7)
	for _, e := range []*Engine{tw.town, tw.plain} {
		disturb(t, e)
	}
	tw.check(t, &open{}, 3)
	tw.check(t, few, 11)
}

// everyNinth is a gate for somebody who may see every ninth patient.
func everyNinth(n int) *panel {
	few := &panel{has: map[string]bool{}}
	for i := 1; i < n; i += 9 {
		id := fmt.Sprintf("t%06d", i)
		few.list, few.has[id] = append(few.list, id), true
	}
	few.closed = func(_ store.Way, r *store.Record) bool { return len(r.Patients) > 0 && !few.has[r.Patients[0]] }
	return few
}

const icpc = "http://hl7.org/fhir/sid/icpc-2"

// disturb changes, deletes and enters records.
func disturb(t *testing.T, e *Engine) {
	t.Helper()
	g := &open{}
	for n := 2; n < 150; n += 7 {
		for _, name := range []string{"Condition/cond-t%06d-001", "Encounter/enc-t%06d-001", "Observation/obs-t%06d-002", "Consent/cons-t%06d-001"} {
			if name = fmt.Sprintf(name, n); n%3 == 0 {
				if _, err := e.Do(g, request(t, "DELETE", name, "")); err != nil {
					t.Fatal(err)
				}
				continue
			}
			changed := do(t, e, g, "GET", name, "")
			for _, element := range []string{"recordedDate", "effectiveDateTime", "dateTime"} {
				if changed.Get(element) != nil {
					changed.Set(element, r4.Text(fmt.Sprintf("2025-03-%02dT10:00:00Z", 1+n%28)))
				}
			}
			if codes := changed.Get("code").List("coding"); codes != nil {
				codes[0].Set("code", r4.Text("T90"))
			}
			do(t, e, g, "PUT", name, string(changed.Append(nil)))
		}
	}
	for n := range 12 {
		do(t, e, g, "POST", "Condition", fmt.Sprintf(`{"resourceType":"Condition","subject":{"reference":"Patient/t%06d"},"recordedDate":"2024-0%d-01","code":{"coding":[{"system":%q,"code":"K86"}]}}`, 1+11*n, 1+n%9, icpc))
	}
}

// So it is for whatever somebody thinks of: several conditions of a type at once, in some order, on pages of some size.
func TestALedgerFindsWhatever(t *testing.T) {
	tw := newTwins(t, 150)
	disturb(t, tw.town)
	disturb(t, tw.plain)
	few := everyNinth(150)
	of := map[string][]string{}
	for _, target := range tw.asked() {
		if kind, condition, _ := strings.Cut(target, "?"); slices.Contains(charted, kind) && !strings.Contains(condition, "include") {
			of[kind] = append(of[kind], condition)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(charted).Draw(t, "type")
		target := kind + "?" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(of[kind]), 1, 3).Draw(t, "conditions"), "&")
		if rapid.Bool().Draw(t, "sorted") {
			_, order, _ := strings.Cut(rapid.SampledFrom(sortings(kind)).Draw(t, "order"), "?")
			target += "&" + order
		}
		var g Gate = &open{}
		if rapid.Bool().Draw(t, "few") {
			g = few
		}
		tw.alike(t, g, target, rapid.IntRange(1, 40).Draw(t, "count"), rapid.IntRange(1, 6).Draw(t, "pages"))
	})
}

// Who comes first and who comes meanwhile find the same.
func TestALedgerIsMadeForSeveralAtOnce(t *testing.T) {
	p := town(t, 700)
	e := engine(p.Base())
	targets := []string{"Observation?date=ge2025&_sort=-date", "Condition?code=K86", "Observation?patient=t000042", "Encounter?class=IMP&_sort=patient", "Patient/t000300/$everything"}
	found := make([]string, 4*len(targets))
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() {
			res, err := e.Do(&open{}, request(t, "GET", targets[i%len(targets)], ""))
			if err != nil {
				t.Error(err)
				return
			}
			found[i] = string(res.Body)
		})
	}
	wg.Wait()
	for i := range found {
		if i >= len(targets) && found[i] != found[i-len(targets)] {
			t.Errorf("%s: expected the same for all", targets[i%len(targets)])
		}
	}
}
