package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Scopes of a SMART app: opened from an EHR, and by itself.
const (
	LaunchScope     = "launch openid fhirUser offline_access patient/*.rs"
	StandaloneScope = "launch/patient openid fhirUser offline_access patient/*.rs"
)

// SMARTConfig is what a SMART app needs to know. Other fields of EHRConfig than Party, URL, HTTP, Name, DPoPKey and
// Issuers have no meaning for an app.
type SMARTConfig struct {
	EHRConfig
	// Servers are the APIs that the app was set up for, each with the issuer of its tokens. Of the first, people go by
	// their id at the API; of others, by their URL.
	Servers []SMARTServer
}

// SMARTServer is an EHR as a SMART app knows it.
type SMARTServer struct{ FHIRBase, Issuer string }

// SMARTApp is a web app that is opened on one patient's record (SMART App Launch 2.2), from an EHR or by itself. It is an
// http.Handler, made like the EHR, whose plumbing it shares.
type SMARTApp struct {
	web     *EHR
	servers []SMARTServer
	charts  charts
	home    string // the page at which sign-ins end
}

// NewSMARTApp returns an app. The error says which field of the configuration is wrong.
func NewSMARTApp(c SMARTConfig) (*SMARTApp, error) {
	if len(c.Servers) == 0 {
		return nil, errors.New("SMART app: expected at least one server, got none")
	}
	c.FHIRBase = c.Servers[0].FHIRBase
	web, err := NewEHR(c.EHRConfig)
	if err != nil {
		return nil, fmt.Errorf("SMART app: %w", err)
	}
	return &SMARTApp{web: web, servers: c.Servers, home: "/chart"}, nil
}

// placement is what an answer says of where the app was opened and for whom, on trial.
type placement struct {
	linked  string // patient of the link
	patient string // of the token response
	user    string // fhirUser
	base    string // of the API that the app was opened at
}

// placeGuards judge it, once the answer itself is believed.
var placeGuards = []control.Guard[placement]{
	{Control: control.ClientLaunchContext, Check: checkLaunchContext, Answer: noSuchLink},
	{Control: control.ClientFHIRUser, Check: checkFHIRUser, Answer: signInFailed},
}

// checkLaunchContext: the link that opens an app says which launch it is, and no more. Without the check the app shows
// whom the link names.
func checkLaunchContext(p *placement) (string, error) {
	if p.linked == "" || p.linked == p.patient {
		return p.patient, nil
	}
	return p.linked, control.Expected("patient of the link", "nobody, or "+p.patient+" of the token response", p.linked)
}

// checkFHIRUser: an authorization server vouches for the people of its own API (compare OIDC Core s5.7 on sub). Without
// the check the app takes people for whoever the URL ends in.
func checkFHIRUser(p *placement) (string, error) {
	if strings.HasPrefix(p.user, p.base+"/") {
		return p.user, nil
	}
	return p.user, control.Expected("fhirUser", "a resource of "+p.base, p.user)
}

// ServeHTTP serves the app's pages.
func (a *SMARTApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), secureHeaders)
	var err error
	switch r.URL.Path {
	case "/launch":
		err = a.launch(w, r)
	case "/callback":
		err = a.callback(w, r)
	case "/chart":
		err = a.chart(w, r)
	case "/style.css":
		err = serveStyle(w, r)
	default:
		err = &failure{http.StatusNotFound, "not_found", "There is no such page.", fmt.Errorf("no page %q", r.URL.Path)}
	}
	if err != nil {
		a.web.refuse(w, r, err)
	}
}

// launch begins: GET /launch?iss=URL&launch=HANDLE from an EHR, without launch by itself. iss is the API. With next=URL the
// answer is wanted there (smart_onward.go).
func (a *SMARTApp) launch(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	base, handle := q.Get("iss"), q.Get("launch")
	if u, err := url.Parse(base); err != nil || u.Scheme != "https" || u.Host == "" {
		return malformed("launch: expected iss to be the https URL of an API, got %q", base)
	}
	p := a.web.protocol
	var known []string
	for _, s := range a.servers {
		known = append(known, s.FHIRBase)
	}
	if err := party.Enforce(r.Context(), p.party, &reference{base, known}, apiGuards); err != nil {
		return err
	}
	issuer, err := p.issuerOf(r.Context(), base)
	if err != nil {
		return err
	}
	f := &flow{reg: a.registration(issuer), scope: StandaloneScope, returnTo: a.home, api: base, patient: q.Get("patient"), extra: url.Values{}}
	if handle != "" {
		f.scope = LaunchScope
	}
	p.openAt(f, base, handle)
	if err := a.keepNext(w, q.Get("next")); err != nil {
		return err
	}
	return a.web.beginFlow(w, r, f)
}

