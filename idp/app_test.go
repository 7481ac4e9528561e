package idp

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// app is an honest client, which speaks the dialect of its profile.
type app struct {
	l        *lab
	id       string
	redirect string
	scope    fapi.Scope
	dialect  control.Dialect
	key      *fapi.Key     // for assertions
	dpop     *fapi.Key     // for proofs
	pair     *fapi.KeyPair // its certificate; shown if the dialect has certificates
	nonce    string
}

func (l *lab) newApp(id string, d control.Dialect) *app {
	return &app{
		l: l, id: id, dialect: d, redirect: "https://" + id + ".example/cb?tenant=1",
		scope: "openid profile offline_access user/*.rs system/*.rs", key: key(id), dpop: key(id + "-dpop"), pair: testPair(id, d),
	}
}

// registration is how the server knows it. Like many a client, it still has the secret it once had.
func (a *app) registration(grants []string) Client {
	return Client{
		CertificateBound: a.dialect.Constraint == control.MTLS, TLS: a.tlsIdentity(),
		ID: a.id, Name: "The " + a.id, AuthMethod: string(a.dialect.ClientAuth), Secret: a.secret(), Keys: []fapi.Public{a.key.Public()},
		RedirectURIs: []string{"https://" + a.id + ".example/other", a.redirect}, GrantTypes: grants, Scope: a.scope + scopesOfLaunches,
		DPoPKeys: []string{a.dpop.Thumbprint()}, Organisation: "999900001",
		DetailTypes: []string{"patient_record", TypeOrganisation, TypeJournal, TypeAttest}, API: labAPI, Downstream: []string{fhirAPI}, EHR: a.id == "ehr",
	}
}

func (a *app) secret() string { return a.id + " secret+/%&=" }

// call is a back-channel request before it is put together, so that a test can spoil any part of it.
type call struct {
	url  string
	form url.Values

	auth      string // method of client authentication; empty for none
	id        string
	secret    string
	assertion fapi.Assertion
	header    fapi.Header // of the assertion
	key       *fapi.Key
	jwt       string // the whole assertion, instead of the above

	proof       fapi.Proof
	proofHeader fapi.Header
	proofKey    *fapi.Key
	proofs      []string // whole proofs, instead of the above
	noProof     bool
	pair        *fapi.KeyPair // shown in the handshake; nil for none

	spoilRequest func(*http.Request) // has the last word
}

// prepare makes a correct request of the dialect.
func (a *app) prepare(path string, form url.Values) *call {
	now := a.l.clock.Now()
	c := &call{
		url: a.l.issuer + path, form: url.Values{}, auth: string(a.dialect.ClientAuth), id: a.id, secret: a.secret(), key: a.key,
		header: fapi.Header{Typ: a.dialect.AssertionTyp, Kid: a.key.ID}, noProof: a.dialect.Constraint != control.DPoP,
		proofKey: a.dpop,
	}
	for k, v := range form {
		c.form[k] = v
	}
	if a.dialect.Certificates() {
		c.pair = a.pair
	}
	audience := a.l.issuer
	if a.dialect.AssertionAudience == control.AudienceEndpoint {
		audience = a.l.issuer + pathToken
	}
	c.assertion = fapi.NewAssertion(a.id, audience, now, a.dialect.AssertionLifetime, a.l.dice.ID())
	c.proof = fapi.NewProof(http.MethodPost, c.url, "", now, a.l.dice.ID())
	c.proof.Nonce = a.nonce
	c.proofHeader = fapi.Header{Typ: fapi.TypProof, JWK: publicJWK(a.dpop)}
	return c
}

func publicJWK(k *fapi.Key) json.RawMessage { return k.Public().JWK }

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// request puts the call together.
func (c *call) request() *http.Request {
	switch control.ClientAuth(c.auth) {
	case control.ClientSecretPost:
		c.form.Set("client_id", c.id)
		c.form.Set("client_secret", c.secret)
	case control.PrivateKeyJWT:
		if !c.form.Has("client_id") {
			c.form.Set("client_id", c.id)
		}
		c.form.Set("client_assertion_type", fapi.AssertionType)
		if c.jwt == "" {
			c.jwt = must(fapi.Sign(c.header, c.assertion, c.key))
		}
		c.form.Set("client_assertion", c.jwt)
	case control.TLSClientAuth, control.SelfSignedTLSClientAuth, "":
		if c.id != "" {
			c.form.Set("client_id", c.id)
		}
	}
	r := postRequest(c.url, c.form)
	if c.pair != nil {
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{c.pair.Certificate}}
	}
	if c.auth == string(control.ClientSecretBasic) {
		r.SetBasicAuth(url.QueryEscape(c.id), url.QueryEscape(c.secret))
	}
	if c.proofs == nil && !c.noProof {
		c.proofs = []string{must(fapi.Sign(c.proofHeader, c.proof, c.proofKey))}
	}
	for _, p := range c.proofs {
		r.Header.Add("DPoP", p)
	}
	if c.spoilRequest != nil {
		c.spoilRequest(r)
	}
	return r
}

// call sends a request, and once more with the nonce if it is asked for one. Spoils are done to both.
func (a *app) call(path string, form url.Values, spoils ...func(*call)) answer {
	a.l.t.Helper()
	ans := a.once(path, form, spoils...)
	if nonce := ans.Header.Get("DPoP-Nonce"); nonce != "" {
		a.nonce = nonce
		if ans.by == control.ASDPoPNonce.ID {
			ans = a.once(path, form, spoils...)
		}
	}
	return ans
}

func (a *app) once(path string, form url.Values, spoils ...func(*call)) answer {
	a.l.t.Helper()
	c := a.prepare(path, form)
	for _, spoil := range spoils {
		spoil(c)
	}
	return a.l.do(c.request())
}

// clientCredentials asks for a token in the app's own name.
func (a *app) clientCredentials(spoils ...func(*call)) answer {
	a.l.t.Helper()
	return a.call(pathToken, url.Values{"grant_type": {grantClientCredentials}, "scope": {"system/*.rs"}, "resource": {fhirAPI}}, spoils...)
}

// refresh asks for a fresh access token.
func (a *app) refresh(token string, spoils ...func(*call)) answer {
	a.l.t.Helper()
	return a.call(pathToken, url.Values{"grant_type": {grantRefreshToken}, "refresh_token": {token}}, spoils...)
}

// revoke withdraws a token.
func (a *app) revoke(token string, spoils ...func(*call)) answer {
	a.l.t.Helper()
	return a.call(pathRevoke, url.Values{"token": {token}}, append([]func(*call){func(c *call) { c.noProof = true }}, spoils...)...)
}
