package drill

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A tape on which a decision is moved, or is no more, takes back the same decisions as before.
func TestWhatIfKeepsWhatIsTakenBack(t *testing.T) {
	at := func(minutes int, line string) Decision {
		d := ParseLine(line)
		d.At = time.Duration(minutes) * time.Minute
		return d
	}
	tape := &Tape{Decisions: []Decision{at(1, "answer I1"), at(2, "nonce server"), at(3, "deny web-ehr"), at(4, "cancel 2"), at(5, "cancel #3"), at(6, "admit web-ehr")}}
	lines := func(all []Decision) string {
		var out []string
		for _, d := range all {
			out = append(out, d.String())
		}
		return strings.Join(out, ", ")
	}
	without := func(*Decision) bool { return false }
	early := func(d *Decision) bool { d.At = 0; return true }
	for _, test := range []struct {
		n      int
		change func(*Decision) bool
		want   string
	}{
		{1, without, "nonce server, deny web-ehr, cancel 1, cancel 2, admit web-ehr"},
		{2, without, "answer I1, deny web-ehr, cancel 2, admit web-ehr"},
		{3, early, "deny web-ehr, answer I1, nonce server, cancel 3, cancel 1, admit web-ehr"},
		{6, without, "answer I1, nonce server, deny web-ehr, cancel 2, cancel 3"},
	} {
		before := slices.Clone(tape.Decisions)
		if got := lines(WhatIf(tape, test.n, test.change).Decisions); got != test.want {
			t.Errorf("without or earlier %d: expected %s, got %s", test.n, test.want, got)
		}
		if lines(before) != lines(tape.Decisions) {
			t.Error("expected the tape to stay as it was")
		}
	}
}
