package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

func TestGuardsAreTheCatalogue(t *testing.T) {
	stands := map[string]int{}
	for _, c := range Guards() {
		stands[c.ID]++
	}
	for _, c := range control.All() {
		if c.Owner == control.RS && stands[c.ID] != 1 {
			t.Errorf("expected %s in one guard, got %d", c.ID, stands[c.ID])
		}
		if c.Owner != control.RS && stands[c.ID] != 0 {
			t.Errorf("%s is not ours to enforce", c.ID)
		}
	}
}

func TestGuardsStandInTheOrderOfTheCatalogue(t *testing.T) {
	place := map[*control.Control]int{}
	for i, c := range control.All() {
		place[c] = i
	}
	for _, list := range [][]control.Guard[visit]{tokenGuards, certificateGuards, proofGuards, missGuards, stepUpGuards, exportGuards, onceGuards} {
		for i := 1; i < len(list); i++ {
			if place[list[i-1].Control] > place[list[i].Control] {
				t.Errorf("%s stands before %s", list[i-1].Control, list[i].Control)
			}
		}
	}
}

// spoilt is a request that is wrong by one thing.
type spoilt struct {
	name    string
	control *control.Control
	target  string // default: the record of a patient of the caller's
	spoil   func(*try)
	status  int // default 401
	// then is what stops it once its control is off; empty if nothing does.
	then *control.Control
}

func bearerToken(t *try) { t.scheme, t.noProof, t.claims.Confirmation = "Bearer", true, nil }

func forge(make func(fapi.Header, any) (string, error), h func(*try) fapi.Header, claims func(*try) any) func(*try) string {
	return func(t *try) string {
		s, err := make(h(t), claims(t))
		if err != nil {
			t.w.tb.Fatal(err)
		}
		return s
	}
}

var (
	tokenHead   = func(t *try) fapi.Header { return t.tokenHeader }
	tokenClaims = func(t *try) any { return t.claims }
	proofHead   = func(t *try) fapi.Header {
		return fapi.Header{Typ: fapi.TypProof, JWK: t.proofKey.Public().JWK}
	}
	proofClaims = func(t *try) any { return t.proof }
)

