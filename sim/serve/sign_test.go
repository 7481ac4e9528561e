package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// Somebody with curl and no key gets a token and a record, under a profile that wants everything.
func TestSigningForOthers(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x~hardened")
	a := newApp(t, s, i, "machine")
	sign := func(path string, p url.Values) string {
		got := a.do(a.request(http.MethodPost, i.URL+path, p))
		expect(t, got, 200, "eyJ")
		return string(got.body)
	}
	token := func() answer {
		r := a.request(http.MethodPost, i.URL+"/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"machine"},
			"client_assertion_type": {fapi.AssertionType}, "client_assertion": {sign(pathAssertion, url.Values{"client": {"machine"}})}})
		r.Header.Set("DPoP", sign(pathProof, url.Values{"client": {"machine"}, "url": {i.URL + "/token"}}))
		return a.do(r)
	}
	issued := token()
	expect(t, issued, 200, "access_token")
	read := func(nonce string) answer {
		r := a.request(http.MethodGet, i.FHIR+"/Patient/p01", nil)
		r.Header.Set("Authorization", "DPoP "+issued.member("access_token"))
		r.Header.Set("DPoP", sign(pathProof, url.Values{"client": {"machine"}, "url": {i.FHIR + "/Patient/p01"}, "token": {issued.member("access_token")}, "nonce": {nonce}}))
		return a.do(r)
	}
	// One origin, one nonce: clients keep them by origin, and are not to be asked at every turn.
	expect(t, read(""), 200, "Patient")
	bare := read("none")
	expect(t, bare, 401, "nonce")
	expect(t, read(bare.Header.Get("DPoP-Nonce")), 200, "Patient")
}

func TestSignedAsJSON(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "web-app")
	post := func(path, body string) answer {
		r := a.request(http.MethodPost, a.issuer.URL+path, nil)
		r.Body, r.ContentLength = http.NoBody, 0
		if body != "" {
			r, _ = http.NewRequest(http.MethodPost, a.issuer.URL+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
		}
		r.Header.Set("Accept", "application/json")
		return a.do(r)
	}
	got := post(pathProof, `{"client":"web-app","url":"https://localhost/x?a=b","method":"delete"}`)
	proof, err := fapi.ParseProof(got.member("proof"))
	if err != nil || proof.Claims.HTM != "DELETE" || proof.Claims.HTU != "https://localhost/x" || got.member("jkt") != a.client.Key.Thumbprint() {
		t.Errorf("got %s, %v", got.body, err)
	}
	expect(t, post(pathAssertion, `{"client":"web-app","audience":"https://other.example"}`), 200, fapi.AssertionType)
	for body, part := range map[string]string{
		`{"client":"web-app"}`:                                 "expected url",
		`{"client":"nobody","url":"https://localhost/"}`:       "expected client to be one that has a key",
		`{"client":"legacy-app","url":"https://localhost/"}`:   "expected client to be one that has a key",
		`{"client":"web-app","uri":"https://localhost/token"}`: `got \"uri\"`,
		`{"client":1}`:                 "JSON object of strings",
		``:                             "expected client",
		strings.Repeat(" ", maxKept+1): "too large",
	} {
		expect(t, post(pathProof, body), 400, part)
	}
	expect(t, a.get(a.issuer.URL+pathProof), 405, "expected POST")
	bad := a.request(http.MethodPost, a.issuer.URL+pathAssertion, nil)
	bad.Body, bad.ContentLength = http.NoBody, 0
	expect(t, a.do(bad), 400, "expected client")
}
