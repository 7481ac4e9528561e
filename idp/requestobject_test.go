package idp

import (
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// objectWrong is a request object that is wrong by one thing.
func objectWrong(name string, c *control.Control, spoil func(l *lab, f *flow)) wrong {
	return wrong{name: name, code: "invalid_request_object", by: by(c), do: func(l *lab) answer {
		f := l.ehr.newFlow()
		spoil(l, f)
		return f.tokens()
	}}
}

func wrongObjects() []wrong {
	claims := func(name string, c *control.Control, spoil func(*fapi.RequestObject)) wrong {
		return objectWrong(name, c, func(_ *lab, f *flow) { f.object = spoil })
	}
	return []wrong{
		{name: "plain parameters", code: "invalid_request", by: by(control.ASRequestSigned), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.dialect.Request = control.PushedRequest
			return f.tokens()
		}},
		{name: "a plain answer asked for", code: "invalid_request", by: by(control.ASResponseSigned), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.request.Set("response_mode", "query")
			return f.tokens()
		}},
		{name: "alg none", code: "invalid_request_object", by: by(control.ASRequestAlg), do: pushForged(func(o fapi.RequestObject) string {
			return must(fapi.ForgeUnsigned(fapi.Header{Typ: fapi.TypRequest}, o))
		})},
		{name: "HMAC over the public key", code: "invalid_request_object", by: by(control.ASRequestAlg), do: pushForged(func(o fapi.RequestObject) string {
			return must(fapi.ForgeHMAC(fapi.Header{Typ: fapi.TypRequest}, o, key("ehr").Public()))
		})},
		objectWrong("another client's key", control.ASRequestSignature, func(_ *lab, f *flow) { f.key = key("other") }),
		objectWrong("a kid nobody knows", control.ASRequestSignature, func(_ *lab, f *flow) { f.header.Kid = "unknown" }),
		objectWrong("no typ", control.ASRequestTyp, func(_ *lab, f *flow) { f.header.Typ = "" }),
		objectWrong("typ of an assertion", control.ASRequestTyp, func(_ *lab, f *flow) { f.header.Typ = control.AssertionTypNew }),
		objectWrong("issued and signed by another client", control.ASRequestClient, func(_ *lab, f *flow) {
			f.object = func(o *fapi.RequestObject) { o.Issuer = "other" }
			f.key, f.header.Kid = key("other"), key("other").ID
		}),
		objectWrong("about another client", control.ASRequestClient, func(_ *lab, f *flow) { f.request.Set("client_id", "other") }),
		claims("no iss", control.ASRequestClient, func(o *fapi.RequestObject) { o.Issuer = "" }),
		claims("for another server", control.ASRequestAudience, func(o *fapi.RequestObject) { o.Audience = fapi.Audience{Values: []string{"https://other.example"}} }),
		claims("for the PAR endpoint", control.ASRequestAudience, func(o *fapi.RequestObject) { o.Audience = fapi.Audience{Values: []string{testIssuer + pathPAR}} }),
		claims("for nobody", control.ASRequestAudience, func(o *fapi.RequestObject) { o.Audience = fapi.Audience{} }),
		claims("no nbf", control.ASRequestNotBefore, func(o *fapi.RequestObject) { o.NotPrior = 0 }),
		claims("nbf 61 s ahead", control.ASRequestNotBefore, func(o *fapi.RequestObject) { o.NotPrior += 61 }),
		claims("nbf 60 minutes and a second ago", control.ASRequestNotBefore, func(o *fapi.RequestObject) {
			o.NotPrior -= 3601
			o.Expires = o.NotPrior + 3602 // which is too long, too, by a second
		}).then(control.ASRequestLifetime),
		claims("no exp", control.ASRequestExp, func(o *fapi.RequestObject) { o.Expires = 0 }).then(control.ASRequestLifetime),
		claims("expired just now", control.ASRequestExp, func(o *fapi.RequestObject) { o.Expires = o.IssuedAt }),
		claims("61 minutes", control.ASRequestLifetime, func(o *fapi.RequestObject) { o.Expires = o.NotPrior + 61*60 }),
		{name: "a parameter beside it", code: "invalid_request_object", by: by(control.ASRequestInside), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.pushed = func(c *call) { c.form.Set("prompt", "login") }
			return f.tokens()
		}},
		{name: "another value beside it", code: "invalid_request_object", by: by(control.ASRequestInside), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.pushed = func(c *call) { c.form.Set("state", "another") }
			return f.tokens()
		}},
	}
}

