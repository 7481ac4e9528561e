package client

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

// Every dialect, and every way of client authentication, gets a clinician to a record and out again.
func TestHonestJourney(t *testing.T) {
	for _, p := range control.Profiles() {
		for _, method := range []control.ClientAuth{control.ClientSecretBasic, control.ClientSecretPost, control.PrivateKeyJWT, control.TLSClientAuth, control.SelfSignedTLSClientAuth} {
			p.Dialect.ClientAuth = method
			if method != control.PrivateKeyJWT && p.Dialect.Request == control.SignedRequest {
				continue // who signs its requests has a key, and authenticates with it
			}
			t.Run(p.Name+"/"+string(method), func(t *testing.T) { honestJourney(t, newWorld(t, p)) })
		}
	}
}

func honestJourney(t *testing.T, w *world) {
	b := w.browser()
	b.mustSignIn()
	if got := b.subject(); got != "berg" {
		t.Errorf("expected berg to be signed in, got %q", got)
	}
	status, _, body := b.get(ehrURL + "/patients/p07")
	if status != http.StatusOK {
		t.Fatalf("expected the record, got %d %s\n%s", status, body, w.diagnosis())
	}
	for _, want := range []string{"Kari &lt;i&gt; Nordmann", "1980-02-03", "narrative-p07", "canary-p07", "Observation of p07 &amp; narrative-p07",
		"Conditions", "Medication", "Allergies", "Nothing recorded.", "Laboratory results"} {
		if !strings.Contains(body, want) {
			t.Errorf("expected the page to contain %q", want)
		}
	}
	if err := w.ehr.Work(context.Background()); err != nil {
		t.Errorf("nightly job: %v", err)
	}
	if status, to, _ := b.do(http.MethodPost, ehrURL+"/logout"); status != http.StatusSeeOther || to != "/" {
		t.Errorf("expected to be sent home after signing out, got %d %q", status, to)
	}
	if got := b.subject(); got != "" {
		t.Errorf("expected nobody to be signed in, got %q", got)
	}
	w.as.noFaults(t)
	if r := w.refusals(); len(r) > 0 {
		t.Errorf("expected no refusals, got %v", r)
	}
	if got := w.signedIn(); !reflect.DeepEqual(got, []string{"ehr:berg"}) {
		t.Errorf("expected one sign-in of berg to be told, got %v", got)
	}
}

// With every control on that the dialect can satisfy, and with none, the journey is the same.
func TestJourneyDoesNotDependOnControls(t *testing.T) {
	for _, p := range control.Profiles() {
		all := newWorld(t, p.Full())
		honestJourney(t, all)
		none := newWorld(t, p.Bare())
		honestJourney(t, none)
		if a, b := all.as.accepted(), none.as.accepted(); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: expected the same requests with and without controls, got %v and %v", p.Name, a, b)
		}
		for _, c := range Guards() {
			honestJourney(t, newWorld(t, p.Full().Without(c)))
		}
	}
}

func TestRequestsByDialect(t *testing.T) {
	for name, want := range map[string][]string{
		"legacy":   {"authorization_code", "revoke", "revoke"},
		"bcp":      {"authorization_code", "refresh_token", "revoke", "revoke", "revoke"},
		"hardened": {"PAR", "authorization_code", "refresh_token", "revoke", "revoke", "revoke"},
	} {
		w := newWorld(t, profile(t, name))
		b := w.browser()
		b.mustSignIn()
		b.get(ehrURL + "/patients/p07")
		b.get(ehrURL + "/patients/p08") // nothing new is needed for a second record
		b.get(ehrURL + "/logout")
		if got := w.as.accepted(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: expected %v, got %v", name, want, got)
		}
		if n := w.as.fetches["/.well-known/openid-configuration"]; n != 1 {
			t.Errorf("%s: expected metadata to be fetched once, got %d", name, n)
		}
		if len(w.as.access)+len(w.as.refresh) != 0 {
			t.Errorf("%s: expected every token to be revoked, %d access and %d refresh tokens are left", name, len(w.as.access), len(w.as.refresh))
		}
		w.as.noFaults(t)
	}
}

// A server or API that asks for a nonce gets the request again, with a new proof and a new assertion
// (the fake server refuses one that is used twice); and the nonce stays remembered.
func TestNonces(t *testing.T) {
	w := newWorld(t, profile(t, "hardened"))
	w.as.nonce, w.fhir.nonce, w.lab.nonce = "as-nonce", "fhir-nonce", "lab-nonce"
	b := w.browser()
	b.mustSignIn()
	b.get(ehrURL + "/patients/p07")
	want := []string{"401 /Patient/p07", "200 /Patient/p07", "200 /Condition?patient=p07", "200 /MedicationRequest?patient=p07", "200 /AllergyIntolerance?patient=p07"}
	if got := w.fhir.requests(); !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
	if got := w.lab.requests(); !reflect.DeepEqual(got, []string{"401 /Observation?patient=p07", "200 /Observation?patient=p07"}) {
		t.Errorf("expected one retry at the laboratory, got %v", got)
	}
	if got := w.as.fetches["/token"]; got != 3 { // code twice, refresh once
		t.Errorf("expected three token requests, got %d", got)
	}
	w.as.noFaults(t)

	w.fhir.nonce = "rotated"
	if status, _, _ := b.get(ehrURL + "/patients/p07"); status != http.StatusOK {
		t.Errorf("expected a rotated nonce to be overcome, got %d", status)
	}
}