var wrongByOneThing = []spoilt{
	{name: "token in the query", control: control.RSTokenInHeader, status: 400, then: control.RSDPoPScheme,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) {
				_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
				r.Header.Del("Authorization")
				r.URL.RawQuery = "access_token=" + token
			}
		}},
	{name: "two Authorization headers", control: control.RSOneCredential, status: 400,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }
		}},
	{name: "token with alg none", control: control.RSTokenAlg,
		spoil: func(t *try) { t.makeToken = forge(fapi.ForgeUnsigned, tokenHead, tokenClaims) }},
	{name: "token with HMAC over the public key", control: control.RSTokenAlg,
		spoil: func(t *try) {
			t.makeToken = forge(func(h fapi.Header, c any) (string, error) {
				return fapi.ForgeHMAC(h, c, t.w.as.key.Public())
			}, tokenHead, tokenClaims)
		}},
	{name: "token signed by the thief", control: control.RSTokenSignature,
		spoil: func(t *try) { t.tokenKey = t.w.thief }},
	{name: "token with a key nobody knows", control: control.RSTokenSignature,
		spoil: func(t *try) { t.tokenHeader.Kid = "no-such-key" }},
	{name: "ID token", control: control.RSTokenType, spoil: func(t *try) { t.tokenHeader.Typ = "JWT" }},
	{name: "token without typ", control: control.RSTokenType, spoil: func(t *try) { t.tokenHeader.Typ = "" }},
	{name: "token of another issuer", control: control.RSTokenIssuer, spoil: func(t *try) { t.claims.Issuer += "/" }},
	{name: "token without issuer", control: control.RSTokenIssuer, spoil: func(t *try) { t.claims.Issuer = "" }},
	{name: "token for the laboratory", control: control.RSTokenAudience,
		spoil: func(t *try) { t.claims.Audience = fapi.Audience{Values: []string{"https://lab.thiefbox.test/fhir"}} }},
	{name: "token without audience", control: control.RSTokenAudience, spoil: func(t *try) { t.claims.Audience = fapi.Audience{} }},
	{name: "expired token", control: control.RSTokenExpiry, spoil: func(t *try) { t.claims.Expires = t.w.clock.Now().Unix() }},
	{name: "token for a day to come", control: control.RSTokenNotBefore, spoil: func(t *try) { t.claims.NotPrior = t.w.clock.Now().Add(time.Second).Unix() }},
	{name: "token without exp", control: control.RSTokenExpiry, spoil: func(t *try) { t.claims.Expires = 0 }},
	{name: "revoked token", control: control.RSTokenRevoked,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) {
				t.w.as.revoked[strings.TrimPrefix(r.Header.Get("Authorization"), "DPoP ")] = true
			}
		}},
	{name: "introspection impossible", control: control.RSStandingKnown,
		spoil: func(t *try) { t.w.a.Secret, t.w.a.authority.basic = "wrong", basicAuth(t.w.a.ID, "wrong") }},
	{name: "bearer token", control: control.RSSenderBound, spoil: bearerToken},
	{name: "scope for another type", control: control.RSScope, status: 403, spoil: func(t *try) { t.claims.Scope = "user/Observation.rs" }},
	{name: "scope to search only", control: control.RSScope, status: 403, spoil: func(t *try) { t.claims.Scope = "user/Patient.s" }},
	{name: "no scope", control: control.RSScope, status: 403, spoil: func(t *try) { t.claims.Scope = "" }},
	{name: "bound token under Bearer", control: control.RSDPoPScheme, spoil: func(t *try) { t.scheme, t.noProof = "Bearer", true }},
	{name: "certificate in a header", control: control.RSMTLSHeader,
		spoil: func(t *try) {
			byCertificate(t, "client", nil)
			t.touch = func(r *http.Request) {
				r.Header.Set(fapi.ClientCertHeader, fapi.FormatClientCert(testPair(t.w.tb, "client").Certificate.Raw))
			}
		}},
	{name: "no certificate", control: control.RSMTLSCertificate, spoil: func(t *try) { byCertificate(t, "client", nil) }},
	{name: "another certificate", control: control.RSMTLSBinding,
		spoil: func(t *try) { byCertificate(t, "client", testPair(t.w.tb, "thief")) }},
	{name: "no proof", control: control.RSDPoPOneProof, spoil: func(t *try) { t.noProof = true }},
	{name: "empty proof", control: control.RSDPoPOneProof, spoil: func(t *try) { t.makeProof = func(*try) string { return "" } }},
	{name: "two proofs", control: control.RSDPoPOneProof,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) { r.Header.Add("DPoP", r.Header.Get("DPoP")) }
		}},
	{name: "two proofs in one header", control: control.RSDPoPOneProof,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) { r.Header.Set("DPoP", r.Header.Get("DPoP")+", "+r.Header.Get("DPoP")) }
		}},
	{name: "proof without jti", control: control.RSDPoPClaims, spoil: func(t *try) { t.proof.JTI = "" }},
	{name: "proof without htm", control: control.RSDPoPClaims, then: control.RSDPoPHTM, spoil: func(t *try) { t.proof.HTM = "" }},
	{name: "proof without htu", control: control.RSDPoPClaims, then: control.RSDPoPHTU, spoil: func(t *try) { t.proof.HTU = "" }},
	{name: "proof without iat", control: control.RSDPoPClaims, then: control.RSDPoPIat, spoil: func(t *try) { t.proof.IAT = 0 }},
	{name: "proof with typ JWT", control: control.RSDPoPTyp, spoil: func(t *try) { t.proofTyp = "JWT" }},
	{name: "unsigned proof", control: control.RSDPoPAlg,
		spoil: func(t *try) { t.makeProof = forge(fapi.ForgeUnsigned, proofHead, proofClaims) }},
	{name: "proof with HMAC over the public key", control: control.RSDPoPAlg,
		spoil: func(t *try) {
			t.makeProof = forge(func(h fapi.Header, c any) (string, error) {
				return fapi.ForgeHMAC(h, c, t.proofKey.Public())
			}, proofHead, proofClaims)
		}},
	{name: "proof that shows the private key", control: control.RSDPoPPrivateKey,
		spoil: func(t *try) {
			t.makeProof = func(t *try) string {
				return sign(t.w.tb, fapi.Header{Typ: fapi.TypProof, JWK: t.proofKey.PrivateJWK()}, t.proof, t.proofKey)
			}
		}},
	{name: "answer signed by the thief", control: control.RSAnswerSignature, spoil: func(t *try) { t.w.as.answerKey = t.w.thief }},
	{name: "answer signed under a kid nobody knows", control: control.RSAnswerSignature,
		spoil: func(t *try) { t.w.as.answerKey = testKey(t.w.tb, "unknown") }},
	{name: "answer for another API", control: control.RSAnswerAudience, spoil: spoilAnswer(func(a *fapi.SignedIntrospection) {
		a.Audience = fapi.Audience{Values: []string{"lab"}}
	})},
	{name: "answer for nobody", control: control.RSAnswerAudience,
		spoil: spoilAnswer(func(a *fapi.SignedIntrospection) { a.Audience = fapi.Audience{} })},
	{name: "answer about another token", control: control.RSAnswerToken, spoil: spoilAnswer(func(a *fapi.SignedIntrospection) {
		a.Answer = fapi.Introspection(&fapi.AccessToken{JTI: "another"}, "DPoP")
	})},
	{name: "answer about no token in particular", control: control.RSAnswerToken,
		spoil: spoilAnswer(func(a *fapi.SignedIntrospection) { a.Answer = []byte(`{"active":true}`) })},
	{name: "old answer", control: control.RSAnswerFresh, spoil: spoilAnswer(func(a *fapi.SignedIntrospection) { a.IssuedAt -= 11 })},
	{name: "answer of the future", control: control.RSAnswerFresh, spoil: spoilAnswer(func(a *fapi.SignedIntrospection) { a.IssuedAt += 11 })},
	{name: "answer without a date", control: control.RSAnswerFresh, spoil: spoilAnswer(func(a *fapi.SignedIntrospection) { a.IssuedAt = 0 })},
	{name: "proof signed by another key than it shows", control: control.RSDPoPSignature,
		spoil: func(t *try) {
			t.makeProof = func(t *try) string {
				return sign(t.w.tb, fapi.Header{Typ: fapi.TypProof, JWK: t.w.client.Public().JWK}, t.proof, t.w.thief)
			}
		}},
	{name: "proof of the thief's own key", control: control.RSDPoPBinding, spoil: func(t *try) { t.proofKey = t.w.thief }},
	{name: "proof for another method", control: control.RSDPoPHTM, spoil: func(t *try) { t.proof.HTM = "POST" }},
	{name: "proof with a small method", control: control.RSDPoPHTM, spoil: func(t *try) { t.proof.HTM = "get" }},
	{name: "proof for another record", control: control.RSDPoPHTU, spoil: func(t *try) { t.proof.HTU = testBase + "/Patient/p02" }},
	{name: "proof for another host", control: control.RSDPoPHTU,
		spoil: func(t *try) { t.proof.HTU = "https://mallory.test/fhir/Patient/p01" }},
	{name: "proof for the host that Host names", control: control.RSDPoPHTU,
		spoil: func(t *try) {
			t.proof.HTU = "https://mallory.test/fhir/Patient/p01"
			t.touch = func(r *http.Request) {
				r.Host = "mallory.test"
				r.Header.Set("Forwarded", "host=mallory.test")
			}
		}},
	{name: "another method in a header", control: control.RSMethodOverride, status: 400,
		spoil: func(t *try) {
			t.touch = func(r *http.Request) { r.Header.Set("X-Method-Override", "delete") } // of a GET nothing comes of it
		}},
	{name: "proof for the host that a proxy names", control: control.RSForwardedHost, status: 421,
		spoil: func(t *try) {
			t.proof.HTU = "https://mallory.test/fhir/Patient/p01"
			t.touch = func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "mallory.test") }
		}},
	{name: "proof for another token", control: control.RSDPoPAth, spoil: func(t *try) { t.proof.ATH = fapi.Hash("another") }},
	{name: "proof made too long ago", control: control.RSDPoPIat, spoil: func(t *try) { t.proof.IAT -= 61 }},
	{name: "proof dated too far ahead", control: control.RSDPoPIat, spoil: func(t *try) { t.proof.IAT += 11 }},
	{name: "proof without nonce", control: control.RSDPoPNonce, spoil: func(t *try) { t.proof.Nonce = "" }},
	{name: "proof with a stale nonce", control: control.RSDPoPNonce,
		spoil: func(t *try) { t.proof.Nonce = t.w.a.nonces.at(t.w.clock.Now().Add(-2 * time.Minute)).current }},
	{name: "record of somebody else's patient", control: control.RSEntitlementRead, target: "/Patient/p40", status: 404,
		spoil: func(*try) {}},
	{name: "everything about somebody else's patient", control: control.RSEntitlementEverything, target: "/Patient/p40/$everything", status: 404,
		spoil: func(*try) {}},
	{name: "old version of somebody else's patient", control: control.RSEntitlementHistory, target: "/Patient/p40/_history/1", status: 404,
		spoil: func(*try) {}},
	{name: "caller whom nobody knows", control: control.RSEntitlementRead, status: 404,
		spoil: func(t *try) { t.claims.Subject = "mallory" }},
}

