package client

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// What a challenge says is read as far as it is what it should be (RFC 9470 s3), and nothing else is taken for it.
func TestStepUpChallenge(t *testing.T) {
	for _, c := range []struct {
		challenge string
		want      url.Values
	}{
		{`DPoP realm="x", error="insufficient_user_authentication", acr_values="high higher", max_age="600"`, url.Values{"acr_values": {"high higher"}, "max_age": {"600"}}},
		{`Bearer error="insufficient_user_authentication",max_age="0"`, url.Values{"max_age": {"0"}}},
		{`Bearer error="insufficient_user_authentication", xmax_age="1", max_age="2`, url.Values{}},
		{`Bearer error="insufficient_user_authentication"`, url.Values{}},
		{`Bearer error="invalid_token", acr_values="high"`, nil},
	} {
		err := fmt.Errorf("documents: %w", upstreamError("https://fhir.test/x?y", &reply{status: 401, header: http.Header{"Www-Authenticate": {c.challenge}}}))
		if got := stepUpOf(err); fmt.Sprint(got) != fmt.Sprint(c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: expected %v, got %v", c.challenge, c.want, got)
		}
	}
	if stepUpOf(nil) != nil {
		t.Error("expected nothing of no error")
	}
}

// An API that is never content does not send a person round in circles.
func TestStepUpOnce(t *testing.T) {
	w := newWorld(t, full(t))
	b := w.browser()
	b.mustSignIn()
	w.fhir.stepUp = `DPoP error="insufficient_user_authentication", acr_values="high", max_age="60"`
	page := ehrURL + "/patients/p07/documents"
	_, authorize, _ := b.get(page)
	uri, err := url.Parse(authorize)
	if err != nil {
		t.Fatal(err)
	}
	if pushed := w.as.pushed[uri.Query().Get("request_uri")]; pushed.Get("acr_values") != "high" || pushed.Get("max_age") != "60" {
		t.Fatalf("expected to be sent to sign in as the API asks, got %v at %q", pushed, authorize)
	}
	_, callback, _ := b.get(authorize)
	if _, next, _ := b.get(callback); next != "/patients/p07/documents" {
		t.Errorf("expected to be taken back to the page, got %q", next)
	}
	if status, next, body := b.get(page); status != http.StatusForbidden {
		t.Errorf("expected to be told that it cannot be, got %d to %q: %s", status, next, body)
	}
}
