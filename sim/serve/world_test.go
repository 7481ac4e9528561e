package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// A developer's client, over real sockets: what a test spoils is one line of it.
type app struct {
	t      *testing.T
	issuer *Issuer
	http   *http.Client
	client *Client
	dpop   *fapi.Key
	dice   *dice.Dice
	nonces map[string]string // by server
	typ    string            // of assertions

	spoilAssertion func(*fapi.Assertion)
	spoilProof     func(*fapi.Proof)
	spoilForm      func(url.Values)
}

func start(t *testing.T, c Config) *Server {
	t.Helper()
	c.Now = time.Now
	return InTest(t, c)
}

func issuer(t *testing.T, s *Server, name string) *Issuer {
	t.Helper()
	i, err := s.Issuer(name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func newApp(t *testing.T, s *Server, i *Issuer, client string) *app {
	t.Helper()
	d := dice.Secure()
	key, err := fapi.NewES256Key("dpop", d)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{t: t, issuer: i, http: s.Client(), client: i.Client(client), dpop: key, dice: d, nonces: map[string]string{}, typ: "client-authentication+jwt"}
	t.Cleanup(a.http.CloseIdleConnections)
	return a
}

// answer is a response whose body has been read.
type answer struct {
	*http.Response
	body []byte
}

func (a answer) member(name string) string {
	var m map[string]any
	_ = json.Unmarshal(a.body, &m) // what is no JSON has no members
	s, _ := m[name].(string)
	return s
}

func (a *app) do(r *http.Request) answer {
	a.t.Helper()
	resp, err := a.http.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer{resp, body}
}

func (a *app) get(rawURL string) answer {
	a.t.Helper()
	return a.do(a.request(http.MethodGet, rawURL, nil))
}

func (a *app) request(method, rawURL string, form url.Values) *http.Request {
	a.t.Helper()
	r, err := http.NewRequest(method, rawURL, strings.NewReader(form.Encode()))
	if err != nil {
		a.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// proof signs one with the nonce that the server last offered.
func (a *app) proof(r *http.Request, server, token string) {
	p := fapi.NewProof(r.Method, r.URL.String(), token, time.Now(), a.dice.ID())
	p.Nonce = a.nonces[server]
	if a.spoilProof != nil {
		a.spoilProof(&p)
	}
	signed, err := p.Sign(a.dpop)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("DPoP", signed)
}

// back posts to a back-channel endpoint, once more if a nonce is asked for.
func (a *app) back(path string, form url.Values) answer {
	a.t.Helper()
	for try := 0; ; try++ {
		if a.client.Key != nil {
			as := fapi.NewAssertion(a.client.ID, a.issuer.URL, time.Now(), 10*time.Second, a.dice.ID())
			if a.spoilAssertion != nil {
				a.spoilAssertion(&as)
			}
			signed, err := as.Sign(a.client.Key, a.typ)
			if err != nil {
				a.t.Fatal(err)
			}
			form.Set("client_id", a.client.ID)
			form.Set("client_assertion", signed)
			form.Set("client_assertion_type", fapi.AssertionType)
		}
		if a.spoilForm != nil {
			a.spoilForm(form)
		}
		r := a.request(http.MethodPost, a.issuer.URL+path, form)
		if a.client.Secret != "" {
			r.SetBasicAuth(url.QueryEscape(a.client.ID), url.QueryEscape(a.client.Secret))
		}
		a.proof(r, "as", "")
		got := a.do(r)
		if n := got.Header.Get("DPoP-Nonce"); n != "" {
			a.nonces["as"] = n
		}
		if got.member("error") != "use_dpop_nonce" || try > 0 {
			return got
		}
	}
}

// read reads from the FHIR API, once more if a nonce is asked for.
func (a *app) read(path, token string) answer {
	a.t.Helper()
	for try := 0; ; try++ {
		r := a.request(http.MethodGet, a.issuer.FHIR+path, nil)
		r.Header.Set("Authorization", "DPoP "+token)
		a.proof(r, "fhir", token)
		got := a.do(r)
		if n := got.Header.Get("DPoP-Nonce"); n != "" {
			a.nonces["fhir"] = n
		}
		if !strings.Contains(got.Header.Get("WWW-Authenticate"), "use_dpop_nonce") || try > 0 {
			return got
		}
	}
}

const redirectURI = "http://127.0.0.1:51004/callback"

var interactionField = regexp.MustCompile(`name="interaction" value="([^"]*)"`)

// push sends an authorization request ahead.
func (a *app) push(redirectURI string) answer {
	a.t.Helper()
	return a.back("/par", a.signed(url.Values{
		"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid offline_access user/*.rs"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {fapi.Hash(sampleVerifier)}, "code_challenge_method": {"S256"},
	}))
}

// signed is a request as the issuer's profile has it.
func (a *app) signed(request url.Values) url.Values {
	d := a.issuer.tenant.policy.Profile().Dialect
	if d.Response == control.JWTResponse {
		request.Set("response_mode", "jwt")
	}
	if d.Request != control.SignedRequest {
		return request
	}
	request.Set("client_id", a.client.ID)
	now := time.Now()
	object, err := fapi.RequestObject{
		Issuer: a.client.ID, Audience: fapi.Audience{Values: []string{a.issuer.URL}}, NotPrior: now.Unix(), Expires: now.Add(time.Minute).Unix(), Parameters: request,
	}.Sign(a.client.Key, fapi.TypRequest)
	if err != nil {
		a.t.Fatal(err)
	}
	return url.Values{"request": {object}}
}

// code takes a person through the pages and returns the authorization response.
func (a *app) code(person string) url.Values {
	a.t.Helper()
	pushed := a.push(redirectURI)
	if pushed.StatusCode != http.StatusCreated {
		a.t.Fatalf("expected the request to be pushed, got %d %s", pushed.StatusCode, pushed.body)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	browser := *a
	browser.http = &http.Client{Transport: a.http.Transport, CheckRedirect: a.http.CheckRedirect, Jar: jar}
	page := browser.get(a.issuer.URL + "/authorize?" + url.Values{"client_id": {a.client.ID}, "request_uri": {pushed.member("request_uri")}}.Encode())
	page = browser.submit(page, "/authorize/sign-in", url.Values{"person": {person}})
	page = browser.get(a.issuer.origin + page.Header.Get("Location"))
	page = browser.submit(page, "/authorize/consent", url.Values{"decision": {"allow"}})
	back, err := url.Parse(page.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), redirectURI+"?") {
		a.t.Fatalf("expected to be sent back to the client, got %d %q", page.StatusCode, back)
	}
	q := back.Query()
	if q.Has("response") {
		response, err := a.issuer.readResponse(q.Get("response"))
		if err != nil {
			a.t.Fatal(err)
		}
		q = url.Values{"code": {response.Code}, "state": {response.State}, "iss": {response.Issuer}}
	}
	return q
}

func (a *app) submit(page answer, path string, values url.Values) answer {
	a.t.Helper()
	m := interactionField.FindSubmatch(page.body)
	if m == nil {
		a.t.Fatalf("expected a page with a form, got %d %s", page.StatusCode, page.body)
	}
	values.Set("interaction", string(m[1]))
	return a.do(a.request(http.MethodPost, a.issuer.URL+path, values))
}

func (a *app) redeem(code string) answer {
	a.t.Helper()
	return a.back("/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI}, "code_verifier": {sampleVerifier}})
}

func (a *app) ownToken() answer {
	a.t.Helper()
	return a.back("/token", url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}})
}

func expect(t *testing.T, got answer, status int, part string) {
	t.Helper()
	if got.StatusCode != status || !bytes.Contains(got.body, []byte(part)) {
		t.Fatalf("expected %d with %q, got %d %s", status, part, got.StatusCode, got.body)
	}
}
