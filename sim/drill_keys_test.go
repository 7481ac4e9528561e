package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// onOld is how many APIs of a kind believe a key that the server signs with no more.
func onOld(d *drill.Drill, api string) (n int) {
	for _, k := range d.View().Keys {
		if k.API == api && k.Old {
			n += k.Count
		}
	}
	return n
}

// wonAt is whether the thief's latest round at an API succeeded.
func wonAt(t *testing.T, d *drill.Drill, api string) bool {
	t.Helper()
	for _, try := range slices.Backward(d.Truth().Tries) {
		if try.API == api {
			return try.Won
		}
	}
	t.Fatalf("he has not turned to %s", api)
	return false
}

// TestWhoBelievesWhichKey: after the server's key was replaced, the thief's tokens are taken on the wire at a kind of
// API exactly as long as the population has one of it that believes the old key; those fetch one after the other, and
// the last when the exemplar does. Asking their owners ends it at once.
func TestWhoBelievesWhichKey(t *testing.T) {
	for _, test := range []struct {
		line           string
		also           string
		gone           time.Duration // of the old key, after the order was carried out
		local, keeping []int         // least and most on the old key a minute later
	}{
		{line: "rotate-server", gone: 4 * time.Hour, local: []int{0, 50}, keeping: []int{25, 30}},
		{line: "rotate-server", also: "refresh-keys patient-portal", gone: 2 * time.Minute, local: []int{0, 50}, keeping: []int{0, 0}},
		{line: "rotate-server 1h", gone: 5*time.Hour + time.Minute, local: []int{50, 50}, keeping: []int{30, 30}},
	} {
		d := begun(t, "d4")
		d.Advance(drillMinutes(30))
		for _, line := range []string{test.line, test.also} {
			if line == "" {
				continue
			}
			if err := d.Decide(drill.ParseLine(line)); err != nil {
				t.Fatal(err)
			}
		}
		d.Advance(drillMinutes(51))
		if n := onOld(d, "local"); n < test.local[0] || n > test.local[1] {
			t.Errorf("%s: expected %v APIs that look to believe the old key, got %d", test.line, test.local, n)
		}
		if n := onOld(d, "patient-portal"); n < test.keeping[0] || n > test.keeping[1] {
			t.Errorf("%s: expected %v APIs that keep keys to believe the old one, got %d", test.line, test.keeping, n)
		}
		counts := []int{}
		for !d.Over() && d.Now() < drillMinutes(50)+test.gone+drillMinutes(20) {
			for _, api := range []string{"local", "patient-portal"} {
				if believe, won := onOld(d, api) > 0, wonAt(t, d, api); believe != won && !freshly(d, api) {
					t.Errorf("%s, %s at %s: the thief's tokens are taken: %v; some API believes the old key: %v", test.line, drill.Clock(d.Now()), api, won, believe)
				}
			}
			counts = append(counts, onOld(d, "patient-portal"))
			d.Advance(d.Now() + drillMinutes(8))
		}
		if last := counts[len(counts)-1]; last != 0 || !slices.IsSortedFunc(counts, func(a, b int) int { return b - a }) {
			t.Errorf("%s %s: expected ever fewer to believe the old key, and none after %s, got %v", test.line, test.also, test.gone, counts)
		}
		if all := slices.Compact(slices.Clone(counts)); test.also == "" && len(all) < 10 {
			t.Errorf("%s: expected a curve and not a step, got %v", test.line, counts)
		}
	}
}

// freshly tells whether an API's exemplar fetched keys since the thief was last there.
func freshly(d *drill.Drill, api string) bool {
	last := time.Duration(0)
	for _, try := range d.Truth().Tries {
		if try.API == api {
			last = try.At
		}
	}
	return slices.ContainsFunc(d.Evidence(1), func(e drill.Evidence) bool {
		return e.Log == "server" && e.Client == api && strings.HasSuffix(e.Request, "/jwks") && e.At >= last
	})
}

// TestTheLogsNameKeys: of a token the server issued its log has the name and the key, and so has the API's that took
// it; a forged one is in the API's alone. That an API fetched keys is in the server's log.
func TestTheLogsNameKeys(t *testing.T) {
	d := begun(t, "d4")
	d.Advance(drillMinutes(12))
	issued, orphans, fetched := map[string]string{}, 0, map[string]bool{}
	for _, e := range d.Evidence(1) {
		if e.Log == "server" {
			if e.Token != "" {
				issued[e.Token] = e.Kid
			}
			fetched[e.Client] = fetched[e.Client] || strings.HasSuffix(e.Request, "/jwks")
		}
	}
	tries := d.Truth().Tries
	for _, e := range d.Evidence(1) {
		if e.Log == "server" || e.Token == "" || e.Status != 200 {
			continue
		}
		kid, there := issued[e.Token]
		his := slices.ContainsFunc(tries, func(t drill.Try) bool { return e.N >= t.First && e.N <= t.Last })
		switch {
		case there == his:
			t.Errorf("%s: the server's log has its token: %v; it was the thief's: %v", e, there, his)
		case his:
			orphans++
		case kid != e.Kid || kid == "":
			t.Errorf("%s: expected the key that the server's log has (%q)", e, kid)
		}
	}
	if orphans == 0 || !fetched["local"] || !fetched["patient-portal"] {
		t.Errorf("expected tokens that nobody issued, and that APIs fetched keys, got %d and %v", orphans, fetched)
	}
}

// TestFetchingAKeyThatIsStillPublished: whoever has copies fetched anew during an overlap is told why nothing came of it.
func TestFetchingAKeyThatIsStillPublished(t *testing.T) {
	d := begun(t, "d4")
	decideAll(t, d, "rotate-server 2h")
	d.Advance(drillMinutes(25))
	decideAll(t, d, "refresh-keys patient-portal")
	d.Advance(drillMinutes(45))
	if said := strings.Join(d.View().Done[1].Result, "; "); !strings.Contains(said, "still publishes it") {
		t.Errorf("expected why the old key is believed, got %q", said)
	}
	if said := d.View().Done[0].Result[0]; !strings.Contains(said, "published for another 2h") || strings.Contains(said, "0m0s") {
		t.Errorf("expected two hours, got %q", said)
	}
}
