package tui

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// The inspector opens the client certificate of a connection beside the tokens of its message.
func TestInspectShowsTheCertificate(t *testing.T) {
	s := newStory(stolenToken("fapi2-dpop", true), nil, false)
	in := newInspect(s, 0)
	x := report.Exchange{Request: event.Request{
		Certificate: event.Certificate{Thumbprint: "thumb-1", Subject: "CN=web-ehr", Issuer: "CN=ca", NotAfter: "2027-10-23T08:00:00Z"},
		Message:     event.Message{Method: "GET", URL: "https://fhir.test/Patient/p01"},
	}}
	got := strings.Join(in.tokensText(theme{}, x, 60), "\n")
	for _, want := range []string{"client certificate (TLS handshake)", "thumbprint thumb-1", "subject: CN=web-ehr", "expires 2027-10-23"} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %q, got\n%s", want, got)
		}
	}
	x.Request.Certificate = event.Certificate{}
	if got := in.tokensText(theme{}, x, 60); len(got) != 1 {
		t.Errorf("expected nothing to open, got %v", got)
	}
}
