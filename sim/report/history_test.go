package report

import (
	"testing"
	"time"

	"thiefbox/sim/verdict"
)

func TestEntries(t *testing.T) {
	monday, tuesday := time.Unix(1000, 0), time.Unix(2000, 0)
	run := func(id, profile, part string, at time.Time, o, expected verdict.Outcome) Run {
		return Run{ID: id, Profile: profile, Part: part, Started: at, Seed: 42, Verdict: verdict.Verdict{Outcome: o}, Expected: expected}
	}
	const b, h, v = verdict.Breached, verdict.Held, verdict.Void
	history := []Run{
		run("r0008", "legacy", "", tuesday, b, b),
		run("r0007", "hardened", PartOfMatrix, tuesday, h, h),
		run("r0006", "legacy", PartOfMatrix, tuesday, v, h),
		run("r0005", "legacy", PartOfMatrix, tuesday, b, h),
		run("r0004", "legacy", PartOfMatrix, monday, b, b), // another matrix, of one run
		run("r0003", "legacy", "", monday, b, b),
		run("r0002", "legacy", "", monday, b, b), // kept together, but not a matrix
	}
	entries := Entries(history)
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.ID())
	}
	if want := "r0008 r0005-r0007 r0004 r0003 r0002"; list(ids) != "r0008, r0005-r0007, r0004, r0003 and r0002" {
		t.Fatalf("expected %s, got %v", want, ids)
	}
	e := entries[1]
	if e.One() || !entries[0].One() || e.Surprises() != 2 || e.Profiles() != 2 || e.Count(v) != 1 {
		t.Errorf("expected three runs under two profiles with two surprises, got %+v", e)
	}
	if got := e.Tally(Word); got != "1 Breached, 1 Held, 1 Void" {
		t.Errorf("expected each outcome counted, got %q", got)
	}
	if Entries(nil) != nil {
		t.Error("expected no entries of no history")
	}
}
