package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The authorization request, however it arrived: pushed (par.go) or plain, through the browser
// (authorize.go). Both are read and judged by what is here.

// request is an authorization request.
type request struct {
	remembered
	client      *Client
	redirectURI string
	// responseType is code, unless the server is careless (frontchannel.go).
	responseType string
	state        string
	nonce        string
	scope        fapi.Scope
	resources    []string // RFC 8707; empty means every API
	challenge    string   // RFC 7636
	method       string   // of the challenge: S256 or plain
	jkt          string   // the key the code will be bound to (RFC 9449 s10); empty for none
	details      []detail // RFC 9396
	demands

	// SMART App Launch: the API that the app names, one that it names and that has no patients' records, and the launch
	// that it belongs to; nil for an app that is opened by itself.
	aud    string
	stray  string
	launch *launched
	asked  time.Time

	signed   bool // the answer is asked for as a JWT (JARM)
	mustSign bool // the dialect is one of signed answers

	pushed  bool
	expires time.Time   // pushed: what expires_in said
	spent   atomic.Bool // pushed: a code was issued for it
}

// Registration rules, for every request that names a grant or a scope.
var (
	grantTypeGuards = []control.Guard[wish]{
		{Control: control.ASGrantType, Check: (*wish).checkGrantType, Answer: control.Answer{
			Status: http.StatusBadRequest, Code: "unauthorized_client", Safe: "the client may not use this grant"}},
	}
	scopeGuards = []control.Guard[wish]{
		{Control: control.ASScope, Check: (*wish).checkScope, Answer: control.Answer{
			Status: http.StatusBadRequest, Code: "invalid_scope", Safe: "the scope is not available to this client"}},
	}
)

// requestGuards judge an authorization request by itself.
var requestGuards = []control.Guard[request]{
	{Control: control.ASRedirectURI, Check: (*request).checkRedirectURI, Answer: answerBad},
	{Control: control.ASResponseType, Check: (*request).checkResponseType, Answer: answerResponseType},
	{Control: control.ASPKCERequired, Check: (*request).checkChallenge, Answer: answerBad},
	{Control: control.ASPKCEMethod, Check: (*request).checkMethod, Answer: answerBad},
	{Control: control.ASResponseSigned, Check: (*request).checkResponseMode, Answer: answerBad},
}

// wish is what a client asks for.
type wish struct {
	client    *Client
	grantType string
	scope     fapi.Scope
}

// checkGrantType (RFC 6749 s5.2, unauthorized_client).
func (w *wish) checkGrantType() (string, error) {
	if slices.Contains(w.client.GrantTypes, w.grantType) {
		return w.grantType, nil
	}
	return w.grantType, control.ExpectedFix("grant type of "+w.client.ID, strings.Join(w.client.GrantTypes, " or "), w.grantType,
		"register the client for the grant")
}

// checkScope (RFC 6749 s3.3).
func (w *wish) checkScope() (string, error) {
	if scopeWithin(w.scope, w.client.Scope) {
		return string(w.scope), nil
	}
	names := w.tooMuch()
	return string(w.scope), control.ExpectedFix("scope for "+w.client.ID, "any of "+string(w.client.Scope), strings.Join(names, " "), w.adviceForScope(names))
}

// tooMuch are the first scopes that the client is not registered for: a few say enough.
func (w *wish) tooMuch() (names []string) {
	const enough = 8
	for name := range strings.FieldsSeq(string(w.scope)) {
		if !scopeWithin(fapi.Scope(name), w.client.Scope) {
			names = append(names, name)
		}
		if len(names) == enough {
			break
		}
	}
	return names
}

// adviceForScope helps somebody who has mistyped a scope.
func (w *wish) adviceForScope(names []string) string {
	const usual = "ask for less, or register the client for more"
	for _, name := range names {
		if strings.ContainsAny(name, ",;") {
			return "put spaces between scopes, and no commas"
		}
		if near := nearest(name, strings.Fields(string(w.client.Scope))); near != "" {
			return "did you mean " + near + "? Otherwise " + usual
		}
	}
	return usual
}

// checkRedirectURI compares letter by letter (BCP s2.1, s4.1).
func (r *request) checkRedirectURI() (string, error) {
	if r.redirectIsRegistered() {
		return r.redirectURI, nil
	}
	return r.redirectURI, control.ExpectedFix("redirect_uri of "+r.client.ID, fewOf(r.client.RedirectURIs, r.redirectURI), r.redirectURI,
		"register it, and send it exactly as registered")
}

func (r *request) redirectIsRegistered() bool {
	return slices.Contains(r.client.RedirectURIs, r.redirectURI) ||
		slices.Contains(r.client.RedirectURIs, withoutLoopbackPort(r.redirectURI))
}

// withoutLoopbackPort is the one exception to the letter (RFC 8252 s7.3; SP 5.3.2.2-8): a native app
// listens on whatever port is free, so http to the machine itself may name any. Where the registration
// has a port, that one is meant.
func withoutLoopbackPort(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.Port() == "" || u.User != nil || !isLoopback(u.Hostname()) {
		return uri
	}
	return strings.Replace(uri, u.Host, strings.TrimSuffix(u.Host, ":"+u.Port()), 1)
}

// checkChallenge (SP 5.3.2.2-5; RFC 7636 s4.4.1).
func (r *request) checkChallenge() (string, error) {
	if r.challenge == "" {
		return "", control.ExpectedFix("code_challenge", "the S256 of a fresh verifier", "", "send a PKCE challenge")
	}
	return r.challenge, nil
}

