package fhirmock

import (
	"maps"
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
)

// controlsThatCount are off for most, or the third page would be refused whatever it is of.
var controlsThatCount = []*control.Control{control.RSRate, control.RSMisses, control.RSVolume}

// What one may not see does not exist: whatever is asked, in whatever order, one write after the other.
func TestWhatOneMayNotSeeDoesNotExist(t *testing.T) {
	all, known, callers := map[string]*twins{}, said(), readers()
	rapid.Check(t, func(rt *rapid.T) {
		r := rapid.SampledFrom(callers).Draw(rt, "reader")
		other := rapid.SampledFrom(slices.Sorted(maps.Keys(fates))).Draw(rt, "fate")
		tw := all[r.name+other]
		if tw == nil {
			tw = newTwins(r, fates[other])
			tw.terms = known
			all[r.name+other] = tw
		}
		off := controlsThatCount
		if rapid.IntRange(0, 3).Draw(rt, "counted") == 0 {
			off = nil
		}
		ws := tw.worlds(t, off...)
		for range rapid.IntRange(1, 12).Draw(rt, "requests") {
			if other == "busy" {
				tw.act(ws[1], tw.others(rt))
			}
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
		if !slices.Contains([]string{"patient", "doctor", "laboratory", "supplier", "emergency"}, r.name) {
			continue // who sees less of the same
		}
		tw := newTwins(r, fates["gone"])
		tw.terms = known
		t.Run(r.name, func(t *testing.T) {
			ws := tw.worlds(t, controlsThatCount...)
			for _, kind := range query.Types {
				for _, p := range r4.Params(kind) {
					c := rapid.Custom(func(rt *rapid.T) [2]string {
						name, value := tw.condition(rt, kind, p)
						return [2]string{name, value}
					}).Example(len(p.Name))
					target := "/" + kind + "?" + url.Values{c[0]: {c[1]}, "_count": {"5"}}.Encode()
					if d := tw.tell(ws, ask{method: "GET", target: target}, 3); d != "" {
						t.Error(d)
					}
				}
			}
		})
	}
}

// controlsThatTell are those without which somebody's answers differ, each by itself. Of the others that stand before a
// record, some cannot be told by a reader who differs from nobody but in what he sees: rs/export-owner and rs/page-owner take two of them,
// rs/glass-clinician and rs/glass-sign-in keep whole callers out, rs/patient-context takes one whose launch is narrower than
// what he is entitled to. Without rs/label-write and rs/glass-one-patient, what is drawn here meets another control first;
// without rs/scope-chain, what it would take is drawn too seldom (door_test.go has it).
var controlsThatTell = []*control.Control{
	control.RSEntitlementHistory, control.RSEntitlementEverything, control.RSEntitlementCondition, control.RSLabelRead,
	control.RSScope, control.RSScopeInclude, control.RSScopeQuery, control.RSEntitlementRead, control.RSEntitlementFind, control.RSEntitlementWrite,
	control.RSEntitlementPage, control.RSEntitlementCount, control.RSEntitlementInclude, control.RSEntitlementRevInclude, control.RSEntitlementChain,
	control.RSEntitlementExport, control.RSEntitlementReference, control.RSEntitlementGraph, control.RSEntitlementBinary, control.RSLabelSearch,
	control.RSGlassOnce, control.RSConsent, control.RSAuditReader,
}

// The property can fail: with a control off, what is asked soon tells the two apart.
func TestTwinsAreToldApart(t *testing.T) {
	known, all := said(), readers()[:6]
	some := make([]*twins, len(all))
	for n, c := range controlsThatTell {
		if n == 4 && testing.Short() {
			break
		}
		told := ""
		for i := 0; i < 600 && told == ""; i++ {
			which := i % len(all)
			if some[which] == nil {
				some[which] = newTwins(all[which], fates["gone"])
				some[which].terms = known
			}
			tw := some[which]
			ws := tw.worlds(t, append([]*control.Control{c}, controlsThatCount...)...)
			rapid.Custom(func(rt *rapid.T) bool {
				for range 4 {
					a := tw.reads(rt)
					switch {
					case c == control.RSEntitlementChain: // one search in a thousand shows it
						a = tw.backwards(rt)
					case i/len(all)%2 == 0:
						a = tw.writes(rt)
					}
					if d := tw.tell(ws, a, 4); told == "" {
						told = d
					}
				}
				return true
			}).Example(i)
		}
		if told == "" {
			t.Errorf("without %s, expected some answer to differ", c)
		}
	}
}

// What others ask for leaves no trace in what one reads of the log about oneself: no number runs on.
func TestTheLogDoesNotCountOthers(t *testing.T) {
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
		known := map[string]bool{}
		for queue := []string{"/AuditEvent?_count=1&_sort=date&agent=Practitioner/berg"}; len(queue) > 0; queue = queue[1:] {
			rec := patient.says(w, ask{method: "GET", target: queue[0]})
			wantStatus(t, rec, 200)
			queue = append(queue, next(rec)...)
			answers[i] += blurred(answered(rec))
			for _, id := range numbers.FindAllString(rec.Body.String(), -1) {
				known[id] = true
			}
		}
		if len(known) != 3 {
			t.Errorf("expected three entries, got %v", known)
		}
	}
	if answers[0] != answers[1] {
		t.Errorf("what others did shows: %s\n%s", parting(answers[0], answers[1]), parting(answers[1], answers[0]))
	}
}
