package fhirmock

import (
	"testing"
	"time"

	"thiefbox/sim/fapi"
)

// A shorter window refuses proofs that the usual one takes, says so with its own figures, and holds for the
// node it was set at.
func TestProofWindowIsTheOperators(t *testing.T) {
	w := newWorld(t, strictest(t))
	if w.a.ProofWindow() != proofWindow {
		t.Fatalf("expected the usual window, got %+v", w.a.ProofWindow())
	}
	w.a.SetProofWindow(fapi.Window{Past: 30 * time.Second, Future: 5 * time.Second})
	try := w.honest("GET", "/Patient/p01")
	try.proof.IAT = w.clock.Now().Add(-40 * time.Second).Unix()
	wantStatus(t, try.send(), 401)
	r := w.rulings()[len(w.rulings())-1]
	if w.refusedBy() != "rs/dpop-iat" || r.Want != "a time at most 30 s past or 5 s ahead" {
		t.Errorf("expected rs/dpop-iat to refuse by the new window, got %+v", r)
	}
	wantStatus(t, w.send(w.b, try.request()), 200)
}
