package idp

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// The authorization endpoint (RFC 6749 s3.1): what a browser brings, and what it is sent away with.
// In between lie the pages of signin.go and consent.go.

// arrivalGuards judge how the request came, pushedGuards a reference to a pushed one.
var (
	arrivalGuards = []control.Guard[arrival]{
		{Control: control.ASPARRequired, Check: (*arrival).checkPushed, Answer: answerBad},
	}
	pushedGuards = []control.Guard[arrival]{
		{Control: control.ASPARClient, Check: (*arrival).checkClient, Answer: answerBad},
		{Control: control.ASPARExpiry, Check: (*arrival).checkExpiry, Answer: answerBad},
		{Control: control.ASPARClientNow, Check: (*arrival).checkRegistration, Answer: answerBad},
	}
	// requestOnce runs when a code is about to be issued, not when a page is loaded: people reload
	// (SP 5.3.2.2 note 3).
	requestOnce = []control.Guard[request]{
		{Control: control.ASPAROnce, Check: (*request).spend, Answer: answerBad},
	}
)

// arrival is an authorization request at the front door.
type arrival struct {
	*request
	shown *Client // the client that the URL names, and that the person is told about
	// registered is the client that pushed the request as it is registered at present; nil if it is no longer.
	registered *Client
	now        time.Time
}

// checkPushed (SP 5.3.2.2-3; RFC 9126 s5).
func (a *arrival) checkPushed() (string, error) {
	if a.pushed {
		return "request_uri", nil
	}
	return "parameters", control.ExpectedFix("authorization request", "a request_uri", "parameters in the URL",
		"push the request to the PAR endpoint first")
}

// checkClient (RFC 9126 s2.2).
func (a *arrival) checkClient() (string, error) {
	if a.shown.ID != a.client.ID {
		return a.shown.ID, control.Expected("client_id", a.client.ID+", which pushed the request", a.shown.ID)
	}
	return a.shown.ID, nil
}

// checkExpiry (RFC 9126 s4; SP 5.3.2.2-12).
func (a *arrival) checkExpiry() (string, error) {
	if !a.now.Before(a.expires) {
		return "", control.ExpectedFix("request_uri", "one less than 90 s old", "one that expired "+moment(a.expires.Unix(), a.now),
			"push a new request for every sign-in")
	}
	return "", nil
}

// checkRegistration (RFC 9126 s7.4) looks at what the client has lost since it pushed the request. What it
// never had was judged then.
func (a *arrival) checkRegistration() (string, error) {
	was, is := a.client, a.registered
	if is == was {
		return "unchanged", nil
	}
	if is == nil {
		return "", control.Expected("client of the request", "one that is registered", was.ID+", which no longer is")
	}
	if scopeWithin(a.scope, was.Scope) && !scopeWithin(a.scope, is.Scope) {
		return string(a.scope), control.Expected("scope for "+is.ID, "any of "+string(is.Scope)+", which is all it may ask for by now", string(a.scope))
	}
	if slices.Contains(was.RedirectURIs, a.redirectURI) && !slices.Contains(is.RedirectURIs, a.redirectURI) {
		return a.redirectURI, control.Expected("redirect_uri of "+is.ID, "one that is still registered", a.redirectURI)
	}
	if slices.Contains(was.GrantTypes, grantAuthorizationCode) && !slices.Contains(is.GrantTypes, grantAuthorizationCode) {
		return "", control.Expected("grant type of "+is.ID, strings.Join(is.GrantTypes, " or "), grantAuthorizationCode)
	}
	return "changed, and enough", nil
}

// spend (RFC 9126 s4).
func (q *request) spend() (string, error) {
	if !q.spent.CompareAndSwap(false, true) {
		return "", control.Expected("request_uri", "one that led to no code yet", "one that did")
	}
	q.changed()
	return "", nil
}

func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	f, err := frontForm(r)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	a, err := s.arrive(r.Context(), f)
	if err != nil {
		s.refuseAuthorization(w, r, a, err)
		return
	}
	s.interact(w, r, a)
}

// frontForm takes the parameters from where the method puts them (OIDC Core s3.1.2.1).
func frontForm(r *http.Request) (form, error) {
	if r.Method == http.MethodPost {
		return postForm(r)
	}
	return parseForm(r.URL.RawQuery)
}

