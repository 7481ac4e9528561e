package client

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

func newSupplierIn(w *world, id string, p control.Profile) *Supplier {
	w.t.Helper()
	s, err := NewSupplier(SupplierConfig{
		Party: w.newParty(id, p), HTTP: &http.Client{Transport: w.net}, Registration: w.register(w.as, id), FHIRBase: fhirBase, DPoPKey: w.dpop,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestSync(t *testing.T) {
	for _, p := range control.Profiles() {
		w := newWorld(t, p)
		if p.Dialect.Constraint == control.DPoP {
			w.as.nonce, w.fhir.nonce = "n1", "n2"
		}
		s := newSupplierIn(w, "supplier", p)
		if err := s.Sync(context.Background(), []string{"p01", "p02"}); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if got := w.as.accepted(); !reflect.DeepEqual(got, []string{"client_credentials"}) {
			t.Errorf("%s: expected one token, got %v", p.Name, got)
		}
		want := []string{"200 /Patient/p01", "200 /Patient/p02"}
		if w.fhir.nonce != "" {
			want = append([]string{"401 /Patient/p01"}, want...)
		}
		if got := w.fhir.requests(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: expected %v, got %v", p.Name, want, got)
		}
		if p.Dialect.PerAPITokens && w.as.lastForm.Get("resource") != fhirBase {
			t.Errorf("%s: expected a token for the FHIR API, got %q", p.Name, w.as.lastForm.Get("resource"))
		}
	}
}

// A supplier without a key for DPoP still speaks the legacy dialect.
func TestOldSupplier(t *testing.T) {
	w := newWorld(t, profile(t, "legacy"))
	reg := w.register(w.as, "oldsupplier")
	reg.JWK = nil
	s, err := NewSupplier(SupplierConfig{Party: w.party, HTTP: &http.Client{Transport: w.net}, Registration: reg, FHIRBase: fhirBase})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sync(context.Background(), []string{"p01"}); err != nil {
		t.Error(err)
	}
}

// One record that cannot be read does not keep the others from being read, and a token that wears out
// on the way is replaced.
func TestSyncGoesOn(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	s := newSupplierIn(w, "supplier", w.party.Policy.Profile())
	w.fhir.status["/Patient/p01"] = http.StatusForbidden
	err := s.Sync(context.Background(), []string{"p01", "p02"})
	var upstream *UpstreamError
	if !errors.As(err, &upstream) || upstream.Status != http.StatusForbidden || !strings.Contains(err.Error(), "patient p01") {
		t.Errorf("expected an error for p01, got %v", err)
	}
	if got := w.fhir.requests(); got[len(got)-1] != "200 /Patient/p02" {
		t.Errorf("expected p02 to be read, got %v", got)
	}

	worn := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/p04") && len(w.as.accepted()) > 0 {
			w.clock.Advance(2 * time.Minute) // while the request is on its way
		}
		w.fhir.ServeHTTP(rw, r)
	})
	w.net.m["fhir.test"] = worn
	if err := s.Sync(context.Background(), []string{"p03", "p04", "p05"}); err == nil {
		t.Error("expected a proof that is minutes old to be refused")
	} else if strings.Contains(err.Error(), "p05") {
		t.Errorf("expected the rest to be read, got %v", err)
	}
}

func TestSyncReplacesToken(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	s := newSupplierIn(w, "supplier", w.party.Policy.Profile())
	w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.fhir.ServeHTTP(rw, r)
		if strings.HasSuffix(r.URL.Path, "/p01") {
			w.as.revokeAccess()
		}
	})
	if err := s.Sync(context.Background(), []string{"p01", "p02", "p03"}); err != nil {
		t.Error(err)
	}
	if got := w.as.accepted(); !reflect.DeepEqual(got, []string{"client_credentials", "client_credentials"}) {
		t.Errorf("expected the token to be replaced once, got %v", got)
	}
	w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.as.spoilStatus["/token"] = 503
		challenge(rw, "DPoP", "invalid_token")
	})
	if err := s.Sync(context.Background(), []string{"p01", "p02"}); err == nil || strings.Contains(err.Error(), "p02") {
		t.Errorf("expected to give up without a token, got %v", err)
	}
}

