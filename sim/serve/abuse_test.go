package serve

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"thiefbox/sim/fapi"
)

// What a stranger sends who means no good: each is refused for what it is, nothing is fetched, and the
// neighbour's issuer goes on.
func TestAbuse(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "victim")
	a := newApp(t, s, i, "machine")
	neighbour := newApp(t, s, issuer(t, s, "neighbour"), "machine")
	var fetched atomic.Int32
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
	t.Cleanup(inner.Close)

	form := func(path string, values url.Values) *http.Request {
		return a.request(http.MethodPost, i.URL+path, values)
	}
	object := func(path, body string) *http.Request {
		r, err := http.NewRequest(http.MethodPost, i.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	with := func(r *http.Request, name, value string) *http.Request { r.Header.Set(name, value); return r }
	client := func(more string) string {
		return fmt.Sprintf(`{"redirect_uris":["https://x.example/cb"],"token_endpoint_auth_method":"private_key_jwt","scope":"openid",%s}`, more)
	}
	deep := strings.Repeat(`[`, 30_000) + strings.Repeat(`]`, 30_000)
	deepJWT := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","jwk":`+strings.Repeat(`{"a":`, 3000)+`1`+strings.Repeat(`}`, 3000)+`}`)) + ".e30.e30"
	for name, r := range map[string]*http.Request{
		"a body over the limit":   form("/token", url.Values{"grant_type": {strings.Repeat("x", 2<<20)}}),
		"a metadata body over it": object("/register", client(`"client_name":"`+strings.Repeat("x", 2<<20)+`"`)),
		"a record over it":        object("/fhir/Patient", `{"resourceType":"Patient","id":"`+strings.Repeat("x", 8<<20)+`"}`),
		"a header over it":        with(form("/token", nil), "X-Long", strings.Repeat("x", 128<<10)),
		"a query over it":         a.request(http.MethodGet, i.URL+"/authorize?client_id="+strings.Repeat("x", 128<<10), nil),
		"a long query":            a.request(http.MethodGet, i.URL+"/authorize?client_id="+strings.Repeat("x", 32<<10), nil),
		"thousands of parameters": form("/par", func() url.Values {
			v := url.Values{}
			for n := range 5000 {
				v.Set(fmt.Sprint(n), "x")
			}
			return v
		}()),
		"a JWT over it":               form("/token", url.Values{"client_assertion": {strings.Repeat("x", 60<<10)}, "client_assertion_type": {fapi.AssertionType}, "grant_type": {"client_credentials"}}),
		"a JWT of many parts":         form("/token", url.Values{"client_assertion": {strings.Repeat("e30.", 10<<10)}, "client_assertion_type": {fapi.AssertionType}, "grant_type": {"client_credentials"}}),
		"a proof nested deeply":       with(form("/token", url.Values{"grant_type": {"client_credentials"}}), "DPoP", deepJWT),
		"metadata nested deeply":      object("/register", client(`"jwks":`+deep)),
		"a registration so nested":    object("/_thiefbox/clients", `{"client_id":"x","jwks":`+deep+`}`),
		"claims nested deeply":        form("/par", url.Values{"client_id": {"machine"}, "claims": {deep[:4000]}}),
		"a number for a list":         object("/register", client(`"grant_types":7`)),
		"a list for a client":         object("/register", `[]`),
		"XML for a form":              with(form("/token", nil), "Content-Type", "application/xml"),
		"a jwks_uri inside":           object("/register", client(`"jwks_uri":"`+inner.URL+`"`)),
		"a jwks_uri at the metadata":  object("/register", client(`"jwks_uri":"http://169.254.169.254/latest"`)),
		"a request_uri inside":        a.request(http.MethodGet, i.URL+"/authorize?"+url.Values{"client_id": {"machine"}, "request_uri": {inner.URL}}.Encode(), nil),
		"a pushed request_uri inside": form("/par", url.Values{"client_id": {"machine"}, "request_uri": {inner.URL}}),
		"an issuer nobody would name": a.request(http.MethodGet, s.Origin()+"/"+strings.Repeat("x", 1000)+"/jwks", nil),
		"another Host":                func() *http.Request { r := form("/token", nil); r.Host = "169.254.169.254"; return r }(),
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := a.http.Do(r)
			if err != nil { // the server has enough, and says so by hanging up: HTTP/2 has no other way for a header
				if !strings.Contains(name, "over") {
					t.Fatal(err)
				}
				return
			}
			body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
			_ = resp.Body.Close()
			if resp.StatusCode < 400 || resp.StatusCode > 499 {
				t.Errorf("expected a refusal, got %d %s", resp.StatusCode, body)
			}
		})
	}
	if n := fetched.Load(); n != 0 {
		t.Errorf("expected nothing to be fetched, got %d requests", n)
	}
	expect(t, neighbour.read("/Patient/p01", neighbour.ownToken().member("access_token")), http.StatusOK, `"id":"p01"`)
}

// A sector_identifier_uri, like any member that the server does not know, is passed over (RFC 7591 s2) and not
// fetched.
func TestSectorIdentifierIsNotFetched(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "victim")
	var fetched atomic.Int32
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
	t.Cleanup(inner.Close)
	a := newApp(t, s, i, "machine")
	r := a.request(http.MethodPost, i.URL+"/register", url.Values{})
	body := `{"sector_identifier_uri":"` + inner.URL + `","redirect_uris":["https://x.example/cb"],"token_endpoint_auth_method":"private_key_jwt","scope":"openid","jwks":` + string(fapi.JWKS(a.client.Key.Public())) + `}`
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+i.tenant.initial)
	if got := a.do(r); got.StatusCode != http.StatusCreated || fetched.Load() != 0 {
		t.Errorf("expected a registration and nothing fetched, got %d %s and %d", got.StatusCode, got.body, fetched.Load())
	}
}

// A thousand connections that say nothing, or half of a request, leave a port to everybody else: what is
// beyond the limit waits, and what is slow is cut off. Memory stays what a thousand connections cost.
func TestThousandConnections(t *testing.T) {
	s := start(t, Config{})
	address := strings.TrimPrefix(s.PlainOrigin(), "http://")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var all sync.WaitGroup
	conns := make([]net.Conn, 1000)
	for n := range conns {
		all.Go(func() {
			var err error
			if conns[n], err = net.Dial("tcp", address); err != nil {
				t.Error(err)
				return
			}
			if n%2 == 0 {
				_, _ = io.WriteString(conns[n], "POST /fapi2-dpop/token HTTP/1.1\r\nHost: "+address+"\r\nX-Slow: ")
			}
		})
	}
	all.Wait()
	began := time.Now()
	i := issuer(t, s, "neighbour")
	for _, origin := range []string{s.PlainOrigin(), s.Origin()} {
		resp, err := newApp(t, s, i, "machine").http.Get(origin + "/neighbour/jwks")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for _, c := range conns {
		_ = c.Close()
	}
	grown := float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse) / (1 << 20)
	t.Logf("others were answered in %s; a thousand connections cost %.1f MiB, both ends", took, grown)
	if grown > 100 {
		t.Errorf("expected a thousand connections to cost less than 100 MiB, got %.1f", grown)
	}
}
