package fhirmock

import (
	"encoding/json"
	"net/http"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Protected resource metadata (RFC 9728): the API says who issues its tokens and how they are presented, so that
// a client that knows nothing but the address can begin. Every challenge points here (s5.1).

const wellKnownResource = "/.well-known/oauth-protected-resource"

// resourceMetadata (RFC 9728 s2).
type resourceMetadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	DPoPAlgs             []string `json:"dpop_signing_alg_values_supported,omitempty"`
	DPoPRequired         bool     `json:"dpop_bound_access_tokens_required,omitempty"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	Name                 string   `json:"resource_name"`
}

// metadataURL is where it stands: the well-known part goes between host and path (s3.1).
func (a *API) metadataURL() string { return a.origin + wellKnownResource + a.path }

// isMetadata tells whether a request asks for it: at its place, or by the other custom below the base.
func (a *API) isMetadata(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return strings.Contains(path, wellKnownResource) && (path == wellKnownResource+a.path || path == a.path+wellKnownResource)
}

// serveMetadata answers anybody, pages of other origins too.
func (a *API) serveMetadata(w http.ResponseWriter, v *visit) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if m := v.http.Method; m != http.MethodGet && m != http.MethodHead {
		a.refuse(v.http.Context(), w, v, &problem{status: http.StatusMethodNotAllowed, code: "not-supported", safe: "this is for reading only", allow: "GET, HEAD",
			detail: "expected GET or HEAD, got " + quoted(m)})
		return
	}
	m := resourceMetadata{Resource: a.Base, AuthorizationServers: []string{a.Issuer}, BearerMethods: []string{"header"}, Name: "thiefbox FHIR API"}
	if v.dialect.Constraint == control.DPoP {
		m.DPoPAlgs, m.DPoPRequired = fapi.Algorithms, true
	}
	for _, t := range query.Types {
		m.Scopes = append(m.Scopes, "user/"+t+".rs")
	}
	body, err := json.Marshal(m)
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(body) // a caller who has hung up needs no answer
}
