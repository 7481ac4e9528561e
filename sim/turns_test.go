package sim

import (
	"bytes"
	"strings"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// Whoever does several things at once does them in turns, in the order in which he began them, until each is done.
func TestAtOnceTakesTurns(t *testing.T) {
	w := &World{}
	var order strings.Builder
	step := func(name string, n int) func() {
		return func() {
			for range n {
				order.WriteString(name)
				w.passTurn()
			}
			order.WriteString(strings.ToUpper(name))
		}
	}
	w.passTurn() // alone: nobody to hand over to
	w.atOnce(step("a", 3), step("b", 1), func() {}, step("c", 2))
	if got := order.String(); got != "abcaBcaCA" {
		t.Errorf("expected turns, got %s", got)
	}
	if w.turns.Load() != nil {
		t.Error("expected no turns once all are done")
	}
}

// A technique that crashes in the middle of it makes its run void, and nothing else.
func TestAtOncePassesPanicsOn(t *testing.T) {
	w := &World{}
	defer func() {
		if got := recover(); got != "the technique fell" {
			t.Errorf("expected its panic, got %v", got)
		}
	}()
	w.atOnce(func() { w.passTurn(); panic("the technique fell") }, func() { w.passTurn(); w.passTurn() })
}

// Two requests that are at the server together go the same way each time, and over sockets as in memory.
func TestRaceIsNoLottery(t *testing.T) {
	race := technique(t, "C-03/race")
	for _, name := range []string{"legacy", "hardened"} {
		o := Options{Profile: profile(t, name), Seed: seed}
		one, two := judgedRun(t, race, o), judgedRun(t, race, o)
		if !bytes.Equal(report.Transcript(one.Recording), report.Transcript(two.Recording)) {
			t.Errorf("%s: two runs with one seed differ", name)
		}
		o.Wire = WireTCP
		if tcp := judgedRun(t, race, o); tcp.Verdict.StoppedBy != one.Verdict.StoppedBy || tcp.Verdict.Outcome != verdict.Held {
			t.Errorf("%s: in memory %s, over sockets %s %s", name, one.Verdict.StoppedBy, tcp.Verdict.Outcome, tcp.Verdict.StoppedBy)
		}
	}
}

func judgedRun(t *testing.T, a attacker.Technique, o Options) report.Run {
	t.Helper()
	run, err := Judged(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	return run
}
