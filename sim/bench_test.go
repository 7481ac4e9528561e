package sim

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/worth"
)

// cryptography counts what runs cannot do without, on P-256 and, where tokens are signed with RS256, on RSA.
type cryptography struct{ signed, verified, keys, signedRSA, verifiedRSA int }

func (c *cryptography) add(o cryptography) {
	c.signed, c.verified, c.keys = c.signed+o.signed, c.verified+o.verified, c.keys+o.keys
	c.signedRSA, c.verifiedRSA = c.signedRSA+o.signedRSA, c.verifiedRSA+o.verifiedRSA
}

// ofServer are the rulings on signatures that the authorization server made.
var ofServer = []string{control.RSTokenSignature.ID, control.RSAnswerSignature.ID, control.ClientResponseSignature.ID, control.ClientIDTokenSignature.ID}

// count reads the cryptography of a run out of its log: a signature for each JWT that an honest party
// or the thief made, a verification for each signature an honest party ruled on. The API remembers a
// token's signature, so a node verifies each token once.
func count(events []event.Event, d control.Dialect) (c cryptography) {
	made, known := map[string]bool{}, map[string]bool{}
	requests := map[int]event.Message{}
	for _, e := range events {
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
			if d.TokenAlg == "RS256" && slices.Contains(ofServer, b.Control) {
				c.verifiedRSA++
			} else {
				c.verified++
			}
		}
	}
	for compact := range made {
		if t, err := fapi.ParseJWT(compact); err == nil && t.Header.Alg == "RS256" {
			c.signedRSA++
		} else {
			c.signed++
		}
	}
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
// same process; "ratio" takes turns with the two, and gives what thiefbox adds as the quotient of their
// tenth percentiles, which a busy machine moves little.
//
// On a core that takes 9.5 us for a key, 22 a signature and 50 a verification, the 8 keys, 11 signatures and 13
// verifications of fapi2-dpop take 0.96 ms. What its 31 messages and 428 events add, by a profile: a fifth is the
// network's, a quarter JWTs and JSON in fapi and the pages and answers that the client reads, an eighth idp, as much
// fhirmock with its store, a tenth making the world; the log, the rulings, the dice and the judge have the rest. No
// function has more than a fortieth. Across all of these it is memory: 528 kB in 3,920 pieces, 880 of them in
// crypto/ecdsa. On a busy machine, whose caches others fill, that part takes twice as long, and the cryptography does not.
func BenchmarkRun(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as main does
	for _, name := range []string{"legacy", "fapi2-dpop", "hardened"} {
		a, o := technique(b, "T-01"), Options{Profile: profile(b, name), Seed: seed}
		c := countOnce(b, a, o)
		run := func() {
			if _, err := Judged(context.Background(), a, o); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(name+"/run", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(c.signed), "signatures/op")
			b.ReportMetric(float64(c.verified), "verifications/op")
			b.ReportMetric(float64(c.keys), "keys/op")
		})
		alone := c.alone(b)
		b.Run(name+"/cryptography", func(b *testing.B) {
			for b.Loop() {
				alone()
			}
		})
		b.Run(name+"/ratio", func(b *testing.B) { b.ReportMetric(ratio(b, run, alone), "x-cryptography") })
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
	c := count(w.Log.Events(), o.Profile.Dialect)
	c.keys = len(w.stock.keys)
	return c
}

// ratio takes turns with the two, so that whatever else the machine does is done to both.
func ratio(b *testing.B, run, alone func()) float64 {
	var runs, alones []time.Duration
	for b.Loop() {
		began := time.Now()
		run()
		between := time.Now()
		alone()
		runs, alones = append(runs, between.Sub(began)), append(alones, time.Since(between))
	}
	slices.Sort(runs)
	slices.Sort(alones)
	return float64(runs[len(runs)/10]) / float64(alones[len(alones)/10])
}

// alone does this cryptography and nothing else.
func (c cryptography) alone(b *testing.B) func() {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	digest := sha256.Sum256([]byte("a message"))
	if err != nil {
		b.Fatal(err)
	}
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	signatureRSA, err := rsa.SignPKCS1v15(nil, old, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	times := func(n int, do func() error) {
		for range n {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
	}
	return func() {
		times(c.keys, func() error { _, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); return err })
		times(c.signed, func() error { _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); return err })
		times(c.verified, func() error {
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				return errors.New("a good signature does not verify")
			}
			return nil
		})
		times(c.signedRSA, func() error { _, err := rsa.SignPKCS1v15(nil, old, crypto.SHA256, digest[:]); return err })
		times(c.verifiedRSA, func() error { return rsa.VerifyPKCS1v15(&old.PublicKey, crypto.SHA256, digest[:], signatureRSA) })
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
	var shared Options
	for b.Loop() {
		shared = Sharing(Options{Seed: seed})
		_, runs, err := worth.Atlas{Run: worthOf(shared), Workers: 1}.Maps(b.Context(), ids, p)
		if err != nil {
			b.Fatal(err)
		}
		played += runs
	}
	b.ReportMetric(float64(played)/float64(b.N), "runs/op")
	b.ReportMetric(float64(played)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(float64(len(ids)), "attacks")
	t := shared.stock.memo.Tallies()
	b.ReportMetric(float64(t.Signatures.Asked), "signatures-made")
	b.ReportMetric(float64(t.Signatures.Done), "signatures-done")
	b.ReportMetric(float64(t.Verifications.Asked), "verifications-made")
	b.ReportMetric(float64(t.Verifications.Done), "verifications-done")
}
