package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// TestADecisionIsTakenBack: what waits or is under way can be taken back. It has no effect, its operator is free, and
// what waited behind it is taken up sooner.
func TestADecisionIsTakenBack(t *testing.T) {
	d := begun(t, "d3")
	d.Advance(drillMinutes(5))
	// Two operators: the first two are begun at once, the others wait.
	decideAll(t, d, "roll-key proof web-ehr", "disable web-ehr", "answer I1", "warn early-warning")
	if one := d.View().Done[3]; one.Starts != drillMinutes(17) || one.Ends != drillMinutes(37) || !strings.Contains(one.Pace(d.Now()), "waits for an operator until T+17m") {
		t.Fatalf("expected it to wait for an operator, got %+v", one)
	}
	d.Advance(drillMinutes(6))
	decideAll(t, d, "cancel 2", "cancel #3")
	v := d.View()
	if !v.Done[1].Cancelled || !v.Done[2].Cancelled || v.Done[1].Open(v.Now) {
		t.Errorf("expected both to be taken back, got %+v", v.Done)
	}
	if said := v.Done[4].Result[0] + v.Done[5].Result[0]; !strings.Contains(said, "operator 2 is free") || !strings.Contains(said, "before anybody began it") {
		t.Errorf("expected what became of it, got %q", said)
	}
	if v.Done[3].Starts != drillMinutes(6) || v.Done[3].Ends != drillMinutes(26) || !slices.Equal(v.Crew, []time.Duration{drillMinutes(35), drillMinutes(26)}) {
		t.Errorf("expected what waited to be taken up now, got %+v and %v", v.Done[3], v.Crew)
	}
	d.Advance(drillMinutes(40))
	v = d.View()
	if v.Broken != 0 || v.Dark != 0 || len(v.Done[1].Result) != 0 || len(v.Done[0].Result) == 0 {
		t.Errorf("expected no effect of what was taken back, and the rest to work, got %+v", v)
	}
	if decideAll(t, d, "cancel 1"); !strings.Contains(d.View().Done[6].Result[0], "nothing changes") {
		t.Errorf("expected what works to stay, got %+v", d.View().Done[6])
	}
	for _, line := range []string{"cancel", "cancel deny", "cancel 0", "cancel 99"} {
		if d.Decide(drill.ParseLine(line)) == nil {
			t.Errorf("%s: expected it to be refused", line)
		}
	}
	again, err := drill.New(d.Tape(), exercises)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Advance(d.Now()); again.Harm() != d.Harm() || !slices.Equal(again.View().Crew, v.Crew) {
		t.Errorf("expected the tape to play as it was, got %+v and %+v", again.Harm(), d.Harm())
	}
}

// TestAPreviewKeepsCodesToItself: what a client met is told, and no code or state of the URL it met it at.
func TestAPreviewKeepsCodesToItself(t *testing.T) {
	d := begun(t, "d3")
	p, err := d.Preview(drill.ParseLine("deny web-ehr"))
	if err != nil {
		t.Fatal(err)
	}
	if who := strings.Join(p.Who, "; "); !strings.Contains(who, "web-ehr at records: broken, expected") || strings.Contains(who, "code=") || strings.Contains(who, "state=") {
		t.Errorf("expected what it met, and no code, got %q", who)
	}
	if text := p.String(); !strings.Contains(text, "breaks 1 client, on which 2310 clinics stand") {
		t.Errorf("expected one client, got %q", text)
	}
}
