package attacker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"thiefbox/sim/fapi"
)

// rogue is the thief's authorization server. By itself it works as a correct one would for a client
// that signs people in there; techniques change what it publishes or answers. It keeps every form it
// is sent.
type rogue struct {
	g    Ground
	meta fapi.Metadata
	keys []fapi.Public // what it publishes as its own
	// front answers the authorization endpoint; the default sends the browser back with a code.
	front func(w http.ResponseWriter, r *http.Request, pushed url.Values)
	// token answers the token endpoint.
	token func(form url.Values) fapi.TokenResponse

	mu     sync.Mutex
	pushed []url.Values
	asked  []url.Values // authorization requests that browsers brought
	tokens []url.Values
}

func newRogue(g Ground) *rogue {
	base := "https://" + g.Target().RogueHost
	ro := &rogue{g: g, keys: []fapi.Public{g.Key("rogue").Public()}, meta: fapi.Metadata{
		Issuer: base, AuthorizationEndpoint: base + "/authorize", TokenEndpoint: base + "/token",
		PushedAuthorizationRequestEndpoint: base + "/par", JWKSURI: base + "/jwks", IssParameter: true,
		DPoPAlgs: fapi.Algorithms, CodeChallengeMethods: []string{"S256"},
	}}
	ro.front = func(w http.ResponseWriter, r *http.Request, pushed url.Values) {
		ro.answer(w, r, pushed, url.Values{"code": {"a-code-of-the-rogue"}})
	}
	ro.token = func(url.Values) fapi.TokenResponse { return fapi.TokenResponse{Error: "invalid_grant"} }
	return ro
}

// open puts the server up.
func (ro *rogue) open() {
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, ro.meta) })
	// Where he also has an API, it says that its tokens come from here (SMART App Launch 2.2).
	mux.HandleFunc("/fhir/.well-known/smart-configuration", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, ro.meta) })
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		// His own key stays: his server signs answers with it, whatever else it claims.
		_, _ = w.Write(fapi.JWKS(append(slices.Clip(ro.keys), ro.g.Key("rogue").Public())...))
	})
	mux.HandleFunc("/par", ro.par)
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) { ro.front(w, r, ro.request(r)) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		t := ro.token(ro.keep(&ro.tokens, r))
		status := http.StatusOK
		if t.Error != "" {
			status = http.StatusBadRequest
		}
		writeJSON(w, status, t)
	})
	ro.g.Serve(ro.g.Target().RogueHost, mux)
}

func (ro *rogue) par(w http.ResponseWriter, r *http.Request) {
	ro.keep(&ro.pushed, r)
	writeJSON(w, http.StatusCreated, map[string]any{"request_uri": "urn:ietf:params:oauth:request_uri:rogue", "expires_in": 60})
}

// keep parses a form and remembers it, with the headers an attacker may want.
func (ro *rogue) keep(where *[]url.Values, r *http.Request) url.Values {
	_ = r.ParseForm()
	ro.mu.Lock()
	defer ro.mu.Unlock()
	*where = append(*where, r.PostForm)
	return r.PostForm
}

// request is the authorization request behind a visit to the authorization endpoint: the last one
// pushed, or the query.
func (ro *rogue) request(r *http.Request) url.Values {
	ro.mu.Lock()
	defer ro.mu.Unlock()
	q := r.URL.Query()
	if q.Has("request_uri") && len(ro.pushed) > 0 {
		q = ro.pushed[len(ro.pushed)-1]
	}
	if object, err := fapi.ParseRequestObject(q.Get("request")); err == nil {
		q = object.Claims.Parameters
	}
	ro.asked = append(ro.asked, q)
	return q
}

// answer sends the browser back to the client, as a correct server would.
func (ro *rogue) answer(w http.ResponseWriter, r *http.Request, pushed, q url.Values) {
	q.Set("state", pushed.Get("state"))
	q.Set("iss", ro.meta.Issuer)
	if pushed.Get("response_mode") == "jwt" {
		signed, err := fapi.AuthorizationResponse{
			Issuer: ro.meta.Issuer, Audience: fapi.Audience{Values: []string{pushed.Get("client_id")}},
			Expires: ro.g.Now().Add(hour).Unix(), Code: q.Get("code"), State: q.Get("state"),
		}.Sign(ro.g.Key("rogue"))
		if err == nil {
			q = url.Values{"response": {signed}}
		}
	}
	http.Redirect(w, r, pushed.Get("redirect_uri")+"?"+q.Encode(), http.StatusSeeOther)
}

// The newest of what was received, nil if nothing came.
func (ro *rogue) lastPushed() url.Values  { return ro.last(&ro.pushed) }
func (ro *rogue) lastRequest() url.Values { return ro.last(&ro.asked) }
func (ro *rogue) lastToken() url.Values   { return ro.last(&ro.tokens) }

func (ro *rogue) last(where *[]url.Values) url.Values {
	ro.mu.Lock()
	defer ro.mu.Unlock()
	if len(*where) == 0 {
		return nil
	}
	return (*where)[len(*where)-1]
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// signInAtRogue has the thief sign in at the honest client through his own server, to the end.
func signInAtRogue(ctx context.Context, g Ground) error {
	t := g.Target()
	_, err := g.Browser().Visit(ctx, t.ClientLogin+"https://"+t.RogueHost, "")
	return err
}
