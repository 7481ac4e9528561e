package serve

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"thiefbox/sim/control"
)

// The paths of this package, below an issuer. Whatever else is there belongs to the authorization
// server or the FHIR API.
const (
	pathFHIR      = "/fhir"
	pathOwn       = "/_thiefbox"
	pathEvents    = pathOwn + "/events"
	pathWhy       = pathOwn + "/why"
	pathProof     = pathOwn + "/proof"
	pathAssertion = pathOwn + "/assertion"
	pathCallback  = pathOwn + "/callback"
)

// own are the handlers of this package, with the method each answers to.
var own = map[string]struct {
	method string
	handle func(*Issuer, http.ResponseWriter, *http.Request)
}{
	"":            {http.MethodGet, (*Issuer).serveScreen},
	"/":           {http.MethodGet, (*Issuer).serveScreen},
	pathEvents:    {http.MethodGet, (*Issuer).serveEvents},
	pathWhy:       {http.MethodGet, (*Issuer).serveWhy},
	pathProof:     {http.MethodPost, (*Issuer).serveProof},
	pathAssertion: {http.MethodPost, (*Issuer).serveAssertion},
	pathCallback:  {http.MethodGet, (*Issuer).serveCallback},
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
	name, below := split(r.URL.Path)
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
	for _, kind := range []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		if rest, ok := strings.CutPrefix(path, kind+"/"); ok {
			return rest, kind
		}
	}
	name, below, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if more {
		below = "/" + below
	}
	return name, below
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
	if o, ok := own[below]; ok || below == pathOwn || strings.HasPrefix(below, pathOwn+"/") {
		if !ok {
			refuse(w, http.StatusNotFound, "not_found", "expected one of "+strings.Join([]string{pathEvents, pathWhy, pathProof, pathAssertion}, ", ")+" below the issuer")
			return
		}
		if r.Method != o.method && (o.method != http.MethodGet || r.Method != http.MethodHead) {
			w.Header().Set("Allow", o.method)
			refuse(w, http.StatusMethodNotAllowed, "invalid_request", "expected "+o.method+", got "+r.Method)
			return
		}
		o.handle(i, w, r)
		return
	}
	h, to := http.Handler(i.as), "as"
	if below == pathFHIR || strings.HasPrefix(below, pathFHIR+"/") {
		h, to = i.fhir, "fhir"
	}
	i.tenant.witness(w, r, i.origin, stranger+r.RemoteAddr, to, h)
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
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()))
}
