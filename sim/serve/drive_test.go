package serve

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/fapi"
)

// json calls one of this package's own paths.
func (a *app) json(method, path, body string) answer {
	a.t.Helper()
	r, err := http.NewRequest(method, a.issuer.URL+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	return a.do(r)
}

// A control can be thrown while clients are connected, concerns its issuer alone, and comes back.
func TestSwitchingControls(t *testing.T) {
	s := start(t, Config{})
	a, other := newApp(t, s, issuer(t, s, "x"), "machine"), newApp(t, s, issuer(t, s, "y"), "machine")
	old := func(as *app) { as.typ = "" }
	old(a)
	old(other)
	expect(t, a.ownToken(), 200, "access_token")
	expect(t, a.json(http.MethodPut, pathControl+"as/assertion-typ", `{"on":true}`), 200, `"on": true`)
	expect(t, a.ownToken(), 401, "invalid_client")
	expect(t, other.ownToken(), 200, "access_token")
	expect(t, a.json(http.MethodGet, pathControl+"as/assertion-typ", ""), 200, `"in_profile": false`)
	expect(t, a.json(http.MethodDelete, pathControls, ""), 200, "as/assertion-typ")
	expect(t, a.ownToken(), 200, "access_token")
	expect(t, a.json(http.MethodPut, pathControl+"as/assertion-type", `{"on":true}`), 404, "no control is called")
	expect(t, a.json(http.MethodPut, pathControl+"as/assertion-typ", `{}`), 400, "neither")
	expect(t, a.json(http.MethodPut, pathControl+"as/assertion-typ", `{"on":1}`), 400, "true or false")
}

func TestMovingTheClock(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	token := a.ownToken().member("access_token")
	expect(t, a.read("/Patient/p01", token), 200, "Patient")
	expect(t, a.json(http.MethodPost, pathClock, `{"advance":"11m"}`), 200, `"ahead": "11m0s"`)
	if got := a.read("/Patient/p01", token); got.StatusCode != 401 {
		t.Errorf("expected the token to have expired, got %d", got.StatusCode)
	}
	expect(t, a.json(http.MethodPost, pathClock, `{"advance":"-1m"}`), 400, "backwards")
	expect(t, a.json(http.MethodPost, pathReset, ""), 204, "")
	a.issuer = issuer(t, s, "x")
	expect(t, a.json(http.MethodGet, pathClock, ""), 200, `"ahead": "0s"`)
	expect(t, a.ownToken(), 200, "access_token") // with the same key
}

func TestExpectations(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "web-app")
	expect(t, a.redeem(a.code("p01").Get("code")), 200, "access_token")
	good := `{"path":"/par","method":"POST","client":"web-app","status":201,"times":1,
		"form":{"code_challenge_method":"S256","client_secret":null,"state":"*"},"header":{"Dpop":"*"},"proof":{"htm":"POST"},"assertion":{"iss":"web-app","aud":"` + a.issuer.URL + `"}}`
	expect(t, a.json(http.MethodPost, pathExpect, `{"requests":[`+good+`,{"path":"/introspect","times":-1},{"refused_by":"as/par-required","times":-1}]}`), 200, `"met": true`)
	for body, want := range map[string]string{
		`{"path":"/par","form":{"code_challenge_method":"plain"}}`: `expected at least one request /par, got 0; request 1 has form code_challenge_method \"S256\"`,
		`{"path":"/par","form":{"prompt":"*"}}`:                    "no form prompt",
		`{"path":"/par","form":{"state":null}}`:                    `form state`,
		`{"path":"/par","times":2}`:                                "expected 2 request /par, got 1",
		`{"path":"/par","status":400}`:                             "status 201",
		`{"path":"/par","refused_by":"as/par-client"}`:             "been refused by nothing",
		`{"path":"/par","assertion":{"aud":"x"}}`:                  "assertion aud",
		`{"path":"/revoke","client":"web-app"}`:                    "from web-app, got 0",
	} {
		expect(t, a.json(http.MethodPost, pathExpect, `{"requests":[`+body+`]}`), 409, want)
	}
	expect(t, a.json(http.MethodPost, pathExpect, `{}`), 400, "expected requests")
	expect(t, a.json(http.MethodGet, pathRequests+"?path=/token&client=web-app", ""), 200, "code_verifier")
	if got := a.json(http.MethodGet, pathRequests, ""); strings.Contains(string(got.body), sampleVerifier) {
		t.Error("expected the record to keep no secrets")
	}
	expect(t, a.json(http.MethodDelete, pathRequests, ""), 204, "")
	expect(t, a.json(http.MethodGet, pathRequests, ""), 200, "[]")
}

