package sim

import (
	"context"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// TestWhoDoesEverythingIsNotRewarded: pulling every lever at the first alarm, and holding every explanation likely, comes
// behind whoever looked first. That the panic bot does worse still, and
// doing nothing scores nothing, drill check says.
func TestWhoDoesEverythingIsNotRewarded(t *testing.T) {
	for i, name := range []string{"d3", "d5", "d7"} { // where a wrong lever looks right
		if i%Sampled != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference := lossOf(t, name, nil)
			f := begun(t, name).File()
			var levers, words []string
			for _, h := range f.Hypotheses {
				levers = append(levers, "believe "+h.ID+" 90")
			}
			for _, api := range f.World.APIs {
				for _, act := range strings.Fields("nonce replay-memory refuse-bearer refuse-unbound ask-owner purge refresh-keys") {
					levers = append(levers, act+" "+api.Kind)
				}
			}
			levers = append(levers, "roll-key auth web-ehr", "roll-key proof web-ehr", "revoke client web-ehr", "rotate-server", "nonce server", "audience-rule all", "keys-only")
			for _, o := range f.Law() {
				words = append(words, "warn "+o.ID)
			}
			got := lossOf(t, name, append(levers, words...))
			if got.harm <= reference.harm || got.judgement > 50 {
				t.Errorf("expected more harm than the reference's %.0f and poor judgement, got %.0f and %.0f", reference.harm, got.harm, got.judgement)
			}
		})
	}
}

type came struct{ harm, judgement float64 }

// lossOf plays lines ten minutes after the first alarm; the reference, if there are none.
func lossOf(t *testing.T, name string, lines []string) came {
	t.Helper()
	bot, err := drill.BotNamed("reference")
	if err != nil {
		t.Fatal(err)
	}
	if acted := false; lines != nil {
		bot = func(d *drill.Drill) (all []drill.Decision) {
			if v := d.View(); acted || len(v.Inbox) == 0 || v.Now < v.Inbox[0].At+10*time.Minute {
				return nil
			}
			acted = true
			for _, l := range lines {
				all = append(all, drill.ParseLine(l))
			}
			return all
		}
	}
	d, err := drill.Play(context.Background(), begun(t, name).Tape(), bot, exercises)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return came{d.Harm().Loss, d.Judgement().Score}
}
