package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// A request object that is signed here is taken at PAR, and says what it was asked to say.
func TestRequestObjectIsSigned(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "fapi2-message-signing"), "web-app")
	sign := func(form url.Values) answer { return a.do(a.request(http.MethodPost, a.issuer.URL+pathRequest, form)) }
	got := sign(url.Values{
		"client": {"web-app"}, "response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid user/*.rs"}, "response_mode": {"jwt"},
		"code_challenge": {sampleChallenge}, "code_challenge_method": {"S256"},
	})
	expect(t, got, http.StatusOK, "ey")
	o, err := fapi.ParseRequestObject(string(got.body))
	if err != nil || o.JWT.Header.Typ != fapi.TypRequest || o.Claims.Parameters["scope"][0] != "openid user/*.rs" || o.Claims.Parameters["client"] != nil {
		t.Errorf("got %+v, %v", o, err)
	}
	expect(t, a.back("/par", url.Values{"request": {string(got.body)}}), http.StatusCreated, "request_uri")
	expect(t, a.back("/par", url.Values{"request": {string(got.body)}, "prompt": {"login"}}), http.StatusBadRequest, "invalid_request_object")

	untyped := sign(url.Values{"client": {"web-app"}, "typ": {"none"}})
	if o, err := fapi.ParseRequestObject(string(untyped.body)); err != nil || o.JWT.Header.Typ != "" {
		t.Errorf("expected none to leave the typ out, got %+v, %v", o, err)
	}
	expect(t, sign(url.Values{"client": {"legacy-app"}}), http.StatusBadRequest, "expected client to be one that has a key")
}

// The page where a sign-in by hand ends reads a signed answer, and believes no other.
func TestCallbackReadsSignedAnswers(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "fapi2-message-signing")
	a := newApp(t, s, i, "web-app")
	answer := fapi.AuthorizationResponse{Issuer: i.URL, Code: "a-code", State: "s"}
	signed, err := answer.Sign(i.tenant.key())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, a.get(i.URL+pathCallback+"?response="+signed), http.StatusOK, "-d code=a-code")
	for name, forge := range map[string]func() (string, error){
		"alg none":    func() (string, error) { return fapi.ForgeUnsigned(fapi.Header{}, answer) },
		"another key": func() (string, error) { return answer.Sign(a.client.Key) },
		"another issuer": func() (string, error) {
			return fapi.AuthorizationResponse{Issuer: "x", Code: "a-code"}.Sign(i.tenant.key())
		},
		"no JWT": func() (string, error) { return "junk", nil },
	} {
		forged, err := forge()
		if err != nil {
			t.Fatal(err)
		}
		got := a.get(i.URL + pathCallback + "?response=" + forged)
		if expect(t, got, http.StatusOK, "unreadable_response"); strings.Contains(string(got.body), "-d code=") {
			t.Errorf("%s: expected no code to be believed", name)
		}
	}
}
