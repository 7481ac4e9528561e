package sim

import (
	"strings"
	"testing"

	"thiefbox/sim/drill"
)

func decideAll(t *testing.T, d *drill.Drill, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := d.Decide(drill.ParseLine(line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

// TestAProbeSaysWhatIsOpenInWords: a number of the catalogue says nothing to somebody who has not read it.
func TestAProbeSaysWhatIsOpenInWords(t *testing.T) {
	d := begun(t, "d8")
	decideAll(t, d, "probe laboratory")
	d.Advance(drillMinutes(15))
	if said := d.View().Done[0].Result[0]; !strings.Contains(said, "open to: ") || strings.Contains(said, "D-") {
		t.Errorf("expected what it is open to, in words, got %q", said)
	}
}

// TestTwoClocksForOneKey: who signs with a stolen key has a clock of his own, and makes a new proof each time; the
// logs show both. Whose clock is right shows nothing.
func TestTwoClocksForOneKey(t *testing.T) {
	d := begun(t, "d3")
	d.Advance(drillMinutes(30))
	ehr, drifts, proofs := "", map[int]bool{}, map[string]int{}
	for _, e := range d.Evidence(1) {
		if e.Client == "client-slow-clock" && e.JKT != "" && !strings.Contains(e.String(), "iat=-40s") {
			t.Errorf("expected a clock that is 40 s slow, got %s", e)
		}
		if e.Client == "web-ehr" && e.Scheme == "DPoP" {
			ehr, drifts[e.Drift] = e.JKT, true
			if proofs[e.JTI]++; proofs[e.JTI] > 1 {
				t.Errorf("expected no proof twice, for none is replayed, got %s", e)
			}
		}
	}
	if ehr == "" || len(drifts) != 2 || !drifts[0] || !drifts[-9] {
		t.Errorf("expected two clocks for one key, got %v", drifts)
	}
}
