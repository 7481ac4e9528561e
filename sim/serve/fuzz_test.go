package serve

import (
	"bufio"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// FuzzServe drives all that serve answers, from the Host header to the last endpoint, with any method,
// path, header and body. It never fails by a fault of its own, and the neighbour never notices.
func FuzzServe(f *testing.F) {
	s := InTest(f, Config{HTTPSPort: -1, Now: time.Now, MaxIssuers: 8})
	origin := s.PlainOrigin()
	i, err := s.Issuer(defaultProfile)
	if err != nil {
		f.Fatal(err)
	}
	secret, err := fapi.NewAssertion("machine", i.URL, time.Now(), time.Minute, "1").Sign(i.Client("machine").Key, "client-authentication+jwt")
	if err != nil {
		f.Fatal(err)
	}
	const form, object = "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json"
	for _, path := range []string{"", "/", "/authorize", "/authorize/sign-in", "/authorize/consent", "/authorize/end-session", "/par", "/token", "/introspect", "/revoke",
		"/userinfo", "/jwks", "/register", "/register/x", "/.well-known/openid-configuration", "/fhir/metadata", "/fhir/Patient/p01", "/fhir/Patient?name=a&_sort=-_id", "/fhir"} {
		if fuzzing() { // one for each
			f.Add(map[bool]string{true: "GET", false: "POST"}[len(path)%2 == 0], "/"+defaultProfile+path, form+"\nAuthorization: DPoP x\nDPoP: "+secret, "grant_type=client_credentials&client_id=machine&client_assertion_type="+fapi.AssertionType+"&client_assertion="+secret)
			continue
		}
		f.Add("GET", "/"+defaultProfile+path, "Authorization: DPoP x\nDPoP: "+secret, "")
		f.Add("POST", "/"+defaultProfile+path, form, "grant_type=client_credentials&client_id=machine&client_assertion_type="+fapi.AssertionType+"&client_assertion="+secret)
		f.Add("POST", "/"+defaultProfile+path, object, `{"resourceType":"Bundle","redirect_uris":["https://x/y"],"jwks":{"keys":[{"kty":"EC"}]}}`)
	}
	for path := range own {
		if fuzzing() {
			break // FuzzOwn has them
		}
		f.Add("GET", "/"+defaultProfile+path+"?after=1", "Accept: application/json", "")
		f.Add("PUT", "/"+defaultProfile+path, object, `{"on": true, "seed": 1}`)
		f.Add("POST", "/"+defaultProfile+path, object, `{"method":"GET","url":"x","client":"machine","advance":"1s","scope":"system/*.rs","mistake":"x"}`)
	}
	var journal *journal
	seen := 0 // of it
	f.Fuzz(func(t *testing.T, method, path, header, body string) {
		if strings.Contains(path, pathFaults) || strings.Contains(path, pathAwkward) {
			method = http.MethodGet // what is queued there is meant to fail
		}
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \r\n\x00") {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(token(method) + " " + path + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(origin, "http://") + "\r\n\r\n")))
		if err != nil {
			return // net/http answers that
		}
		fields, _ := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.ReplaceAll(header, "\n", "\r\n") + "\r\n\r\n"))).ReadMIMEHeader()
		r.Header = http.Header(fields)
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.RemoteAddr, r.ContentLength = "127.0.0.1:1", int64(len(body))
		r.Body = http.NoBody
		if body != "" {
			r.Body = http.MaxBytesReader(nil, readCloser{strings.NewReader(body)}, 8<<20)
		}
		patience := 10 * time.Second
		if strings.Contains(r.URL.Path, pathOwn) {
			patience = 50 * time.Millisecond // some of these answers go on until the reader leaves
		}
		ctx, leave := context.WithTimeout(t.Context(), patience)
		defer leave()
		w := reader{httptest.NewRecorder(), leave}
		s.ServeHTTP(w, r.WithContext(ctx))
		if ctx.Err() != nil && !strings.Contains(r.URL.Path, pathOwn) {
			t.Errorf("expected an answer at once, got one after %s", patience)
		}
		if w.Code < 200 || w.Code == http.StatusInternalServerError || w.Code > 599 {
			t.Errorf("expected an answer, got %d %s", w.Code, w.Body)
		}
		now, err := s.Issuer(defaultProfile) // it may have been reset
		if err != nil {
			t.Fatal(err)
		}
		if now.tenant.journal != journal {
			journal, seen = now.tenant.journal, 0
		}
		told := journal.above(seen)
		if len(told) > 0 {
			seen = told[len(told)-1].N
		}
		if n := slices.IndexFunc(told, func(e event.Event) bool {
			refused, ok := e.Body.(event.Refused)
			return ok && refused.Party == "serve" && refused.Status == http.StatusInternalServerError
		}); n >= 0 {
			t.Errorf("expected no fault of thiefbox itself, got %+v", told[n].Body)
		}
		neighbour := httptest.NewRecorder()
		s.ServeHTTP(neighbour, httptest.NewRequest(http.MethodGet, origin+"/neighbour/jwks", nil))
		if neighbour.Code != http.StatusOK {
			t.Errorf("expected the neighbour to be well, got %d", neighbour.Code)
		}
	})
}

// token makes a method of anything.
func token(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > ' ' && r < 127 && !strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "GET"
	}
	return s
}

// fuzzing tells whether the seeds are only where it begins. Each costs the fuzzer some ten milliseconds before it tries
// anything of its own, so it gets one of a kind.
func fuzzing() bool {
	f := flag.Lookup("test.fuzz")
	return f != nil && f.Value.String() != ""
}

// reader leaves when the first part of an answer that goes on has come.
type reader struct {
	*httptest.ResponseRecorder
	leave func()
}

func (r reader) Flush() { r.leave() }

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
