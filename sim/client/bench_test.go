package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// canned answers every request to a URL with the same bytes, so that what is measured is the client.
type canned map[string][]byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := c[r.URL.RequestURI()]
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// BenchmarkRecord shows a record: five requests, with proofs or without.
func BenchmarkRecord(b *testing.B) {
	for _, name := range []string{"legacy", "fapi2-dpop"} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, profile(b, name))
			p := w.browser()
			p.mustSignIn()
			w.party.Tell = func(context.Context, event.Body) {}
			c := canned{"/fhir/Patient/p07": []byte(fhirBody("/Patient/p07"))}
			for _, s := range searches {
				c["/fhir/"+s.resource+"?patient=p07"] = []byte(fhirBody("/" + s.resource + "?patient=p07"))
			}
			w.ehr.protocol.send = c.RoundTrip
			r := httptest.NewRequest(http.MethodGet, ehrURL+"/patients/p07", nil)
			for _, cookie := range p.http.Jar.Cookies(mustURL(ehrURL)) {
				r.AddCookie(cookie)
			}
			b.ReportAllocs()
			for b.Loop() {
				rec := httptest.NewRecorder()
				w.ehr.ServeHTTP(rec, r)
				if rec.Code != 200 {
					b.Fatal(rec.Body.String())
				}
			}
		})
	}
}

// BenchmarkProof is the cryptography that a request with a proof cannot avoid.
func BenchmarkProof(b *testing.B) {
	w := newWorld(b, profile(b, "fapi2-dpop"))
	p := fapi.NewProof(http.MethodGet, fhirBase, "token", w.clock.Now(), w.dice.ID())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Sign(w.dpop); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignIn goes through a whole sign-in against the small server of the tests.
func BenchmarkSignIn(b *testing.B) {
	for _, name := range []string{"legacy", "hardened"} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, profile(b, name))
			w.party.Tell = func(context.Context, event.Body) {}
			b.ReportAllocs()
			for b.Loop() {
				w.browser().mustSignIn()
			}
		})
	}
}

func BenchmarkNewEHR(b *testing.B) {
	w := newWorld(b, profile(b, "hardened"))
	c := EHRConfig{Party: w.party, URL: ehrURL, HTTP: &http.Client{Transport: w.net}, FHIRBase: fhirBase, LabBase: labBase, DPoPKey: w.dpop,
		Issuers: []Registration{*w.as.clients["ehr"], *w.rogue.clients["ehr"]}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewEHR(c); err != nil {
			b.Fatal(err)
		}
	}
}
