package sim

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
)

// TestDrills has every drill checked as a trainer would, which plays each with all bots: nothing in the
// file is wrong, no inject is dead, the reference does what the drill asks, panic scores worse than it and
// doing nothing scores nothing. That must not hang on the dice, so there are several seeds.
func TestDrills(t *testing.T) {
	seeds := []uint64{seed, 2024}
	if Sampled > 1 || testing.Short() {
		seeds = seeds[:1]
	}
	for _, name := range scenarios.DrillNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := scenarios.Drill(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range seeds {
				c, err := drill.Check(context.Background(), data, s, exercises, DrillVocabulary())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range c.Problems {
					t.Errorf("%s, seed %d: %s (%v)", name, s, p, c.Harm)
				}
			}
		})
	}
}

func drillMinutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func BenchmarkDrill(b *testing.B) {
	for _, name := range scenarios.DrillNames() {
		data, err := scenarios.Drill(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				bot, _ := drill.BotNamed("reference")
				d, err := drill.Play(context.Background(), &drill.Tape{File: data, Seed: seed}, bot, NewExercise)
				if err != nil {
					b.Fatal(err)
				}
				_ = d.Close()
			}
		})
	}
}

// picture is all that can be seen of a drill, to compare two of them.
func picture(d *drill.Drill) string {
	return fmt.Sprintf("%+v\n%+v\n%v\n%+v\n%+v", d.View(), d.Truth(), d.Evidence(1), d.Harm(), d.Times())
}

// TestSameTapeSameState: whatever is decided, and when, a tape played again gives the same state, and any
// prefix of it plays. The drills run on as many cores as there are.
func TestSameTapeSameState(t *testing.T) {
	data, err := scenarios.Drill("ten-minutes")
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"offline imaging", "online imaging", "refuse-bearer imaging", "probe imaging", "probe records", "believe downgrade 80", "believe key 20",
		"disable web-ehr", "enable web-ehr", "revoke client web-ehr", "nonce records", "nonce server", "warn authority", "answer I2", "purge imaging", "wait",
		"block 198.51.100.7", "token-life 1m", "notify no-nonce", "deadline no-nonce 5m", "roll-key proof web-ehr", "roll-key auth web-ehr 10m", "deny web-ehr",
		"sticky records", "spread records", "rotate-server", "rotate-server 5m", "refresh-keys imaging", "revoke subject web-ehr", "keys-only", "schedule 3",
	}
	rapid.Check(t, func(t *rapid.T) {
		d, err := drill.New(&drill.Tape{File: data, Seed: uint64(rapid.IntRange(0, 3).Draw(t, "seed"))}, exercises)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		for range rapid.IntRange(0, 6).Draw(t, "decisions") {
			d.Advance(d.Now() + drillMinutes(rapid.IntRange(0, 3).Draw(t, "minutes")))
			if d.Over() {
				break
			}
			if err := d.Decide(drill.ParseLine(rapid.SampledFrom(lines).Draw(t, "decision"))); err != nil {
				t.Fatal(err)
			}
		}
		tape := d.Tape()
		again, err := drill.New(tape, NewExercise)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		again.Advance(d.Now())
		if got, want := picture(again), picture(d); got != want {
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("the same tape gave another state: expected …%.200s…, got …%.200s…", want[max(i-50, 0):], got[max(i-50, 0):])
				}
			}
			t.Fatalf("the same tape gave another state: expected %d characters, got %d", len(want), len(got))
		}
		if !reflect.DeepEqual(again.Tape(), tape) || again.Tape().Hash() != tape.Hash() {
			t.Fatalf("the tape changed by being played")
		}
		prefix := tape.Clone()
		prefix.Decisions = prefix.Decisions[:rapid.IntRange(0, len(prefix.Decisions)).Draw(t, "prefix")]
		part, err := drill.New(prefix, exercises)
		if err != nil {
			t.Fatal(err)
		}
		_ = part.Close()
	})
}

// TestTheTwoLayersAgree: after any order, and while suppliers put things right, the population counts as
// broken those clients whose exemplar was refused on the wire just now, and no others.
func TestTheTwoLayersAgree(t *testing.T) {
	data, err := scenarios.Drill("d1")
	if err != nil {
		t.Fatal(err)
	}
	d, err := drill.New(&drill.Tape{File: data, Seed: seed}, exercises)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, line := range []string{"notify token-url", "ratchet token-url", "audience-rule token-url", "deadline audience-array 20h", "offline records", "online records", "audience-rule all", "disable web-ehr", "withdraw as/assertion-audience-issuer server"} {
		if err := d.Decide(drill.ParseLine(line)); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			d.Advance(d.Now() + 5*time.Hour)
			agree(t, d, line)
		}
	}
}

// TestTheLayersAgreeInEveryDrill: the same, after orders that every drill has.
func TestTheLayersAgreeInEveryDrill(t *testing.T) {
	for _, name := range scenarios.DrillNames() {
		d := begun(t, name)
		api := d.File().World.APIs[0].Kind
		for _, line := range []string{"nonce server", "offline " + api, "online " + api, "withdraw as/dpop-nonce server", "window " + api + " 30s", "keys-only", "require-par"} {
			if d.Over() {
				break
			}
			if err := d.Decide(drill.ParseLine(line)); err != nil {
				t.Fatal(err)
			}
			for range 4 {
				d.Advance(d.Now() + drillMinutes(6))
				agree(t, d, name+", "+line)
			}
		}
	}
}

func agree(t *testing.T, d *drill.Drill, after string) {
	t.Helper()
	v, clinics := d.View(), 0
	for _, s := range v.Services {
		if s.State != drill.Broken {
			continue
		}
		for k, kind := range d.File().World.Clients {
			for a, api := range d.File().World.APIs {
				if kind.Kind == s.Client && api.Kind == s.API {
					clinics += v.Cells[k][a].Clinics
				}
			}
		}
	}
	if clinics != v.Dark {
		t.Errorf("after %s: the wire says that %d clinics are not served, the population %d", after, clinics, v.Dark)
	}
}

// TestPreviewSeesWhatComesLater: a client that is disabled works on for as long as its tokens live; both the
// preview and the harm know that it then does not.
func TestPreviewSeesWhatComesLater(t *testing.T) {
	data, err := scenarios.Drill("d3")
	if err != nil {
		t.Fatal(err)
	}
	d, err := drill.New(&drill.Tape{File: data, Seed: seed}, exercises)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p, err := d.Preview(drill.ParseLine("disable web-ehr"))
	if err != nil || p.Breaks.Clinics != 2310 {
		t.Errorf("expected 2310 clinics to go dark, got %v, %v", p, err)
	}
	if err := d.Decide(drill.ParseLine("disable web-ehr")); err != nil {
		t.Fatal(err)
	}
	if d.Advance(3 * time.Hour); d.View().Dark != 2310 {
		t.Errorf("expected 2310 clinics dark, got %d", d.View().Dark)
	}
}
