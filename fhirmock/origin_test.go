package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A page asks before it calls, and reads what comes: the record, and of a refusal why and with which nonce to
// come again.
func TestPagesOfOtherOrigins(t *testing.T) {
	w := newWorld(t, strictest(t))
	ask := httptest.NewRequest(http.MethodOptions, testBase+"/Patient/p01", nil)
	ask.Header.Set("Origin", "https://app.example")
	ask.Header.Set("Access-Control-Request-Method", "GET")
	ask.Header.Set("Access-Control-Request-Headers", "authorization,dpop")
	rec := httptest.NewRecorder()
	w.a.ServeHTTP(rec, ask)
	wantStatus(t, rec, 204)
	for name, wants := range map[string][]string{
		"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"GET", "PATCH", "DELETE"},
		"Access-Control-Allow-Headers": {"Authorization", "DPoP", "If-Match", "Prefer", ", *"}, "Access-Control-Max-Age": {"600"},
	} {
		for _, want := range wants {
			if !strings.Contains(rec.Header().Get(name), want) {
				t.Errorf("expected %s with %s, got %q", name, want, rec.Header().Get(name))
			}
		}
	}
	if rec.Header().Get("Access-Control-Allow-Credentials") != "" || len(w.rulings()) != 0 {
		t.Error("expected no cookies, and nobody to be judged")
	}

	served := w.honest("GET", "/Patient/p01")
	served.touch = header("Origin", "https://app.example")
	refused := w.honest("GET", "/Patient/p01")
	refused.touch = header("Origin", "https://app.example")
	refused.proof.Nonce = ""
	nobody := w.honest("GET", "/Patient/p01")
	nobody.touch = header("Origin", "null") // a page in a sandbox, or in a file
	nobody.proof.Nonce = ""
	for _, c := range []struct {
		want int
		try  *try
	}{{200, served}, {401, refused}, {401, nobody}} {
		want, rec := c.want, c.try.send()
		wantStatus(t, rec, want)
		exposed := rec.Header().Get("Access-Control-Expose-Headers")
		if rec.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(exposed, "DPoP-Nonce") || !strings.Contains(exposed, "WWW-Authenticate") {
			t.Errorf("%d: expected headers that let the page read it, got %v", want, rec.Header())
		}
	}
	if rec := w.honest("GET", "/Patient/p01").send(); rec.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("expected no such header for a caller that is no page")
	}
	// Without a question there is no such method.
	ask.Header.Del("Access-Control-Request-Method")
	rec = httptest.NewRecorder()
	w.a.ServeHTTP(rec, ask)
	wantStatus(t, rec, 405)
}
