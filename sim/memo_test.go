package sim

import (
	"context"
	"reflect"
	"testing"

	"thiefbox/attacker"
)

// What the worlds of a matrix share saves time and shows in nothing, down to the bytes of secrets: a run that comes
// after others is the run that would have been played alone. A twelfth of the techniques is tried in each dialect,
// another twelfth in the next; TestSameSeedSameTranscript compares what all of them say.
func TestSharedStockLeavesNoTrace(t *testing.T) {
	shared := newSharedStock(seed)
	for i, p := range dialects() {
		for j, a := range attacker.All() {
			if j%12 != i%12 || !Applies(a, p.Dialect) {
				continue
			}
			alone, err := Run(context.Background(), a, Options{Profile: p, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			after, err := Run(context.Background(), a, Options{Profile: p, Seed: seed, stock: shared})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(alone, after) {
				t.Errorf("%s under %s: expected the same events alone and after other runs", a.ID, p.Name)
			}
		}
	}
	if got := shared.memo.Tallies(); got.Signatures.Done >= got.Signatures.Asked/2 || got.Verifications.Done >= got.Verifications.Asked/2 {
		t.Errorf("expected most to be remembered, got %+v", got)
	}
}

// A single run, a drill and a server for strangers do all of their cryptography.
func TestNobodyElseHasAMemo(t *testing.T) {
	w, err := NewWorld(Options{Profile: profile(t, "fapi2-dpop"), Seed: seed}, Scene{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if w.stock.memo != nil {
		t.Error("expected a world of its own to remember nothing")
	}
}
