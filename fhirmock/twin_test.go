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
