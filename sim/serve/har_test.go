package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The archive has what was exchanged and none of its secrets; one interaction can be asked for alone.
func TestHAR(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "web-app")
	token := a.redeem(a.code("berg").Get("code")).member("access_token")
	read := a.read("/Patient/p01", token)
	var doc struct {
		Log struct {
			Version string
			Entries []struct {
				Request  struct{ URL string }
				Response struct{ Status int }
			}
		}
	}
	answer := a.get(a.issuer.URL + pathHAR)
	if err := json.Unmarshal(answer.body, &doc); err != nil || doc.Log.Version != "1.2" || len(doc.Log.Entries) < 4 {
		t.Fatalf("expected an archive of the sign-in, got %d entries, %v", len(doc.Log.Entries), err)
	}
	if strings.Contains(string(answer.body), token) {
		t.Error("expected no token in a file that is sent around")
	}
	doc.Log.Entries = nil
	answer = a.get(a.issuer.URL + pathHAR + "?interaction=" + read.Header.Get(interactionHeader))
	if err := json.Unmarshal(answer.body, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Log.Entries) == 0 || doc.Log.Entries[0].Response.Status != http.StatusOK || !strings.HasSuffix(doc.Log.Entries[0].Request.URL, "/Patient/p01") {
		t.Errorf("expected the one interaction, got %+v", doc.Log.Entries)
	}
}

// A server is busy for a minute after a call, by the clock of the issuer that was called.
func TestBusy(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	i := issuer(t, s, "team-a")
	w := Watched{s}
	if w.Busy() {
		t.Error("expected nobody to have called yet")
	}
	newApp(t, s, i, "machine").get(i.URL + "/jwks")
	if !w.Busy() {
		t.Error("expected to see the call")
	}
	if i.Advance(2 * recently); w.Busy() {
		t.Error("expected the call to be forgotten")
	}
}

// Whoever started the server sees what comes in, and the server ends with the one who watches.
func TestRunWatched(t *testing.T) {
	done := errors.New("seen enough")
	err := RunWatched(t.Context(), Config{HTTPSPort: -1, Now: time.Now}, func(_ context.Context, first string, w Watched) error {
		name := w.Issuers()[0]
		if !strings.Contains(first, "Issuer") || len(w.Events(name, 0, 100)) != 0 {
			t.Errorf("expected the first page and no traffic yet, got %q", first)
		}
		answer, err := http.Get(w.server.PlainOrigin() + "/" + name + "/fhir/Patient/p01")
		if err != nil {
			return err
		}
		_ = answer.Body.Close()
		all := w.Events(name, 0, 100)
		if len(all) < 2 || len(w.Events(name, all[len(all)-1].N, 100)) != 0 || len(w.Events(name, 0, 1)) != 1 {
			t.Errorf("expected the exchange once, got %d events", len(all))
		}
		if har, err := w.HAR(name); err != nil || !strings.Contains(string(har), "/fhir/Patient/p01") {
			t.Errorf("expected it in the archive, got %v", err)
		}
		if _, err := w.HAR("nobody"); err == nil || w.Events("nobody", 0, 1) != nil {
			t.Error("expected an issuer that is not there to have nothing")
		}
		return done
	})
	if !errors.Is(err, done) {
		t.Errorf("expected %v, got %v", done, err)
	}
}