// checkMethod (SP 5.3.2.2-5). Without a challenge there is no method.
func (r *request) checkMethod() (string, error) {
	if r.challenge != "" && r.method != "S256" {
		return r.method, control.Expected("code_challenge_method", "S256", r.method)
	}
	return r.method, nil
}

// readRequest reads the parameters of an authorization request. What it refuses is malformed under any
// profile: it could not be carried out.
func (s *Server) readRequest(client *Client, f form) (*request, error) {
	r := &request{
		client: client, redirectURI: f.get("redirect_uri"), state: f.get("state"), nonce: f.get("nonce"),
		scope: fapi.Scope(f.get("scope")), challenge: f.get("code_challenge"), method: f.get("code_challenge_method"),
		jkt: f.get("dpop_jkt"), mustSign: s.party.Dialect().Response == control.JWTResponse,
	}
	mode := r.readResponseMode(f.get("response_mode"))         // first: an error is answered in the mode that was asked for
	if _, err := parseRedirectURI(r.redirectURI); err != nil { // SP 5.3.2.2-6: there must be one
		return nil, err
	}
	if f.get("request") != "" {
		return r, faultOf(http.StatusBadRequest, "request_not_supported", "request objects are pushed", "expected a request object at the PAR endpoint, got one at the authorization endpoint").because("RFC 9126 s3; FAPI 2.0 MS 5.3.1", "push it, and send the browser with client_id and request_uri alone")
	}
	var err error
	if r.responseType, err = readResponseType(f); err != nil {
		return r, err
	}
	if mode != nil {
		return r, mode
	}
	if err := r.readBinding(); err != nil {
		return r, err
	}
	if r.demands, err = s.readDemands(f); err != nil {
		return r, err
	}
	if r.resources, err = s.readResources(f); err != nil {
		return r, err
	}
	if err := s.readLaunch(r, f); err != nil {
		return r, err
	}
	if r.details, err = s.readDetails(client, f.get("authorization_details"), s.national()); err != nil {
		return r, err
	}
	return r, checkScopeSyntax(r.scope)
}

// readBinding reads the PKCE challenge and the DPoP key. The form of both is fixed (RFC 7636 s4.2,
// RFC 7638 s3); a challenge without method is plain (RFC 7636 s4.3).
func (r *request) readBinding() error {
	if r.jkt != "" && !isBase64URL(r.jkt, 43, 43) {
		return malformed("expected dpop_jkt to be a SHA-256 thumbprint of 43 characters, got %q", r.jkt).because("RFC 9449 s10; RFC 7638", "send the base64url of the SHA-256 of the key's thumbprint JSON, without padding, or send a proof at the PAR endpoint in its place")
	}
	if r.challenge == "" {
		if r.method != "" {
			return malformed("expected a code_challenge with the code_challenge_method, got nothing").because("RFC 7636 s4.3", "send both")
		}
		return nil
	}
	longest, lengths := 128, "43 to 128 unreserved characters"
	switch r.method {
	case "S256":
		longest, lengths = 43, "43 characters of base64url"
	case "":
		r.method = "plain"
	case "plain":
	default:
		return malformed("expected code_challenge_method S256 or plain, got %q", r.method).because("RFC 7636 s4.3", "send S256, with a capital S")
	}
	if !isUnreserved(r.challenge, 43, longest) {
		return malformed("expected a code_challenge of %s, got %q", lengths, r.challenge).because("RFC 7636 s4.2",
			"send the base64url of the SHA-256 of the verifier, without padding: 43 characters, and neither hexadecimal nor base64")
	}
	return nil
}

// parseRedirectURI wants an absolute http or https URL without fragment (RFC 6749 s3.1.2). Any other
// scheme would have the browser do something else than go there.
func parseRedirectURI(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Contains(raw, "#") {
		return nil, malformed("expected redirect_uri to be an absolute URL without fragment, got %s", quoteOrNothing(raw)).because("SP 5.3.2.2-6, -8; RFC 6749 s3.1.2; RFC 8252 s7.3",
			"send the https URL that is registered; a native app listens on http://127.0.0.1 with any port, since other apps can claim a scheme of its own")
	}
	return u, nil
}

// readResources reads the APIs a token is for (RFC 8707 s2).
func (s *Server) readResources(f form) ([]string, error) {
	var out []string
	for _, r := range f.all("resource") {
		if s.resources[r] == nil {
			return nil, unknownTarget("expected the identifier of an API of this server, got %s", quoteOrNothing(r)).because("RFC 8707 s2", "send the resource of the API's protected resource metadata, or leave resource out")
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// checkScopeSyntax (RFC 6749 s3.3): printable ASCII but for the quote and the backslash.
func checkScopeSyntax(scope fapi.Scope) error {
	for _, c := range []byte(scope) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return faultOf(http.StatusBadRequest, "invalid_scope", "the scope is malformed", "expected printable ASCII, got "+strconv.Quote(string(scope))).because("RFC 6749 s3.3", "send the names of the scopes with one space between them")
		}
	}
	return nil
}

func isBase64URL(s string, shortest, longest int) bool {
	return isUnreserved(s, shortest, longest) && !strings.ContainsAny(s, ".~")
}

// isUnreserved: RFC 3986 s2.3.
func isUnreserved(s string, shortest, longest int) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != '~' {
			return false
		}
	}
	return shortest <= len(s) && len(s) <= longest
}