// A page of another site cannot have a browser do any of this.
func TestForeignPages(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"} {
		r := a.request(http.MethodPost, a.issuer.URL+pathReset, url.Values{})
		r.Header.Set(name, value)
		expect(t, a.do(r), 403, "cross_origin")
	}
}

// The document and the routes are the same.
func TestOpenAPI(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	var doc struct {
		Servers []struct{ URL string }
		Paths   map[string]map[string]any
	}
	if err := yaml.Unmarshal(a.get(a.issuer.URL+pathOpenAPI).body, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Servers[0].URL != a.issuer.URL {
		t.Errorf("expected the address of the issuer, got %s", doc.Servers[0].URL)
	}
	documented := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			if method != "parameters" {
				documented[strings.ToUpper(method)+" "+strings.TrimSuffix(path, "{party}/{name}")] = true
			}
		}
	}
	for path, methods := range own {
		for method := range methods {
			if key := method + " " + path; strings.HasPrefix(path, pathOwn) && !documented[key] {
				t.Errorf("expected %s to be documented", key)
			}
			delete(documented, method+" "+path)
		}
	}
	if len(documented) > 0 {
		t.Errorf("expected nothing else to be documented, got %v", documented)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	expect(t, a.json(http.MethodPost, pathFaults, `{"path":"/token","status":503,"error":"temporarily_unavailable","retry_after":7,"times":2}`), 200, "503")
	for range 2 {
		got := a.ownToken()
		expect(t, got, 503, "temporarily_unavailable")
		if got.Header.Get("Retry-After") != "7" {
			t.Errorf("expected to be asked to wait for 7 s, got %q", got.Header.Get("Retry-After"))
		}
	}
	expect(t, a.ownToken(), 200, "access_token")
	if err := a.issuer.Queue(Fault{Path: "/token", Drop: true, Delay: Duration(time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	resp, err := a.http.Do(a.request(http.MethodPost, a.issuer.URL+"/token", url.Values{"grant_type": {"client_credentials"}}))
	if err == nil {
		_ = resp.Body.Close()
		t.Errorf("expected the connection to break, got %d", resp.StatusCode)
	}
	var struck []string
	for _, d := range a.issuer.Diagnoses() {
		struck = append(struck, d.Fault)
	}
	if want := []string{"error", "error", "delay", "drop"}; !slices.Equal(struck, want) {
		t.Errorf("expected %v to be told, got %v", want, struck)
	}
	for body, want := range map[string]string{`{}`: "does nothing", `{"status":200}`: "from 400", `{"delay":"1h"}`: "at most", `{"status":500,"times":-1}`: "positive", `{"statsu":500}`: "openapi"} {
		expect(t, a.json(http.MethodPost, pathFaults, body), 400, want)
	}
	expect(t, a.json(http.MethodPost, pathFaults, `{"delay":"1s"}`), 200, "1s")
	expect(t, a.json(http.MethodDelete, pathFaults, ""), 200, "[]")
}

// A page of another origin can read a fault, and the question that its browser asks first does not use it up.
func TestFaultsForPages(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	expect(t, a.json(http.MethodPost, pathFaults, `{"path":"/token","status":503,"retry_after":7}`), 200, "503")
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		r := a.request(method, a.issuer.URL+"/token", url.Values{"grant_type": {"client_credentials"}})
		r.Header.Set("Origin", "https://app.example")
		if method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		}
		resp, err := a.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if want := map[string]int{http.MethodOptions: 204, http.MethodPost: 503}[method]; resp.StatusCode != want || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: expected a readable %d, got %d %v", method, want, resp.StatusCode, resp.Header)
		}
	}
}

