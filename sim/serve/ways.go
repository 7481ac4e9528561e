package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// way is one way to be awkward.
type way struct {
	// does says it for a person. Usual is the share in the preset; 0 leaves it out there, because a right
	// client must refuse what it meets.
	does  string
	usual float64
	// before says what it did in place of the server, or before it if the call goes on; after changes the answer
	// and says how.
	before func(*Issuer, http.ResponseWriter, *http.Request, string) string
	goesOn bool
	after  func(*Issuer, *letter, *http.Request, string) string
}

var ways = map[string]way{
	"reject-nonce":       {does: "a good nonce is refused, and another offered", usual: 0.2, before: rejectNonce},
	"change-nonce":       {does: "an answer offers another nonce than the one just used, and both are good", usual: 0.3, before: nil},
	"rotate-jwks":        {does: "the signing key is replaced, and the old one still published; at most every two minutes", usual: 0.02, before: replaceKeys, goesOn: true},
	"clock-shift":        {does: "the clock goes 3 s ahead of the machine's, up to 9 s, as clocks of different machines differ", usual: 0.02, before: shiftClock, goesOn: true},
	"busy":               {does: "429 with Retry-After, or 503", usual: 0.05, before: beBusy},
	"lapse-request-uri":  {does: "the request_uri has lapsed before it is used", usual: 0, after: lapseRequestURI},
	"token-type-case":    {does: "token_type comes in another case, which RFC 6749 s5.1 allows", usual: 0.5, after: changeTokenType},
	"drop-iss":           {does: "the authorization response has no iss; a right client refuses it", usual: 0, after: dropIss},
	"wrong-iss":          {does: "the authorization response has another server's iss; a right client refuses it", usual: 0, after: falsifyIss},
	"unknown-parameters": {does: "answers carry members that nobody has heard of, which clients must pass over", usual: 0.5, after: addMembers},
}

// backChannel are the endpoints of the authorization server that programs call.
func backChannel(path string) bool { return path == "/token" || path == "/par" }

func isAPI(path string) bool { return strings.HasPrefix(path, pathFHIR+"/") }

// otherNonce is a good nonce that is not the one given.
func (i *Issuer) otherNonce(than string) string {
	good := i.as.Nonces()
	at := slices.Index(good[:2], than) // the API forgets sooner than the authorization server
	return good[1-max(at, 0)]
}

func rejectNonce(i *Issuer, w http.ResponseWriter, r *http.Request, path string) string {
	nonce := nonceIn(r)
	if nonce == "" || !backChannel(path) && !isAPI(path) {
		return ""
	}
	w.Header().Set("DPoP-Nonce", i.otherNonce(nonce))
	if isAPI(path) { // RFC 9449 s9
		w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce", error_description="the proof needs a nonce"`)
		write(w, http.StatusUnauthorized, "application/fhir+json",
			[]byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login","diagnostics":"the proof needs a nonce"}]}`))
	} else { // s8
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": "use_dpop_nonce", "error_description": "the proof needs a nonce"})
	}
	return "the nonce was good; another is offered"
}

// nonceIn reads the nonce of a proof that nobody has verified.
func nonceIn(r *http.Request) string {
	proofs := r.Header.Values("DPoP")
	if len(proofs) != 1 {
		return ""
	}
	return proofNonce(proofs[0])
}

func (i *Issuer) changeNonce(answer *letter, r *http.Request) {
	nonce := nonceIn(r)
	if nonce == "" || answer.header.Get("DPoP-Nonce") != "" || !i.tenant.faults.strikes("change-nonce") {
		return
	}
	answer.header.Set("DPoP-Nonce", i.otherNonce(nonce))
	i.struck(r.Context(), "change-nonce", "another nonce is offered; the one that was used stays good for a while")
}

func beBusy(i *Issuer, w http.ResponseWriter, r *http.Request, path string) string {
	if !backChannel(path) && !isAPI(path) {
		return ""
	}
	readable(w, r, path)
	w.Header().Set("Retry-After", "1")
	if i.tenant.faults.even() {
		answerJSON(w, http.StatusTooManyRequests, map[string]string{"error": "temporarily_unavailable"})
		return "429: come again in a second"
	}
	answerJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable"})
	return "503: come again in a second"
}

func (f *faults) even() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dice.IntN(2) == 0
}

func lapseRequestURI(_ *Issuer, a *letter, _ *http.Request, path string) string {
	if path != "/par" {
		return ""
	}
	return a.rewrite(func(m map[string]any) string {
		uri, _ := m["request_uri"].(string)
		if uri == "" {
			return ""
		}
		m["request_uri"] = uri + "-lapsed"
		return "the request_uri is one that nobody knows any more"
	})
}

func changeTokenType(_ *Issuer, a *letter, _ *http.Request, path string) string {
	if path != "/token" {
		return ""
	}
	return a.rewrite(func(m map[string]any) string {
		kind, _ := m["token_type"].(string)
		if kind == "" {
			return ""
		}
		m["token_type"] = strings.ToLower(kind)
		if kind == m["token_type"] {
			m["token_type"] = strings.ToUpper(kind)
		}
		return fmt.Sprintf("token_type is %v instead of %s", m["token_type"], kind)
	})
}

func addMembers(_ *Issuer, a *letter, _ *http.Request, path string) string {
	if path != "/token" && path != "/par" && !strings.HasPrefix(path, "/.well-known/") {
		return ""
	}
	return a.rewrite(func(m map[string]any) string {
		m["thiefbox_unheard_of"] = map[string]any{"why": []int{1, 2, 3}}
		return "the answer has a member that nobody has heard of"
	})
}

// rewrite changes an answer that is a JSON object, and a good one.
func (l *letter) rewrite(change func(map[string]any) string) string {
	var m map[string]any
	if l.code >= 300 || json.Unmarshal(l.body.Bytes(), &m) != nil {
		return ""
	}
	did := change(m)
	body, err := json.Marshal(m)
	if did == "" || err != nil {
		return ""
	}
	l.body.Reset()
	l.body.Write(body)
	if l.header.Get("Content-Length") != "" {
		l.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return did
}
