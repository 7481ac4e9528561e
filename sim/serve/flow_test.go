package serve

import (
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/control"
)

// The door opens for the right key: every profile, with and without TLS, from the first request to the
// record and back over a refresh.
func TestHonestClients(t *testing.T) {
	s := start(t, Config{})
	for _, p := range control.Profiles() {
		for _, origin := range []string{s.Origin(), s.PlainOrigin(), strings.Replace(s.Origin(), "localhost", "127.0.0.1", 1)} {
			t.Run(inPath(p.Name)+" "+origin[:9], func(t *testing.T) {
				i, err := s.issuerAt(origin, inPath(p.Name))
				if err != nil {
					t.Fatal(err)
				}
				a := newApp(t, s, i, "web-app")
				got := a.code("berg")
				if got.Get("iss") != i.URL || got.Get("state") != "s" {
					t.Errorf("expected iss and state, got %v", got)
				}
				tokens := a.redeem(got.Get("code"))
				expect(t, tokens, http.StatusOK, `"token_type":"DPoP"`)
				expect(t, a.read("/Patient/p01", tokens.member("access_token")), http.StatusOK, `"resourceType":"Patient"`)
				expect(t, a.read("/Observation?patient=p01", tokens.member("access_token")), http.StatusOK, `"resourceType":"Bundle"`)
				again := a.back("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.member("refresh_token")}})
				expect(t, again, http.StatusOK, "access_token")
				expect(t, a.read("/Patient/p01", again.member("access_token")), http.StatusOK, "canary-")

				machine := newApp(t, s, i, "machine")
				expect(t, machine.read("/Patient/p01", machine.ownToken().member("access_token")), http.StatusOK, `"id":"p01"`)
			})
		}
	}
}

// Many at once, each at an issuer of its own and all at one: for the race detector.
func TestManyAtOnce(t *testing.T) {
	s := start(t, Config{})
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			name := []string{"shared", "own-" + string(rune('a'+n))}[n%2]
			i, err := s.Issuer(name)
			if err != nil {
				t.Error(err)
				return
			}
			a := newApp(t, s, i, "machine")
			for range 3 {
				if got := a.read("/Patient/p01", a.ownToken().member("access_token")); got.StatusCode != http.StatusOK {
					t.Errorf("%s: got %d %s", name, got.StatusCode, got.body)
				}
			}
			i.Diagnoses()
		})
	}
	all.Wait()
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := Start(t.Context(), Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	i := issuer(t, s, "x")
	a := newApp(t, s, i, "machine")
	expect(t, a.ownToken(), http.StatusOK, "access_token")
	r := a.request(http.MethodGet, i.URL+pathEvents, nil)
	r.Header.Set("Accept", "text/event-stream")
	stream, err := a.http.Do(r) // a reader who is still there when the server ends
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error("expected to be closed twice, got", err)
	}
	_ = stream.Body.Close()
	a.http.CloseIdleConnections()
	for try := 0; runtime.NumGoroutine() > before; try++ {
		if try == 100 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("expected %d goroutines, got %d\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(b.Context(), Config{Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
