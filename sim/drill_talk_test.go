package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/drill"
)

// TestADeadlineMoves: on its date the server refuses the old form, on the wire; a date that was moved is the later one,
// or the earlier, and the first is none any more.
func TestADeadlineMoves(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  []bool // refused after 2 h, after 4 h, at the end
	}{
		{[]string{"deadline audience-array 1h"}, []bool{true, true, true}},
		{[]string{"deadline audience-array 1h", "deadline audience-array 3h"}, []bool{false, true, true}},
		{[]string{"deadline audience-array 3h", "deadline audience-array 1h"}, []bool{true, true, true}},
		{[]string{"deadline audience-array 1h", "deadline audience-array 9h"}, []bool{false, false, false}},
	} {
		d := trying(t, copies)
		for _, l := range test.lines {
			if err := d.Decide(drill.ParseLine(l)); err != nil {
				t.Fatal(err)
			}
		}
		for i, h := range []time.Duration{2, 4, 6} {
			d.Advance(h * time.Hour)
			if got := notServed(d)["audience-array at records"]; got != test.want[i] {
				t.Errorf("%v at %d h: expected the old form to be refused: %v", test.lines, h, test.want[i])
			}
		}
	}
}

// TestWhoIsTold: notifying a class makes that class faster and no other; all reaches every class that has something to
// put right, and telling everybody before one knows costs trust.
func TestWhoIsTold(t *testing.T) {
	left := func(d *drill.Drill, kind string) (n int) {
		for i, k := range d.File().World.Clients {
			for _, c := range d.View().Cells[i] {
				if k.Kind == kind {
					n += c.Clients
				}
			}
		}
		return n
	}
	for line, want := range map[string][2]bool{"notify token-url": {true, false}, "notify all": {true, true}, "warn authority": {false, false}} {
		d := trying(t, copies)
		urls, secrets := left(d, "token-url"), left(d, "shared-secret")
		if err := d.Decide(drill.ParseLine(line)); err != nil {
			t.Fatal(err)
		}
		d.Advance(6 * time.Hour)
		if got := [2]bool{left(d, "token-url") < urls, left(d, "shared-secret") < secrets}; got != want {
			t.Errorf("%s: expected token-url and shared-secret to become fewer: %v, got %v", line, want, got)
		}
		if unneeded := d.Harm().Unneeded; (unneeded > 0) != (line == "notify all") {
			t.Errorf("%s: %g unneeded notifications", line, unneeded)
		}
	}
}

// TestWhatIsAttachedIsInTheLogs: the tokens that come with a message are the thief's, by the names the logs have.
func TestWhatIsAttachedIsInTheLogs(t *testing.T) {
	d := begun(t, "d2")
	d.Advance(drillMinutes(3))
	_, names, found := strings.Cut(d.View().Inbox[0].Text, "they are called ")
	if !found {
		t.Fatalf("expected tokens with the message, got %q", d.View().Inbox[0].Text)
	}
	tries := d.Truth().Tries
	for _, name := range strings.Split(strings.Trim(names, ".)"), ", ") {
		if !slices.ContainsFunc(d.Evidence(tries[0].First), func(e drill.Evidence) bool {
			return strings.HasPrefix(e.Token, name) && e.N <= tries[len(tries)-1].Last && e.Scheme == "Bearer"
		}) {
			t.Errorf("expected a line of the thief's with %q", name)
		}
	}
}

// TestLogsHaveToBeAskedFor: what an API wrote down can be read once its owners have handed it over, and not before.
func TestLogsHaveToBeAskedFor(t *testing.T) {
	d := trying(t, lowers)
	d.Advance(drillMinutes(7))
	readable := func() bool {
		return slices.ContainsFunc(d.Evidence(1), func(e drill.Evidence) bool { return e.Log == "old" })
	}
	if err := d.Decide(drill.ParseLine("logs old")); err != nil {
		t.Fatal(err)
	}
	if d.Advance(drillMinutes(26)); readable() {
		t.Error("expected to have to wait for them")
	}
	if d.Advance(drillMinutes(28)); !readable() {
		t.Error("expected to have them")
	}
}

// TestShorterLivesCostTokens: with shorter access tokens a client at which people stay signed in comes to the server
// more often, on the wire. One that works by the hour gets a token each time anyway.
func TestShorterLivesCostTokens(t *testing.T) {
	asked := map[string]int{}
	for _, line := range []string{"token-life 1m", "token-life 60m"} {
		d := trying(t, bearers)
		if err := d.Decide(drill.ParseLine(line)); err != nil {
			t.Fatal(err)
		}
		d.Advance(2 * time.Hour)
		for _, e := range d.Evidence(1) {
			if e.Token != "" && e.Log == "server" && e.Client == "web-ehr" {
				asked[line]++
			}
		}
	}
	if asked["token-life 1m"] < 3*asked["token-life 60m"] {
		t.Errorf("expected several times as many tokens to be asked for, got %v", asked)
	}
}
