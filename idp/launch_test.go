package idp

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const scopesOfLaunches = " launch launch/patient launch/encounter fhirUser online_access patient/*.rs"

// panels are whose records people here may open: berg has three patients, lund is one himself.
type panels struct{}

var panelOf = map[string][]Choice{
	"berg": {{"p01", "Anne Dahl (p01)"}, {"p02", "Bjørn Eide (p02)"}, {"p03", "Cato Foss (p03)"}},
	"lund": {{"p09", "Ola Lund (p09)"}},
}

func (panels) Patients(subject, like string, most int) (out []Choice) {
	for _, c := range panelOf[subject] {
		if strings.Contains(c.Text, like) && len(out) < most {
			out = append(out, c)
		}
	}
	return out
}

func (panels) Patient(subject, id string) (Choice, bool) {
	i := slices.IndexFunc(panelOf[subject], func(c Choice) bool { return c.ID == id })
	if i < 0 {
		return Choice{}, false
	}
	return panelOf[subject][i], true
}

func (panels) Encounters(patient string, most int) []Choice {
	all := map[string][]Choice{"p01": {{"e2", "Tuesday"}, {"e1", "Monday"}}, "p02": {{"e3", "Friday"}}}[patient]
	return all[:min(most, len(all))]
}

// opens has the EHR open the app on a record of berg's.
func (a *app) opens(app string, more url.Values, spoils ...func(*call)) answer {
	form := url.Values{"app": {app}, "user": {"berg"}, "patient": {"p01"}, "encounter": {"e1"}, "intent": {"order-review"}, "need_patient_banner": {"false"}}
	maps.Copy(form, more)
	return a.call(pathLaunch, form, spoils...)
}

// launched is a flow of an app that was opened so.
func (l *lab) launched(a *app, app string) *flow {
	f := a.newFlow()
	f.request.Set("scope", "launch openid fhirUser offline_access patient/*.rs")
	f.names(fhirAPI)
	f.request.Set("launch", l.ehr.opens(app, nil).str(l.t, "launch"))
	return f
}

func (a *app) standalone(scope string) *flow {
	f := a.newFlow()
	f.request.Set("scope", scope)
	f.names(fhirAPI)
	return f
}

// names the API. In a signed request aud is the server that it is for (RFC 9101 s4), so that SMART's parameter of that
// name has no place there: what became of it in RFC 8707 says the same.
func (f *flow) names(api string) {
	if f.dialect.Request == control.SignedRequest {
		f.request.Set("resource", api)
	} else {
		f.request.Set("aud", api)
	}
}

func wrongLaunches() []wrong {
	return []wrong{
		{name: "an API of nobody's", code: "invalid_target", by: by(control.ASLaunchAudience), lenses: by(control.ASRequestSigned), do: func(l *lab) answer {
			l.other.dialect.Request = control.PushedRequest
			f := l.launched(l.other, "other")
			f.request.Set("aud", "https://mallory.example/fhir")
			return f.end()
		}},
		{name: "no API", by: by(control.ASLaunchAudience), do: func(l *lab) answer {
			f := l.launched(l.other, "other")
			f.request.Del("resource")
			return f.end()
		}},
		{name: "another app's", code: "invalid_request", by: by(control.ASLaunchClient), do: func(l *lab) answer { return l.launched(l.other, "ehr").end() }},
		{name: "an hour old", by: by(control.ASLaunchLifetime), do: func(l *lab) answer {
			f := l.launched(l.other, "other")
			l.clock.Advance(time.Hour)
			return f.end()
		}},
		{name: "another person's", by: by(control.ASLaunchUser), do: func(l *lab) answer {
			f := l.launched(l.other, "other")
			start, a := f.begin()
			if start == "" {
				return a
			}
			return f.browser.visit(start, "olund", "allow")
		}},
		{name: "used", by: by(control.ASLaunchOnce), do: func(l *lab) answer {
			f := l.launched(l.other, "other")
			if a := f.end(); !a.succeeded() {
				l.t.Fatalf("the first time: refused by %q (%s)", a.by, a.fault)
			}
			again := l.other.newFlow()
			again.request = f.request
			return again.end()
		}},
	}
}

// end goes as far as the answer to the authorization request.
func (f *flow) end() answer {
	_, a := f.code()
	return a
}

