package fhirmock

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"net/http"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// The DPoP check of the API, printed beside the cryptography it cannot avoid: one P-256 verification
// (the proof) when the token's signature was verified before, two when it was not. Compare in one run:
//
//	go test -run xxx -bench DPoP ./fhirmock

func BenchmarkDPoPCheckRawOneVerification(b *testing.B) {
	verify := rawVerification(b)
	for b.Loop() {
		verify()
	}
}

func BenchmarkDPoPCheckRawTwoVerifications(b *testing.B) {
	verify := rawVerification(b)
	for b.Loop() {
		verify()
		verify()
	}
}

func rawVerification(b *testing.B) func() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), dice.New(1))
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("proof"))
	sig, err := ecdsa.SignASN1(dice.New(2), key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig) {
			b.Fatal("signature does not verify")
		}
	}
}

// BenchmarkDPoPCheckTokenSeenBefore is a read by a client that uses one token many times.
func BenchmarkDPoPCheckTokenSeenBefore(b *testing.B) { benchmarkRead(b, false) }

// BenchmarkDPoPCheckTokenNew is a read with a token the API has not seen.
func BenchmarkDPoPCheckTokenNew(b *testing.B) { benchmarkRead(b, true) }

func benchmarkRead(b *testing.B, forget bool) {
	p := strictest(b)
	p.Dialect.Introspection = false                                      // another party's work
	w := newWorld(b, p.Full().Without(control.RSRate, control.RSVolume)) // or the rate is what is measured
	// Proofs are made in batches outside the timer; time moves on with them, so that memories forget.
	const batch = 256
	requests := make([]*http.Request, batch)
	next := batch
	rec := &discard{header: http.Header{}}
	w.a.Party.Tell = func(context.Context, event.Body) {}
	for b.Loop() {
		if next == batch {
			b.StopTimer()
			w.clock.Advance(time.Second)
			for i := range requests {
				requests[i] = w.honest("GET", "/Patient/p01").longLived().request()
			}
			next = 0
			b.StartTimer()
		}
		if forget {
			w.a.verified.young, w.a.verified.old = nil, nil
		}
		rec.status = 0
		clear(rec.header)
		w.a.ServeHTTP(rec, requests[next])
		if rec.status != 200 {
			b.Fatalf("status %d", rec.status)
		}
		next++
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkNew is what an API adds to a world.
func BenchmarkNew(b *testing.B) {
	c := newWorld(b, strictest(b)).a.Config
	for b.Loop() {
		c.Shared = NewReplayMemory()
		c.Party = &party.Party{Name: "fhir/a", Policy: c.Party.Policy, Clock: c.Party.Clock, Dice: c.Party.Dice, Tell: c.Party.Tell}
		if _, err := New(c); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch is a search for one patient's observations with every control off: FHIR alone.
func BenchmarkSearch(b *testing.B) {
	p := strictest(b).Bare()
	p.Dialect.Introspection = false
	w := newWorld(b, p)
	w.a.Party.Tell = func(context.Context, event.Body) {}
	try := w.honest("GET", "/Observation?patient=p01")
	bearerToken(try)
	r := try.request()
	rec := &discard{header: http.Header{}}
	for b.Loop() {
		clear(rec.header)
		w.a.ServeHTTP(rec, r)
	}
}