func spoilAnswer(spoil func(*fapi.SignedIntrospection)) func(*try) {
	return func(t *try) { t.w.as.spoilAnswer = spoil }
}

func TestWrongByOneThing(t *testing.T) {
	for _, s := range wrongByOneThing {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			rec := s.try(w)
			if by := w.refusedBy(); by != s.control.ID {
				t.Fatalf("expected %s to refuse, got %q: %d %s", s.control, by, rec.Code, rec.Body)
			}
			status := s.status
			if status == 0 {
				status = 401
			}
			wantStatus(t, rec, status)
			wantOutcome(t, rec)
			for _, r := range w.rulings() {
				if r.Control == s.control.ID && (r.Want == "" || r.Got == "") {
					t.Errorf("expected the log to say what was wanted and what came, got %+v", r)
				}
			}
			if len(w.accesses()) != 0 {
				t.Error("a refused request counts as an access")
			}

			careless := newWorld(t, strictest(t).Without(s.control))
			rec = s.try(careless)
			switch by := careless.refusedBy(); {
			case s.then == nil && (rec.Code != 200 || by != ""):
				t.Errorf("with %s off nothing should stop it, but %q did: %d", s.control, by, rec.Code)
			case s.then != nil && by != s.then.ID:
				t.Errorf("with %s off %s should stop it, got %q", s.control, s.then, by)
			}
		})
	}
}

