package serve

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
)

// The paths of this package, below an issuer. Whatever else is there belongs to the authorization
// server or the FHIR API. openapi.yaml documents them; a test holds the two together.
const (
	pathFHIR      = "/fhir"
	pathOwn       = "/_thiefbox"
	pathEvents    = pathOwn + "/events"
	pathHAR       = pathOwn + "/har"
	pathWhy       = pathOwn + "/why"
	pathProof     = pathOwn + "/proof"
	pathAssertion = pathOwn + "/assertion"
	pathRequest   = pathOwn + "/request"
	pathCallback  = pathOwn + "/callback"
	pathOpenAPI   = pathOwn + "/openapi.yaml"
	pathToken     = pathOwn + "/token"
	pathMistakes  = pathOwn + "/mistakes"
	pathRequests  = pathOwn + "/requests"
	pathExpect    = pathOwn + "/expect"
	pathFaults    = pathOwn + "/faults"
	pathAwkward   = pathOwn + "/awkward"
	pathControls  = pathOwn + "/controls"
	pathControl   = pathControls + "/" // and the id of a control
	pathClock     = pathOwn + "/clock"
	pathSettings  = pathOwn + "/settings"
	pathKeys      = pathOwn + "/keys"
	pathRotate    = pathKeys + "/rotate"
	pathBarred    = pathOwn + "/barred"
	pathReset     = pathOwn + "/reset"
	pathClients   = pathOwn + "/clients"
	pathRevoke    = pathOwn + "/revoke"
	pathEHR       = pathOwn + "/ehr"
	pathTestToken = "/v2/create-test-token-with-key" // as the national test token service has it
)

// handler answers at one of this package's own paths.
type handler func(*Issuer, http.ResponseWriter, *http.Request)

// own are the handlers of this package by path and method. A path that ends in a slash has something
// behind it.
var own = map[string]map[string]handler{
	"":            {http.MethodGet: (*Issuer).serveScreen},
	"/":           {http.MethodGet: (*Issuer).serveScreen},
	pathOwn:       {http.MethodGet: (*Issuer).serveScreen},
	pathEvents:    {http.MethodGet: (*Issuer).serveEvents},
	pathHAR:       {http.MethodGet: (*Issuer).serveHAR},
	pathWhy:       {http.MethodGet: (*Issuer).serveWhy},
	pathCallback:  {http.MethodGet: (*Issuer).serveCallback},
	pathOpenAPI:   {http.MethodGet: (*Issuer).serveOpenAPI},
	pathProof:     {http.MethodPost: (*Issuer).serveProof},
	pathAssertion: {http.MethodPost: (*Issuer).serveAssertion},
	pathRequest:   {http.MethodPost: (*Issuer).serveRequest},
	pathToken:     {http.MethodPost: (*Issuer).serveMint},
	pathMistakes:  {http.MethodGet: (*Issuer).serveMistakes},
	pathRequests:  {http.MethodGet: (*Issuer).serveRequests, http.MethodDelete: (*Issuer).forgetRequests},
	pathExpect:    {http.MethodPost: (*Issuer).serveExpect},
	pathFaults:    {http.MethodGet: (*Issuer).serveFaults, http.MethodPost: (*Issuer).queueFault, http.MethodDelete: (*Issuer).clearFaults},
	pathAwkward:   {http.MethodGet: (*Issuer).serveAwkward, http.MethodPut: (*Issuer).setAwkward, http.MethodDelete: (*Issuer).clearAwkward},
	pathControls:  {http.MethodGet: (*Issuer).serveControls, http.MethodDelete: (*Issuer).restoreControls},
	pathControl:   {http.MethodGet: (*Issuer).serveControl, http.MethodPut: (*Issuer).switchControl},
	pathClock:     {http.MethodGet: (*Issuer).serveClock, http.MethodPost: (*Issuer).moveClock},
	pathSettings:  {http.MethodGet: (*Issuer).serveSettings, http.MethodPatch: (*Issuer).changeSettings, http.MethodDelete: (*Issuer).restoreSettings},
	pathKeys:      {http.MethodGet: (*Issuer).serveKeys},
	pathRotate:    {http.MethodPost: (*Issuer).rotateKeys},
	pathBarred:    {http.MethodGet: (*Issuer).serveBarred, http.MethodPut: (*Issuer).bar},
	pathReset:     {http.MethodPost: (*Issuer).serveReset},
	pathClients:   {http.MethodGet: (*Issuer).serveClients, http.MethodPost: (*Issuer).registerClient},
	pathRevoke:    {http.MethodPost: (*Issuer).serveRevoke},
	pathEHR:       {http.MethodGet: (*Issuer).serveEHR, http.MethodPost: (*Issuer).launchApp},
	pathTestToken: {http.MethodPost: (*Issuer).serveTestToken},
}

