package sim

import (
	"fmt"

	"thiefbox/sim/drill"
)

// Migration is what the wire says about moving from the legacy dialect to bound tokens and keys.
type Migration struct {
	// Exposed: a token of a client that has not moved, read in a log, opens a record for whoever reads it.
	Exposed bool
	// Moved: the token of a client that has moved does not.
	Moved bool
	// Gap: at an API that has not moved, which takes a bound token under the old scheme, it does all the same.
	Gap bool
	// Refused: once the old form is refused, a client that has not moved is served no more, and one that has is.
	Refused bool
	// By are the controls that refuse.
	By []string
}

// MeasureMigration tries it: one client that moved, one that did not, a thief at the log, before and after
// the old form is refused.
func MeasureMigration(seed uint64) (m Migration, err error) {
	old := drill.Change{Without: []string{"as/client-auth-asymmetric", "as/sender-constrained"}}
	world := drill.World{Profile: "fapi2-dpop", Server: old,
		APIs:    []drill.API{{Kind: "records", Count: 1, Asks: true, Change: drill.Change{Without: []string{"rs/sender-bound"}}}},
		Clients: []drill.Kind{{Kind: "modern"}, {Kind: "shared-secret"}}}
	steal := func(from string) (bool, error) {
		x, err := NewExercise(world, drill.Thief{Hears: []drill.Hears{{Vantage: "api-log", At: "records", From: from}}}, seed)
		if err != nil {
			return false, err
		}
		defer x.Close()
		x.Work()
		return x.Strike(drill.Raid{Technique: "T-01", API: "records"}).Won, nil
	}
	if m.Exposed, err = steal("shared-secret"); err != nil {
		return m, err
	}
	won, err := steal("modern")
	if err != nil {
		return m, err
	}
	m.Moved = !won
	if m.Gap, err = gap(world, seed); err != nil {
		return m, err
	}
	m.By = []string{"as/client-auth-asymmetric", "as/sender-constrained", "rs/sender-bound"}
	m.Refused, err = refusal(world, seed, m.By)
	return m, err
}

// gap has the thief turn to an API that has not moved, with the bound token of a client that has.
func gap(world drill.World, seed uint64) (bool, error) {
	world.APIs = []drill.API{{Kind: "records", Count: 1, Asks: true, Change: drill.Change{Without: []string{"rs/sender-bound", "rs/dpop-scheme"}}}}
	x, err := NewExercise(world, drill.Thief{Hears: []drill.Hears{{Vantage: "api-log", At: "records", From: "modern"}}}, seed)
	if err != nil {
		return false, err
	}
	defer x.Close()
	x.Work()
	return x.Strike(drill.Raid{Technique: "D-01", API: "records"}).Won, nil
}

func refusal(world drill.World, seed uint64, by []string) (bool, error) {
	x, err := NewExercise(world, drill.Thief{}, seed)
	if err != nil {
		return false, err
	}
	defer x.Close()
	states := func() map[string]drill.State {
		out := map[string]drill.State{}
		for _, s := range x.Probe() {
			out[s.Client] = s.State
		}
		return out
	}
	if before := states(); before["modern"] != drill.Served || before["shared-secret"] != drill.Served {
		return false, fmt.Errorf("expected both clients to be served before anything is refused, got %v", before)
	}
	for i, id := range by {
		place := placeServer
		if i == 2 {
			place = "records"
		}
		if _, err := x.Carry(drill.Order{Do: drill.Deploy, On: place, What: id}); err != nil {
			return false, err
		}
	}
	after := states()
	return after["modern"] == drill.Served && after["shared-secret"] == drill.Broken, nil
}
