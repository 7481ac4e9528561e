package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// GatewayScope is what a portal asks of people: who they are, and no records. Those it fetches in its own name.
const GatewayScope = "openid fhirUser"

// Gateway is the back end of a supplier's portal. Clinicians sign in at it as themselves, and what their pages ask for
// it fetches in the supplier's name, with a token that opens the records of everybody whom the supplier serves: the
// API cannot know for whom. So it is the gateway that has to ask whether the person may see what came. It is an
// http.Handler, which shares its sign-in with apps that are opened on a record (smart.go).
type Gateway struct {
	app *SMARTApp
	own *Supplier

	mu    sync.Mutex
	token token // of the supplier's
}

// NewGateway returns one, made like an EHR with one issuer. The error says which field of the configuration is wrong.
func NewGateway(c EHRConfig) (*Gateway, error) {
	if len(c.Issuers) != 1 {
		return nil, fmt.Errorf("gateway: expected one issuer, got %d", len(c.Issuers))
	}
	app, err := NewSMARTApp(SMARTConfig{EHRConfig: c, Servers: []SMARTServer{{FHIRBase: c.FHIRBase, Issuer: c.Issuers[0].Issuer}}})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	app.home = "/"
	return &Gateway{app: app, own: &Supplier{protocol: app.web.protocol, reg: app.web.issuers[0], fhirBase: c.FHIRBase}}, nil
}

// ServeHTTP serves the portal's pages, and what they fetch.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), secureHeaders)
	serve := g.route(r.URL.Path)
	var err error
	switch {
	case serve == nil:
		err = &failure{http.StatusNotFound, "not_found", "There is no such page.", fmt.Errorf("no page %q", r.URL.Path)}
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		err = &failure{http.StatusMethodNotAllowed, "method_not_allowed", "That cannot be done here.", fmt.Errorf("no %s on %q", r.Method, r.URL.Path)}
	default:
		err = serve(w, r)
	}
	if err != nil {
		g.app.web.refuse(w, r, err)
	}
}

func (g *Gateway) route(path string) func(http.ResponseWriter, *http.Request) error {
	switch path {
	case "/":
		return g.home
	case "/login":
		return g.login
	case "/callback":
		return g.app.callback
	case "/style.css":
		return serveStyle
	}
	if strings.HasPrefix(path, bff) {
		return g.fetch
	}
	return nil
}

// login begins a sign-in: GET /login.
func (g *Gateway) login(w http.ResponseWriter, r *http.Request) error {
	f := &flow{reg: g.own.reg, scope: GatewayScope, returnTo: g.app.home, api: g.own.fhirBase}
	return g.app.web.beginFlow(w, r, f)
}

// visitor is who is signed in, or nil.
func (g *Gateway) visitor(r *http.Request) *chart {
	return g.app.charts.find(g.app.web.cookie(r, g.app.web.sessionCookie))
}

// home says who is signed in, and takes the number of a patient: GET /.
func (g *Gateway) home(w http.ResponseWriter, r *http.Request) error {
	p := g.app.web.newPage("Portal").raw("<h1>Portal</h1>\n")
	if v := g.visitor(r); v != nil {
		p.raw("<p>Signed in as <strong id=\"subject\">").text(v.user).raw("</strong>.</p>\n")
		p.raw("<p>Patients whom you have met: <code>" + bff + "</code> and the number; her measurements below it, at <code>" + measured + "</code>.</p>\n")
	} else {
		p.raw("<p><a href=\"/login\">Sign in</a></p>\n")
	}
	p.send(w, http.StatusOK)
	return nil
}

const (
	bff      = "/bff/patient/"
	measured = "/observations"
)

// fetch is what pages ask for: GET /bff/patient/{id}, a Patient, or GET /bff/patient/{id}/observations, a searchset, for
// which a page may say more in FHIR's own words (?code=…&_sort=-date).
//
// It asks the API two things in the supplier's name: whether the person has met the patient, and what the page wants. Only
// what came is judged: a search may draw along whom its address does not name.
func (g *Gateway) fetch(w http.ResponseWriter, r *http.Request) error {
	v := g.visitor(r)
	if v == nil {
		return &failure{http.StatusForbidden, "not_signed_in", "Please sign in.", errors.New("nobody is signed in in this browser")}
	}
	id, search := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, bff), measured)
	if !validID(id) {
		return malformed("patient: expected a FHIR id, got %q", id)
	}
	answer := &fetched{person: v.user, patient: id}
	var err error
	if answer.met, err = g.met(r.Context(), v.user, id); err != nil {
		return recordFailure(err)
	}
	path := "/Patient/" + id
	if search {
		path = "/Observation?patient=" + url.QueryEscape(id)
		if r.URL.RawQuery != "" {
			path += "&" + r.URL.RawQuery
		}
	}
	body, err := g.ask(r.Context(), path)
	if err != nil {
		return recordFailure(err)
	}
	if answer.about, err = patientsIn(body); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := party.Enforce(r.Context(), g.own.protocol.party, answer, gatewayGuards); err != nil {
		return err
	}
	w.Header().Set("Content-Type", wantsFHIR[0])
	_, _ = w.Write(body) // the person has left
	return nil
}

// ask reads from the API in the supplier's name. A token that the API no longer takes is replaced once.
func (g *Gateway) ask(ctx context.Context, path string) ([]byte, error) {
	t, err := g.tokenBut(ctx, "")
	if err != nil {
		return nil, err
	}
	body, err := g.own.protocol.read(ctx, t, g.own.fhirBase+path)
	if !unauthorized(err) {
		return body, err
	}
	if t, err = g.tokenBut(ctx, t.access); err != nil {
		return nil, err
	}
	return g.own.protocol.read(ctx, t, g.own.fhirBase+path)
}

// tokenBut returns the token of the supplier's, and fetches one if there is none or only the stale one.
func (g *Gateway) tokenBut(ctx context.Context, stale string) (token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token.access != "" && g.token.access != stale && g.own.protocol.party.Clock.Now().Before(g.token.expires) {
		return g.token, nil
	}
	t, err := g.own.protocol.clientCredentials(ctx, g.own.reg, SystemScope, g.own.fhirBase)
	if err == nil {
		g.token = t
	}
	return t, err
}

// gatewayGuards judge what the API gave to the supplier, before the person who asked for it sees it.
var gatewayGuards = []control.Guard[fetched]{
	{Control: control.ClientGatewayObject, Check: checkGatewayObject, Answer: notMet},
}

// notMet is what the gateway says of patients whom there are none of, too (recordFailure).
var notMet = control.Answer{Status: http.StatusNotFound, Code: "not_found", Safe: noSuchPatient}