// A nonce that changes at every request is given up on after the second.
func TestNonceRetriesOnce(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	callback := b.begin(asURL)
	w.net.m["as.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.as.nonce = w.dice.Token()
		w.as.ServeHTTP(rw, r)
	})
	if status, _, _ := b.get(callback); status != http.StatusBadGateway {
		t.Errorf("expected the client to give up, got %d", status)
	}
	if got := w.as.fetches["/token"]; got != 2 {
		t.Errorf("expected two token requests, got %d", got)
	}
}

// A token that the API no longer takes is replaced by means of the refresh token, whatever the reason.
func TestRefresh(t *testing.T) {
	for _, name := range []string{"legacy", "fapi2-dpop", "hardened"} {
		for reason, spoil := range map[string]func(*world){
			"expired": func(w *world) { w.clock.Advance(2 * time.Minute) },
			"revoked": func(w *world) { w.as.revokeAccess() },
		} {
			w := newWorld(t, profile(t, name))
			b := w.browser()
			b.mustSignIn()
			b.get(ehrURL + "/patients/p07")
			w.as.accepted()
			spoil(w)
			status, _, body := b.get(ehrURL + "/patients/p07")
			if status != http.StatusOK || !strings.Contains(body, "Observation of p07") {
				t.Errorf("%s, %s: expected the record, got %d %s", name, reason, status, body)
			}
			want := []string{"refresh_token"}
			if name == "hardened" {
				want = append(want, "refresh_token") // one token an API
			}
			if got := w.as.accepted(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: expected %v, got %v", name, reason, want, got)
			}
		}
	}
}

// Without a refresh token that works, a session whose access token is over is over.
func TestSessionEnds(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	b.mustSignIn()
	w.clock.Advance(2 * time.Minute)
	clear(w.as.refresh)
	if status, _, body := b.get(ehrURL + "/patients/p07"); status != http.StatusForbidden || !strings.Contains(body, "has ended") {
		t.Errorf("expected the sign-in to have ended, got %d %s", status, body)
	}

	w = newWorld(t, profile(t, "hardened"))
	w.as.spoilTokens = func(r *fapiTokenResponse) { r.RefreshToken = "" }
	b = w.browser()
	b.mustSignIn()
	if status, _, body := b.get(ehrURL + "/patients/p07"); status != http.StatusOK || !strings.Contains(body, "Could not be read.") {
		t.Errorf("expected the record without laboratory results, got %d %s", status, body)
	}
	w.clock.Advance(2 * time.Minute)
	if status, _, _ := b.get(ehrURL + "/patients/p07"); status != http.StatusForbidden {
		t.Errorf("expected no record with an expired token, got %d", status)
	}
}

func TestDatabase(t *testing.T) {
	w := newWorld(t, profile(t, "hardened"))
	if got := string(w.ehr.Database()); got != "[]" {
		t.Errorf("expected an empty table, got %s", got)
	}
	b := w.browser()
	b.mustSignIn()
	b.get(ehrURL + "/patients/p07")
	var rows []map[string]any
	if err := json.Unmarshal(w.ehr.Database(), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0]["resource"] != fhirBase || rows[1]["resource"] != labBase {
		t.Fatalf("expected a row for each API, got %v", rows)
	}
	for _, row := range rows {
		if row["subject"] != "berg" || row["issuer"] != asURL || row["client_id"] != "ehr" || row["token_type"] != "DPoP" || !w.as.refresh[row["refresh_token"].(string)] {
			t.Errorf("expected berg's tokens, got %v", row)
		}
		if _, ok := w.as.valid(row["access_token"].(string)); !ok {
			t.Errorf("expected a working access token, got %v", row)
		}
	}
	cookies := b.http.Jar.Cookies(mustURL(ehrURL))
	for _, secret := range append([]string{string(w.dpop.PrivateJWK())}, cookies[0].Value, cookies[1].Value) {
		if strings.Contains(string(w.ehr.Database()), secret) {
			t.Errorf("the backup holds what it should not: %s", secret)
		}
	}
}

// A person who signs in again in the same browser leaves no session behind.
func TestSignInReplacesSession(t *testing.T) {
	w := newWorld(t, profile(t, "fapi2-dpop"))
	b := w.browser()
	b.mustSignIn()
	before := b.http.Jar.Cookies(mustURL(ehrURL))
	b.mustSignIn()
	if n := len(w.ehr.sessions.all()); n != 1 {
		t.Errorf("expected one session, got %d", n)
	}
	for _, old := range before {
		for _, now := range b.http.Jar.Cookies(mustURL(ehrURL)) {
			if old.Name == w.ehr.sessionCookie && old.Value == now.Value {
				t.Error("expected a new session id")
			}
		}
	}
	w.clock.Advance(sessionLifetime + time.Minute)
	if got := b.subject(); got != "" {
		t.Errorf("expected the session to be over after a shift, got %q", got)
	}
	w.browser().mustSignIn()
	if n := len(w.ehr.sessions.all()); n != 1 {
		t.Errorf("expected old sessions to be swept out, got %d", n)
	}
}
