package serve

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// Every route that is served is in the inventory, with each of its methods, and nothing else is.
func TestEveryRouteIsInTheInventory(t *testing.T) {
	all, err := Endpoints()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]control.Endpoint{}
	for _, e := range all {
		if e.Title == "" || len(e.Methods) == 0 || e.Data == "" {
			t.Errorf("expected a title, methods and a class of data, got %+v", e)
		}
		listed[e.Path+" "+strings.Join(e.Types, ",")] = e
	}
	if len(listed) != len(all) {
		t.Errorf("expected each endpoint once, got %d of %d", len(listed), len(all))
	}
	for path, served := range own {
		shown := "{issuer}" + path
		switch {
		case path == "/":
			continue
		case path == pathTestToken:
			shown = path
		case strings.HasSuffix(path, "/"):
			shown += "{party}/{name}"
		}
		e := listed[shown+" "]
		for _, method := range methods {
			if (served[method] != nil) != slices.Contains(e.Methods, method) && method != http.MethodHead {
				t.Errorf("%s %s: served %t, in the inventory %v", method, path, served[method] != nil, e.Methods)
			}
		}
		delete(listed, shown+" ")
	}
	s := start(t, Config{})
	for _, path := range []string{"/", pathFavicon} {
		for _, method := range methods {
			if got := send(t, s, method, path); (got < 300) != slices.Contains(listed[path+" "].Methods, method) {
				t.Errorf("%s %s: answered %d, in the inventory %v", method, path, got, listed[path+" "].Methods)
			}
		}
		delete(listed, path+" ")
	}
	for _, e := range listed {
		if e.Party == Own {
			t.Errorf("%s is in the inventory and not served", e.Path)
		}
	}
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// send sends a bare request to the server, and returns the status.
func send(t *testing.T, s *Server, method, path string) int {
	t.Helper()
	r := httptest.NewRequest(method, s.Origin()+path, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}

// What the inventory says takes no token takes none, and what it says takes one answers 401 without.
func TestInventoryIsTrueOfTheWire(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "hardened-entitlement"), "machine")
	all, err := Endpoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Party != control.RS || e.Methods[0] != http.MethodGet {
			continue
		}
		kind := "Patient"
		if len(e.Types) > 0 {
			kind = e.Types[0]
		}
		path := strings.NewReplacer("{issuer}", a.issuer.URL, "{type}", kind, "{id}", "x", "{version}", "1", "{file}", "Patient.ndjson").Replace(e.Path)
		if !strings.HasPrefix(e.Path, "{issuer}") {
			continue // behind the well-known part
		}
		got := a.get(path)
		if strings.Contains(e.Path, "/v1/") { // which is closed to everybody
			if got.StatusCode != 410 {
				t.Errorf("%s: expected 410, got %d", e.Path, got.StatusCode)
			}
			continue
		}
		if open := len(e.Scopes) == 0; open != (got.StatusCode == 200) || !open && got.StatusCode != 401 {
			t.Errorf("%s: scopes %v, answered %d", e.Path, e.Scopes, got.StatusCode)
		}
	}
}
