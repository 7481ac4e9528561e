package cli

import (
	"reflect"
	"testing"

	"thiefbox/sim/ecosystem"
	"thiefbox/sim/tui"
)

// The command that the screen names plays what the screen shows: the same assumptions, the same figures.
func TestTheRolloutsTwin(t *testing.T) {
	a := &app{seed: 42}
	own, err := ecosystem.ParsePolicy("21,notify")
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := ecosystem.Defaults().With("mandate", 2)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := a.screenRollout(t.Context(), tui.RolloutWish{Own: own, Params: numbers, Trials: 30, Vary: true})
	if err != nil {
		t.Fatal(err)
	}
	f := rolloutFlags{policies: []string{own.Spec()}, set: numbers.Changes(ecosystem.Defaults()), curve: true, study: ecosystem.Study{
		Params: ecosystem.Defaults(), APIs: 120, Suppliers: 300, Clients: 1800, Clinics: 50000, Trials: 30, Horizon: 365, Vary: true}}
	if err := f.setNumbers(); err != nil {
		t.Fatal(err)
	}
	all, err := policiesOf(f)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := a.rollOut(t.Context(), f, all)
	if err != nil {
		t.Fatal(err)
	}
	if printed.Hash != shown.Hash || !reflect.DeepEqual(printed.Policies, shown.Policies) {
		t.Errorf("expected the figures of %s, got those of %s", shown.Hash, printed.Hash)
	}
}
