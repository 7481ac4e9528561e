package client

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const portalURL = "https://portal.test"

// newGatewayIn makes a portal in front of the API, at which berg signs in, who has met p01.
func newGatewayIn(w *world, p control.Profile) *Gateway {
	w.t.Helper()
	g, err := NewGateway(EHRConfig{
		Party: w.newParty("portal", p), URL: portalURL, HTTP: &http.Client{Transport: w.net}, FHIRBase: fhirBase, DPoPKey: w.dpop,
		Issuers: []Registration{w.register(w.as, "portal")}, Name: "Portal",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.net.m["portal.test"] = g
	w.as.spoilID = func(id *fapi.IDToken) { id.FHIRUser = fhirBase + "/Practitioner/" + id.Subject }
	w.fhir.encounters = func(patient, who string) int {
		if patient == "p01" && who == "Practitioner/berg" {
			return 2
		}
		return 0
	}
	return g
}

// signInAt goes through a portal's sign-in.
func (b *browser) signInAt(portal string) {
	b.w.t.Helper()
	_, authorize, _ := b.get(portal + "/login")
	_, callback, _ := b.get(authorize)
	if status, to, body := b.get(callback); status != http.StatusSeeOther || to != "/" {
		b.w.t.Fatalf("expected to be signed in, got %d to %q: %s\n%s", status, to, body, b.w.diagnosis())
	}
}

func TestGatewayShowsWhomOneHasMet(t *testing.T) {
	for _, p := range control.Profiles() {
		w := newWorld(t, p)
		newGatewayIn(w, p.With(control.ClientGatewayObject))
		b := w.browser()
		if _, _, page := b.get(portalURL + "/"); !strings.Contains(page, "/login") {
			t.Errorf("%s: expected a link to sign in, got %s", p.Name, page)
		}
		if status, _, _ := b.get(portalURL + "/bff/patient/p01"); status != http.StatusForbidden {
			t.Errorf("%s: expected nothing without a sign-in, got %d", p.Name, status)
		}
		b.signInAt(portalURL)
		if _, _, page := b.get(portalURL + "/"); !strings.Contains(page, `<strong id="subject">berg`) {
			t.Errorf("%s: expected to be told who is signed in, got %s", p.Name, page)
		}
		w.fhir.requests()
		for _, path := range []string{"/bff/patient/p01", "/bff/patient/p01/observations", "/bff/patient/p01/observations?_count=5"} {
			if status, _, body := b.get(portalURL + path); status != http.StatusOK || !strings.Contains(body, "canary-p01") {
				t.Errorf("%s: %s: expected the record, got %d %s\n%s", p.Name, path, status, body, w.diagnosis())
			}
		}
		for path, want := range map[string]int{"/bff/patient/p02": 404, "/bff/patient/p02/observations": 404, "/bff/patient/p%2F1": 400, "/bff/patient/": 400, "/elsewhere": 404} {
			if status, _, body := b.get(portalURL + path); status != want || strings.Contains(body, "canary") {
				t.Errorf("%s: %s: expected %d, got %d %s", p.Name, path, want, status, body)
			}
		}
		if status, _, _ := b.do(http.MethodPost, portalURL+"/bff/patient/p01"); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: expected POST to be refused, got %d", p.Name, status)
		}
	}
}

// What is asked is the same with the control and without; what is shown is not.
func TestGatewayWithoutTheCheck(t *testing.T) {
	asked := map[bool][]string{}
	for _, on := range []bool{true, false} {
		p := full(t).Without(control.RSDPoPNonce)
		if !on {
			p = p.Without(control.ClientGatewayObject)
		}
		w := newWorld(t, p)
		newGatewayIn(w, p)
		b := w.browser()
		b.signInAt(portalURL)
		status, _, body := b.get(portalURL + "/bff/patient/p02")
		if shown := status == http.StatusOK && strings.Contains(body, "canary-p02"); shown == on {
			t.Errorf("control on: %t: got %d %s", on, status, body)
		}
		asked[on] = w.fhir.requests()
	}
	if !slices.Equal(asked[true], asked[false]) || len(asked[true]) != 2 {
		t.Errorf("expected the same two requests, got %v and %v", asked[true], asked[false])
	}
}

// The supplier's token is fetched once, and anew when it is at its end or the API no longer takes it.
func TestGatewayRenewsItsToken(t *testing.T) {
	w := newWorld(t, full(t))
	newGatewayIn(w, full(t))
	b := w.browser()
	b.signInAt(portalURL)
	w.as.accepted()
	look := func(want int) {
		t.Helper()
		if status, _, body := b.get(portalURL + "/bff/patient/p01"); status != http.StatusOK {
			t.Errorf("expected the record, got %d %s\n%s", status, body, w.diagnosis())
		}
		if got := w.as.accepted(); len(got) != want {
			t.Errorf("expected %d tokens to be fetched, got %v", want, got)
		}
	}
	look(1)
	look(0)
	w.as.revokeAccess()
	look(1)
	w.clock.Advance(2 * time.Minute)
	look(1)
}

func TestCheckGatewayObject(t *testing.T) {
	for _, c := range []struct {
		name string
		f    fetched
		ok   bool
	}{
		{"met, and about her", fetched{"berg", "p01", 1, []string{"p01"}}, true},
		{"met, and about nobody", fetched{"berg", "p01", 3, nil}, true},
		{"never met", fetched{"berg", "p01", 0, []string{"p01"}}, false},
		{"somebody drawn along", fetched{"berg", "p01", 1, []string{"p01", "p02"}}, false},
	} {
		if _, err := checkGatewayObject(&c.f); (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestPatientsIn(t *testing.T) {
	for body, want := range map[string]string{
		`{"resourceType":"Patient","id":"p01","link":[{"other":{"reference":"Patient/p02"}}]}`:                                               "[p01 p02]",
		`{"entry":[{"resource":{"resourceType":"Observation","id":"p09","subject":{"reference":"https://x/fhir/Patient/p03/_history/2"}}}]}`: "[p03]",
		`{"entry":[{"resource":{"resourceType":"Practitioner","id":"berg"}}],"x":[1,null,{"reference":7}]}`:                                  "[]",
		`{"entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Patient","id":"p01"}},{"reference":"Patient/p01"}]}`: "[p01]",
	} {
		if got, err := patientsIn([]byte(body)); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: expected %s, got %v %v", body, want, got, err)
		}
	}
	if _, err := patientsIn([]byte(`{"entry":[`)); err == nil {
		t.Error("expected half a document to be no document")
	}
}

func TestNewGatewayWantsOneIssuer(t *testing.T) {
	w := newWorld(t, full(t))
	if _, err := NewGateway(EHRConfig{Party: w.party, URL: portalURL, HTTP: &http.Client{Transport: w.net}, FHIRBase: fhirBase}); err == nil {
		t.Error("expected an issuer to be asked for")
	}
}