// openAt adds to a request at which API the app is opened, and by which launch.
func (p *protocol) openAt(f *flow, base, handle string) {
	if handle != "" {
		f.extra.Set("launch", handle)
	}
	if p.party.Dialect().Request == control.SignedRequest {
		f.extra.Set("resource", base) // in a signed request, aud is the server that it is for
	} else {
		f.extra.Set("aud", base)
	}
}

// registration is what the app is at an issuer: where it was set up for none, what it is at home.
func (a *SMARTApp) registration(issuer string) *Registration {
	for _, reg := range a.web.issuers {
		if reg.Issuer == issuer {
			return reg
		}
	}
	elsewhere := *a.web.issuers[0]
	elsewhere.Issuer = issuer
	return &elsewhere
}

// issuerOf asks an API who issues tokens for it (SMART App Launch 2.2, "smart-configuration"). All else is asked of that
// issuer itself (SP 5.3.3.1-10): what the API says of its endpoints is passed over.
func (p *protocol) issuerOf(ctx context.Context, base string) (string, error) {
	rep, err := p.get(ctx, base+"/.well-known/smart-configuration")
	if err != nil {
		return "", err
	}
	m, err := fapi.ParseMetadata(rep.body)
	if err != nil {
		return "", fmt.Errorf("smart-configuration of %s: %w", base, err)
	}
	if u, err := url.Parse(m.Issuer); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("smart-configuration of %s: expected an issuer, got %q", base, m.Issuer)
	}
	return m.Issuer, nil
}

// callback receives the authorization response: GET /callback.
func (a *SMARTApp) callback(w http.ResponseWriter, r *http.Request) error {
	e := a.web
	if sent, err := a.passOn(w, r); sent || err != nil {
		return err
	}
	got, err := e.arrive(r)
	if err != nil {
		return err
	}
	f := got.flow
	if f == nil {
		if f, err = a.unasked(r.Context()); err != nil {
			return err
		}
	}
	answer, err := e.protocol.exchange(r.Context(), f, got.code, e.redirectURI, f.api)
	if err != nil {
		return err
	}
	if err := answer.accept(typeGuards, identityGuards, originGuards); err != nil {
		return err
	}
	c, err := a.place(r.Context(), answer, f)
	if err != nil {
		return err
	}
	e.setCookie(w, e.sessionCookie, a.charts.open(c, e.protocol.party.Dice.Token()))
	e.protocol.party.Tell(r.Context(), event.SignedIn{Client: e.protocol.party.Name, Subject: c.user})
	http.Redirect(w, r, f.returnTo, http.StatusSeeOther)
	return nil
}

// unasked is what an answer to no question of ours is taken for, where nobody cares.
func (a *SMARTApp) unasked(ctx context.Context) (*flow, error) {
	at, err := a.web.protocol.discover(ctx, a.web.issuers[0].Issuer)
	if err != nil {
		return nil, err
	}
	return &flow{reg: a.web.issuers[0], at: at, returnTo: a.home, api: a.servers[0].FHIRBase}, nil
}

func placementOf(a *answer, f *flow) *placement {
	p := &placement{linked: f.patient, user: a.claims.FHIRUser, base: f.api}
	if a.response.Launch != nil {
		p.patient = a.response.Patient
	}
	return p
}

// place makes a chart of an answer: whose, for whom, with which token.
func (a *SMARTApp) place(ctx context.Context, answer *answer, f *flow) (*chart, error) {
	p := placementOf(answer, f)
	if err := party.Enforce(ctx, a.web.protocol.party, p, placeGuards); err != nil {
		return nil, err
	}
	c := &chart{base: f.api, patient: p.patient, token: answer.token(), begun: answer.now, user: p.user}
	if p.linked != "" {
		c.patient = p.linked
	}
	if home := a.servers[0].FHIRBase; strings.HasPrefix(p.user, home+"/") {
		c.user = p.user[strings.LastIndexByte(p.user, '/')+1:]
	}
	var err error
	if c.user == "" {
		c.user, err = answer.subject()
	}
	return c, err
}
