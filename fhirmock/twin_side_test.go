package fhirmock

import (
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/control"
)

// By the doors at the side nothing is told of others either: not by the old base, which is closed; not by an organisation in
// a header; and a method in a header does no more than that method, where it is heeded.
func TestDoorsAtTheSideTellNothing(t *testing.T) {
	all, known, callers := map[string]*twins{}, said(), readers()
	rapid.Check(t, func(rt *rapid.T) {
		r := rapid.SampledFrom(callers).Draw(rt, "reader")
		if all[r.name] == nil {
			all[r.name] = newTwins(r, fates["gone"])
			all[r.name].terms = known
		}
		tw := all[r.name]
		ws := tw.worlds(t, append([]*control.Control{control.RSMethodOverride}, controlsThatCount...)...)
		for range rapid.IntRange(1, 6).Draw(rt, "requests") {
			a := tw.reads(rt)
			if rapid.Bool().Draw(rt, "writes") {
				a = tw.writes(rt)
			}
			if a.headers == nil {
				a.headers = map[string]string{}
			}
			switch rapid.IntRange(0, 2).Draw(rt, "side") {
			case 0:
				a.headers[overrides[0]], a.method = a.method, "POST"
			case 1:
				a.target = "/" + oldBase + a.target
			default:
				a.headers[headerTenant] = rapid.SampledFrom([]string{numberGranfjelldal, numberFlaksvagoy, "314900146"}).Draw(rt, "tenant")
			}
			if d := tw.tell(ws, a, 6); d != "" {
				rt.Fatal(d)
			}
		}
	})
}
