package sim

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
)

// TestAMessageAboutADecisionWaitsForARound: what tells of the effect of a decision does not go by a round of the thief's
// that lies before it. (Messages once said that new sessions were used already, minutes before anybody had tried.)
func TestAMessageAboutADecisionWaitsForARound(t *testing.T) {
	for _, test := range []struct {
		name, line, inject string
		at, until, from    int // minutes: decided; the last before the round that shows it; after that round
	}{
		{"d2", "revoke client shared-secret", "I4", 8, 17, 18},
		{"d7", "revoke client web-ehr", "I7", 8, 17, 18},
	} {
		d := begun(t, test.name)
		d.Advance(drillMinutes(test.at))
		if err := d.Decide(drill.ParseLine(test.line)); err != nil {
			t.Fatal(err)
		}
		d.Advance(drillMinutes(test.until))
		if arrived(d, test.inject) {
			t.Errorf("%s: %s came before the thief had tried again", test.name, test.inject)
		}
		if d.Advance(drillMinutes(test.from)); !arrived(d, test.inject) {
			t.Errorf("%s: expected %s once the thief had tried again", test.name, test.inject)
		}
	}
}

// arrivals are when messages came in.
func arrivals(d *drill.Drill) map[string]time.Duration {
	at := map[string]time.Duration{}
	for _, m := range d.View().Inbox {
		at[m.ID] = m.At
	}
	return at
}

func arrived(d *drill.Drill, id string) bool {
	_, there := arrivals(d)[id]
	return there
}

// TestAnAnswerIsHeldAgainstTheFacts: "it is over" may be said when it is, and is wrong before.
func TestAnAnswerIsHeldAgainstTheFacts(t *testing.T) {
	for purged, wrong := range map[bool]int{false: 1, true: 0} {
		d := begun(t, "d2")
		d.Advance(drillMinutes(10))
		if purged {
			for _, line := range []string{"purge records", "purge local"} {
				if err := d.Decide(drill.ParseLine(line)); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.Advance(drillMinutes(120))
		if err := d.Decide(drill.ParseLine("answer I6 over")); err != nil {
			t.Fatal(err)
		}
		d.Advance(drillMinutes(140))
		i := slices.IndexFunc(d.Asked(), func(a drill.Asked) bool { return a.ID == "I6" })
		if got := d.Communication().Wrong; len(got) != wrong || i < 0 || (d.Asked()[i].Wrong != "") != (wrong == 1) || d.Asked()[i].Answered < 0 {
			t.Errorf("purged %v: expected %d wrong answers, got %q", purged, wrong, got)
		}
	}
}

// TestAClientOfManyClinicsIsSeen: a count of clients has the web EHR as one. In every drill that has it, to shut it out
// brings somebody to the telephone, and costs an objective that asks for service.
func TestAClientOfManyClinicsIsSeen(t *testing.T) {
	for i, name := range scenarios.DrillNames() {
		if i%Sampled != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference, err := drill.BotNamed("reference")
			if err != nil {
				t.Fatal(err)
			}
			play := func(besides string) *drill.Drill {
				done := besides == ""
				d, err := drill.Play(context.Background(), begun(t, name).Tape(), func(d *drill.Drill) []drill.Decision {
					all := reference(d)
					if !done && len(d.View().Inbox) > 0 {
						done = true
						all = append([]drill.Decision{drill.ParseLine(besides)}, all...)
					}
					return all
				}, exercises)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = d.Close() })
				return d
			}
			well, shut := play(""), play("disable web-ehr")
			before := arrivals(well)
			if !slices.ContainsFunc(shut.View().Inbox, func(m drill.Message) bool { at, there := before[m.ID]; return !there || m.At < at }) {
				t.Error("2,310 clinics went dark, and nobody called")
			}
			for _, o := range shut.Objectives() {
				if strings.Contains(o.When, "clients_broken") && o.Rating != drill.Unable {
					t.Errorf("2,310 clinics were dark, and %s (%s) came about all the same", o.ID, o.Text)
				}
			}
		})
	}
}