// arrive reads and judges the request. Even with an error it may return an arrival: then the error can
// be sent to the client.
func (s *Server) arrive(ctx context.Context, f form) (*arrival, error) {
	id := f.get("client_id")
	client := s.client(id)
	if id == "" {
		return nil, malformed("expected the client_id of a registered client, got nothing").because("RFC 6749 s4.1.1; RFC 9126 s4", "send client_id in the URL, also beside a request_uri")
	}
	if client == nil {
		return nil, malformed("expected the client_id of a registered client, got %s", quoteOrNothing(id)).because("RFC 6749 s4.1.1; RFC 9126 s4", s.adviceForUnknown(id))
	}
	if uri := f.get("request_uri"); uri != "" {
		// Every other parameter is ignored: only what was pushed counts (RFC 9126 s4).
		q, err := s.pushedRequest(uri, id)
		if err != nil {
			return nil, err
		}
		return s.judgeReference(ctx, &arrival{q, client, s.client(q.client.ID), s.now()})
	}
	q, err := s.readRequest(client, f)
	if q == nil {
		return nil, err
	}
	a := &arrival{q, client, client, s.now()}
	if err == nil {
		err = s.judgePlain(ctx, a)
	}
	if !q.redirectIsRegistered() && err != nil {
		return nil, err // SP 5.3.2.1-7: no redirect to where nobody vouches for
	}
	return a, err
}

// judgeReference judges a request_uri. The request behind it was judged when it was pushed. A fault
// of the reference never leads to a redirect: whoever made the link is not the client.
func (s *Server) judgeReference(ctx context.Context, a *arrival) (*arrival, error) {
	if err := party.Enforce(ctx, s.party, a, arrivalGuards); err != nil {
		return nil, err
	}
	if err := party.Enforce(ctx, s.party, a, pushedGuards); err != nil {
		return nil, err
	}
	return a, nil
}

func (s *Server) judgePlain(ctx context.Context, a *arrival) error {
	if err := s.judgeWish(ctx, a.client, grantAuthorizationCode, a.scope); err != nil {
		return err
	}
	if err := party.Enforce(ctx, s.party, a, arrivalGuards); err != nil {
		return err
	}
	return s.judgeRequest(ctx, a.request)
}

// judgeRequest judges an authorization request by itself, however it came.
func (s *Server) judgeRequest(ctx context.Context, q *request) error {
	if err := enforceOn(ctx, s, q.client.ID, q, requestGuards); err != nil {
		return err
	}
	if q.launch == nil && q.aud == "" && !wantsLaunch(q.scope) {
		return nil
	}
	return party.Enforce(ctx, s.party, q, launchGuards)
}

// judgeWish holds a grant and a scope against the client's registration.
func (s *Server) judgeWish(ctx context.Context, client *Client, grantType string, scope fapi.Scope) error {
	w := &wish{client, grantType, scope}
	if err := party.Enforce(ctx, s.party, w, grantTypeGuards); err != nil {
		return err
	}
	return party.Enforce(ctx, s.party, w, scopeGuards)
}

// refuseAuthorization sends the error to the client where its redirect URI is trusted, and shows a
// page where it is not (RFC 6749 s4.1.2.1).
func (s *Server) refuseAuthorization(w http.ResponseWriter, r *http.Request, a *arrival, err error) {
	if a == nil {
		s.refusePage(w, r, err)
		return
	}
	answer := s.answerTo(r, err)
	s.sendBack(w, r, a.request, url.Values{"error": {answer.Code}, "error_description": {answer.Safe}})
}

// sendBack redirects the browser to the client. Every response, also an error, says who it is from
// (RFC 9207 s2). 303 makes the browser forget what it posted here (SP 5.3.2.2-10, -11).
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, q *request, answer url.Values) {
	if q.signed {
		var err error
		if answer, err = s.signResponse(q, answer); err != nil {
			s.refusePage(w, r, err)
			return
		}
	} else {
		answer.Set("iss", s.issuer)
		if q.state != "" {
			answer.Set("state", q.state)
		}
	}
	separator := "?"
	if strings.Contains(q.redirectURI, "?") {
		separator = "&" // a query that was registered stays (RFC 6749 s3.1.2)
	}
	redirect(w, q.redirectURI+separator+answer.Encode())
}

func redirect(w http.ResponseWriter, to string) {
	h := w.Header()
	h.Set("Location", to)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusSeeOther)
}
