package idp

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// silent is a response nobody reads.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
func (s *silent) WriteHeader(status int)      { s.status = status }

// quietLab is a lab that keeps no log: what the log costs is the log's.
func quietLab(b *testing.B, p control.Profile) *lab {
	l := newLab(b, p)
	l.party.Tell = func(context.Context, event.Body) {}
	l.ehr.nonce = l.nonces.current(l.now())
	return l
}

func (l *lab) mustServe(b *testing.B, r *http.Request, status int) {
	w := silent{header: http.Header{}, status: http.StatusOK}
	if l.ServeHTTP(&w, r); w.status != status {
		b.Fatalf("expected status %d, got %d", status, w.status)
	}
}

// BenchmarkTokenEndpoint: client_credentials with private_key_jwt and DPoP, every control on. Two
// signatures have to be verified and one made, which the metric "crypto-ns/op" measures by itself in
// the same run; "x-crypto" is how much more the whole request takes.
func BenchmarkTokenEndpoint(b *testing.B) {
	l := quietLab(b, strict(b))
	requests := make([]*http.Request, b.N)
	for i := range requests {
		requests[i] = l.ehr.prepare(pathToken, url.Values{"grant_type": {grantClientCredentials}, "resource": {fhirAPI}}).request()
	}
	verifyTwiceSignOnce := rawCrypto(b)
	var raw, whole time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for _, r := range requests { // in turns, so that a busy machine slows both alike
		start := time.Now()
		verifyTwiceSignOnce()
		between := time.Now()
		l.mustServe(b, r, http.StatusOK)
		raw, whole = raw+between.Sub(start), whole+time.Since(between)
	}
	b.ReportMetric(float64(whole.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(raw.Nanoseconds())/float64(b.N), "crypto-ns/op")
	b.ReportMetric(float64(whole)/float64(raw), "x-crypto")
}

func rawCrypto(b *testing.B) func() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a JWT"))
	signature, err := ecdsa.SignASN1(rand.Reader, private, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		for range 2 { // the assertion, and the proof
			if !ecdsa.VerifyASN1(&private.PublicKey, digest[:], signature) {
				b.Fatal("a good signature does not verify")
			}
		}
		if _, err := private.Sign(nil, digest[:], crypto.SHA256); err != nil { // as sim/fapi does: RFC 6979
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	l := newLab(b, strict(b))
	config := l.config(testIssuer)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(config); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIntrospection(b *testing.B) {
	l := quietLab(b, strict(b))
	token := l.ehr.clientCredentials().str(b, "access_token")
	b.ReportAllocs()
	for b.Loop() {
		r := postRequest(l.at.introspect, url.Values{"token": {token}})
		r.SetBasicAuth("fhir-api", url.QueryEscape("fhir secret"))
		l.mustServe(b, r, http.StatusOK)
	}
}

func BenchmarkSignInPage(b *testing.B) {
	l := quietLab(b, strict(b))
	start, _ := l.ehr.newFlow().begin()
	b.ReportAllocs()
	for b.Loop() {
		r, _ := http.NewRequest(http.MethodGet, start, nil)
		l.mustServe(b, r, http.StatusOK)
	}
}

// BenchmarkMemory shows what the server holds on to after 200,000 requests in ten minutes: the stores
// are bounded, and nothing else grows. Run it with -benchtime 1x.
func BenchmarkMemory(b *testing.B) {
	const requests = 200_000
	for name, request := range map[string]func(*lab) (*http.Request, int){
		"PAR": func(l *lab) (*http.Request, int) {
			return l.ehr.prepare(pathPAR, l.ehr.newFlow().request).request(), http.StatusCreated
		},
		"token": func(l *lab) (*http.Request, int) {
			return l.ehr.prepare(pathToken, url.Values{"grant_type": {grantClientCredentials}}).request(), http.StatusOK
		},
		"authorize": func(l *lab) (*http.Request, int) {
			r, _ := http.NewRequest(http.MethodGet, l.ehr.newFlow().plainURL(), nil)
			return r, http.StatusOK
		},
		"replay memory": func(l *lab) (*http.Request, int) {
			l.seen.add(digestOf(l.dice.ID()), l.now(), l.now().Add(time.Minute))
			return nil, 0
		},
	} {
		b.Run(name, func(b *testing.B) {
			l := quietLab(b, profile(b, "legacy"))
			before := heap()
			for range b.N {
				for range requests {
					if r, status := request(l); r != nil {
						l.mustServe(b, r, status)
					}
					l.clock.Advance(3 * time.Millisecond)
				}
			}
			b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*requests), "us/request")
			runtime.KeepAlive(l)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
