package attacker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// asksForNonce tells whether a server refused only because it wants a nonce (RFC 9449 s8, s9).
func (a answer) asksForNonce() bool {
	const code = "use_dpop_nonce"
	return a.status == http.StatusBadRequest && bytes.Contains(a.body, []byte(code)) ||
		a.status == http.StatusUnauthorized && strings.Contains(a.header.Get("WWW-Authenticate"), code)
}

// send sends a request and reads the answer. An error means that no answer came.
func send(g Ground, r *http.Request) (answer, error) {
	return received(g.Do(r))
}

// received reads an answer to its end.
func received(resp *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	return answer{resp.StatusCode, resp.Header, body}, err
}

func get(ctx context.Context, rawURL string) *http.Request {
	return request(ctx, http.MethodGet, rawURL, nil)
}

func post(ctx context.Context, rawURL string, form url.Values) *http.Request {
	r := request(ctx, http.MethodPost, rawURL, []byte(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// request panics on a URL that does not parse: techniques build URLs from what they were given, and
// the runner turns a panic into a void run.
func request(ctx context.Context, method, rawURL string, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, rawURL, bytes.NewReader(body))
	if err != nil {
		panic(fmt.Sprintf("cannot make a request of %s %q: %v", method, rawURL, err))
	}
	return r
}

// again builds the request that was overheard once more, byte for byte.
func again(ctx context.Context, m event.Message) *http.Request {
	r := request(ctx, m.Method, m.URL, m.Body)
	for name, values := range m.Header {
		r.Header[name] = append([]string(nil), values...)
	}
	return r
}

// withToken presents an access token under a scheme, with a proof if there is one.
func withToken(r *http.Request, scheme, token, proof string) *http.Request {
	r.Header.Set("Authorization", scheme+" "+token)
	if proof != "" {
		r.Header.Set("DPoP", proof)
	}
	return r
}

// loot is an access token as it was overheard.
type loot struct {
	event.Message
	scheme, token, proof string
}

// stolenRequest returns the newest overheard request that carries an access token and whose URL contains
// part. The newest is the one that was served: an earlier one may have been sent back for a nonce.
func stolenRequest(g Ground, v event.Vantage, part string) (loot, error) {
	for _, m := range newestFirst(g.Overheard(v)) {
		scheme, token, ok := strings.Cut(m.Header.Get("Authorization"), " ")
		if ok && strings.Contains(m.URL, part) {
			return loot{m, scheme, token, m.Header.Get("DPoP")}, nil
		}
	}
	return loot{}, fmt.Errorf("nothing with an access token and %q in its URL was overheard at %s", part, v)
}

// bound tells whether the token needs a proof, as far as a thief can see: by how it was sent.
func (l loot) bound() bool { return strings.EqualFold(l.scheme, "DPoP") }

// tokenKey reads the thumbprint out of a JWT access token's cnf, and the public key out of a proof.
func (l loot) publicKey() (*fapi.Public, error) {
	p, err := fapi.ParseProof(l.proof)
	if err != nil {
		return nil, fmt.Errorf("the overheard proof: %w", err)
	}
	return p.Key, nil
}

func newestFirst(ms []event.Message) []event.Message {
	slices.Reverse(ms)
	return ms
}

// tokenRequest returns the newest overheard form post whose form has the given grant type.
func tokenRequest(g Ground, v event.Vantage, grantType string) (event.Message, url.Values, error) {
	return pickTokenRequest(newestFirst(g.Overheard(v)), v, grantType)
}

func pickTokenRequest(ms []event.Message, v event.Vantage, grantType string) (event.Message, url.Values, error) {
	for _, m := range ms {
		form, err := url.ParseQuery(string(m.Body))
		if err == nil && form.Get("grant_type") == grantType {
			return m, form, nil
		}
	}
	return event.Message{}, nil, fmt.Errorf("no token request with grant type %q was overheard at %s", grantType, v)
}

// stolenJSON reads a stolen document into v.
func stolenJSON(g Ground, a event.Asset, v any) error {
	if err := json.Unmarshal(g.Stolen(a), v); err != nil {
		return fmt.Errorf("the stolen %s: %w", a, err)
	}
	return nil
}

// record is the URL of a patient's record at the API.
func record(g Ground, patient string) string { return g.Target().FHIRBase + "/Patient/" + patient }

// stranger is a patient the thief has no right to.
func stranger(g Ground) string { return g.Target().Patients[0] }

// response is the stolen token as the token endpoint once gave it out.
func (l loot) response() fapi.TokenResponse {
	return fapi.TokenResponse{AccessToken: l.token, TokenType: l.scheme}
}

// otherThan is a patient the thief has no right to and whose record the URL does not name.
func otherThan(g Ground, rawURL string) string {
	for _, p := range g.Target().Patients {
		if !strings.HasSuffix(rawURL, "/"+p) {
			return p
		}
	}
	return stranger(g)
}
