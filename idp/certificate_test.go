package idp

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

func certificateOf(name string) fapi.CertificateTemplate {
	return fapi.CertificateTemplate{
		CommonName: name, Organization: "Clinic", ClientAuthOnly: true, NotBefore: clock.Epoch.AddDate(0, -1, 0), NotAfter: clock.Epoch.AddDate(0, 11, 0),
	}
}

func pairOf(pair *fapi.KeyPair, err error) *fapi.KeyPair {
	if err != nil {
		panic(err)
	}
	return pair
}

var testAuthority = sync.OnceValue(func() *fapi.KeyPair {
	t := certificateOf("Test CA")
	t.Authority, t.ClientAuthOnly = true, false
	return pairOf(t.SelfSigned(key("ca")))
})

// testPair is an app's certificate: of the authority, or its own.
func testPair(id string, d control.Dialect) *fapi.KeyPair {
	if d.ClientAuth == control.SelfSignedTLSClientAuth {
		return pairOf(certificateOf(id).SelfSigned(key(id + "-tls")))
	}
	return pairOf(certificateOf(id).Issue(testAuthority(), key(id+"-tls")))
}

// tlsIdentity is what the app has registered of its certificate.
func (a *app) tlsIdentity() (i TLSIdentity) {
	switch a.dialect.ClientAuth {
	case control.TLSClientAuth:
		i.Subject.DN = "cn=" + a.id + ", o=Clinic"
	case control.SelfSignedTLSClientAuth:
		i.Certificates = []*x509.Certificate{a.pair.Certificate}
	}
	return i
}

func wrongCertificates() []wrong {
	with := func(id string, make func() *fapi.KeyPair, spoils ...func(*call)) func(*lab) answer {
		return func(l *lab) answer {
			a := map[string]*app{"tls": l.tls, "own": l.own}[id]
			return a.clientCredentials(append([]func(*call){func(c *call) { c.pair = make() }}, spoils...)...)
		}
	}
	rogue := func() *fapi.KeyPair {
		t := certificateOf("Rogue CA")
		t.Authority, t.ClientAuthOnly = true, false
		return pairOf(certificateOf("tls").Issue(pairOf(t.SelfSigned(key("thief"))), key("thief-tls")))
	}
	dated := func(change func(*fapi.CertificateTemplate)) func() *fapi.KeyPair {
		return func() *fapi.KeyPair {
			t := certificateOf("tls")
			change(&t)
			return pairOf(t.Issue(testAuthority(), key("tls-tls")))
		}
	}
	none := func() *fapi.KeyPair { return nil }
	written := func(l *lab) func(*call) {
		return func(c *call) {
			c.pair = nil
			c.spoilRequest = func(r *http.Request) {
				r.Header.Set(fapi.ClientCertHeader, fapi.FormatClientCert(l.tls.pair.Certificate.Raw))
			}
		}
	}
	return []wrong{
		{name: "none", code: "invalid_client", by: by(control.ASClientAuth, control.ASSenderConstrained), do: with("tls", none)},
		{name: "in a header", code: "invalid_client", by: by(control.ASMTLSHeader), do: func(l *lab) answer { return l.tls.clientCredentials(written(l)) }},
		{name: "in a header at PAR", code: "invalid_client", by: by(control.ASMTLSHeader), do: func(l *lab) answer {
			f := l.tls.newFlow()
			f.pushed = written(l)
			return f.push()
		}},
		{name: "of another authority", code: "invalid_client", by: by(control.ASMTLSChain), do: with("tls", rogue)},
		{name: "self-signed", code: "invalid_client", by: by(control.ASMTLSChain), do: with("tls", func() *fapi.KeyPair { return pairOf(certificateOf("tls").SelfSigned(key("thief"))) })},
		{name: "expired", code: "invalid_client", by: by(control.ASMTLSValidity), do: with("tls", dated(func(t *fapi.CertificateTemplate) { t.NotAfter = clock.Epoch.Add(-time.Second) }))},
		{name: "not valid yet", code: "invalid_client", by: by(control.ASMTLSValidity), do: with("tls", dated(func(t *fapi.CertificateTemplate) { t.NotBefore = clock.Epoch.Add(time.Hour) }))},
		{name: "of another client", code: "invalid_client", by: by(control.ASMTLSSubject), do: with("tls", func() *fapi.KeyPair { return testPair("ehr", control.Dialect{}) })},
		// One attribute that reads like two (RFC 8705 s7.4).
		{name: "look-alike", code: "invalid_client", by: by(control.ASMTLSSubject), do: with("tls", func() *fapi.KeyPair {
			t := certificateOf("tls,O=Clinic")
			t.Organization = ""
			return pairOf(t.Issue(testAuthority(), key("thief")))
		})},
		{name: "self-signed and unknown", code: "invalid_client", by: by(control.ASMTLSSelfSigned), do: with("own", func() *fapi.KeyPair { return pairOf(certificateOf("own").SelfSigned(key("thief"))) })},
		{name: "of the authority, and unknown", code: "invalid_client", by: by(control.ASMTLSSelfSigned), do: with("own", func() *fapi.KeyPair { return testPair("tls", control.Dialect{}) })},
		{name: "old secret instead", code: "invalid_client", by: by(control.ASClientAuthRegistered, control.ASClientAuthAsymmetric, control.ASSenderConstrained),
			do: with("tls", none, func(c *call) { c.auth = "client_secret_basic" })},
	}
}

