package fhirmock

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
)

// controlsThatCount are off, or the third page would be refused whatever it is of. TestMisses and TestRate have them on.
var controlsThatCount = []*control.Control{control.RSRate, control.RSMisses}

// What one may not see does not exist: whatever is asked, in whatever order, one write after the other.
func TestWhatOneMayNotSeeDoesNotExist(t *testing.T) {
	all, known := map[string]*twins{}, said()
	callers := readers()
	rapid.Check(t, func(rt *rapid.T) {
		r := rapid.SampledFrom(callers).Draw(rt, "reader")
		other := rapid.SampledFrom(slices.Sorted(maps.Keys(fates))).Draw(rt, "fate")
		tw := all[r.name+other]
		if tw == nil {
			tw = newTwins(r, fates[other])
			tw.terms = known
			all[r.name+other] = tw
		}
		ws := tw.worlds(t)
		for range rapid.IntRange(1, 12).Draw(rt, "requests") {
			a := tw.reads(rt)
			if rapid.IntRange(0, 2).Draw(rt, "writes") == 0 {
				a = tw.writes(rt)
			}
			if d := tw.tell(ws, a, 12); d != "" {
				rt.Fatalf("%s: %s", other, d)
			}
		}
	})
}

// Every parameter of every type, alone.
func TestNoParameterTellsOfOthers(t *testing.T) {
	known := said()
	for _, r := range readers() {
		tw := newTwins(r, fates["gone"])
		tw.terms = known
		t.Run(r.name, func(t *testing.T) {
			ws := tw.worlds(t)
			for _, kind := range query.Types {
				for _, p := range r4.Params(kind) {
					c := rapid.Custom(func(rt *rapid.T) [2]string {
						name, value := tw.condition(rt, kind, p)
						return [2]string{name, value}
					}).Example(len(p.Name))
					target := "/" + kind + "?" + url.Values{c[0]: {c[1]}, "_count": {"20"}}.Encode()
					if d := tw.tell(ws, ask{method: "GET", target: target}, 3); d != "" {
						t.Error(d)
					}
				}
			}
		})
	}
}

// What others ask for leaves no trace in what one reads of the log about oneself: no number runs on.
func TestTheLogDoesNotCountOthers(t *testing.T) {
	numbers := regexp.MustCompile(`log-[0-9a-f]{32}`)
	marks := regexp.MustCompile(`_page=[^"&]+`)
	patient := &reader{subject: "p03", client: "app", scope: "patient/*.rs"}
	var answers [2]string
	for i := range answers {
		w := newWorld(t, strictest(t))
		for range 3 {
			wantStatus(t, w.write("GET", "/Condition?patient=p03", "", ""), 200)
			for range 5 * i {
				wantStatus(t, w.write("GET", "/Condition?patient=p40", "", "", func(t *try) { t.claims.Subject = "lund" }), 200)
			}
		}
		known := map[string]string{}
		for queue := []string{"/AuditEvent?_count=1&_sort=date&agent=Practitioner/berg"}; len(queue) > 0; queue = queue[1:] {
			rec := patient.says(w, ask{method: "GET", target: queue[0]})
			wantStatus(t, rec, 200)
			queue = append(queue, next(rec)...)
			answers[i] += numbers.ReplaceAllStringFunc(marks.ReplaceAllString(answered(rec), ""), func(id string) string {
				if known[id] == "" {
					known[id] = fmt.Sprintf("entry %d", len(known))
				}
				return known[id]
			})
		}
		if len(known) != 3 {
			t.Errorf("expected three entries, got %v", known)
		}
	}
	if answers[0] != answers[1] {
		t.Errorf("what others did shows: %s\n%s", parting(answers[0], answers[1]), parting(answers[1], answers[0]))
	}
}
