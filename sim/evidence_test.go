package sim_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/detect"
)

func pack(t testing.TB) detect.Pack {
	t.Helper()
	p, err := scenarios.Rules()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dialects are profiles that between them speak, and refuse, in every way that rules tell apart.
func dialects(t testing.TB) (out []control.Profile) {
	t.Helper()
	for _, name := range []string{"legacy", "fapi2-dpop", "fapi2-mtls", "hardened+entitlement"} {
		p, err := control.ProfileNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// A rule that never fires protects nobody, and one that fires every day is switched off on the second.
func TestRulesAreWorthTheirNoise(t *testing.T) {
	p := pack(t)
	samples, err := sim.Samples(context.Background(), p, attacker.All(), dialects(t), sim.DetectOptions{Seed: 42, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := detect.Count(p.Rules(), samples)
	for _, s := range m.Scores {
		if s.Recall.N == 0 {
			t.Errorf("%s fires for no attack", s.Rule)
		}
		if alarms := s.Precision.Of - s.Precision.N; alarms >= m.Honest {
			t.Errorf("%s fires on every honest day", s.Rule)
		}
	}
	if m.Honest != 4*len(sim.HonestDays(false)) || m.Runs < len(attacker.All()) || m.Recall.N == 0 {
		t.Errorf("expected every attack and every kind of day, got %d and %d", m.Runs, m.Honest)
	}
}

// The same seed gives the same figures, however many work on them.
func TestSamplesRepeat(t *testing.T) {
	some, profiles := attacker.All()[:6], dialects(t)[:2]
	var got []detect.Measure
	for _, workers := range []int{1, 4} {
		p := pack(t)
		samples, err := sim.Samples(context.Background(), p, some, profiles, sim.DetectOptions{Seed: 7, Days: 1, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, detect.Count(p.Rules(), samples))
	}
	if !reflect.DeepEqual(got[0], got[1]) {
		t.Errorf("expected the same figures, got\n%+v\n%+v", got[0], got[1])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sim.Samples(ctx, pack(t), some, profiles, sim.DetectOptions{Seed: 7}); err == nil {
		t.Error("expected that measuring can be cancelled")
	}
}

// What is odd about a day is in its log: a day that is like the others would be no test of a rule.
func TestHonestDaysAreOdd(t *testing.T) {
	rings := map[string][]string{}
	samples, err := sim.Samples(context.Background(), pack(t), nil, dialects(t)[1:2], sim.DetectOptions{Seed: 42, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		rings[s.Day] = []string{}
		for _, f := range s.Fired {
			rings[s.Day] = append(rings[s.Day], f.Rule.Name)
		}
	}
	for day, rule := range map[string]string{"resent": "proof-twice", "reloaded": "client-refused-an-answer", "two lines": "token-at-two-addresses", "long": "expired-token"} {
		if !slices.Contains(rings[day], rule) {
			t.Errorf("%s: expected a false alarm of %s, got %v", day, rule, rings[day])
		}
	}
	if quiet := rings["quiet"]; slices.Contains(quiet, "token-refused") || len(quiet) > 1 {
		t.Errorf("expected a quiet day, got alarms of %v", quiet)
	}
}
