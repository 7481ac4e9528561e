package idp

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

func wrongProofs() []wrong {
	spoiled := func(name string, spoil func(*call), cs ...*control.Control) wrong {
		return wrong{name: name, by: cs, code: "invalid_dpop_proof", do: func(l *lab) answer { return l.ehr.clientCredentials(spoil) }}
	}
	atPAR := func(w wrong, spoil func(*call)) wrong {
		w.name += " at PAR"
		w.do = func(l *lab) answer {
			f := l.ehr.newFlow()
			f.pushed = spoil
			return f.push()
		}
		return w
	}
	private := func(c *call) { c.proofHeader.JWK = key("ehr-dpop").PrivateJWK() }
	nonceless := func(c *call) { c.proof.Nonce = "" }
	return []wrong{
		spoiled("two headers", func(c *call) {
			signed := must(fapi.Sign(c.proofHeader, c.proof, c.proofKey))
			c.proofs = []string{signed, signed}
		}, control.ASDPoPOneProof),
		spoiled("no typ", func(c *call) { c.proofHeader.Typ = "" }, control.ASDPoPTyp),
		spoiled("typ of an assertion", func(c *call) { c.proofHeader.Typ = "JWT" }, control.ASDPoPTyp),
		spoiled("unsigned", func(c *call) { c.proofs = []string{must(fapi.ForgeUnsigned(c.proofHeader, c.proof))} }, control.ASDPoPAlg),
		spoiled("HMAC with the public key", func(c *call) {
			c.proofs = []string{must(fapi.ForgeHMAC(c.proofHeader, c.proof, c.proofKey.Public()))}
		}, control.ASDPoPAlg),
		spoiled("shows its private key", private, control.ASDPoPPrivateKey),
		atPAR(spoiled("shows its private key", private, control.ASDPoPPrivateKey), private),
		spoiled("signed by another key", func(c *call) { c.proofKey = key("other-dpop") }, control.ASDPoPSignature),
		spoiled("another method", func(c *call) { c.proof.HTM = http.MethodGet }, control.ASDPoPHTM),
		spoiled("method in small letters", func(c *call) { c.proof.HTM = "post" }, control.ASDPoPHTM),
		spoiled("no method", func(c *call) { c.proof.HTM = "" }, control.ASDPoPHTM),
		spoiled("another endpoint", func(c *call) { c.proof.HTU = testIssuer + "/par" }, control.ASDPoPHTU),
		spoiled("another server", func(c *call) { c.proof.HTU = "https://fhir.example/token" }, control.ASDPoPHTU),
		spoiled("no URL", func(c *call) { c.proof.HTU = "" }, control.ASDPoPHTU),
		spoiled("old", func(c *call) { c.proof.IAT -= 61 }, control.ASDPoPIat),
		spoiled("dated ahead", func(c *call) { c.proof.IAT += 61 }, control.ASDPoPIat),
		spoiled("undated", func(c *call) { c.proof.IAT = 0 }, control.ASDPoPIat),
		{name: "no nonce", by: by(control.ASDPoPNonce), code: "use_dpop_nonce", do: func(l *lab) answer { return l.ehr.clientCredentials(nonceless) }},
		atPAR(wrong{name: "no nonce", by: by(control.ASDPoPNonce), code: "use_dpop_nonce"}, nonceless),
		{name: "nonce of nobody", by: by(control.ASDPoPNonce), code: "use_dpop_nonce", do: func(l *lab) answer {
			return l.ehr.clientCredentials(func(c *call) { c.proof.Nonce = "AAAAAAAAAAAAAAAAAAAAAA" })
		}},
		{name: "nonce of yesterday", by: by(control.ASDPoPNonce), code: "use_dpop_nonce", do: func(l *lab) answer {
			old := l.nonces.current(l.now())
			l.clock.Advance(minute(4))
			return l.ehr.clientCredentials(func(c *call) { c.proof.Nonce = old })
		}},
		{name: "used twice", by: by(control.ASDPoPJTI), code: "invalid_dpop_proof", do: func(l *lab) answer {
			l.ehr.clientCredentials()
			same := l.ehr.reuseProof()
			l.ehr.clientCredentials(same)
			return l.ehr.clientCredentials(same)
		}},
		{name: "used twice, dated ahead", by: by(control.ASDPoPJTI), do: func(l *lab) answer {
			l.ehr.clientCredentials()
			ahead, same := func(c *call) { c.proof.IAT += 50 }, l.ehr.reuseProof()
			l.ehr.clientCredentials(ahead, same)
			l.clock.Advance(100 * time.Second) // long forgotten, had it been remembered from when it came
			return l.ehr.clientCredentials(same)
		}},
	}
}

