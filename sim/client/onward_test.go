package client

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// A link from outside names where to go on to, and which API to read from. What is not the client's own is
// refused; with the control off the client does as it is told.
func TestLinksFromOutside(t *testing.T) {
	for _, test := range []struct {
		name, path string
		control    *control.Control
	}{
		{"to another site", "/continue?code=x&to=" + url.QueryEscape("https://rogue.test/collect"), control.ClientOnward},
		{"to a site whose name begins like ours", "/continue?to=" + url.QueryEscape(ehrURL+".rogue.test/"), control.ClientOnward},
		{"a record at another API", "/patients/p07?api=" + url.QueryEscape(labBase), control.ClientAPI},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, full(t))
			b := w.browser()
			b.mustSignIn()
			if status, _, _ := b.get(ehrURL + test.path); status != http.StatusBadRequest {
				t.Errorf("expected %s to refuse it, got %d", test.control, status)
			}
			careless := newWorld(t, full(t).Without(test.control))
			b = careless.browser()
			b.mustSignIn()
			careless.lab.requests()
			status, to, _ := b.get(ehrURL + test.path)
			switch {
			case test.control == control.ClientOnward && (status != http.StatusSeeOther || !strings.HasPrefix(to, "https://")):
				t.Errorf("without %s: expected to be sent on, got %d to %q", test.control, status, to)
			case test.control == control.ClientAPI && len(careless.lab.requests()) == 0:
				t.Errorf("without %s: expected the client to ask the API that the link names, got %d", test.control, status)
			}
		})
	}
	w := newWorld(t, full(t))
	b := w.browser()
	b.mustSignIn()
	if _, to, _ := b.get(ehrURL + "/continue?x=1&to=" + url.QueryEscape(ehrURL+"/patients?id=p07")); to != ehrURL+"/patients?id=p07&x=1" {
		t.Errorf("expected a page of the client's own to be reached, with what came along, got %q", to)
	}
	if status, _, _ := b.get(ehrURL + "/patients/p07?api=" + url.QueryEscape(fhirBase)); status != http.StatusOK {
		t.Errorf("expected a link that names the client's own API to work, got %d", status)
	}
}