// Each way to be awkward is met by a client, and a careful client gets through those of the preset.
func TestAwkward(t *testing.T) {
	for name, test := range map[string]func(*app) bool{
		"reject-nonce": func(a *app) bool {
			a.ownToken()
			return a.nonces["as"] != "" && a.ownToken().member("error") == "use_dpop_nonce"
		},
		"change-nonce": func(a *app) bool {
			a.nonces["as"] = a.issuer.as.Nonces()[0]
			a.ownToken()
			return a.nonces["as"] != a.issuer.as.Nonces()[0]
		},
		"busy": func(a *app) bool { return a.ownToken().StatusCode >= 429 },
		"lapse-request-uri": func(a *app) bool {
			return strings.HasSuffix(a.push(redirectURI).member("request_uri"), "-lapsed")
		},
		"rotate-jwks": func(a *app) bool {
			was := a.issuer.tenant.key().ID
			token := a.ownToken().member("access_token")
			now := a.issuer.tenant.key().ID
			a.ownToken() // too soon for another
			return now != was && a.issuer.tenant.key().ID == now && a.published() == now+" "+was && a.read("/Patient/p01", token).StatusCode == 200
		},
		"clock-shift": func(a *app) bool {
			for range 6 {
				a.ownToken()
			}
			ahead := time.Until(a.issuer.tenant.clock.Now())
			return ahead > 8*time.Second && ahead < 10*time.Second && a.ownToken().StatusCode == 200
		},
		"token-type-case": func(a *app) bool { return a.ownToken().member("token_type") == "dpop" },
		"drop-iss":        func(a *app) bool { return !a.code("p01").Has("iss") },
		"wrong-iss":       func(a *app) bool { return a.code("p01").Get("iss") == "https://other.thiefbox.test" },
		"unknown-parameters": func(a *app) bool {
			return strings.Contains(string(a.ownToken().body), "unheard_of")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Config{})
			a := newApp(t, s, issuer(t, s, "x~hardened"), "web-app")
			expect(t, a.json(http.MethodPut, pathAwkward, `{"share":{"`+name+`":1}}`), 200, `"`+name+`": 1`)
			if !test(a) {
				t.Error("expected to meet it")
			}
		})
	}
	if len(ways) != 10 {
		t.Errorf("expected every way to be tried, there are %d", len(ways))
	}
}

// Signed answers are falsified too, with a signature that is good: it is the client who must look at iss.
func TestAwkwardIssInSignedResponses(t *testing.T) {
	for way, want := range map[string]string{"drop-iss": "", "wrong-iss": otherIssuer} {
		s := start(t, Config{HTTPSPort: -1})
		i := issuer(t, s, "fapi2-message-signing")
		if err := i.Awkward(1, map[string]float64{way: 1}); err != nil {
			t.Fatal(err)
		}
		a := newApp(t, s, i, "web-app")
		back, err := url.Parse(a.refusedByPerson().Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := fapi.ParseJWT(back.Query().Get("response"))
		if err != nil {
			t.Fatalf("%v in %s", err, back)
		}
		var claims fapi.AuthorizationResponse
		if err := parsed.Claims(&claims); err != nil || claims.Issuer != want || claims.Error != "access_denied" || claims.Audience.Values[0] != a.client.ID {
			t.Errorf("%s: got %+v, %v", way, claims, err)
		}
		if err := parsed.VerifyTrustingAlg(i.tenant.key().Public().Key); err != nil {
			t.Errorf("%s: expected a good signature, got %v", way, err)
		}
		if told := i.Diagnoses(); len(told) == 0 || told[len(told)-1].Fault != way || !strings.Contains(told[len(told)-1].Cause, "signed authorization response") {
			t.Errorf("%s: expected to be told, got %+v", way, told)
		}
	}
}

// refusedByPerson takes a person through the pages, and she denies.
func (a *app) refusedByPerson() answer {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	browser := *a
	browser.http = &http.Client{Transport: a.http.Transport, CheckRedirect: a.http.CheckRedirect, Jar: jar}
	page := browser.get(a.issuer.URL + "/authorize?" + url.Values{"client_id": {a.client.ID}, "request_uri": {a.push(redirectURI).member("request_uri")}}.Encode())
	page = browser.submit(page, "/authorize/sign-in", url.Values{"person": {"berg"}})
	page = browser.get(a.issuer.origin + page.Header.Get("Location"))
	return browser.submit(page, "/authorize/consent", url.Values{"decision": {"deny"}})
}

func TestAwkwardInput(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	for body, want := range map[string]string{
		`{}`: "preset", `{"share":{"slow":1}}`: "reject-nonce", `{"share":{"busy":2}}`: "from 0 to 1", `{"preset":true,"share":{}}`: "preset",
	} {
		expect(t, a.json(http.MethodPut, pathAwkward, body), 400, want)
	}
	expect(t, a.json(http.MethodPut, pathAwkward, `{"preset":true,"seed":3}`), 200, "token-type-case")
	expect(t, a.json(http.MethodDelete, pathAwkward, ""), 200, `"share": {}`)
}