func TestEHRLaunch(t *testing.T) {
	for _, p := range []control.Profile{strict(t), unsigned(t), profile(t, "legacy"), profile(t, "bcp"), profile(t, "helseid")} {
		l := newLab(t, p)
		f := l.launched(l.other, "other")
		start, begun := f.begin()
		if start == "" {
			t.Fatalf("%s: refused by %q (%s)", p.Name, begun.by, begun.fault)
		}
		page := f.browser.signIn(f.browser.get(start), "kberg", passwords["kberg"])
		if !strings.Contains(string(page.body), `<strong id="launch-patient">Anne Dahl (p01)</strong>`) {
			t.Errorf("%s: expected whose record it is on the consent page, got %s", p.Name, page.body)
		}
		r := f.redeem(f.browser.decide(page, "allow").location(t).Get("code")).tokens(t)
		if r.Launch == nil || r.Patient != "p01" || r.Encounter != "e1" || r.Intent != "order-review" || r.NeedBanner == nil || *r.NeedBanner {
			t.Fatalf("%s: got the context %+v", p.Name, r.Launch)
		}
		at := claimsOf[fapi.AccessToken](t, r.AccessToken)
		if at.Patient != "p01" || at.Encounter != "e1" || at.FHIRUser != fhirAPI+"/Practitioner/berg" || !at.Audience.IsOnly(fhirAPI) {
			t.Errorf("%s: access token: got %+v", p.Name, at)
		}
		if id := claimsOf[fapi.IDToken](t, r.IDToken); id.FHIRUser != fhirAPI+"/Practitioner/berg" {
			t.Errorf("%s: ID token: got %+v", p.Name, id)
		}
		told := l.introspect("fhir-api", "fhir secret", r.AccessToken).json(t)
		if told["patient"] != "p01" || told["intent"] != "order-review" || told["need_patient_banner"] != false || told["fhirUser"] != at.FHIRUser {
			t.Errorf("%s: introspection: got %v", p.Name, told)
		}
		again := l.other.refresh(r.RefreshToken).tokens(t)
		if again.Launch == nil || again.Patient != "p01" || claimsOf[fapi.AccessToken](t, again.AccessToken).Patient != "p01" {
			t.Errorf("%s: after a refresh: got %+v", p.Name, again)
		}
		if who := l.other.userinfo(r); who.str(t, "fhirUser") != at.FHIRUser {
			t.Errorf("%s: userinfo: got %s", p.Name, who.body)
		}
	}
}

// Whoever opens an app by itself picks whose record it is for.
func TestStandaloneLaunch(t *testing.T) {
	l := newLab(t, unsigned(t))
	f := l.other.standalone("openid launch/patient launch/encounter patient/*.rs")
	start, _ := f.begin()
	page := f.browser.signIn(f.browser.get(start), "kberg", passwords["kberg"])
	if !page.hasForm("pick-patient") || !strings.Contains(string(page.body), "Bjørn Eide") {
		t.Fatalf("expected a list of patients, got %s", page.body)
	}
	found := f.browser.get(l.issuer + pathPick + "?" + url.Values{"interaction": {page.interaction()}, "like": {"Dahl"}}.Encode())
	if strings.Contains(string(found.body), "Bjørn") || !strings.Contains(string(found.body), "Anne") {
		t.Errorf("expected Anne alone, got %s", found.body)
	}
	// Nobody picks from another's list, nor goes past the page.
	if a := f.browser.pick(page, "patient", "p09"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("another's patient: expected 400, got %d", a.StatusCode)
	}
	if a := f.browser.decide(page, "allow"); !a.hasForm("pick-patient") {
		t.Errorf("expected the list once more, got %d %s", a.StatusCode, a.body)
	}
	page = f.browser.pick(page, "patient", "p01")
	if !page.hasForm("pick-encounter") || !strings.Contains(string(page.body), "Tuesday") {
		t.Fatalf("expected a list of encounters, got %s", page.body)
	}
	if a := f.browser.pick(page, "encounter", "e3"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("another's encounter: expected 400, got %d", a.StatusCode)
	}
	page = f.browser.pick(page, "encounter", "e1")
	r := f.redeem(f.browser.decide(page, "allow").location(t).Get("code")).tokens(t)
	if r.Launch == nil || r.Patient != "p01" || r.Encounter != "e1" {
		t.Errorf("got %+v", r.Launch)
	}
	// What there is no choice about nobody is asked.
	f = l.other.standalone("openid patient/*.rs")
	start, _ = f.begin()
	if code := f.browser.visit(start, "olund", "allow").location(t).Get("code"); code == "" {
		t.Error("expected a code for a patient himself")
	} else if r := f.redeem(code).tokens(t); r.Launch == nil || r.Patient != "p09" {
		t.Errorf("got %+v", r.Launch)
	}
	// And one may go back.
	f = l.other.standalone("openid launch/patient")
	start, _ = f.begin()
	page = f.browser.signIn(f.browser.get(start), "kberg", passwords["kberg"])
	if q := f.browser.post(pathPick, url.Values{"interaction": {page.interaction()}, "decision": {"deny"}}).location(t); q.Get("error") != "access_denied" {
		t.Errorf("got %v", q)
	}
}