// Every endpoint that asks who is calling takes a certificate, and binds what it issues to it.
func TestHonestDayWithCertificates(t *testing.T) {
	for _, p := range []control.Profile{strict(t), strict(t).Bare(), profile(t, "fapi2-mtls")} {
		l := newLab(t, p)
		for _, a := range []*app{l.tls, l.own} {
			tokens := a.newFlow().tokens()
			if !tokens.succeeded() {
				t.Fatalf("%s: refused by %q (%s): %s", a.id, tokens.by, tokens.fault, tokens.body)
			}
			refreshed := a.refresh(tokens.str(t, "refresh_token"))
			for _, got := range []answer{tokens, refreshed, a.clientCredentials()} {
				at := claimsOf[fapi.AccessToken](t, got.str(t, "access_token"))
				if at.X5T() != a.pair.Thumbprint() || at.JKT() != "" || got.str(t, "token_type") != "Bearer" {
					t.Errorf("%s: expected a Bearer token bound to the certificate, got %s", a.id, got.body)
				}
				told := l.introspect("fhir-api", "fhir secret", got.str(t, "access_token")).json(t)
				if cnf, _ := told["cnf"].(map[string]any); cnf["x5t#S256"] != a.pair.Thumbprint() || told["token_type"] != "Bearer" {
					t.Errorf("%s: introspection: got %v", a.id, told)
				}
			}
			if revoked := a.revoke(refreshed.str(t, "access_token")); !revoked.succeeded() {
				t.Errorf("%s: revocation: %s", a.id, revoked.body)
			}
		}
	}
}

// One server serves both: a proof counts for more than a certificate.
func TestProofBesideACertificate(t *testing.T) {
	l := newLab(t, strict(t))
	at := claimsOf[fapi.AccessToken](t, l.tls.clientCredentials(func(c *call) { c.noProof = false }).str(t, "access_token"))
	if at.JKT() != key("tls-dpop").Thumbprint() || at.X5T() != "" {
		t.Errorf("expected a token bound to the proof's key alone, got %+v", at.Confirmation)
	}
}

// A client that did not ask for certificate-bound tokens gets none, whatever certificate it shows.
func TestCertificateOfAClientThatProves(t *testing.T) {
	l := newLab(t, strict(t))
	l.ehr.clientCredentials(func(c *call) { c.noProof, c.pair = true, l.tls.pair }).
		expect(t, control.ASSenderConstrained, http.StatusBadRequest, "invalid_dpop_proof")
	l.clients["ehr"].CertificateBound = true
	l.ehr.clientCredentials(func(c *call) { c.noProof = true }).
		expect(t, control.ASSenderConstrained, http.StatusBadRequest, "invalid_request")
	at := claimsOf[fapi.AccessToken](t, l.ehr.clientCredentials(func(c *call) { c.noProof, c.pair = true, l.tls.pair }).str(t, "access_token"))
	if at.X5T() != l.tls.pair.Thumbprint() {
		t.Errorf("expected any certificate to do for binding (RFC 8705 s3), got %+v", at.Confirmation)
	}
}

