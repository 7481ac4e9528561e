package fhirmock

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
)

// What somebody is sent is what he would be sent if nobody else wrote anything that he may not see, and so is what stands in
// his subscriptions and in the log about them: with payload or without, whatever he waits for.
func TestNoticesDoNotTellOfOthers(t *testing.T) {
	known := said()
	readers := slices.DeleteFunc(readers(), func(r reader) bool { return r.mute || r.header[0] != "" }) // glass is broken by who asks
	rapid.Check(t, func(rt *rapid.T) {
		tw := newTwins(rapid.SampledFrom(readers).Draw(rt, "reader"), nil)
		tw.terms = known
		if d := tw.notices(t, rt); d != "" {
			rt.Fatal(d)
		}
	})
}

// The property can fail.
func TestNoticesCanTell(t *testing.T) {
	known, told := said(), ""
	for i := 0; i < 60 && told == ""; i++ {
		tw := newTwins(readers()[1], nil)
		tw.terms = known
		rapid.Custom(func(rt *rapid.T) bool {
			told = tw.notices(t, rt, control.RSEntitlementNotify)
			return true
		}).Example(i)
	}
	if told == "" {
		t.Errorf("without %s, expected something to be sent that tells", control.RSEntitlementNotify)
	}
}

// notices has the reader subscribe in both worlds, others write in the second, and the reader in both. It returns what
// differs.
func (tw *twins) notices(t *testing.T, rt *rapid.T, off ...*control.Control) string {
	ws := tw.worlds(t, append(slices.Clone(controlsThatCount), off...)...)
	var hooks [2]*hook
	for i, w := range ws {
		hooks[i] = &hook{status: http.StatusOK}
		for _, node := range []*API{w.a, w.b} {
			node.Hooks = Hooks{HTTP: &http.Client{Transport: hooks[i]}, Sites: func(string) []string { return []string{site} }}
		}
	}
	for range rapid.IntRange(1, 3).Draw(rt, "subscriptions") {
		kind := rapid.SampledFrom([]string{"Observation", "Patient", "Condition"}).Draw(rt, "kind")
		criteria := kind + "?"
		if rapid.Bool().Draw(rt, "narrow") {
			name, value := tw.condition(rt, kind, rapid.SampledFrom(r4.Params(kind)).Draw(rt, "parameter"))
			criteria += name + "=" + value
		}
		text := asking(criteria, rapid.SampledFrom([]string{"", fhirType}).Draw(rt, "payload"))
		if d := tw.tell(ws, ask{method: "POST", target: "/Subscription", kind: fhirType, body: text}, 1); d != "" {
			return d
		}
	}
	for range rapid.IntRange(1, 4).Draw(rt, "writes") {
		tw.act(ws[1], tw.others(rt))
		a := tw.writes(rt)
		if d := tw.tell(ws, a, 2); d != "" {
			return d
		}
		if d := tw.tell(ws, ask{method: "GET", target: "/Subscription"}, 2); d != "" {
			return d
		}
		first, second := strings.Join(append(hooks[0].came, hooks[0].bodies...), "\n"), strings.Join(append(hooks[1].came, hooks[1].bodies...), "\n")
		if first != second {
			return tw.name + " is sent " + first + "\nand, if others write,\n" + second
		}
	}
	return ""
}
