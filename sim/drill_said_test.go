package sim

import (
	"strings"
	"testing"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
)

// TestWhatIsSaidCounts: where a message has several things to say, one of them must be said, once; the wrong one
// is answered in time and counts against the player all the same, with its reason.
func TestWhatIsSaidCounts(t *testing.T) {
	for reply, wrong := range map[string]bool{"no-evidence": true, "period": false} {
		d := begun(t, "d6")
		d.Advance(drillMinutes(125))
		if d.Decide(drill.ParseLine("answer I4")) == nil || d.Decide(drill.ParseLine("answer I4 perhaps")) == nil || d.Decide(drill.ParseLine("answer I1 period")) == nil {
			t.Error("expected an answer that is none of those to be refused")
		}
		for _, line := range []string{"answer I4 " + reply, "answer I4 90-days"} {
			if err := d.Decide(drill.ParseLine(line)); err != nil {
				t.Fatal(err)
			}
		}
		d.Advance(drillMinutes(150))
		c := d.Communication()
		if got := len(c.Wrong) == 1; got != wrong || !strings.Contains(strings.Join(c.Met, " "), "answer to I4") {
			t.Errorf("%s: expected wrong %v, got %+v", reply, wrong, c)
		}
		if trapped := len(d.Truth().Traps) > 0; trapped != wrong {
			t.Errorf("%s: expected a trap: %v, got %v", reply, wrong, d.Truth().Traps)
		}
		for _, m := range d.View().Inbox {
			if m.ID == "I4" && (len(m.Answers) != 3 || m.Answers[0].Word != "90-days") {
				t.Errorf("expected three answers in an order that says nothing, got %v", m.Answers)
			}
		}
	}
}

// TestObligationsOfOnesOwn: another country's clocks, or the trainer's own, take the place of the drill's.
func TestObligationsOfOnesOwn(t *testing.T) {
	data, err := scenarios.Drill("d3")
	if err != nil {
		t.Fatal(err)
	}
	f, err := drill.ParseFile(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, country := range drill.Countries() {
		other, err := f.In(country)
		if err != nil || other.Country != country {
			t.Errorf("%s: %v", country, err)
		}
	}
	own := strings.Replace(string(data), "duties: [authority, early-warning, patients]",
		"duties: [board]\nobligations: [{id: board, to: the board, within: 2h, law: our own rules}]", 1)
	own = strings.NewReplacer("warn early-warning", "warn board", "warn authority", "warn board", "warn patients", "warn board", "notified('early-warning')", "notified('board')").Replace(own)
	if _, err := drill.ParseFile([]byte(own)); err != nil {
		t.Errorf("expected a list of one's own to do: %v", err)
	}
	if _, err := drill.ParseFile([]byte(strings.Replace(own, "within: 2h", "within: 0s", 1))); err == nil {
		t.Error("expected an obligation without a time to be refused")
	}
}
