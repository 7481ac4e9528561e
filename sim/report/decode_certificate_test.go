package report

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func TestDecodeCertificate(t *testing.T) {
	at := time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)
	shown := event.Certificate{Thumbprint: "x5t-1", Subject: "CN=ehr", Issuer: "CN=ca", NotBefore: "2026-10-23T08:00:00Z", NotAfter: "2027-10-23T08:00:00Z"}
	token := func(c fapi.Confirmation) http.Header {
		signed, err := fapi.AccessToken{JTI: "1", Scope: "a", Confirmation: &c}.Sign(key("as"))
		if err != nil {
			t.Fatal(err)
		}
		return http.Header{"Authorization": {"Bearer " + signed}}
	}
	for name, test := range map[string]struct {
		header http.Header
		until  string
		want   string
	}{
		"no token":             {nil, shown.NotAfter, "thumbprint x5t-1\nexpires 2027-10-23"},
		"expired":              {nil, "2026-11-01T08:00:00Z", "expired 2026-11-01"},
		"the token's":          {token(fapi.Confirmation{X5T: "x5t-1"}), shown.NotAfter, "\nthe one that the access token is bound to"},
		"another":              {token(fapi.Confirmation{X5T: "x5t-2"}), shown.NotAfter, "\nnot the one that the access token is bound to"},
		"a token bound to key": {token(fapi.Confirmation{JKT: "jkt"}), shown.NotAfter, "expires 2027-10-23"},
	} {
		c := shown
		c.NotAfter = test.until
		got := DecodeCertificate(event.Request{Certificate: c, Message: event.Message{Method: "GET", URL: "https://fhir.test/x", Header: test.header}}, at)
		if len(got) != 1 || !strings.HasSuffix(got[0].Note, test.want) || !strings.Contains(got[0].Claims, `"subject": "CN=ehr"`) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := DecodeCertificate(event.Request{}, at); got != nil {
		t.Errorf("expected none, got %+v", got)
	}
	if got := DecodeAt(event.Message{Method: "GET", URL: "https://fhir.test/x", Header: token(fapi.Confirmation{X5T: "x5t-1"})}, at); len(got) != 1 || !strings.Contains(got[0].Note, "bound to certificate x5t-1") {
		t.Errorf("expected the token to say what it is bound to, got %+v", got)
	}
}

// The words beside a token that is bound to a certificate, and beside the thief's client authentication.
func TestCertificateWords(t *testing.T) {
	signed, err := fapi.AccessToken{JTI: "1", Scope: "a", Confirmation: &fapi.Confirmation{X5T: "x5t-1"}}.Sign(key("as"))
	if err != nil {
		t.Fatal(err)
	}
	tell := &teller{cast: cast{thief: "mallory"}, first: map[string]string{"x5t-1": "ehr", "x5t-own": "mallory"}}
	for want, r := range map[string]event.Request{
		"no certificate":          {},
		"another certificate":     {Certificate: event.Certificate{Thumbprint: "x5t-2"}},
		"the token's certificate": {Certificate: event.Certificate{Thumbprint: "x5t-1"}},
		"a certificate in a header": {Certificate: event.Certificate{Thumbprint: "x5t-1"},
			Message: event.Message{Header: http.Header{"Client-Cert": {":AA:"}}}},
	} {
		if got := tell.certificate(r, signed); got != want {
			t.Errorf("expected %q, got %q", want, got)
		}
	}
	for thumbprint, want := range map[string]string{"": "", "x5t-1": "the stolen certificate", "x5t-3": "a certificate not seen before"} {
		if got := tell.shownCertificate(event.Request{Certificate: event.Certificate{Thumbprint: thumbprint}}); got != want {
			t.Errorf("%q: expected %q, got %q", thumbprint, want, got)
		}
	}
}
