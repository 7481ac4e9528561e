package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/fapi"
	"thiefbox/sim/serve"
)

// sloppyAPI is somebody's API: every check is made but the one that is its defect.
type sloppyAPI struct {
	*httptest.Server
	issuer *serve.Issuer
	keys   []fapi.Public
	defect string
	claim  bool // goes by the claim patient, and not by sub

	mu   sync.Mutex
	seen map[string]bool
}

func newSloppyAPI(t *testing.T, i *serve.Issuer, defect string) *sloppyAPI {
	t.Helper()
	resp, err := i.HTTP(t).Get(i.URL + "/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var set json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	keys, err := fapi.ParseJWKS(set)
	if err != nil {
		t.Fatal(err)
	}
	a := &sloppyAPI{issuer: i, keys: keys, defect: defect, seen: map[string]bool{}}
	a.Server = httptest.NewServer(a)
	a.URL = strings.Replace(a.URL, "127.0.0.1", "localhost", 1) // whose name has capitals
	t.Cleanup(a.Close)
	return a
}

const own, others = "/fhir/Patient/p01", "/fhir/Patient/p02"

// refused is an answer.
type refused struct {
	status int
	code   string
}

func (r refused) Error() string { return r.code }

var (
	badToken = refused{401, "invalid_token"}
	badProof = refused{401, "invalid_dpop_proof"}
	badCall  = refused{400, "invalid_request"}
)

// must refuses unless ok, or unless it is what the defect forgets.
func (a *sloppyAPI) must(what string, ok bool, or refused) {
	if !ok && a.defect != what {
		panic(or)
	}
}

func (a *sloppyAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		switch no := recover().(type) {
		case nil:
		case refused:
			if no.status == 401 {
				w.Header().Set("WWW-Authenticate", strings.TrimSuffix(fmt.Sprintf(`DPoP error="%s"`, no.code), ` error=""`))
			}
			w.WriteHeader(no.status)
			fmt.Fprintf(w, `{"error":%q}`, no.code)
		default:
			w.WriteHeader(500)
		}
	}()
	w.Header().Set("DPoP-Nonce", "n-1")
	if a.open(r) {
		a.record(w, r.URL.Path, "")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		panic(refused{405, ""})
	}
	claims := a.judge(r)
	if a.claim {
		claims.Subject = claims.Patient
	}
	a.record(w, r.URL.Path, claims.Subject)
}

// open is what defects leave open to everybody.
func (a *sloppyAPI) open(r *http.Request) bool {
	switch a.defect {
	case "open":
		return r.Header.Get("Authorization") == ""
	case "open path":
		return r.URL.Path != own && r.URL.Path != others
	case "open head":
		return r.Method == http.MethodHead
	case "override":
		return r.Method == http.MethodPost && r.Header.Get("X-HTTP-Method-Override") == http.MethodGet
	}
	return false
}

func (a *sloppyAPI) record(w http.ResponseWriter, path, subject string) {
	id := strings.TrimPrefix(strings.Trim(path, "/"), "fhir/Patient/")
	if id != "p01" && id != "p02" {
		panic(refused{404, ""})
	}
	a.must("entitlement", subject == id || subject == "", refused{404, ""})
	fmt.Fprintf(w, `{"resourceType":"Patient","id":%q,"name":"Name of %s","city":"Granfjelldal","now":%q}`, id, id, time.Now())
}

// judge is the order in which an API asks.
func (a *sloppyAPI) judge(r *http.Request) fapi.AccessToken {
	scheme, text := a.credential(r)
	t, err := fapi.ParseJWT(text)
	if err != nil {
		panic(badToken)
	}
	if a.defect == "falls over" && t.Header.Alg == "none" {
		panic("nobody thought of that")
	}
	var c fapi.AccessToken
	if t.Claims(&c) != nil {
		panic(badToken)
	}
	if a.token(t, c); a.sound(t, c) {
		a.standing(text)
	}
	if c.JKT() == "" {
		a.must("unbound", false, badToken)
		return c
	}
	if scheme == "Bearer" {
		a.must("bearer", false, badToken)
		return c
	}
	if p := a.proof(r); p != nil {
		a.judgeProof(r, p, c.JKT(), text)
	}
	return c
}

