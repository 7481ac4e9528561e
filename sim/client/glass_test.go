package client

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// She says why, signs in again as strongly as can be, and the API hears of it with each request about that patient, and
// with no other.
func TestEmergency(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	b.mustSignIn()
	w.fhir.closed = true
	status, _, body := b.get(ehrURL + "/patients/p07")
	if status != http.StatusNotFound || !strings.Contains(body, `id="emergency"`) {
		t.Fatalf("expected a way out of 404, got %d: %s", status, body)
	}
	_, authorize, body := b.send(http.MethodPost, ehrURL+"/emergency", url.Values{"patient": {"p07"}, "reason": {`unconscious; "no kin", blåøyd`}})
	uri, err := url.Parse(authorize)
	if err != nil || authorize == "" {
		t.Fatalf("expected to be sent to sign in, got %q %v: %s", authorize, err, body)
	}
	if pushed := w.as.pushed[uri.Query().Get("request_uri")]; pushed.Get("acr_values") != "loa-high" || pushed.Get("max_age") != "0" {
		t.Errorf("expected to be asked for the card, got %v", pushed)
	}
	_, callback, _ := b.get(authorize)
	if _, next, _ := b.get(callback); next != "/patients/p07" {
		t.Fatalf("expected to be taken to the record, got %q", next)
	}
	status, _, body = b.get(ehrURL + "/patients/p07")
	if status != http.StatusOK || !strings.Contains(body, `id="broken-glass"`) || !strings.Contains(body, "unconscious; &#34;no kin&#34;, blåøyd") {
		t.Errorf("expected the record, marked, with the reason, got %d: %s", status, body)
	}
	if len(w.fhir.said) != 4 || !strings.Contains(w.fhir.said[0], "/Patient/p07 btg; reason") {
		t.Errorf("expected the purpose with each request, got %q", w.fhir.said)
	}
	w.fhir.said = nil
	if status, _, _ := b.get(ehrURL + "/patients/p08"); status != http.StatusNotFound || len(w.fhir.said) > 0 {
		t.Errorf("expected nothing to be said about another patient, got %d, %q", status, w.fhir.said)
	}
}

// Who does not say why, or not so that it can be sent, is asked again.
func TestEmergencyNeedsAReason(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	if _, next, _ := b.get(ehrURL + "/emergency"); next != "/" {
		t.Errorf("expected a stranger to be sent away, got %q", next)
	}
	b.mustSignIn()
	for _, f := range []url.Values{{"patient": {"p07"}}, {"patient": {"p07"}, "reason": {"  "}}, {"patient": {"../x"}, "reason": {"y"}},
		{"patient": {"p07"}, "reason": {"a\r\nX-Evil: b"}}, {"patient": {"p07"}, "reason": {"\xff"}}, {"patient": {"p07"}, "reason": {strings.Repeat("x", 501)}}} {
		if status, next, body := b.send(http.MethodPost, ehrURL+"/emergency", f); status != http.StatusBadRequest || next != "" || !strings.Contains(body, `id="problem"`) {
			t.Errorf("%q: expected to be asked again, got %d to %q", f, status, next)
		}
	}
}
