package sim

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
)

// exercises is NewExercise for tests that play the same mornings dozens of times over: worlds of one seed share keys,
// and what is signed and verified in several of them is so once. That an exercise is the same by itself,
// TestSameTapeSameState shows.
func exercises(setup drill.World, th drill.Thief, seed uint64) (drill.Wire, error) {
	made, _ := stocks.LoadOrStore(seed, sync.OnceValue(func() *stock { return newSharedStock(seed) }))
	return newExercise(setup, th, seed, made.(func() *stock)())
}

var stocks sync.Map // by seed

func begun(t *testing.T, name string) *drill.Drill {
	t.Helper()
	data, err := scenarios.Drill(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := drill.New(&drill.Tape{File: data, Seed: seed}, exercises)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// lineOf is the newest line of the logs that has a token of a client.
func lineOf(t *testing.T, d *drill.Drill, client string) drill.Evidence {
	t.Helper()
	all := d.Evidence(1)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Client == client && all[i].Token != "" && all[i].Status == 200 {
			return all[i]
		}
	}
	t.Fatalf("no line of the logs has a token of %s", client)
	return drill.Evidence{}
}

// TestOneGrantIsWithdrawn: a line of a log names the grant, one person signs in again, and only she is counted;
// before and after, the preview says the same. A line without a token, or none at all, is no grant.
func TestOneGrantIsWithdrawn(t *testing.T) {
	d := begun(t, "d3")
	d.Advance(drillMinutes(8))
	line := fmt.Sprintf("revoke-grant e%d", lineOf(t, d, "web-ehr").N)
	p, err := d.Preview(drill.ParseLine(line))
	if err != nil || p.Relogins != 1 || p.Breaks.Clients != 0 {
		t.Errorf("expected one person to sign in again, got %s, %v", p, err)
	}
	if err := d.Decide(drill.ParseLine(line)); err != nil {
		t.Fatal(err)
	}
	d.Advance(drillMinutes(16))
	done := d.View().Done[0]
	if !strings.Contains(strings.Join(done.Result, " "), "tokens withdrawn") || strings.HasPrefix(done.Result[0], "0 ") {
		t.Errorf("expected tokens to be withdrawn, got %v", done.Result)
	}
	if h := d.Harm(); h.ClinicMinutes != 5 {
		t.Errorf("expected five minutes of one clinic, got %g", h.ClinicMinutes)
	}
	for _, bad := range []string{"revoke-grant e1", "revoke-grant e99999999", "revoke-grant web-ehr"} {
		if d.Decide(drill.ParseLine(bad)) == nil {
			t.Errorf("%s: expected an error", bad)
		}
	}
}

// TestAStrangerInTheVault: who still reads the vault has the new tokens as soon as they are in it; a new key for
// the client ends it.
func TestAStrangerInTheVault(t *testing.T) {
	for line, stopped := range map[string]bool{"revoke client web-ehr": false, "revoke subject web-ehr": false, "roll-key auth web-ehr": true} {
		d := begun(t, "d7")
		d.Advance(drillMinutes(8))
		if err := d.Decide(drill.ParseLine(line)); err != nil {
			t.Fatal(err)
		}
		d.Advance(drillMinutes(90))
		if d.Truth().Success == 0 != stopped {
			t.Errorf("%s: expected stopped %v, got %v", line, stopped, !stopped)
		}
	}
}

// TestTheCauseIsReadOffTheConfiguration: whoever deploys the control itself has eradicated as well as who takes
// the action that is named for it, and who withdraws it again has not.
func TestTheCauseIsReadOffTheConfiguration(t *testing.T) {
	d := begun(t, "ten-minutes")
	gone := func() bool {
		h := d.Truth().History
		return h[len(h)-1].Cause
	}
	for _, step := range []struct {
		line string
		want bool
	}{{"deploy rs/dpop-scheme imaging", true}, {"withdraw rs/dpop-scheme imaging", false}} {
		if err := d.Decide(drill.ParseLine(step.line)); err != nil {
			t.Fatal(err)
		}
		if d.Advance(d.Now() + drillMinutes(21)); gone() != step.want {
			t.Errorf("%s: expected the cause to be gone: %v", step.line, step.want)
		}
	}
}