// then adds what refuses next.
func (w wrong) then(cs ...*control.Control) wrong { w.by = append(w.by, cs...); return w }

func pushForged(forge func(fapi.RequestObject) string) func(*lab) answer {
	return func(l *lab) answer {
		f := l.ehr.newFlow()
		f.pushed = func(c *call) {
			now := l.clock.Now()
			c.form.Set("request", forge(fapi.RequestObject{
				Issuer: "ehr", Audience: fapi.Audience{Values: []string{testIssuer}}, NotPrior: now.Unix(), Expires: now.Add(time.Minute).Unix(),
				Parameters: f.request,
			}))
		}
		return f.tokens()
	}
}

// What the rules allow at their edges (OIDF conformance suite: aud in an array, nbf 8 s ahead).
func TestRequestObjectsAtTheEdge(t *testing.T) {
	for name, spoil := range map[string]func(*fapi.RequestObject){
		"aud in an array": func(o *fapi.RequestObject) {
			o.Audience = fapi.Audience{Values: []string{"https://x.example", testIssuer}, Array: true}
		},
		"nbf 60 s ahead":       func(o *fapi.RequestObject) { o.NotPrior += 60 },
		"nbf 60 minutes ago":   func(o *fapi.RequestObject) { o.NotPrior -= 3590; o.Expires = o.NotPrior + 3600 },
		"exactly 60 minutes":   func(o *fapi.RequestObject) { o.Expires = o.NotPrior + 3600 },
		"no iat and no jti":    func(o *fapi.RequestObject) { o.IssuedAt, o.JTI = 0, "" },
		"two APIs":             func(o *fapi.RequestObject) { o.Parameters["resource"] = []string{fhirAPI, labAPI} },
		"max_age as a number":  func(o *fapi.RequestObject) { o.Parameters["max_age"] = []string{"300"} },
		"an unknown parameter": func(o *fapi.RequestObject) { o.Parameters["purpose"] = []string{"treatment"} },
	} {
		f := newLab(t, strict(t)).ehr.newFlow()
		f.object = spoil
		if a := f.tokens(); !a.succeeded() {
			t.Errorf("%s: refused by %q (%s): %s", name, a.by, a.fault, a.body)
		}
	}
}

// The same said twice is the same (RFC 9101 s5).
func TestParametersMayBeRepeatedBesideTheObject(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	f.pushed = func(c *call) {
		for _, name := range []string{"response_type", "scope", "state"} {
			c.form.Set(name, f.request.Get(name))
		}
	}
	if a := f.tokens(); !a.succeeded() {
		t.Errorf("refused by %q (%s): %s", a.by, a.fault, a.body)
	}
}

// What cannot be read is refused under any profile.
func TestMalformedRequestObjects(t *testing.T) {
	for name, spoil := range map[string]func(*flow){
		"a request_uri inside": func(f *flow) { f.request.Set("request_uri", "https://evil.example/request") },
		"a request inside":     func(f *flow) { f.request.Set("request", "e30.e30.") },
		"state twice":          func(f *flow) { f.request.Add("state", "b") },
		"not a JWT":            func(f *flow) { f.pushed = func(c *call) { c.form.Set("request", "junk") } },
		"encrypted":            func(f *flow) { f.pushed = func(c *call) { c.form.Set("request", "e30.e30.e30.e30.e30") } },
		"claims of the wrong type": func(f *flow) {
			f.pushed = func(c *call) {
				c.form.Set("request", must(fapi.Sign(f.header, map[string]any{"iss": "ehr", "exp": "tomorrow"}, f.key)))
			}
		},
	} {
		for _, p := range []control.Profile{strict(t).Without(control.ASDPoPNonce), strict(t).Bare()} {
			f := newLab(t, p).ehr.newFlow()
			spoil(f)
			if a := f.push(); a.by != "" || a.StatusCode != 400 || a.str(t, "error") != "invalid_request_object" {
				t.Errorf("%s: expected 400 invalid_request_object, got %d %s (%s)", name, a.StatusCode, a.body, a.by)
			}
		}
	}
	// Beside the object a request_uri is malformed, too (RFC 9126 s2.1).
	f := newLab(t, strict(t)).ehr.newFlow()
	f.pushed = func(c *call) { c.form.Set("request_uri", requestURIPrefix+"x") }
	f.push().expect(t, nil, 400, "invalid_request")
}

