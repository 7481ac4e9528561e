package idp

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// contains tells whether the text is anywhere in an event.
func contains(b any, text string) bool { return strings.Contains(fmt.Sprintf("%+v", b), text) }

func wrongAssertions() []wrong {
	spoiled := func(name string, spoil func(*call), cs ...*control.Control) wrong {
		return wrong{name: name, by: cs, code: "invalid_client", do: func(l *lab) answer { return l.ehr.clientCredentials(spoil) }}
	}
	at := func(base time.Time, d time.Duration) int64 { return base.Add(d).Unix() }
	return []wrong{
		spoiled("unsigned", func(c *call) { c.jwt = must(fapi.ForgeUnsigned(c.header, c.assertion)) }, control.ASAssertionAlg),
		spoiled("HMAC with the public key", func(c *call) {
			c.jwt = must(fapi.ForgeHMAC(c.header, c.assertion, c.key.Public()))
		}, control.ASAssertionAlg),
		spoiled("another's key", func(c *call) { c.key = key("other") }, control.ASAssertionSignature),
		spoiled("unknown kid", func(c *call) { c.header.Kid = "key-of-1999" }, control.ASAssertionSignature),
		spoiled("claims changed after signing", func(c *call) {
			signed := must(fapi.Sign(c.header, c.assertion, c.key))
			c.assertion.JTI = "another"
			parts := strings.Split(must(fapi.Sign(c.header, c.assertion, c.key)), ".")
			c.jwt = parts[0] + "." + parts[1] + signed[strings.LastIndex(signed, "."):]
		}, control.ASAssertionSignature),
		spoiled("no typ", func(c *call) { c.header.Typ = "" }, control.ASAssertionTyp),
		spoiled("typ of an old library", func(c *call) { c.header.Typ = "JWT" }, control.ASAssertionTyp),
		spoiled("another client's assertion", func(c *call) {
			c.key, c.header.Kid = key("other"), "other"
			c.assertion.Issuer, c.assertion.Subject = "other", "other"
			c.form.Set("client_id", "ehr")
		}, control.ASAssertionSubject),
		spoiled("another subject", func(c *call) { c.assertion.Subject = "other" }, control.ASAssertionSubject),
		spoiled("no issuer", func(c *call) { c.assertion.Issuer = "" }, control.ASAssertionSubject),
		spoiled("another server", func(c *call) { c.assertion.Audience.Values[0] = "https://rogue.example" },
			control.ASAssertionAudience, control.ASAssertionIssuerAud),
		spoiled("no audience", func(c *call) { c.assertion.Audience = fapi.Audience{} },
			control.ASAssertionAudience, control.ASAssertionIssuerAud),
		spoiled("audience in an array", func(c *call) { c.assertion.Audience.Array = true }, control.ASAssertionIssuerAud),
		spoiled("audience among others", func(c *call) {
			c.assertion.Audience = fapi.Audience{Values: []string{"https://rogue.example", testIssuer}, Array: true}
		}, control.ASAssertionIssuerAud),
		spoiled("token endpoint as audience", func(c *call) { c.assertion.Audience.Values[0] = testIssuer + "/token" }, control.ASAssertionIssuerAud),
		spoiled("issuer with a slash", func(c *call) { c.assertion.Audience.Values[0] = testIssuer + "/" },
			control.ASAssertionAudience, control.ASAssertionIssuerAud),
		{name: "PAR endpoint as audience", by: by(control.ASAssertionIssuerAud), do: func(l *lab) answer {
			f := l.ehr.newFlow()
			f.pushed = func(c *call) { c.assertion.Audience.Values[0] = testIssuer + "/par" }
			return f.push()
		}},
		spoiled("expired", func(c *call) {
			c.assertion.IssuedAt -= 60
			c.assertion.NotPrior -= 60
			c.assertion.Expires = c.assertion.IssuedAt + 60
		}, control.ASAssertionExp),
		spoiled("no expiry", func(c *call) { c.assertion.Expires = 0 }, control.ASAssertionExp, control.ASAssertionLifetime),
		spoiled("dated ahead", func(c *call) {
			now := time.Unix(c.assertion.IssuedAt, 0)
			c.assertion.IssuedAt, c.assertion.NotPrior, c.assertion.Expires = at(now, 61*time.Second), 0, at(now, 90*time.Second)
		}, control.ASAssertionIat),
		spoiled("not yet valid", func(c *call) { c.assertion.NotPrior += 61 }, control.ASAssertionIat),
		spoiled("lives too long", func(c *call) { c.assertion.Expires = c.assertion.IssuedAt + 61 }, control.ASAssertionLifetime),
		spoiled("lives too long, undated", func(c *call) {
			c.assertion.Expires = c.assertion.IssuedAt + 61
			c.assertion.IssuedAt = 0
		}, control.ASAssertionLifetime),
		spoiled("no jti", func(c *call) { c.assertion.JTI = "" }, control.ASAssertionJTI),
		{name: "used twice", by: by(control.ASAssertionJTI), code: "invalid_client", do: func(l *lab) answer {
			same := l.ehr.reuseAssertion()
			l.ehr.clientCredentials(same)
			return l.ehr.clientCredentials(same)
		}},
		{name: "used at another endpoint before", by: by(control.ASAssertionJTI), do: func(l *lab) answer {
			same := l.ehr.reuseAssertion()
			f := l.ehr.newFlow()
			f.pushed = same
			f.push()
			return l.ehr.clientCredentials(same)
		}},
	}
}