// pick answers a list and follows the redirect.
func (b *browser) pick(page answer, field, value string) answer {
	a := b.post(pathPick, url.Values{"interaction": {page.interaction()}, field: {value}})
	if a.StatusCode != http.StatusSeeOther {
		return a
	}
	return b.get(testOrigin(b.l.issuer) + a.Header.Get("Location"))
}

// What cannot be carried out is refused under any profile, and burns nothing.
func TestMalformedLaunches(t *testing.T) {
	l := newLab(t, unsigned(t).Bare())
	for name, form := range map[string]url.Values{
		"no such app": {"app": {"nobody"}}, "no such person": {"user": {"nobody"}}, "banner": {"need_patient_banner": {"perhaps"}},
		"context": {"fhirContext": {`{"reference":"a/1"}`}},
	} {
		if a := l.ehr.opens("other", form); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: expected 400, got %d", name, a.StatusCode)
		}
	}
	if a := l.other.opens("other", nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("no EHR: expected 403, got %d", a.StatusCode)
	}
	for name, spoil := range map[string]func(url.Values){
		"unknown handle": func(v url.Values) { v.Set("launch", "guess") }, "scope without a handle": func(v url.Values) { v.Del("launch") },
		"aud and resource that differ": func(v url.Values) { v.Set("resource", labAPI) },
	} {
		f := l.launched(l.other, "other")
		spoil(f.request)
		if a := f.push(); a.succeeded() {
			t.Errorf("%s: expected a refusal, got %s", name, a.body)
		}
	}
	if a := newLab(t, unsigned(t)).ehr.opens("other", nil, func(c *call) { c.jwt = "x.y.z" }); a.succeeded() {
		t.Error("expected an EHR to authenticate")
	}
}

// A grant for a session ends with it; one for always does not.
func TestOnlineAccess(t *testing.T) {
	l := newLab(t, unsigned(t))
	for scope, over := range map[string]bool{"openid online_access user/*.rs": true, "openid online_access offline_access user/*.rs": false} {
		f := l.other.standalone(scope)
		r := f.tokens().tokens(t)
		if a := l.other.refresh(r.RefreshToken); !a.succeeded() {
			t.Fatalf("%s: refused by %q (%s)", scope, a.by, a.fault)
		}
		f.browser.leave(url.Values{"id_token_hint": {r.IDToken}})
		if a := l.other.refresh(r.RefreshToken); a.succeeded() == over {
			t.Errorf("%s: after signing out: got %d %s", scope, a.StatusCode, a.body)
		}
	}
}

func TestScopeWithin(t *testing.T) {
	for _, c := range []struct {
		asked, granted fapi.Scope
		want           bool
	}{
		{"user/Observation.r", "user/*.rs", true}, {"user/Observation.rs", "user/Observation.r user/Observation.s", true},
		{"user/Observation.c", "user/*.rs", false}, {"patient/Observation.r", "user/*.rs", false}, {"user/*.rs", "user/Observation.rs", false},
		{"user/Observation.rs?category=laboratory", "user/*.rs", true}, {"user/Observation.rs?category=laboratory", "user/Observation.rs?category=laboratory", true},
		{"user/Observation.rs", "user/Observation.rs?category=laboratory", false}, {"user/Observation.rs?category=a", "user/Observation.rs?category=b", false},
		{"user/Observation.read", "user/*.rs", true}, {"user/Observation.write", "user/*.rs", false}, {"user/Observation.*", "user/*.cruds", true},
		{"user/Observation.rs?", "user/*.rs", false}, {"user/Observation.x", "user/*.cruds", false}, {"openid", "user/*.rs", false}, {"", "", true},
	} {
		if got := scopeWithin(c.asked, c.granted); got != c.want {
			t.Errorf("%q within %q: expected %v", c.asked, c.granted, c.want)
		}
	}
}

// A launch, and what came of it, outlive the process.
func TestLaunchesAreKept(t *testing.T) {
	l, k := keeping(t, unsigned(t))
	used, fresh := l.launched(l.other, "other"), l.launched(l.other, "other")
	r := used.tokens().tokens(t)
	next := newLabWith(t, unsigned(t), testIssuer, func(c *Config) { keepOn(c, k) })
	next.dice = l.dice // what is fresh there is fresh here
	if again := next.other.refresh(r.RefreshToken).tokens(t); again.Launch == nil || again.Patient != "p01" {
		t.Errorf("after a restart: got %+v", again.Launch)
	}
	for f, want := range map[*flow]*control.Control{used: control.ASLaunchOnce, fresh: nil} {
		g := next.other.newFlow()
		g.request = f.request
		g.request.Set("code_challenge", fapi.Hash(g.verifier))
		if a := g.end(); want == nil && !a.succeeded() || want != nil && a.by != want.ID {
			t.Errorf("after a restart: refused by %q (%s)", a.by, a.fault)
		}
	}
}