func (a *sloppyAPI) credential(r *http.Request) (scheme, text string) {
	values := r.Header.Values("Authorization")
	if a.defect == "query" && len(values) == 0 && r.URL.Query().Has("access_token") {
		return "DPoP", r.URL.Query().Get("access_token")
	}
	if a.defect == "body" && len(values) == 0 {
		body := make([]byte, 1<<16)
		n, _ := r.Body.Read(body)
		form, _ := url.ParseQuery(string(body[:n]))
		return "DPoP", form.Get("access_token")
	}
	if len(values) == 0 {
		panic(refused{401, ""})
	}
	a.must("first", len(values) == 1 || a.defect == "last", badCall)
	value := values[0]
	if a.defect == "last" {
		value = values[len(values)-1]
	}
	scheme, text, _ = strings.Cut(value, " ")
	return scheme, text
}

func (a *sloppyAPI) token(t *fapi.JWT, c fapi.AccessToken) {
	a.must("alg", t.CheckAlg([]string{"ES256"}) == nil, badToken)
	now := time.Now().Unix()
	a.must("signature", a.signed(t), badToken)
	a.must("typ", t.CheckTyp(fapi.TypAccessToken) == nil, badToken)
	a.must("issuer", c.Issuer == a.issuer.URL, badToken)
	a.must("audience", c.Audience.Has(a.URL), badToken)
	a.must("expiry", c.Expires > now, badToken)
	a.must("not before", c.NotPrior <= now, badToken)
	a.must("scope", c.Scope.Has("system/*.rs"), refused{403, "insufficient_scope"})
}

func (a *sloppyAPI) signed(t *fapi.JWT) bool {
	return slices.ContainsFunc(a.keys, func(k fapi.Public) bool { return t.VerifyTrustingAlg(k.Key) == nil })
}

// standing asks the authorization server.
func (a *sloppyAPI) standing(text string) {
	id, secret := a.issuer.Introspection()
	r, _ := http.NewRequest(http.MethodPost, a.issuer.URL+"/introspect", strings.NewReader(url.Values{"token": {text}}.Encode()))
	r.SetBasicAuth(id, secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	var standing struct{ Active bool }
	if json.NewDecoder(resp.Body).Decode(&standing) != nil || resp.StatusCode != 200 {
		panic("no answer about the token")
	}
	a.must("revoked", standing.Active, badToken)
}

// sound: the authorization server has no good word for the others, which this API takes.
func (a *sloppyAPI) sound(t *fapi.JWT, c fapi.AccessToken) bool {
	now := time.Now().Unix()
	return t.Header.Alg == "ES256" && a.signed(t) && c.Issuer == a.issuer.URL && c.Expires > now && c.NotPrior <= now
}

func (a *sloppyAPI) proof(r *http.Request) *fapi.ReceivedProof {
	proofs := r.Header.Values("DPoP")
	a.must("no proof", len(proofs) > 0, badProof)
	a.must("two proofs", len(proofs) < 2, badProof)
	if len(proofs) == 0 {
		return nil
	}
	p, err := fapi.ParseProof(proofs[0])
	if err != nil {
		panic(badProof)
	}
	return p
}

func (a *sloppyAPI) judgeProof(r *http.Request, p *fapi.ReceivedProof, jkt, token string) {
	c, host := p.Claims, r.Host
	if forwarded := r.Header.Get("X-Forwarded-Host"); a.defect == "forwarded" && forwarded != "" {
		host = forwarded
	}
	a.must("claims", c.JTI != "" && c.HTM != "" && c.HTU != "" && c.IAT != 0, badProof)
	a.must("proof typ", p.JWT.CheckTyp(fapi.TypProof) == nil, badProof)
	a.must("proof alg", p.JWT.CheckAlg(fapi.Algorithms) == nil, badProof)
	a.must("private", !fapi.HasPrivate(p.JWT.Header.JWK), badProof)
	a.must("proof signature", p.JWT.VerifyTrustingAlg(p.Key.Key) == nil, badProof)
	a.must("binding", p.Key.Thumbprint == jkt, badProof)
	a.must("htm", c.HTM == r.Method || c.HTM == "", badProof)
	a.must("htu", fapi.SameURI(c.HTU, "http://"+host+r.URL.EscapedPath()) || c.HTU == "", badProof)
	a.must("ath", c.ATH == fapi.Hash(token), badProof)
	a.must("iat", c.IAT == 0 || fapi.CheckTime("iat", c.IAT, time.Now(), fapi.Window{Past: time.Minute, Future: time.Minute}) == nil, badProof)
	a.must("nonce", c.Nonce == "n-1", refused{401, "use_dpop_nonce"})
	a.once(c.JTI, r.Host)
}

func (a *sloppyAPI) once(jti, host string) {
	if a.defect == "spelling" {
		jti += host
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.must("jti", !a.seen[jti] || jti == "", badProof)
	a.seen[jti] = true
}