// reuseProof puts one and the same proof into every request.
func (a *app) reuseProof() func(*call) {
	jwt := ""
	return func(c *call) {
		if jwt == "" {
			jwt = must(fapi.Sign(c.proofHeader, c.proof, c.proofKey))
		}
		c.proofs = []string{jwt}
	}
}

func TestProofsThatAreFine(t *testing.T) {
	for name, spoil := range map[string]func(*call){
		"10 s old":           func(c *call) { c.proof.IAT -= 10 },
		"10 s ahead":         func(c *call) { c.proof.IAT += 10 },
		"URL with query":     func(c *call) { c.proof.HTU += "?a=b#c" },
		"URL in capitals":    func(c *call) { c.proof.HTU = strings.Replace(c.proof.HTU, "https://as.", "HTTPS://AS.", 1) },
		"default port":       func(c *call) { c.proof.HTU = strings.Replace(c.proof.HTU, "example/", "example:443/", 1) },
		"lies in Host":       func(c *call) { c.spoilRequest = func(r *http.Request) { r.Host = "somewhere.example" } },
		"typ in capitals":    func(c *call) { c.proofHeader.Typ = "DPoP+JWT" },
		"query on the token": func(c *call) { c.url += "?tenant=1" },
	} {
		if a := newLab(t, strict(t)).ehr.clientCredentials(spoil); !a.succeeded() {
			t.Errorf("%s: refused by %q (%s)", name, a.by, a.fault)
		}
	}
}

// The server's URL is what it was configured to be: a proof for the Host that a request claims is none.
func TestProofForTheHostHeader(t *testing.T) {
	l := newLab(t, strict(t))
	l.ehr.clientCredentials(func(c *call) {
		c.proof.HTU = "https://somewhere.example/token"
		c.spoilRequest = func(r *http.Request) { r.Host = "somewhere.example" }
	}).expect(t, control.ASDPoPHTU, http.StatusBadRequest, "invalid_dpop_proof")
}

func TestMalformedProof(t *testing.T) {
	for name, spoil := range map[string]func(*call){
		"empty":  func(c *call) { c.proofs = []string{""} },
		"no JWT": func(c *call) { c.proofs = []string{"hello"} },
		"two in one": func(c *call) {
			s := must(fapi.Sign(c.proofHeader, c.proof, c.proofKey))
			c.proofs = []string{s + ", " + s}
		},
		"no jwk": func(c *call) { c.proofHeader.JWK = nil },
		"odd claims": func(c *call) {
			c.proofs = []string{must(fapi.Sign(c.proofHeader, map[string]any{"iat": "now"}, c.proofKey))}
		},
		"no jti": func(c *call) { c.proof.JTI = "" },
	} {
		for _, p := range []control.Profile{strict(t), strict(t).Bare()} {
			l := newLab(t, p)
			for _, path := range []string{pathToken, pathPAR} {
				a := l.ehr.once(path, url.Values{"grant_type": {grantClientCredentials}}, spoil)
				if a.by != "" || a.StatusCode != http.StatusBadRequest || a.str(t, "error") != "invalid_dpop_proof" {
					t.Errorf("%s at %s: expected a malformed proof, got %d %s (%s)", name, path, a.StatusCode, a.body, a.by)
				}
			}
		}
	}
}

// A client is handed a nonce when it is refused for want of one, and a fresh one when its own gets old,
// and is otherwise left alone (RFC 9449 s8).
func TestNonceIsOfferedWhenItIsDue(t *testing.T) {
	l := newLab(t, strict(t))
	offered := func() string {
		t.Helper()
		return l.ehr.once(pathPAR, l.ehr.newFlow().signed()).Header.Get("DPoP-Nonce")
	}
	first := offered()
	if first == "" {
		t.Fatal("expected a nonce with the refusal, got none")
	}
	l.ehr.nonce = first
	if n := offered(); n != "" {
		t.Errorf("expected no nonce while the client's is current, got %q", n)
	}
	l.clock.Advance(time.Minute)
	second := offered()
	if second == "" || second == first {
		t.Errorf("expected a fresh nonce after a minute, got %q", second)
	}
	l.clock.Advance(time.Minute)
	if a := l.ehr.once(pathPAR, l.ehr.newFlow().signed()); !a.succeeded() {
		t.Errorf("expected a nonce to be good for two more minutes, refused by %s", a.by)
	}
	l.policy.Set(strict(t).Without(control.ASDPoPNonce))
	l.ehr.nonce = ""
	if n := offered(); n != "" {
		t.Errorf("expected a client that uses no nonce to be left alone, got %q", n)
	}
}