// ServeHTTP sends a request to its issuer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.identify(w, r)
	origin, ok := s.originOf(r)
	if !ok {
		refuse(w, http.StatusMisdirectedRequest, "misdirected_request", fmt.Sprintf(
			"%v: expected the Host of %s or its like, got %q; behind a port mapping use the same port on both sides", errNoOrigin, s.Origin(), r.Host))
		return
	}
	if r.URL.Path == pathFavicon { // no issuer can be called that
		serveFavicon(w, r)
		return
	}
	name, below := split(r.URL.Path)
	if r.URL.Path == pathTestToken { // of the one issuer that stands in for the national one
		name, below = "helseid", pathTestToken
	}
	if name == "" {
		s.serveList(w, r, origin)
		return
	}
	issuer, err := s.issuerAt(origin, name)
	if err != nil {
		s.refuseIssuer(w, err)
		return
	}
	issuer.serve(w, r, below)
}

// originOf is the origin of the URL that was used, if it is one of the server's.
func (s *Server) originOf(r *http.Request) (string, bool) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	origin, ok := s.origins[scheme+"://"+strings.ToLower(r.Host)]
	return origin, ok
}

// split finds the issuer's name in a path, and what is below it. RFC 8414 s3.1 and, by the same custom,
// some OpenID clients put the well-known part before the issuer's path.
func split(path string) (name, below string) {
	for _, kind := range [...]string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		if rest, ok := strings.CutPrefix(path, kind); ok && strings.HasPrefix(rest, "/") {
			return rest[1:], kind
		}
	}
	if rest, ok := strings.CutPrefix(path, "/.well-known/oauth-protected-resource/"); ok { // RFC 9728 s3.1
		name, below, _ := strings.Cut(rest, "/")
		return name, "/" + below
	}
	path = strings.TrimPrefix(path, "/")
	if slash := strings.IndexByte(path, '/'); slash >= 0 {
		return path[:slash], path[slash:]
	}
	return path, ""
}

func (s *Server) refuseIssuer(w http.ResponseWriter, err error) {
	status, code := http.StatusInternalServerError, "server_error"
	switch {
	case errors.Is(err, errTooMany):
		status, code = http.StatusServiceUnavailable, "too_many_issuers"
		err = fmt.Errorf("%w; there are %d: %s", err, s.config.MaxIssuers, strings.Join(s.Names(), " "))
	case errors.Is(err, errNoName), errors.Is(err, errNoProfile):
		status, code = http.StatusNotFound, "not_found"
	}
	refuse(w, status, code, err.Error())
}

// serve answers below an issuer. What this package answers itself is no traffic, and is not written down.
func (i *Issuer) serve(w http.ResponseWriter, r *http.Request, below string) {
	if below == "" || below == "/" || below == pathOwn || below == pathTestToken || strings.HasPrefix(below, pathOwn+"/") {
		i.serveOwn(w, r, below)
		return
	}
	i.tenant.server.refreshClients(i.tenant)
	to := answerer{"as", i.as, maxBody}
	if below == pathFHIR || strings.HasPrefix(below, pathFHIR+"/") {
		to = answerer{"fhir", i.fhir, fhirmock.MaxBody}
	}
	to.Handler = i.spoilt(to.Handler, to.name, idp.PlainPath(below))
	i.tenant.witness(w, r, i.writtenOrigin(r), stranger+r.RemoteAddr, to)
}

