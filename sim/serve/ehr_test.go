package serve

import (
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// opened has a person go through the pages of a request with more parameters than usual, and returns the tokens.
func (a *app) opened(more, pages url.Values) answer {
	a.t.Helper()
	request := url.Values{"response_type": {"code"}, "redirect_uri": {redirectURI}, "state": {"s"}, "nonce": {"n"}, "aud": {a.issuer.FHIR},
		"code_challenge": {fapi.Hash(sampleVerifier)}, "code_challenge_method": {"S256"}}
	maps.Copy(request, more)
	pushed := a.back("/par", request)
	expect(a.t, pushed, http.StatusCreated, "request_uri")
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	browser := *a
	browser.http = &http.Client{Transport: a.http.Transport, CheckRedirect: a.http.CheckRedirect, Jar: jar}
	page := browser.get(a.issuer.URL + "/authorize?" + url.Values{"client_id": {a.client.ID}, "request_uri": {pushed.member("request_uri")}}.Encode())
	for _, step := range []string{"person", "patient", "encounter", "decision"} {
		if !pages.Has(step) {
			continue
		}
		path := map[string]string{"person": "/authorize/sign-in", "decision": "/authorize/consent"}[step]
		if path == "" {
			path = "/authorize/patient"
		}
		page = browser.submit(page, path, url.Values{step: pages[step]})
		if step != "decision" {
			page = browser.get(a.issuer.origin + page.Header.Get("Location"))
		}
	}
	back, err := url.Parse(page.Header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		a.t.Fatalf("expected a code, got %d %q %s", page.StatusCode, back, page.body)
	}
	return a.redeem(back.Query().Get("code"))
}

// Somebody picks app, person and patient, and presses launch: the app is open on that patient and no other, under the
// strictest profile as under the others.
func TestEHRLaunch(t *testing.T) {
	s := start(t, Config{})
	for _, profile := range []string{"hardened-entitlement", "fapi2-dpop", "helseid"} {
		i := issuer(t, s, profile)
		a := newApp(t, s, i, "web-app")
		page := a.get(i.URL + pathEHR + "?user=berg")
		expect(t, page, http.StatusOK, `<button type="submit" id="launch-app">`)
		expect(t, page, http.StatusOK, `<option value="p01"`)
		form := url.Values{"app": {"web-app"}, "launch_url": {"http://localhost:3000/start?x=1"}, "user": {"berg"}, "patient": {"p01"}, "encounter": {"enc-p01-1"}, "intent": {"review"}, "banner": {"false"}}
		sent := a.do(a.request(http.MethodPost, i.URL+pathEHR, form))
		to, err := url.Parse(sent.Header.Get("Location"))
		if err != nil || sent.StatusCode != http.StatusSeeOther || to.Query().Get("iss") != i.FHIR || to.Query().Get("x") != "1" || to.Query().Get("launch") == "" {
			t.Fatalf("%s: expected the app's launch URL, got %d %q", profile, sent.StatusCode, to)
		}
		tokens := a.opened(url.Values{"scope": {"launch openid fhirUser patient/*.rs"}, "launch": {to.Query().Get("launch")}}, url.Values{"person": {"berg"}, "decision": {"allow"}})
		expect(t, tokens, http.StatusOK, `"patient":"p01","encounter":"enc-p01-1","need_patient_banner":false,"intent":"review"`)
		expect(t, a.read("/Patient/p01", tokens.member("access_token")), http.StatusOK, `"id":"p01"`)
		expect(t, a.read("/Patient/p02", tokens.member("access_token")), http.StatusNotFound, "OperationOutcome")
		for name, wrong := range map[string]string{"patient": "p40", "app": "nobody", "launch_url": "javascript:alert(1)", "encounter": "enc-p02-1", "banner": "perhaps"} {
			spoilt := maps.Clone(form)
			spoilt.Set(name, wrong)
			expect(t, a.do(a.request(http.MethodPost, i.URL+pathEHR, spoilt)), http.StatusBadRequest, `id="problem"`)
		}
	}
}

// An app that is opened by itself has the person pick.
func TestStandaloneLaunch(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "hardened-entitlement")
	a := newApp(t, s, i, "web-app")
	tokens := a.opened(url.Values{"scope": {"launch/patient launch/encounter openid fhirUser patient/Observation.rs?category=laboratory"}},
		url.Values{"person": {"berg"}, "patient": {"p02"}, "encounter": {"enc-p02-1"}, "decision": {"allow"}})
	expect(t, tokens, http.StatusOK, `"patient":"p02","encounter":"enc-p02-1"`)
	found := a.read("/Observation?_count=200", tokens.member("access_token"))
	expect(t, found, http.StatusOK, "laboratory")
	if text := string(found.body); strings.Contains(text, "vital-signs") || strings.Contains(text, "Patient/p01") {
		t.Error("expected laboratory results of p02 and nothing else")
	}
	configuration := a.get(i.FHIR + "/.well-known/smart-configuration")
	for _, capability := range []string{"launch-ehr", "launch-standalone", "context-standalone-patient", "permission-patient", "sso-openid-connect"} {
		expect(t, configuration, http.StatusOK, `"`+capability+`"`)
	}
}