// What cannot be reached, or is not there, is an error that says so.
func TestUnreachable(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*world)
		want  string
	}{
		"no server":    {func(w *world) { delete(w.net.m, "as.test") }, "no such host"},
		"server fails": {func(w *world) { w.as.spoilStatus["/.well-known/openid-configuration"] = 500 }, "got 500"},
		"no metadata": {func(w *world) {
			w.as.spoilStatus["/.well-known/openid-configuration"] = 404
			w.as.spoilStatus["/.well-known/oauth-authorization-server"] = 404
		}, "oauth-authorization-server to answer with success, got 404"},
		"no token endpoint":        {func(w *world) { w.as.spoilMetadata = func(m *fapi.Metadata) { m.TokenEndpoint = "" } }, "names no token_endpoint"},
		"token endpoint elsewhere": {func(w *world) { w.as.spoilMetadata = func(m *fapi.Metadata) { m.TokenEndpoint = "ftp://as.test" } }, "ftp"},
		"token endpoint garbled": {func(w *world) {
			w.as.spoilMetadata = func(m *fapi.Metadata) { m.TokenEndpoint = "https://as.test/%zz" }
		}, "invalid URL escape"},
		"no API": {func(w *world) { delete(w.net.m, "fhir.test") }, "no such host"},
	} {
		w := newWorld(t, profile(t, "fapi2-dpop"))
		c.spoil(w)
		err := w.ehr.Work(context.Background())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: expected an error with %q, got %v", name, c.want, err)
		}
	}
}

// Metadata is also found where RFC 8414 puts it, and is asked for again after a day.
func TestMetadataElsewhere(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	w.as.spoilStatus["/.well-known/openid-configuration"] = 404
	for range 2 {
		if err := w.ehr.Work(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Advance(metadataLifetime)
	if err := w.ehr.Work(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := w.as.fetches["/.well-known/oauth-authorization-server"]; n != 2 {
		t.Errorf("expected metadata to be fetched twice, got %d", n)
	}
}

// An issuer with a path: OpenID Connect puts the well-known part behind it, RFC 8414 before it.
func TestIssuerWithPath(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	const issuer = "https://tenants.test/nord"
	var asked []string
	w.net.m["tenants.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if len(asked) == 1 {
			rw.WriteHeader(404)
			return
		}
		writeJSON(rw, 200, fapi.Metadata{Issuer: issuer})
	})
	if _, err := w.ehr.protocol.discover(t.Context(), issuer); err != nil {
		t.Fatal(err)
	}
	want := []string{"/nord/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/nord"}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("expected %v, got %v", want, asked)
	}
}

// Answers that are not what they should be: too long, cut short, or not JSON.
func TestAnswersThatCannotBeRead(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"too long":  func(rw http.ResponseWriter) { _, _ = rw.Write(make([]byte, maxReply+1)) },
		"not JSON":  func(rw http.ResponseWriter) { _, _ = rw.Write([]byte("<html>")) },
		"cut short": func(rw http.ResponseWriter) { rw.Header().Set("Content-Length", "9"); _, _ = rw.Write([]byte("{")) },
	} {
		w := newWorld(t, profile(t, "fapi2-dpop"))
		w.net.m["as.test"] = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { answer(rw) })
		if err := w.ehr.Work(context.Background()); err == nil {
			t.Errorf("%s: expected an error", name)
		}
		b := w.browser()
		if status, _, body := b.get(ehrURL + "/login"); status != http.StatusBadGateway || !strings.Contains(body, "Please try again") {
			t.Errorf("%s: expected a terse page, got %d %s", name, status, body)
		}
	}
}

