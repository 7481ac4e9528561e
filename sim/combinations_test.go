package sim

import (
	"context"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// Client authentication and sender constraint are two fields of the dialect, and independent: the
// conformance suite, for one, asks for every combination.
func TestEveryCombinationOfAuthenticationAndConstraintWorks(t *testing.T) {
	for _, auth := range []control.ClientAuth{control.PrivateKeyJWT, control.TLSClientAuth, control.SelfSignedTLSClientAuth} {
		for _, constraint := range []control.Constraint{control.DPoP, control.MTLS} {
			p := profile(t, "fapi2-dpop")
			p.Dialect.ClientAuth, p.Dialect.Constraint = auth, constraint
			t.Run(string(auth)+"/"+string(constraint), func(t *testing.T) {
				for _, controls := range []control.Profile{p, p.Bare(), p.Full()} {
					for _, problem := range honestProblems(t, controls) {
						t.Error(problem)
					}
				}
				checkBinding(t, p, WireMemory)
				checkBinding(t, p, WireTCP)
			})
		}
	}
}

// checkBinding plays an honest day and looks at what the tokens were bound to, and at who showed a
// certificate where.
func checkBinding(t *testing.T, p control.Profile, wire string) {
	t.Helper()
	rec, err := Honest(context.Background(), Options{Profile: p, Seed: seed, Wire: wire})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{} // thumbprints
	tokens := 0
	for _, e := range rec.Events {
		switch b := e.Body.(type) {
		case event.Journey:
			if !b.OK {
				t.Errorf("%s: %s: %s", wire, b.Name, b.Error)
			}
		case event.Request:
			if b.Certificate.Thumbprint == "" {
				continue
			}
			shown[b.Certificate.Thumbprint] = true
			if strings.HasPrefix(b.Message.URL, issuer) || strings.HasPrefix(b.Message.URL, ehrURL) {
				t.Errorf("%s: a certificate was shown at %s, where nobody asks for one", wire, b.Message.URL)
			}
		case event.Issued:
			if b.Type != "access_token" {
				continue
			}
			tokens++
			if byCertificate := p.Dialect.Constraint == control.MTLS; shown[b.Certificate] != byCertificate || (b.Bound == "") != byCertificate {
				t.Errorf("%s: expected a token bound by %s, got one bound to key %q and certificate %q", wire, p.Dialect.Constraint, b.Bound, b.Certificate)
			}
		}
	}
	if tokens == 0 || (len(shown) > 0) != p.Dialect.Certificates() {
		t.Errorf("%s: expected tokens, and certificates where the dialect has them, got %d and %d", wire, tokens, len(shown))
	}
}

// Over sockets the certificates are real: what the server was shown is what memory says it would be.
func TestCertificatesAreTheSameOnBothWires(t *testing.T) {
	p := profile(t, "fapi2-mtls")
	var transcripts []string
	for _, wire := range []string{WireMemory, WireTCP} {
		rec, err := Honest(context.Background(), Options{Profile: p, Seed: seed, Wire: wire})
		if err != nil {
			t.Fatal(err)
		}
		began := rec.Events[0].Body.(event.Began)
		began.Wire = ""
		rec.Events[0].Body = began
		transcripts = append(transcripts, string(report.Transcript(rec)))
	}
	if transcripts[0] != transcripts[1] {
		t.Error("expected the same day on both wires, got two")
	}
}
