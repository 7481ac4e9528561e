package fhirmock

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"thiefbox/sim/clock"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

func testPair(tb testing.TB, name string) *fapi.KeyPair {
	tb.Helper()
	pair, err := fapi.CertificateTemplate{CommonName: name, NotBefore: clock.Epoch, NotAfter: clock.Epoch.AddDate(1, 0, 0)}.
		SelfSigned(testKey(tb, name+"-tls"))
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// byCertificate makes the token one that is bound to somebody's certificate, and shows a certificate.
func byCertificate(t *try, to string, shown *fapi.KeyPair) {
	t.scheme, t.noProof = "Bearer", true
	t.claims.Confirmation = &fapi.Confirmation{X5T: testPair(t.w.tb, to).Thumbprint()}
	if shown != nil {
		t.touch = func(r *http.Request) { r.TLS = handshake(shown) }
	}
}

func handshake(shown *fapi.KeyPair) *tls.ConnectionState {
	return &tls.ConnectionState{PeerCertificates: []*x509.Certificate{shown.Certificate}}
}

func TestCertificateBoundToken(t *testing.T) {
	for _, p := range []control.Profile{strictest(t), strictest(t).Bare(), profile(t, "fapi2-mtls")} {
		w := newWorld(t, p)
		request := w.honest("GET", "/Patient/p01")
		byCertificate(request, "client", testPair(t, "client"))
		wantStatus(t, request.send(), 200)
	}
}

// A certificate is of no interest where the token is bound to a key, and neither is a header about one.
func TestCertificateBesideAProof(t *testing.T) {
	w := newWorld(t, strictest(t))
	request := w.honest("GET", "/Patient/p01")
	request.touch = func(r *http.Request) {
		r.TLS = handshake(testPair(t, "thief"))
		r.Header.Set(fapi.ClientCertHeader, "nonsense")
	}
	wantStatus(t, request.send(), 200)
}

// A token can be bound to a key and to a certificate: then both are asked for.
func TestTokenBoundToBoth(t *testing.T) {
	for name, test := range map[string]struct {
		shown *fapi.KeyPair
		by    string
	}{"with the certificate": {testPair(t, "client"), ""}, "without": {nil, control.RSMTLSCertificate.ID}} {
		w := newWorld(t, strictest(t))
		request := w.honest("GET", "/Patient/p01")
		request.claims.Confirmation.X5T = testPair(t, "client").Thumbprint()
		if test.shown != nil {
			request.touch = func(r *http.Request) { r.TLS = handshake(test.shown) }
		}
		request.send()
		if by := w.refusedBy(); by != test.by {
			t.Errorf("%s: expected to be refused by %q, got %q", name, test.by, by)
		}
	}
}

func TestCertificateHeaderThatCannotBeRead(t *testing.T) {
	for _, value := range []string{"nonsense", "::", ":AAAA:", ":%:", "-----BEGIN CERTIFICATE-----"} {
		for _, p := range []control.Profile{strictest(t), strictest(t).Bare()} {
			w := newWorld(t, p)
			request := w.honest("GET", "/Patient/p01")
			byCertificate(request, "client", nil)
			request.touch = func(r *http.Request) { r.Header.Set(fapi.ClientCertHeader, value) }
			wantStatus(t, request.send(), 400)
		}
	}
}

// An API without a secret names itself in the form, and asks where certificates are asked for (RFC 8705 s2, s5).
func TestIntrospectionByCertificate(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSAnswerSignature, control.RSAnswerAudience, control.RSAnswerToken, control.RSAnswerFresh)) // the answer says little
	asked := ""
	w.a.authority.basic = nil
	w.a.authority.http = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/mtls/introspect":
			body, _ := io.ReadAll(r.Body)
			asked = r.URL.Host + " " + string(body) + r.Header.Get("Authorization")
			rec := httptest.NewRecorder()
			_, _ = rec.WriteString(`{"active":true}`)
			return rec.Result(), nil
		case "/.well-known/openid-configuration":
			rec := httptest.NewRecorder()
			_, _ = rec.WriteString(`{"issuer":"` + testIssuer + `","jwks_uri":"` + testIssuer + `/jwks","introspection_endpoint":"` + testIssuer +
				`/introspect","mtls_endpoint_aliases":{"introspection_endpoint":"https://mtls.test/mtls/introspect"}}`)
			return rec.Result(), nil
		}
		return w.as.RoundTrip(r)
	})}
	request := w.honest("GET", "/Patient/p01")
	request.makeToken = func(t *try) string { return sign(t.w.tb, t.tokenHeader, t.claims, t.tokenKey) }
	wantStatus(t, request.send(), 200)
	if want := "mtls.test token=" + request.makeToken(request) + "&token_type_hint=access_token&client_id=fhir"; asked != want {
		t.Errorf("expected %s, got %s", want, asked)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
