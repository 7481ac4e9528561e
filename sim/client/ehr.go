package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// EHRConfig is what a web EHR needs to know.
type EHRConfig struct {
	Party *party.Party
	URL   string // where it is served, without a path: "https://ehr.thiefbox.test"
	HTTP  *http.Client
	// Issuers are the servers one can sign in at. The first is the EHR's own choice, where it also gets
	// tokens in its own name.
	Issuers           []Registration
	FHIRBase, LabBase string    // LabBase may be empty: there is no laboratory then
	DPoPKey           *fapi.Key // for proofs; nil takes the first registration's
	Name              string    // for people; empty is "EHR"
	// Verifier is the PKCE verifier of every sign-in, in a client whose maker took it for a setting. Empty,
	// as it must be (RFC 7636 s7.1), each sign-in has a fresh one.
	Verifier string
	// Apps can be opened on a record; none for an EHR that opens none.
	Apps []LaunchableApp
	// Memo remembers what cryptography gave, for worlds that do the same over and over; nil for none.
	Memo *fapi.Memo
}

// EHR is a web system in which clinicians sign in and read records. It is an http.Handler.
type EHR struct {
	protocol          *protocol
	name, redirectURI string
	fhirBase, labBase string
	verifier          string // for every sign-in; empty for a fresh one each time
	issuers           []*Registration
	apps              []LaunchableApp

	browserCookie, sessionCookie string
	secure                       bool
	noPolicy                     bool // pages say nothing of scripts

	flows    flows
	sessions sessions
}

// NewEHR returns an EHR. The error says which field of the configuration is wrong.
func NewEHR(c EHRConfig) (*EHR, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("EHR: URL: expected an absolute URL without a path, got %q", c.URL)
	}
	if c.FHIRBase == "" || len(c.Issuers) == 0 {
		return nil, errors.New("EHR: expected a FHIRBase and at least one issuer")
	}
	e := &EHR{
		name: c.Name, redirectURI: u.Scheme + "://" + u.Host + "/callback", fhirBase: c.FHIRBase, labBase: c.LabBase, verifier: c.Verifier, apps: c.Apps,
		secure: u.Scheme == "https", browserCookie: "ehr-browser", sessionCookie: "ehr-session",
	}
	if e.secure { // the prefix keeps neighbouring hosts from setting them (RFC 6265bis s4.1.3.2)
		e.browserCookie, e.sessionCookie = "__Host-ehr-browser", "__Host-ehr-session"
	}
	if e.name == "" {
		e.name = "EHR"
	}
	for _, r := range c.Issuers {
		ready, err := r.prepare()
		if err != nil {
			return nil, fmt.Errorf("EHR: %w", err)
		}
		e.issuers = append(e.issuers, ready)
	}
	if e.protocol, err = newProtocol(c.Party, c.HTTP, e.issuers[0], c.DPoPKey); err != nil {
		return nil, fmt.Errorf("EHR: %w", err)
	}
	e.protocol.memo = c.Memo
	return e, nil
}

// route returns what serves a path, and the methods it takes.
func (e *EHR) route(path string) (serve func(http.ResponseWriter, *http.Request) error, post bool) {
	switch path {
	case "/":
		return e.home, false
	case "/login":
		return e.login, false
	case "/callback":
		return e.callback, false
	case "/patients":
		return e.patients, false
	case "/continue":
		return e.goOn, false
	case "/launch":
		return e.openApp, false
	case "/logout":
		return e.logout, true
	case "/emergency":
		return e.emergency, true
	case "/style.css":
		return serveStyle, false
	}
	if strings.HasPrefix(path, "/patients/") {
		return e.patient, false
	}
	return nil, false
}

// DropContentPolicy has pages say no more which scripts may run in them and where those may send what they see. An
// EHR whose pages say so runs none (CSP Level 3 s6.1), so a thief's script needs one that does not. Before it serves.
func (e *EHR) DropContentPolicy() { e.noPolicy = true }

// ServeHTTP serves the EHR's pages.
func (e *EHR) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), secureHeaders)
	if e.noPolicy {
		w.Header().Del("Content-Security-Policy")
	}
	serve, post := e.route(r.URL.Path)
	var err error
	switch {
	case serve == nil:
		err = &failure{http.StatusNotFound, "not_found", "There is no such page.", fmt.Errorf("no page %q", r.URL.Path)}
	case r.Method != http.MethodGet && r.Method != http.MethodHead && !(post && r.Method == http.MethodPost):
		if w.Header().Set("Allow", "GET, HEAD"); post {
			w.Header().Set("Allow", "GET, HEAD, POST")
		}
		err = &failure{http.StatusMethodNotAllowed, "method_not_allowed", "That cannot be done here.", fmt.Errorf("no %s on %q", r.Method, r.URL.Path)}
	default:
		err = serve(w, r)
	}
	if err != nil {
		e.refuse(w, r, err)
	}
}

// login begins a sign-in: GET /login?issuer=URL. Without issuer, at the first.
func (e *EHR) login(w http.ResponseWriter, r *http.Request) error {
	reg, err := e.chosen(r.URL.Query().Get("issuer"))
	if err != nil {
		return err
	}
	return e.begin(w, r, reg, nil, "/patients")
}

func (e *EHR) chosen(issuer string) (*Registration, error) {
	if issuer == "" {
		return e.issuers[0], nil
	}
	for _, r := range e.issuers {
		if r.Issuer == issuer {
			return r, nil
		}
	}
	return nil, malformed("login: expected an issuer this EHR is registered at, got %q", issuer)
}

// Work is the EHR's nightly job: it gets a token in its own name and reads the list of patients.
// The error is a *control.Refusal, an *UpstreamError or a fault of the network.
func (e *EHR) Work(ctx context.Context) error {
	t, err := e.protocol.clientCredentials(ctx, e.issuers[0], SystemScope, e.fhirBase)
	if err != nil {
		return fmt.Errorf("nightly job: %w", err)
	}
	if _, err := e.protocol.read(ctx, t, e.fhirBase+"/Patient"); err != nil {
		return fmt.Errorf("nightly job: %w", err)
	}
	return nil
}
