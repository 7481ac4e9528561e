package serve

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzOwn drives what programs drive: a path of this package, chosen by number, with any query and any JSON. Whatever
// a test in some language sends by mistake, it is told so, in JSON, and no other issuer hears of it.
func FuzzOwn(f *testing.F) {
	s := InTest(f, Config{HTTPSPort: -1, Now: time.Now, MaxIssuers: 8})
	issuer, err := s.Issuer("driven")
	if err != nil {
		f.Fatal(err)
	}
	paths := slices.Sorted(maps.Keys(own))
	for n, path := range paths {
		for m, body := range []string{
			"", "{}", "[]", "null", "7", `{"client":"machine","method":"GET","url":"https://x/y","scope":"system/*.rs","mistake":"expired"}`,
			`{"advance":"1s"}`, `{"advance":-1e300}`, `{"seed":1,"on":["nonce"]}`, `{"control":"as/pkce","on":false}`, `{"client_id":"x","jwks":{"keys":[null]}}`,
			`{"path":"/token","fault":"status","status":503,"times":1}`, `{"jti":"x","client":"machine","subject":"y"}`, `{"clientClaimsParameters":{"scope":["a"]}}`,
			strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200), `{"client":"machine","client":"web-app"}`,
		} {
			if !fuzzing() || n%16 == m {
				f.Add(n, path[min(len(path), 1):], "after=1&path=/token&interaction=x", body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, n int, below, query, body string) {
		path := paths[((n%len(paths))+len(paths))%len(paths)]
		if strings.HasSuffix(path, "/") && path != "/" {
			path += below // the id of a control, or something like it
		}
		for method := range methodsAt(path) {
			if path == pathFaults || path == pathAwkward { // what is queued there is meant to fail
				method = http.MethodDelete
			}
			r, err := http.NewRequest(method, issuer.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Path, r.URL.RawQuery, r.RemoteAddr = "/driven"+path, query, "127.0.0.1:1"
			r.Header.Set("Content-Type", "application/json")
			ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond) // some answers go on until the reader leaves
			w := reader{httptest.NewRecorder(), leave}
			s.ServeHTTP(w, r.WithContext(ctx))
			leave()
			if w.Code == http.StatusInternalServerError || w.Code < 200 || w.Code > 599 {
				t.Errorf("%s %s: expected an answer, got %d %s", method, path, w.Code, w.Body)
			}
			if w.Code >= 400 && strings.HasPrefix(path, pathOwn) && path != pathEHR && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: expected to be told in JSON, got %d %s", method, path, w.Code, w.Body)
			}
		}
		if names := s.Names(); slices.ContainsFunc(names, func(name string) bool { return name != "driven" && name != defaultProfile && name != "helseid" }) {
			t.Errorf("expected no other issuer to be made, got %v", names)
		}
	})
}