// A redirect is not followed: it would take the credentials along.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Hour} {
		w := newWorld(t, profile(t, "fapi2-dpop"))
		w.ehr.protocol.send = sender(&http.Client{Transport: w.net, Timeout: timeout})
		w.net.m["as.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, rogueURL+r.URL.Path, http.StatusTemporaryRedirect)
		})
		if err := w.ehr.Work(context.Background()); err == nil || !strings.Contains(err.Error(), "307") {
			t.Errorf("expected an error about the redirect, got %v", err)
		}
		if len(w.rogue.fetches) > 0 {
			t.Errorf("expected nothing to reach rogue, got %v", w.rogue.fetches)
		}
	}
}

// The proof of a search by form is for a POST, and the answer tells how many were found.
func TestLookUp(t *testing.T) {
	for _, name := range []string{"legacy", "fapi2-dpop"} {
		p := profile(t, name)
		w := newWorld(t, p)
		if p.Dialect.Constraint == control.DPoP {
			w.as.nonce, w.fhir.nonce = "n1", "n2"
		}
		n, err := newSupplierIn(w, "supplier", p).LookUp(context.Background(), "p01")
		if got := w.fhir.requests(); err != nil || n != 1 || got[len(got)-1] != "200 /Patient/_search" {
			t.Errorf("%s: expected one patient of a search by form, got %v, %d, %v", name, got, n, err)
		}
	}
}

// A laboratory writes under every profile, once more where the API wants a nonce, and says what the API thought of it.
func TestLaboratory(t *testing.T) {
	for _, p := range control.Profiles() {
		w := newWorld(t, p)
		if p.Dialect.Constraint == control.DPoP {
			w.as.nonce, w.fhir.nonce = "n1", "n2"
		}
		w.fhir.status["/Observation/no%2Fwhere"] = 403
		l := &Laboratory{newSupplierIn(w, "labsystem", p)}
		result := Result{Patient: "p01", LOINC: "2823-3", Name: "Potassium", Value: "4.1", Unit: "mmol/L", Status: "final"}
		id, err := l.Report(context.Background(), result)
		if err != nil || id != "obs-1" {
			t.Fatalf("%s: expected an id, got %q, %v", p.Name, id, err)
		}
		if err := l.Correct(context.Background(), id, result); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		var upstream *UpstreamError
		if err := l.Correct(context.Background(), "no/where", result); !errors.As(err, &upstream) {
			t.Errorf("%s: expected the API's refusal, got %v", p.Name, err)
		}
	}
}

// A supplier follows links to further pages to the last, under every profile, and never away from its API.
func TestList(t *testing.T) {
	for _, p := range control.Profiles() {
		w := newWorld(t, p)
		if p.Dialect.Constraint == control.DPoP {
			w.as.nonce, w.fhir.nonce = "n1", "n2"
		}
		var next []string // of the first page, the second and so on
		w.net.m["fhir.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			kept := httptest.NewRecorder()
			if w.fhir.ServeHTTP(kept, r); kept.Code != http.StatusOK {
				maps.Copy(rw.Header(), kept.Header())
				rw.WriteHeader(kept.Code)
				return
			}
			link := next[0]
			next = next[1:]
			writeJSON(rw, 200, map[string]any{"link": []any{map[string]string{"relation": "self", "url": "https://elsewhere.test"}, map[string]string{"relation": "next", "url": link}},
				"entry": []any{map[string]any{}, map[string]any{}}})
		})
		s := newSupplierIn(w, "supplier", p)
		next = []string{fhirBase + "/Patient?_page=a", fhirBase + "/Patient?_page=b", ""}
		if n, err := s.List(context.Background()); err != nil || n != 6 {
			t.Errorf("%s: expected six patients on three pages, got %d, %v", p.Name, n, err)
		}
		for _, away := range []string{rogueURL + "/Patient?_page=a", fhirBase + ".evil.test/", "//evil.test/"} {
			next = []string{away}
			if n, err := s.List(context.Background()); err == nil || n != 2 || !strings.Contains(err.Error(), away) {
				t.Errorf("%s: expected not to follow %s, got %d, %v", p.Name, away, n, err)
			}
		}
	}
}