// foreign refuses what a page of another site has a browser do: this API has no other lock. Such a page could not
// read what it gets, but it is nobody's business whether there is something to get.
var foreign = http.NewCrossOriginProtection()

// checkForeign lets people come from other sites, by a link or a redirect, and asks of all else where it is from.
func checkForeign(r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return foreign.Check(r)
	}
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Origin") == "" {
		return nil
	}
	asked := *r
	asked.Method = http.MethodPost // which is asked where it is from
	return foreign.Check(&asked)
}

func (i *Issuer) serveOwn(w http.ResponseWriter, r *http.Request, below string) {
	if below == pathOwn+"/" {
		below = pathOwn
	}
	methods := methodsAt(below)
	if methods == nil {
		refuse(w, http.StatusNotFound, "not_found", "expected one of "+strings.Join(ownPaths(), ", ")+" below the issuer; "+pathOpenAPI+" describes them")
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle := methods[method]
	if handle == nil {
		allowed := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		w.Header().Set("Allow", allowed)
		refuse(w, http.StatusMethodNotAllowed, "invalid_request", "expected "+allowed+", got "+r.Method)
		return
	}
	if err := checkForeign(r); err != nil {
		refuse(w, http.StatusForbidden, "cross_origin", "expected a program, or a page of this server; "+err.Error())
		return
	}
	handle(i, w, r)
}

func methodsAt(below string) map[string]handler {
	if methods, ok := own[below]; ok {
		return methods
	}
	if strings.HasPrefix(below, pathControl) {
		return own[pathControl]
	}
	return nil
}

// ownPaths lists the paths of this package, for whoever mistypes one.
func ownPaths() (paths []string) {
	for _, path := range slices.Sorted(maps.Keys(own)) {
		if strings.HasPrefix(path, pathOwn) && !strings.HasSuffix(path, "/") {
			paths = append(paths, path)
		}
	}
	return paths
}

// listed is an issuer in the answer to "who is here?".
type listed struct {
	Issuer  string `json:"issuer"`
	Profile string `json:"profile"`
}

// serveList tells which issuers there are, and how to get another.
func (s *Server) serveList(w http.ResponseWriter, r *http.Request, origin string) {
	if r.URL.Path != "/" {
		refuse(w, http.StatusNotFound, "not_found", "expected a path that begins with the name of an issuer, such as /"+inPath(s.profile.Name))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "expected GET or HEAD, got "+r.Method)
		return
	}
	issuers := []listed{}
	for _, name := range s.Names() {
		if p, err := s.profileOf(name); err == nil {
			issuers = append(issuers, listed{origin + "/" + name, p.Name})
		}
	}
	if wants(r, "application/json") {
		answerJSON(w, http.StatusOK, issuers)
		return
	}
	var b strings.Builder
	b.WriteString("thiefbox: a FAPI 2.0 authorization server and a FHIR API for tests. Nothing here is real.\n\nIssuers, each with its own clients, keys and log:\n")
	for _, i := range issuers {
		fmt.Fprintf(&b, "  %s  (profile %s)\n", i.Issuer, i.Profile)
	}
	fmt.Fprintf(&b, "\nOthers are made when they are first used:\n  %s/<name>  under %s, or /<profile>, or /<name>~<profile>\n\nProfiles:\n", origin, s.profile.Name)
	for _, p := range control.Profiles() {
		fmt.Fprintf(&b, "  %-21s %s\n", inPath(p.Name), p.Title)
	}
	s.show(w, r, "Issuers", b.String())
}
