package sim

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/worth"
)

// cryptography counts what a run cannot do without.
type cryptography struct{ signed, verified, keys int }

// count reads the cryptography of a run out of its log: a signature for each JWT that an honest party
// or the thief made, a verification for each signature an honest party ruled on. The API remembers a
// token's signature, so a node verifies each token once.
func count(w *World) (c cryptography) {
	made, known := map[string]bool{}, map[string]bool{}
	requests := map[int]event.Message{}
	for _, e := range w.Log.Events() {
		switch b := e.Body.(type) {
		case event.Request:
			requests[e.Exchange] = b.Message
			jwts(made, b.Message)
		case event.Response:
			jwts(made, b.Message)
		case event.Ruling:
			if b.Outcome != string(control.Pass) || !strings.HasSuffix(b.Control, "-signature") {
				continue
			}
			if b.Control == control.RSTokenSignature.ID {
				token := b.Party + requests[e.Exchange].Header.Get("Authorization")
				if known[token] {
					continue
				}
				known[token] = true
			}
			c.verified++
		}
	}
	c.signed, c.keys = len(made), len(w.stock.keys)
	return c
}

// jwts collects the JWTs of a message.
func jwts(made map[string]bool, m event.Message) {
	text := string(m.Body)
	for _, values := range m.Header {
		text += " " + strings.Join(values, " ")
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune(jwtAlphabet, r) }) {
		if strings.HasPrefix(word, "eyJ") && strings.Count(word, ".") == 2 {
			made[word] = true
		}
	}
}

const jwtAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// BenchmarkRun is the stolen-token scenario: world, journey, theft, verdict. The sub-benchmark
// "cryptography" does nothing but the same number of P-256 keys, signatures and verifications, in the
// same process: the ratio of the two is what thiefbox adds.
//
// Where the rest goes, by a profile of fapi2-dpop, whose 31 messages and 352 events are spread over all
// of it: three parts in ten are the network's (each header is copied twice, for the log and for whoever
// gets it, and the browser reads two forms), two are JWTs and JSON in fapi, 1.5 the client (the EHR's
// five answers), one each idp and fhirmock; the garbage collector, the world, the log and the judge have
// the rest. Across all of these, memory is a third: 700 kB in 5,200 pieces, 900 of them in crypto/ecdsa.
func BenchmarkRun(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as main does
	for _, name := range []string{"legacy", "fapi2-dpop", "hardened"} {
		a, o := technique(b, "T-01"), Options{Profile: profile(b, name), Seed: seed}
		c := countOnce(b, a, o)
		b.Run(name+"/run", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Judged(context.Background(), a, o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(c.signed), "signatures/op")
			b.ReportMetric(float64(c.verified), "verifications/op")
			b.ReportMetric(float64(c.keys), "keys/op")
		})
		b.Run(name+"/cryptography", func(b *testing.B) { benchmarkCryptography(b, c) })
	}
}

// countOnce plays the run once and counts its cryptography.
func countOnce(b *testing.B, a attacker.Technique, o Options) cryptography {
	b.Helper()
	w, err := NewWorld(o, a.Scene)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	if err := w.run(context.Background(), a, o); err != nil {
		b.Fatal(err)
	}
	return count(w)
}

func benchmarkCryptography(b *testing.B, c cryptography) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a message"))
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range c.keys {
			if _, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
				b.Fatal(err)
			}
		}
		for range c.signed {
			if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
		for range c.verified {
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				b.Fatal("a good signature does not verify")
			}
		}
	}
}

// BenchmarkWorld is what a fresh world costs.
func BenchmarkWorld(b *testing.B) {
	o := Options{Profile: profile(b, "fapi2-dpop"), Seed: seed}
	b.ReportAllocs()
	for b.Loop() {
		w, err := NewWorld(o, Scene{})
		if err != nil {
			b.Fatal(err)
		}
		_ = w.Close()
	}
}

// BenchmarkMatrix is the whole matrix, on one core and on all.
func BenchmarkMatrix(b *testing.B) {
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				if _, err := Matrix(context.Background(), attacker.All(), control.Profiles(), MatrixOptions{Seed: seed, Workers: workers}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAblation is every set of controls for every attack under one profile, on one core: what `ablate` costs when nothing
// is remembered.
func BenchmarkAblation(b *testing.B) {
	p := profile(b, "hardened")
	var ids []string
	for _, t := range attacker.All() {
		if Applies(t, p.Dialect) {
			ids = append(ids, t.ID)
		}
	}
	b.ReportAllocs()
	played := 0
	for b.Loop() {
		_, runs, err := worth.Atlas{Run: Worth(seed), Workers: 1}.Maps(b.Context(), ids, p)
		if err != nil {
			b.Fatal(err)
		}
		played += runs
	}
	b.ReportMetric(float64(played)/float64(b.N), "runs/op")
	b.ReportMetric(float64(played)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(float64(len(ids)), "attacks")
}
