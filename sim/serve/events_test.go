package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func eventsAt(t *testing.T, a *app, query string) []event.Event {
	t.Helper()
	var events []event.Event
	if err := json.Unmarshal(a.get(a.issuer.URL+pathEvents+query).body, &events); err != nil {
		t.Fatal(err)
	}
	return events
}

func TestEvents(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "web-app")
	if got := eventsAt(t, a, ""); got == nil || len(got) != 0 {
		t.Errorf("expected an empty array, got %v", got)
	}
	tokens := a.redeem(a.code("berg").Get("code"))
	read := a.read("/Patient/p01", tokens.member("access_token"))
	all := eventsAt(t, a, "")
	var senders []string
	for n, e := range all {
		if e.N != n+1 {
			t.Fatalf("expected event %d, got %d", n+1, e.N)
		}
		if b, ok := e.Body.(event.Request); ok {
			senders = append(senders, b.From+">"+b.To)
		}
	}
	// The pages are a browser's: only the first of them names the client.
	if got := strings.Join(senders, " "); !strings.HasPrefix(got, "web-app>as web-app>as stranger at 127.0.0.1:") || !strings.HasSuffix(got, "web-app>as web-app>fhir fhir/a>as fhir/a>as fhir/a>as") {
		t.Errorf("got %s", got)
	}
	if late := eventsAt(t, a, fmt.Sprint("?after=", len(all)-1)); len(late) != 1 || late[0].N != len(all) {
		t.Errorf("expected the last event alone, got %v", late)
	}
	// One call by its id, with what the API asked on its behalf.
	requests := 0
	for _, e := range eventsAt(t, a, "?interaction="+read.Header.Get(interactionHeader)) {
		if b, ok := e.Body.(event.Request); ok {
			if requests++; b.To == "fhir" != (b.Cause == 0) {
				t.Errorf("expected the rest to be caused by the read, got %+v", b)
			}
		}
	}
	if requests != 4 {
		t.Errorf("expected the read, and what the API asked for it, got %d requests", requests)
	}
	expect(t, a.get(a.issuer.URL+pathEvents+"?after=x"), 400, "number")
}

// Whatever is a secret on the wire is none in the log: tokens, codes, assertions, proofs, passwords, cookies.
func TestEventsHoldNoSecret(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x~legacy"), "legacy-app")
	code := a.code("berg").Get("code")
	tokens := a.redeem(code)
	expect(t, tokens, 200, "refresh_token")
	expect(t, a.read("/Patient/p01", tokens.member("access_token")), 200, "")
	shown := ""
	for _, e := range eventsAt(t, a, "") { // bodies are in base64 there
		switch b := e.Body.(type) {
		case event.Request:
			shown += b.Message.URL + string(b.Message.Body) + fmt.Sprint(b.Message.Header)
		case event.Response:
			shown += string(b.Message.Body) + fmt.Sprint(b.Message.Header)
		}
	}
	for name, secret := range map[string]string{"code": code, "access token": tokens.member("access_token"), "refresh token": tokens.member("refresh_token"),
		"ID token": tokens.member("id_token"), "client secret": a.client.Secret, "verifier": sampleVerifier, "a JWT": "eyJ"} {
		if strings.Contains(shown, secret) {
			at := strings.Index(shown, secret)
			t.Errorf("expected no %s in the events, got …%s", name, shown[max(0, at-100):min(len(shown), at+100)])
		}
	}
}

func TestStream(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	a.get(a.issuer.URL + "/jwks")
	ctx, cancel := context.WithCancel(t.Context())
	r := a.request(http.MethodGet, a.issuer.URL+pathEvents, nil).WithContext(ctx)
	r.Header.Set("Accept", "text/event-stream")
	resp, err := a.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	next := func() string { lines.Scan(); return lines.Text() }
	for n := 1; n <= 4; n++ {
		if n == 3 { // what comes now was not there at the start
			a.get(a.issuer.URL + "/jwks")
		}
		kind := []string{"response", "request"}[n%2]
		if id, name := next(), next(); id != fmt.Sprint("id: ", n) || name != "event: "+kind {
			t.Fatalf("expected event %d, a %s, got %q %q", n, kind, id, name)
		}
		var e event.Event
		if err := json.Unmarshal([]byte(strings.TrimPrefix(next(), "data: ")), &e); err != nil || e.N != n {
			t.Fatalf("expected event %d, got %+v, %v", n, e, err)
		}
		next()
	}
	cancel()
	_ = resp.Body.Close()
}

func TestInteractionID(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "machine")
	for sent, echoed := range map[string]bool{
		"c770aef3-6784-41f7-8e0e-ff5f97bddb3a": true, "my-test-42": true, "": false, strings.Repeat("x", 129): false, "two words": false,
	} {
		for _, path := range []string{"/x/jwks", "/x/token", "/x/fhir/Patient/p01", "/x/_thiefbox/why", "/", "/Nobody"} {
			r := a.request(http.MethodGet, s.Origin()+path, nil)
			r.Header.Set(interactionHeader, sent)
			got := a.do(r).Header.Get(interactionHeader)
			if echoed && got != sent || !echoed && (len(got) != 36 || got[14] != '4' || got == sent) {
				t.Errorf("%s: sent %q, got %q", path, sent, got)
			}
		}
	}
}

