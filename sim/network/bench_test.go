package network

import (
	"io"
	"net/http"
	"testing"

	"thiefbox/sim/clock"
	"thiefbox/sim/event"
)

// BenchmarkExchange is one POST with headers and a body, answered with JSON. "request alone" is the
// sender's part, to be subtracted.
func BenchmarkExchange(b *testing.B) {
	answer := []byte(`{"access_token":"0123456789012345678901234567890123456789012","token_type":"DPoP","expires_in":60}`)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(answer)
	})
	for _, wire := range []string{"memory", "tcp"} {
		b.Run(wire, func(b *testing.B) {
			w := newWorld(b, wire == "tcp")
			w.Serve("as.thiefbox.test", "as", handler)
			send := w.Transport("ehr")
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%1000 == 0 { // a log that grows for ever would measure the collector
					b.StopTimer()
					w.Network.log = event.NewLog(w.clock.Now)
					b.StartTimer()
				}
				req := w.request(http.MethodPost, "https://as.thiefbox.test/token", "grant_type=authorization_code&code=abc")
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				req.Header.Set("DPoP", "eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2ln")
				resp, err := send.RoundTrip(req)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(resp, err)
				}
			}
		})
	}
	b.Run("request alone", func(b *testing.B) {
		w := newWorld(b, false)
		for b.Loop() {
			req := w.request(http.MethodPost, "https://as.thiefbox.test/token", "grant_type=authorization_code&code=abc")
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("DPoP", "eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2ln")
		}
	})
}

// BenchmarkNetwork is what a network costs before its first message: eight hosts, on each wire.
func BenchmarkNetwork(b *testing.B) {
	hosts := []string{"as.test", "fhir.test", "lab.test", "ehr.test", "mallory.test", "rogue-as.test", "x.test", "y.test"}
	for _, wire := range []string{"memory", "tcp"} {
		b.Run(wire, func(b *testing.B) {
			c := clock.Virtual(clock.Epoch)
			for b.Loop() {
				n := New(Config{Log: event.NewLog(c.Now), Clock: c})
				for _, host := range hosts {
					n.Serve(host, host, http.NotFoundHandler())
				}
				if wire == "tcp" {
					if err := n.UseTCP(); err != nil {
						b.Fatal(err)
					}
				}
				if err := n.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
