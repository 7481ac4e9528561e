package client

import (
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// What hangs on a document is fetched from the API that it is of, and from nowhere else; without the control from
// wherever it says, with the token.
func TestDocumentsElsewhere(t *testing.T) {
	for _, test := range []struct {
		name, url string
		shows     string
		control   *control.Control
	}{
		{"at the API, relative", "Binary/b1", "a &lt;letter&gt;", nil},
		{"at the API, absolute", fhirBase + "/Binary/b1", "a &lt;letter&gt;", nil},
		{"elsewhere", "https://rogue.test/letter", keptElsewhere, control.ClientForeignReference},
		{"where the name begins like the API's", fhirBase + ".rogue.test/letter", keptElsewhere, control.ClientForeignReference},
		{"beside the API", fhirBase + "/../admin", keptElsewhere, control.ClientForeignReference},
		{"on the same machine, up", "../admin", "cannot be understood", nil},
		{"by another scheme", "file:///etc/passwd", "cannot be understood", nil},
		{"without a scheme", "//rogue.test/letter", "cannot be understood", nil},
		{"with a password", "https://a:b@fhir.test/fhir/Binary/b1", "cannot be understood", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, full(t))
			chartOf(w, "", `{"attachment":{"contentType":"text/plain","url":"`+test.url+`"}}`)
			b := w.browser()
			b.mustSignIn()
			_, _, body := b.get(ehrURL + "/patients/p07/documents")
			if !strings.Contains(body, test.shows) || (test.control != nil) != strings.Contains(allRefusals(w), control.ClientForeignReference.ID) {
				t.Errorf("expected %q, got %s %s", test.shows, body, allRefusals(w))
			}
		})
	}
	w := newWorld(t, full(t).Without(control.ClientForeignReference))
	chartOf(w, "", `{"attachment":{"contentType":"text/plain","url":"https://rogue.test/letter"}}`)
	var got *http.Request
	w.net.m["rogue.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		got = r
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte("<p>a forged <b>letter</b></p>"))
	})
	b := w.browser()
	b.mustSignIn()
	_, _, body := b.get(ehrURL + "/patients/p07/documents")
	if got == nil || got.Header.Get("Authorization") == "" || !strings.Contains(body, "a forged <b>letter</b>") {
		t.Errorf("without the control expected the letter to be fetched with the token, got %v %s", got, body)
	}
}

// What cannot be shown is noted in its place, and there is an end to what is fetched.
func TestDocumentsThatCannotBeShown(t *testing.T) {
	const many = mostFetched + 5
	w := newWorld(t, full(t))
	chartOf(w, "", `{"attachment":{"contentType":"text/html","data":"%%%"}},{"attachment":{"contentType":"application/pdf","data":"AAAA"}},{"attachment":{}},
		{"attachment":{"contentType":"text/plain","data":"AAAA"}},{"attachment":{"url":"gone/1"}}`+strings.Repeat(`,{"attachment":{"url":"Binary/b1"}}`, many))
	w.fhir.status["/gone/1"] = 404
	b := w.browser()
	b.mustSignIn()
	_, _, body := b.get(ehrURL + "/patients/p07/documents")
	for _, want := range []string{"This document cannot be read.", "A document of the type application/pdf.", "Could not be read.", "too many documents"} {
		if !strings.Contains(body, want) {
			t.Errorf("expected %q, got %s", want, body)
		}
	}
	if n := strings.Count(strings.Join(w.fhir.requests(), " "), "/Binary/b1"); n != mostFetched-1 {
		t.Errorf("expected %d documents to be fetched besides the one that is gone, got %d", mostFetched-1, n)
	}
	for _, body := range []string{`{"contentType":1}`, `[]`, `{"data":"x"`} {
		if _, err := readBinary([]byte(body)); err == nil {
			t.Errorf("%s: expected an error", body)
		}
	}
	rows, err := readBundle([]byte(`{"entry":[{"resource":{"resourceType":"Media","content":{"url":"x"}}}]}`))
	if err != nil || len(rows[0].attachments) != 0 {
		t.Errorf("expected content that is no list to be passed over, got %v %v", rows, err)
	}
}