// Proofs and assertions may name an endpoint by its alias.
func TestAliases(t *testing.T) {
	l := newLab(t, strict(t))
	aliases := l.get(testIssuer + wellKnownOAuth).json(t)
	got, _ := aliases["mtls_endpoint_aliases"].(map[string]any)
	for name, want := range map[string]string{
		"token_endpoint": "/token", "pushed_authorization_request_endpoint": "/par", "introspection_endpoint": "/introspect", "revocation_endpoint": "/revoke",
	} {
		if got[name] != testMTLS+want {
			t.Errorf("%s: expected %s, got %v", name, testMTLS+want, got[name])
		}
	}
	methods, _ := aliases["token_endpoint_auth_methods_supported"].([]any)
	if aliases["tls_client_certificate_bound_access_tokens"] != true || !slices.Contains(methods, any("tls_client_auth")) || !slices.Contains(methods, any("self_signed_tls_client_auth")) {
		t.Errorf("expected the metadata to speak of certificates, got %v", aliases)
	}
	a := l.ehr.clientCredentials(func(c *call) { c.proof.HTU = testMTLS + pathToken })
	if !a.succeeded() {
		t.Errorf("htu of the alias: refused by %q: %s", a.by, a.body)
	}
	l.ehr.clientCredentials(func(c *call) { c.proof.HTU = testMTLS + pathPAR }).expect(t, control.ASDPoPHTU, http.StatusBadRequest, "invalid_dpop_proof")
}

func TestServerThatAsksForNoCertificates(t *testing.T) {
	l := newLab(t, strict(t))
	config := l.config(testIssuer)
	config.MTLSBase = ""
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	l.Server = s
	metadata := string(l.get(testIssuer + wellKnownOAuth).body)
	if strings.Contains(metadata, "tls_") {
		t.Errorf("expected metadata without certificates, got %s", metadata)
	}
}

func TestMalformedCertificateHeader(t *testing.T) {
	for _, p := range []control.Profile{strict(t), strict(t).Bare()} {
		l := newLab(t, p)
		a := l.tls.clientCredentials(func(c *call) {
			c.spoilRequest = func(r *http.Request) { r.Header.Set(fapi.ClientCertHeader, ":AAAA:") }
		})
		if a.StatusCode != http.StatusBadRequest || a.by != "" {
			t.Errorf("expected 400 and no control, got %d by %q", a.StatusCode, a.by)
		}
	}
}

// APIs can be known by a certificate too.
func TestIntrospectionWithACertificate(t *testing.T) {
	l := newLab(t, strict(t))
	config := l.config(testIssuer)
	config.Resources[0].Secret, config.Resources[0].TLS.Subject = "", fapi.CertificateSubject{DN: "CN=fhir-api,O=Clinic"}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	l.Server = s
	token := l.tls.clientCredentials().str(t, "access_token")
	ask := func(pair *fapi.KeyPair, header string) answer {
		r := postRequest(testMTLS+pathIntrospect, url.Values{"client_id": {"fhir-api"}, "token": {token}})
		if pair != nil {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{pair.Certificate}}
		}
		if header != "" {
			r.Header.Set(fapi.ClientCertHeader, header)
		}
		return l.do(r)
	}
	own := testPair("fhir-api", control.Dialect{})
	if got := ask(own, "").json(t); got["active"] != true {
		t.Errorf("expected an active token, got %v", got)
	}
	ask(nil, "").expect(t, control.ASIntrospectionCaller, http.StatusUnauthorized, "invalid_client")
	ask(l.tls.pair, "").expect(t, control.ASMTLSSubject, http.StatusUnauthorized, "invalid_client")
	ask(nil, fapi.FormatClientCert(own.Certificate.Raw)).expect(t, control.ASMTLSHeader, http.StatusUnauthorized, "invalid_client")
}

func TestMTLSConfigIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Config)
		says  string
	}{
		"no authority":          {func(c *Config) { c.Authorities = nil }, "Authorities"},
		"no subject":            {func(c *Config) { c.Clients[3].TLS.Subject = fapi.CertificateSubject{} }, "subject"},
		"two subjects":          {func(c *Config) { c.Clients[3].TLS.Subject.DNS = "tls.example" }, "exactly one"},
		"subject that is no DN": {func(c *Config) { c.Clients[3].TLS.Subject.DN = "tls" }, "type=value"},
		"no certificates":       {func(c *Config) { c.Clients[4].TLS.Certificates = nil }, "certificates"},
		"aliases over http":     {func(c *Config) { c.MTLSBase = "http://localhost" }, "https"},
		"the subject of another": {func(c *Config) {
			second := c.Clients[3]
			second.ID, second.TLS.Subject.DN = "second", "CN=TLS , O=clinic"
			c.Clients = append(c.Clients, second)
		}, "same certificate subject"},
		"resource without a method": {func(c *Config) { c.Resources[0].Secret = "" }, "secret or a certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			config := newLab(t, strict(t)).config(testIssuer)
			c.spoil(&config)
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("expected an error about %q, got %v", c.says, err)
			}
		})
	}
}

// Clients can register themselves for a certificate (RFC 8705 s2.1.2, s2.2.2, s3.4), and read it back.
func TestRegistrationWithACertificate(t *testing.T) {
	l := registrar(t, strict(t))
	jwk, err := fapi.CertificateJWK(l.own.pair.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	for method, member := range map[string]string{
		"tls_client_auth":             `"tls_client_auth_subject_dn":"CN=ehr,O=Clinic"`,
		"self_signed_tls_client_auth": `"jwks":{"keys":[` + string(jwk) + `]}`,
	} {
		body := `{"token_endpoint_auth_method":"` + method + `",` + member + `,"grant_types":["client_credentials"],"scope":"system/*.rs","tls_client_certificate_bound_access_tokens":true}`
		a := l.json(http.MethodPost, testIssuer+"/register", initialToken, body)
		if a.StatusCode != http.StatusCreated || a.json(t)["tls_client_certificate_bound_access_tokens"] != true || !strings.Contains(string(a.body), member) {
			t.Fatalf("%s: expected to be registered as asked, got %d %s", method, a.StatusCode, a.body)
		}
		app := *l.own
		app.id, app.pair = a.str(t, "client_id"), map[string]*fapi.KeyPair{"tls_client_auth": l.ehr.pair, "self_signed_tls_client_auth": l.own.pair}[method]
		token := app.clientCredentials()
		if !token.succeeded() {
			t.Fatalf("%s: refused by %q (%s): %s", method, token.by, token.fault, token.body)
		}
		if at := claimsOf[fapi.AccessToken](t, token.str(t, "access_token")); at.X5T() != app.pair.Thumbprint() {
			t.Errorf("%s: expected a token bound to the certificate, got %+v", method, at.Confirmation)
		}
	}
	for name, body := range map[string]string{
		"no subject":        `{"token_endpoint_auth_method":"tls_client_auth","grant_types":["client_credentials"]}`,
		"two subjects":      `{"token_endpoint_auth_method":"tls_client_auth","grant_types":["client_credentials"],"tls_client_auth_san_dns":"a","tls_client_auth_san_email":"b"}`,
		"no certificate":    `{"token_endpoint_auth_method":"self_signed_tls_client_auth","grant_types":["client_credentials"],"jwks":{"keys":[]}}`,
		"odd certificate":   `{"token_endpoint_auth_method":"self_signed_tls_client_auth","grant_types":["client_credentials"],"jwks":{"keys":[{"x5c":["AAAA"]}]}}`,
		"jwks of no object": `{"token_endpoint_auth_method":"self_signed_tls_client_auth","grant_types":["client_credentials"],"jwks":7}`,
	} {
		if a := l.json(http.MethodPost, testIssuer+"/register", initialToken, body); a.StatusCode != 400 || a.str(t, "error") != "invalid_client_metadata" {
			t.Errorf("%s: expected to be refused, got %d %s", name, a.StatusCode, a.body)
		}
	}
}