// A client that registered to sign its requests is held to it, whatever the others do (RFC 9101 s10.5); and
// who may, may sign.
func TestRequireSignedRequestObject(t *testing.T) {
	p := unsigned(t).With(control.ASRequestSigned)
	l := newLab(t, p)
	l.clients["ehr"].RequireSignedRequest = true
	l.ehr.newFlow().push().expect(t, control.ASRequestSigned, 400, "invalid_request")
	f := l.other.newFlow()
	if a := f.tokens(); !a.succeeded() {
		t.Errorf("another client: refused by %q (%s): %s", a.by, a.fault, a.body)
	}
	f = l.ehr.newFlow()
	f.dialect.Request = control.SignedRequest
	if a := f.tokens(); !a.succeeded() {
		t.Errorf("signed: refused by %q (%s): %s", a.by, a.fault, a.body)
	}
}

// Through the browser a request object comes by reference alone.
func TestRequestObjectAtTheAuthorizationEndpoint(t *testing.T) {
	l := newLab(t, profile(t, "legacy"))
	f := l.ehr.newFlow()
	f.request.Set("request", "e30.e30.")
	a := l.get(f.plainURL())
	if got := a.location(t).Get("error"); got != "request_not_supported" {
		t.Errorf("expected request_not_supported, got %q", got)
	}
}

// Every algorithm of the profile is good for assertions, request objects, proofs and the server's own tokens,
// and each other one is refused by its rule, not as malformed.
func TestAlgorithms(t *testing.T) {
	for _, alg := range []string{"ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256", "PS512"} {
		for _, national := range []bool{false, true} {
			p := strict(t)
			allowed := alg == "ES256" || alg == "PS256" || alg == "EdDSA" && !national || national && alg != "EdDSA"
			if p.Dialect.ClientAlgs = ""; national {
				p.Dialect.ClientAlgs = "national"
			}
			k := keyOf(alg)
			for where, c := range map[string]*control.Control{"assertion": control.ASAssertionAlg, "object": control.ASRequestAlg, "proof": control.ASDPoPAlg} {
				l := newLab(t, p.Without(control.ASDPoPKeyPinned))
				l.clients["ehr"].Keys = append(l.clients["ehr"].Keys, k.Public())
				f := l.ehr.newFlow()
				f.request.Del("dpop_jkt")
				switch where {
				case "assertion":
					f.pushed = func(c *call) { c.key, c.header.Kid = k, k.ID }
				case "object":
					f.key, f.header.Kid = k, k.ID
				case "proof":
					f.pushed = func(c *call) { c.proofKey, c.proofHeader.JWK = k, publicJWK(k) }
				}
				a := f.push()
				if allowed && !a.succeeded() || !allowed && a.by != c.ID {
					t.Errorf("%s %s, national %t: got %d by %q (%s)", where, alg, national, a.StatusCode, a.by, a.fault)
				}
			}
		}
	}
}

func keyOf(alg string) *fapi.Key {
	made, _ := testKeys.LoadOrStore("alg "+alg, onceKey(alg))
	return made.(func() *fapi.Key)()
}

// The server signs with whatever its key is for.
func TestServerKeys(t *testing.T) {
	for _, alg := range []string{"ES256", "EdDSA", "PS256"} {
		p := strict(t)
		p.Dialect.TokenAlg = alg
		l := newLab(t, p)
		l.keys.make = func() *fapi.Key { return keyOf(alg) }
		tokens := signIn(t, l)
		a := l.introspectSigned("fhir-api", "fhir secret", tokens.AccessToken)
		for _, compact := range []string{tokens.AccessToken, tokens.IDToken, string(a.body)} {
			jwt := mustParse(t, compact)
			if jwt.Header.Alg != alg || jwt.VerifyTrustingAlg(keyOf(alg).Public().Key) != nil {
				t.Errorf("expected a signature with %s, got %+v", alg, jwt.Header)
			}
		}
		if m := publishedBy(t, l); m.IDTokenAlgs[0] != alg || m.AuthorizationAlgs[0] != alg || m.IntrospectionAlgs[0] != alg {
			t.Errorf("expected metadata to say %s, got %+v", alg, m)
		}
	}
}

func publishedBy(t *testing.T, l *lab) (m fapi.Metadata) {
	t.Helper()
	if err := jsonInto(l.get(l.issuer+wellKnownOpenID).body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
