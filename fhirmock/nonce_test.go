package fhirmock

import (
	"testing"
	"time"

	"thiefbox/sim/control"
)

func TestNonceRoundTrip(t *testing.T) {
	w := newWorld(t, strictest(t))
	try := w.honest("GET", "/Patient/p01")
	try.proof.Nonce = ""
	rec := try.send()
	wantStatus(t, rec, 401)
	nonce := rec.Header().Get("DPoP-Nonce")
	if nonce == "" {
		t.Fatal("expected a nonce with the challenge")
	}
	if r := w.rulings(); r[len(r)-1].Outcome != string(control.Challenged) {
		t.Errorf("expected a challenge, not a refusal: %+v", r[len(r)-1])
	}
	// The other node knows the nonce too. The same jti will do: the challenged proof is not used up.
	try.proof.Nonce = nonce
	rec = w.send(w.b, try.request())
	wantStatus(t, rec, 200)
	if got := rec.Header().Get("DPoP-Nonce"); got != "" {
		t.Errorf("expected no new nonce while this one is current, got %q", got)
	}
}

func TestNonceIsReplacedInTime(t *testing.T) {
	w := newWorld(t, strictest(t))
	old := w.a.nonces.at(w.clock.Now()).current
	w.clock.Advance(time.Minute)
	try := w.honest("GET", "/Patient/p01")
	try.proof.Nonce = old
	rec := try.send()
	wantStatus(t, rec, 200)
	if got := rec.Header().Get("DPoP-Nonce"); got == "" || got == old {
		t.Errorf("expected the next nonce with an answer to the former, got %q", got)
	}
	w.clock.Advance(time.Minute)
	try = w.honest("GET", "/Patient/p01")
	try.proof.Nonce = old
	wantStatus(t, try.send(), 401)
}

// Offering a nonce depends on no control, or switching one would change what clients send.
func TestNonceIsOfferedToWhoeverSpeaksDPoP(t *testing.T) {
	w := newWorld(t, strictest(t).Bare())
	try := w.honest("GET", "/Patient/p01")
	try.proof.Nonce = ""
	rec := try.send()
	wantStatus(t, rec, 200)
	if rec.Header().Get("DPoP-Nonce") == "" {
		t.Error("expected a nonce under DPoP")
	}
	try = w.honest("GET", "/Patient/p01")
	bearerToken(try)
	if got := try.send().Header().Get("DPoP-Nonce"); got != "" {
		t.Errorf("expected none under Bearer, got %q", got)
	}
}

func TestNoncesDifferBetweenAPIs(t *testing.T) {
	w, other := newWorld(t, strictest(t)), newWorld(t, strictest(t))
	lab := other.node("lab", NewReplayMemory())
	now := w.clock.Now()
	if w.a.nonces.at(now).current != w.b.nonces.at(now).current {
		t.Error("expected the nodes of one API to agree")
	}
	if w.a.nonces.at(now).current == lab.nonces.at(now).current {
		t.Error("expected another API to have nonces of its own")
	}
}