// The journal is bounded by number and by size, and knows what it has forgotten.
func TestJournalForgets(t *testing.T) {
	now := clock.Virtual(clock.Epoch)
	j := newJournal(now.Now, func(e event.Event) event.Event { return e }, &shelf{})
	for range maxEvents + 10 {
		j.tell(t.Context(), event.Step{})
	}
	if got := j.after(0); len(got) != maxEvents || got[0].N != 11 || !got[0].At.Equal(clock.Epoch) {
		t.Errorf("expected the latest %d, got %d from %d", maxEvents, len(got), got[0].N)
	}
	if got := j.after(maxEvents + 9); len(got) != 1 || got[0].N != maxEvents+10 {
		t.Errorf("expected one, got %v", got)
	}
	if got := j.after(maxEvents + 100); len(got) != 0 {
		t.Errorf("expected none, got %v", got)
	}
	for range 100 {
		j.tell(t.Context(), event.Request{Message: event.Message{Body: make([]byte, maxKept), Header: http.Header{"A": {"b"}}}})
	}
	if got := len(j.after(0)); j.size > maxSize || got > maxSize/maxKept {
		t.Errorf("expected at most %d bytes, got %d in %d events", maxSize, j.size, got)
	}
	select {
	case <-j.wait(0):
	default:
		t.Error("expected not to wait for what is there")
	}
	coming := j.wait(j.last)
	j.tell(t.Context(), event.Step{})
	<-coming
}

func TestClaimedClient(t *testing.T) {
	key, err := fapi.NewES256Key("k", zeroOne{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := fapi.AccessToken{ClientID: "web-app"}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := fapi.Assertion{Subject: "machine"}.Sign(key, "")
	if err != nil {
		t.Fatal(err)
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for want, m := range map[string]event.Message{
		"web-app": {Header: http.Header{"Authorization": {"DPoP " + token}}}, "machine": {Header: form, Body: []byte("client_assertion=" + assertion)},
		"a": {URL: "https://localhost/x/authorize?client_id=a"}, "b": {Header: form, Body: []byte("client_id=b&client_assertion=" + assertion)},
		"": {Header: form, Body: []byte("%")},
	} {
		if got := claimedClient(m); got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth("legacy-app", "secret")
	if got := claimedClient(event.Message{Header: r.Header}); got != "legacy-app" {
		t.Errorf("got %q", got)
	}
	if got := claimedClient(event.Message{Header: http.Header{"Authorization": {"Bearer x"}}}); got != "" {
		t.Errorf("got %q", got)
	}
}

type zeroOne struct{}

func (zeroOne) Read(b []byte) (int, error) { clear(b); b[len(b)-1] = 1; return len(b), nil }

// A fault of ours is answered, told, and over.
func TestFaultOfOurs(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	for name, h := range map[string]http.HandlerFunc{
		"before an answer": func(http.ResponseWriter, *http.Request) { panic("oops") },
		"in an answer":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic("oops") },
	} {
		w := httptest.NewRecorder()
		i.tenant.witness(w, httptest.NewRequest(http.MethodPost, "/x/token", strings.NewReader("a=b")), i.origin, "a", answerer{"as", h, maxBody})
		told := i.Diagnoses()
		if d := told[len(told)-1]; !strings.Contains(d.Cause, "oops") {
			t.Errorf("%s: expected the fault to be told, got %+v", name, d)
		}
		if w.Code == http.StatusOK != (w.Body.String() == "half") {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
}

// A client of the API reads of our faults what it reads of its own: an OperationOutcome, which says nothing of the
// cause (once it was answered in OAuth's words).
func TestFaultOfTheAPI(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	fails := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", "x"); panic("oops") })
	w := httptest.NewRecorder()
	w.Header().Set(interactionHeader, "d4f1")
	i.tenant.witness(w, httptest.NewRequest(http.MethodGet, "/x/fhir/Patient/p01", nil), i.origin, "a", answerer{"fhir", fails, maxBody})
	var outcome struct {
		ResourceType string
		Issue        []struct{ Severity, Code string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &outcome); err != nil || outcome.ResourceType != "OperationOutcome" || len(outcome.Issue) != 1 || outcome.Issue[0].Code != "exception" {
		t.Errorf("expected an OperationOutcome, got %s", w.Body)
	}
	if got := w.Body.String(); strings.Contains(got, "oops") || !strings.Contains(got, "d4f1") || w.Code != http.StatusInternalServerError ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "application/fhir+json") || w.Header().Get("ETag") != "" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), got)
	}
}

func TestInsideGoesNowhereElse(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "x")
	client := http.Client{Transport: inside{i, "fhir/a"}, Timeout: time.Second}
	if resp, err := client.Get("https://example.org/"); err == nil {
		_ = resp.Body.Close()
		t.Error("expected a request elsewhere to fail")
	}
}
