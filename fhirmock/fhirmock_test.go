package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

func TestNewRefusesWhatItCannotUse(t *testing.T) {
	good := newWorld(t, strictest(t)).a.Config
	for field, spoil := range map[string]func(*Config){
		"Party":  func(c *Config) { c.Party = nil },
		"HTTP":   func(c *Config) { c.HTTP = nil },
		"Canary": func(c *Config) { c.Canary = nil },
		"Base":   func(c *Config) { c.Base += "/" },
		"Issuer": func(c *Config) { c.Issuer = "as.thiefbox.test" },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: expected an error that names it, got %v", field, err)
		}
	}
	for _, base := range []string{"", "fhir", "ftp://x/fhir", "https://x/fhir?a", `https://x/"fhir"`, "https://x/fhir#a", "://"} {
		c := good
		c.Base = base
		if _, err := New(c); err == nil {
			t.Errorf("expected %q to be refused as Base", base)
		}
	}
	c := good
	c.People, c.Shared = nil, nil
	if api, err := New(c); err != nil || api.People == nil || api.Shared == nil {
		t.Errorf("expected defaults, got %v", err)
	}
}

func TestBaseWithoutPath(t *testing.T) {
	w := newWorld(t, strictest(t))
	c := w.a.Config
	c.Base, c.Shared = "http://127.0.0.1:8081", nil
	api, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, w.send(api, httptest.NewRequest("GET", "http://127.0.0.1:8081/metadata", nil)), 200)
}

func TestBalance(t *testing.T) {
	says := func(s string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) })
	}
	b := Balance(map[string]http.Handler{"a": says("a"), "b": says("b")}, "a")
	for cookie, want := range map[string]string{"": "a", "node=a": "a", "node=b": "b", "node=c": "a", "other=b": "a"} {
		r := httptest.NewRequest("GET", testBase+"/metadata", nil)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		if rec.Body.String() != want {
			t.Errorf("%q: expected node %s, got %s", cookie, want, rec.Body)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("expected a panic when the first node is missing")
		}
	}()
	Balance(nil, "a")
}

func TestScopes(t *testing.T) {
	for scope, want := range map[string]string{ // to the verbs it grants on Observation
		"user/*.rs": "rs", "patient/*.rs": "rs", "system/*.rs": "rs", "user/Observation.rs": "rs", "user/Observation.r": "r",
		"user/Observation.s": "s", "user/*.cruds": "rs", "user/*.*": "rs", "user/*.read": "rs", "patient/Observation.read": "rs",
		"user/*.write": "", "user/*.cud": "", "user/*.sr": "", "user/*.rr": "", "user/*.": "", "user/*": "", "user": "", "": "",
		"user/Condition.rs": "", "openid": "", "launch/patient": "", "admin/*.rs": "", "user/observation.rs": "",
		"user/Observation.rs?category=laboratory": "rs", "user/Observation.r?code=a.b/c": "r", "user/*.rsx": "",
	} {
		got := ""
		for _, verb := range "rs" {
			if covers(scope, "Observation", byte(verb)) {
				got += string(verb)
			}
		}
		if got != want {
			t.Errorf("%q: expected %q, got %q", scope, want, got)
		}
	}
}

// A profile of bearer tokens is served as it speaks, and DPoP clients beside it.
func TestBearerDialect(t *testing.T) {
	w := newWorld(t, profile(t, "bcp"))
	try := w.honest("GET", "/Patient/p01")
	bearerToken(try)
	wantStatus(t, try.send(), 200)
	for _, r := range w.rulings() {
		if strings.HasPrefix(r.Control, "rs/dpop-") && r.Control != control.RSDPoPScheme.ID {
			t.Errorf("%s ruled about a bearer request", r.Control)
		}
	}
}

func TestEveryProfileServesItsHonestCaller(t *testing.T) {
	for _, p := range control.Profiles() {
		if p.Dialect.TokenAlg != "ES256" {
			p.Dialect.TokenAlg = "ES256" // this authorization server has no RSA key
		}
		w := newWorld(t, p)
		try := w.honest("GET", "/Patient/p01")
		if p.Dialect.Constraint == control.Bearer {
			bearerToken(try)
		}
		rec := try.send()
		if rec.Code != 200 {
			t.Errorf("%s: %d by %s", p.Name, rec.Code, w.refusedBy())
		}
	}
}
