package serve

import (
	"bufio"
	"context"
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
		f.Add("GET", "/"+defaultProfile+path, "Authorization: DPoP x\nDPoP: "+secret, "")
		f.Add("POST", "/"+defaultProfile+path, form, "grant_type=client_credentials&client_id=machine&client_assertion_type="+fapi.AssertionType+"&client_assertion="+secret)
		f.Add("POST", "/"+defaultProfile+path, object, `{"resourceType":"Bundle","redirect_uris":["https://x/y"],"jwks":{"keys":[{"kty":"EC"}]}}`)
	}
	for path := range own {
		f.Add("GET", "/"+defaultProfile+path+"?after=1", "Accept: application/json", "")
		f.Add("PUT", "/"+defaultProfile+path, object, `{"on": true, "seed": 1}`)
		f.Add("POST", "/"+defaultProfile+path, object, `{"method":"GET","url":"x","client":"machine","advance":"1s","scope":"system/*.rs","mistake":"x"}`)
	}
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
		w := httptest.NewRecorder()
		patience := 10 * time.Second
		if strings.Contains(r.URL.Path, pathOwn) {
			patience = 50 * time.Millisecond // some of these answers go on until the reader leaves
		}
		ctx, leave := context.WithTimeout(t.Context(), patience)
		defer leave()
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
		told := now.tenant.journal.above(0)
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

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
