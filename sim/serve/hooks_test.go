package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// mailbox is a subscriber's endpoint on this machine.
type mailbox struct {
	*httptest.Server
	came chan string
}

func newMailbox(t *testing.T, status int) *mailbox {
	m := &mailbox{came: make(chan string, 64)}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m.came <- r.Method + " " + r.URL.Path + " " + r.Header.Get("X-Key") + " " + string(body)
		w.WriteHeader(status)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mailbox) next(t *testing.T) string {
	t.Helper()
	select {
	case got := <-m.came:
		return got
	case <-time.After(10 * time.Second):
		t.Fatal("expected something to be sent, got nothing")
		return ""
	}
}

func subscriptionTo(endpoint string) string {
	return fmt.Sprintf(`{"resourceType":"Subscription","status":"requested","reason":"results","criteria":"Observation?code:text=kept","channel":{"type":"rest-hook","endpoint":%q,"payload":"application/fhir+json","header":["X-Key: secret"]}}`, endpoint)
}

// A subscription is served in the background, at whatever origin somebody writes, and by the next start too.
func TestSubscriptionsAreServed(t *testing.T) {
	dir, m := t.TempDir(), newMailbox(t, 200)
	s := start(t, Config{Dir: dir, Keep: true})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.send("POST", "/Subscription", a.writersToken(), subscriptionTo(m.URL+"/in")), 201, `"active"`)
	expect(t, a.write("/Observation/mine", a.writersToken(), written), 201, "kept")
	if got := m.next(t); !strings.HasPrefix(got, "PUT /in/Observation/mine secret {") || !strings.Contains(got, "kept") {
		t.Errorf("expected the record, got %s", got)
	}
	log := a.issuer.tenant.journal.after(0)
	if !strings.Contains(fmt.Sprint(log), m.URL+"/in/Observation/mine") {
		t.Error("expected the request to be written down")
	}
	other, err := s.issuerAt(s.PlainOrigin(), "fapi2-dpop")
	if err != nil {
		t.Fatal(err)
	}
	b := newApp(t, s, other, "machine")
	expect(t, b.write("/Observation/mine", b.writersToken(), written), 200, "kept")
	m.next(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir, Keep: true})
	a = newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.write("/Observation/mine", a.writersToken(), written), 200, "kept")
	m.next(t)
}

// Only this machine is reached, and of it nothing of this server's.
func TestSubscriptionsStayOnThisMachine(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	for _, endpoint := range []string{"https://192.0.2.1/in", fmt.Sprintf("http://127.0.0.1:%d/fapi2-dpop/fhir", s.http)} {
		got := a.send("POST", "/Subscription", a.writersToken(), subscriptionTo(endpoint))
		expect(t, got, 201, `"active"`)
		expect(t, a.send("POST", "/Observation", a.writersToken(), strings.Replace(written, `"id":"mine",`, "", 1)), 201, "kept")
		if status := a.settled(got.member("id")); status != "error" {
			t.Errorf("%s: expected an error, got %s", endpoint, status)
		}
	}
	if log := fmt.Sprint(a.issuer.tenant.journal.after(0)); !strings.Contains(log, errElsewhere.Error()) {
		t.Error("expected the log to say why")
	}
}

// settled is the status of a subscription once it is no longer active.
func (a *app) settled(id string) (status string) {
	a.t.Helper()
	for range 100 {
		if status = a.read("/Subscription/"+id, a.writersToken()).member("status"); status != "active" {
			return status
		}
		time.Sleep(100 * time.Millisecond)
	}
	return status
}

// What waits when the server ends is not lost in silence.
func TestWhatWaitsAtTheEnd(t *testing.T) {
	dir, m := t.TempDir(), newMailbox(t, 500)
	s := start(t, Config{Dir: dir, Keep: true})
	a := newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	id := a.send("POST", "/Subscription", a.writersToken(), subscriptionTo(m.URL)).member("id")
	expect(t, a.write("/Observation/mine", a.writersToken(), written), 201, "kept")
	m.next(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir, Keep: true})
	a = newApp(t, s, issuer(t, s, "fapi2-dpop"), "machine")
	expect(t, a.read("/Subscription/"+id, a.writersToken()), 200, `"error"`)
}

// Under a profile that asks, a client's records go to its own site, or to one that is named.
func TestHookSites(t *testing.T) {
	m := newMailbox(t, 200)
	for _, sites := range [][]string{nil, {m.URL}} {
		s := start(t, Config{HookSites: sites})
		a := newApp(t, s, issuer(t, s, inPath("hardened+entitlement")), "machine")
		want := 422
		if sites != nil {
			want = 201
		}
		if got := a.send("POST", "/Subscription", a.writersToken(), subscriptionTo(m.URL)); got.StatusCode != want {
			t.Errorf("with %v: expected %d, got %d %s", sites, want, got.StatusCode, got.body)
		}
	}
	if _, err := Start(t.Context(), Config{Now: time.Now, HookSites: []string{"hooks.example"}}); err == nil || !strings.Contains(err.Error(), "hook site") {
		t.Errorf("expected an error about the hook site, got %v", err)
	}
}