func (s spoilt) try(w *world) *httptest.ResponseRecorder {
	target := s.target
	if target == "" {
		target = "/Patient/p01"
	}
	t := w.honest("GET", target)
	s.spoil(t)
	return t.send()
}

func TestEveryControlIsTried(t *testing.T) {
	tried := map[*control.Control]bool{
		// Those that need a past are tried in replay_test.go, the search in search_test.go, writing in write_test.go.
		control.RSDPoPJTI: true, control.RSDPoPJTISpelling: true, control.RSDPoPJTIWindow: true, control.RSDPoPJTIShared: true,
		control.RSEntitlementFind: true, control.RSEntitlementWrite: true,
		control.RSEntitlementChain: true, control.RSEntitlementReference: true, // there too
		// In export_test.go and ways_test.go.
		control.RSEntitlementExport: true, control.RSExportOwner: true, control.RSEntitlementInclude: true, control.RSEntitlementRevInclude: true,
		control.RSEntitlementCount: true, control.RSEntitlementCondition: true, control.RSMisses: true,
		control.RSEntitlementGraph:  true,                            // in graphql_test.go
		control.RSEntitlementBinary: true,                            // in binary_test.go
		control.RSOldBase:           true,                            // in oldbase_test.go
		control.RSVolume:            true,                            // in volume_test.go
		control.RSTenant:            true,                            // in tenant_test.go
		control.RSEntitlementPage:   true, control.RSPageOwner: true, // in page_test.go
		control.RSStepUp:            true,                                                                                                             // in stepup_test.go
		control.RSEntitlementNotify: true, control.RSSubscriptionOwner: true, control.RSSubscriptionEndpoint: true, control.RSSubscriptionToken: true, // in subscription_test.go
		control.RSRate:        true,                              // in rate_test.go
		control.RSAuditReader: true, control.RSAuditAppend: true, // in audit_test.go
		control.RSElements:  true,                                                          // in elements_test.go
		control.RSLabelRead: true, control.RSLabelSearch: true, control.RSLabelWrite: true, // in label_test.go
		control.RSConsent: true, control.RSConsentAuthor: true, // in consent_test.go
		control.RSAssignedProperties: true,                                                                                     // in assigned_test.go
		control.RSNarrative:          true,                                                                                     // in narrative_test.go
		control.RSGlassClinician:     true, control.RSGlassSignIn: true, control.RSGlassReach: true, control.RSGlassOnce: true, // in glass_test.go
		control.RSScopeInclude: true, control.RSScopeChain: true, // in door_test.go
		control.RSPatientContext: true, control.RSScopeQuery: true, control.RSScopeSince: true, // in limits_test.go
	}
	for _, s := range wrongByOneThing {
		tried[s.control] = true
	}
	for _, c := range Guards() {
		if !tried[c] {
			t.Errorf("%s has no request that is wrong by it", c)
		}
	}
}

func TestHonestRequestsWorkWhateverIsOff(t *testing.T) {
	for _, c := range append([]*control.Control{nil}, Guards()...) {
		p := strictest(t)
		name := "none"
		if c != nil {
			p, name = p.Without(c), c.ID
		}
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, p)
			wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
			wantStatus(t, w.honest("GET", "/Observation?patient=p01").send(), 200)
			post := w.honest("POST", "/Patient/_search")
			post.form = url.Values{"_id": {"p01"}}
			wantStatus(t, post.send(), 200)
		})
	}
}
