package sim_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// What sim/worth leaves out rests on this: whatever passes, and whatever was never asked, could as well
// have been set otherwise. So take a run, switch off a sample of what passed and over a sample of what
// was not asked, and the transcript must be the same but for the rulings of those.
func TestWhatOnlyPassesLeavesNoTrace(t *testing.T) {
	if testing.Short() {
		t.Skip("plays every attack twice")
	}
	shared := sim.Sharing(sim.Options{Seed: 42})
	for _, p := range control.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			for i, a := range attacker.All() {
				if i%sim.Sampled == 0 && sim.Applies(a, p.Dialect) {
					under := shared
					under.Profile = p
					sampleOne(t, a, under)
				}
			}
		})
	}
}

func sampleOne(t *testing.T, a attacker.Technique, o sim.Options) {
	t.Helper()
	rec, err := sim.Run(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	answer := sim.Answer(rec.Events, verdict.Judge(rec.Events))
	p, changed := o.Profile, control.Set{}
	other := p
	d := dice.New(42).Fork(a.ID + p.Name)
	for _, c := range control.All() {
		must := answer.Must.With(c) == answer.Must || answer.Off.With(c) == answer.Off
		if must || d.IntN(3) > 0 {
			continue
		}
		if changed = changed.With(c); p.Controls.With(c) == p.Controls {
			other.Controls = other.Controls.Without(c)
		} else {
			other.Controls = other.Controls.With(c)
		}
	}
	o.Profile = other
	again, err := sim.Run(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := firstDifference(rec.Events, again.Events); diff != "" {
		t.Errorf("%s under %s: switching %s over, which did not matter, changed the run: %s", a.ID, p.Name, changed, diff)
	}
}

// firstDifference compares two logs, the list of controls at their beginning and which rulings passed
// or were left out aside.
func firstDifference(a, b []event.Event) string {
	for i := range min(len(a), len(b)) {
		if x, y := neutral(a[i]), neutral(b[i]); !reflect.DeepEqual(x, y) {
			return fmt.Sprintf("event %d: %+v, then %+v", i+1, x.Body, y.Body)
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d events, then %d", len(a), len(b))
	}
	return ""
}

func neutral(e event.Event) event.Event {
	switch b := e.Body.(type) {
	case event.Began:
		b.Controls = nil
		e.Body = b
	case event.Ruling:
		if b.Outcome == string(control.Pass) || b.Outcome == string(control.Off) {
			e.Body = event.Ruling{Party: b.Party, Control: b.Control}
		}
	}
	return e
}

// A map is right about sets of controls nobody ran.
func TestMapsAgainstRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("plays some hundred runs")
	}
	runner := sim.Worth(42)
	p, err := control.ProfileNamed("hardened")
	if err != nil {
		t.Fatal(err)
	}
	all := p.Full().Controls.Controls()
	for i, a := range attacker.All() {
		if i%6 != 0 || !sim.Applies(a, p.Dialect) {
			continue
		}
		maps, _, err := worth.Atlas{Run: runner, Workers: 1}.Maps(t.Context(), []string{a.ID}, p)
		if err != nil {
			t.Fatal(err)
		}
		d := dice.New(7).Fork(a.ID)
		for range 4 {
			s := p.Full().Controls
			relevant := maps[0].Relevant()
			for _, c := range all {
				if relevant.With(c) == relevant && d.IntN(2) == 0 || d.IntN(4) == 0 {
					s = s.Without(c)
				}
			}
			q := p
			q.Controls = s
			want, err := runner(context.Background(), a.ID, q)
			got, ok := maps[0].At(s)
			if err != nil || !ok || got.Verdict.Outcome != want.Verdict.Outcome || got.Verdict.StoppedBy != want.Verdict.StoppedBy {
				t.Errorf("%s under %s: the map says %s by %q, the run %s by %q (%v)", a.ID, s, got.Verdict.Outcome, got.Verdict.StoppedBy,
					want.Verdict.Outcome, want.Verdict.StoppedBy, err)
			}
		}
	}
}