// reuseAssertion puts one and the same assertion into every request.
func (a *app) reuseAssertion() func(*call) {
	jwt := ""
	return func(c *call) {
		if jwt == "" {
			jwt = must(fapi.Sign(c.header, c.assertion, c.key))
		}
		c.jwt = jwt
	}
}

// Clocks differ (SP 5.3.2.1-13), and neither iat nor nbf is obligatory.
func TestAssertionsThatAreFine(t *testing.T) {
	for name, spoil := range map[string]func(*call){
		"clock 8 s ahead":        func(c *call) { c.assertion.IssuedAt += 8; c.assertion.NotPrior += 8; c.assertion.Expires += 8 },
		"clock 60 s ahead":       func(c *call) { c.assertion.IssuedAt += 60; c.assertion.NotPrior += 60; c.assertion.Expires += 60 },
		"no iat, no nbf":         func(c *call) { c.assertion.IssuedAt, c.assertion.NotPrior = 0, 0 },
		"no kid":                 func(c *call) { c.header.Kid = "" },
		"typ with application/":  func(c *call) { c.header.Typ = "application/" + c.header.Typ },
		"no client_id parameter": func(c *call) { c.spoilRequest = replace("client_id", "") },
	} {
		if a := newLab(t, strict(t)).ehr.clientCredentials(spoil); !a.succeeded() {
			t.Errorf("%s: refused by %q (%s)", name, a.by, a.fault)
		}
	}
}

// FAPI 2.0 permits PS256, ES256 and EdDSA (SP 5.4.1); RS256 it does not.
func TestAssertionAlgorithms(t *testing.T) {
	ps256, err := fapi.NewRSAKey("ps", "PS256")
	if err != nil {
		t.Fatal(err)
	}
	ed, err := fapi.ParseKey([]byte(ed25519JWK))
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, strict(t))
	l.clients["ehr"].Keys = append(l.clients["ehr"].Keys, ps256.Public(), ed.Public())
	for _, c := range []struct {
		alg string
		key *fapi.Key
		by  *control.Control
	}{
		{"ES256", key("ehr"), nil}, {"PS256", ps256, nil}, {"EdDSA", ed, nil}, {"Ed25519", ed, nil}, {"RS256", ps256, control.ASAssertionAlg},
	} {
		a := l.ehr.clientCredentials(func(x *call) { x.key, x.header.Kid, x.header.Alg = c.key, c.key.ID, c.alg })
		if c.by == nil && !a.succeeded() {
			t.Errorf("%s: refused by %q (%s)", c.alg, a.by, a.fault)
		} else if c.by != nil {
			a.expect(t, c.by, http.StatusUnauthorized, "invalid_client")
		}
	}
}

// From RFC 8037 appendix A.1.
const ed25519JWK = `{"kty":"OKP","crv":"Ed25519","kid":"ed","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

// Several keys may share a kid (SP 5.4.3): the right one is found.
func TestKeysThatShareAKid(t *testing.T) {
	l := newLab(t, strict(t))
	twin, err := fapi.NewES256Key("ehr", dice.New(99))
	if err != nil {
		t.Fatal(err)
	}
	l.clients["ehr"].Keys = append([]fapi.Public{twin.Public()}, l.clients["ehr"].Keys...)
	if a := l.ehr.clientCredentials(); !a.succeeded() {
		t.Errorf("refused by %q (%s)", a.by, a.fault)
	}
}

// With as/assertion-subject off the server acts for the client that the request names, whoever signed.
func TestWhoseTokenAConfusedServerIssues(t *testing.T) {
	l := newLab(t, strict(t).Without(control.ASAssertionSubject, control.ASDPoPKeyPinned))
	form := url.Values{"grant_type": {grantClientCredentials}, "client_id": {"ehr"}}
	r := l.other.call(pathToken, form).tokens(t)
	if got := claimsOf[fapi.AccessToken](t, r.AccessToken).ClientID; got != "ehr" {
		t.Errorf("expected a token of ehr, got one of %q", got)
	}
}
