package idp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

func mustParse(t testing.TB, compact string) *fapi.JWT {
	t.Helper()
	j, err := fapi.ParseJWT(compact)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func claimsOf[C any](t testing.TB, compact string) (claims C) {
	t.Helper()
	if err := mustParse(t, compact).Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func (a answer) tokens(t testing.TB) (r fapi.TokenResponse) {
	t.Helper()
	if !a.succeeded() {
		t.Fatalf("expected tokens, got a refusal by %q (%s): %s", a.by, a.fault, a.body)
	}
	if err := json.Unmarshal(a.body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func equalJSON(t testing.TB, a, b any) bool {
	t.Helper()
	ja, err1 := json.Marshal(a)
	jb, err2 := json.Marshal(b)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return bytes.Equal(ja, jb)
}

// introspect asks about a token as an API.
func (l *lab) introspect(id, secret, token string) answer {
	l.t.Helper()
	r := postRequest(l.at.introspect, url.Values{"token": {token}})
	if id != "" {
		r.SetBasicAuth(id, url.QueryEscape(secret))
	}
	return l.do(r)
}

func jsonInto(data []byte, v any) error { return json.Unmarshal(data, v) }

// withBody is the request with another body.
func withBody(r *http.Request, body string) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return r
}
