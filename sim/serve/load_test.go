package serve

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// load is what is measured: requests that are written beforehand, and the status of a good answer.
type load struct {
	name   string
	status int
	write  func(*loader) []byte
}

var loads = []load{
	{"token", http.StatusOK, (*loader).token},
	{"par", http.StatusCreated, (*loader).push},
	{"read", http.StatusOK, (*loader).read},
	{"search", http.StatusOK, (*loader).search},
}

// BenchmarkLoad puts the server under load over loopback, HTTP with connections kept alive, events
// written as always, in turns with a bare handler (load_floor_test.go) that is sent the same bytes.
// x-floor is how many requests are answered in the time in which the floor answers one; the median over
// blocks of a few requests a caller, since a busy machine slows both. p50-us and p99-us are the server's,
// floor-p50-us and floor-p99-us those of the floor, req/s and floor-req/s the rates. x-floor-cpu compares the time
// that both had of the processors, callers and collection of garbage included, and x-floor-p05 the answers that nothing
// else on the machine got in the way of, one in twenty: where many share it, these two are the figures to go by.
//
// On two cores of an EPYC with nothing else on them, at 1, 8 and 32 callers: tokens 0.86, 0.89 and 0.93 of the floor,
// pushed requests 0.90, 0.90 and 0.87, reads of a record 1.30, 1.22 and 1.24, for a token's signature is remembered, and
// searches, which look at forty records to tell how many there are, 0.86, 0.93 and 0.90. One caller waits 169 us for a
// token where the floor takes 145, and 81 for a pushed request (74).
func BenchmarkLoad(b *testing.B) { eachLoad(b, Config{HTTPSPort: -1, Now: time.Now}) }

// BenchmarkSecure is the same over TLS.
func BenchmarkSecure(b *testing.B) { eachLoad(b, Config{HTTPPort: -1, Now: time.Now}) }

// BenchmarkWatched is the same while a screen follows the traffic.
func BenchmarkWatched(b *testing.B) {
	eachLoad(b, Config{HTTPSPort: -1, Now: time.Now}, func(l *loader) {
		w := Watched{l.issuer.tenant.server}
		for n := 0; b.Context().Err() == nil; time.Sleep(100 * time.Millisecond) { // as often as a screen is drawn
			if events := w.Events(l.issuer.Name, n, 2000); len(events) > 0 {
				n = events[len(events)-1].N
			}
		}
	})
}

// BenchmarkKept is the same for a server that keeps its state: every answer waits until the disk has it, and
// answers that come together share a write. On two cores of an EPYC tokens came at 0.23, 0.30 and 0.53 of the floor, at
// 1, 8 and 32 callers.
func BenchmarkKept(b *testing.B) {
	eachLoad(b, Config{HTTPSPort: -1, Now: time.Now, Keep: true, Dir: b.TempDir()})
}

func eachLoad(b *testing.B, c Config, beside ...func(*loader)) {
	for _, load := range loads {
		for _, callers := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/callers=%d", load.name, callers), func(b *testing.B) {
				if c.Keep {
					c.Dir = b.TempDir()
				}
				l := newLoaderAt(b, c)
				for _, do := range beside {
					go do(l)
				}
				measure(b, l, load, callers)
			})
		}
	}
}

func measure(b *testing.B, l *loader, load load, callers int) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the program has it
	ours, bare := newCrowd(b, callers, l.address, l.pool), newCrowd(b, callers, l.floor, l.pool)
	warmUp(b, l, load.write, load.status, ours, bare)
	requests := make([][]byte, b.N)
	for i := range requests {
		requests[i] = load.write(l)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var waited, worked []float64
	for block := range slices.Chunk(requests, 8*callers) {
		began := cpuTime()
		mine, err := ours.send(block, load.status)
		if err != nil {
			b.Fatal(err)
		}
		between := cpuTime()
		its, err := bare.send(block, load.status)
		if err != nil {
			b.Fatal(err)
		}
		waited = append(waited, float64(its)/float64(mine))
		worked = append(worked, float64(cpuTime()-between)/float64(between-began))
	}
	b.StopTimer()
	best, floor := reportCrowd(b, "", ours), reportCrowd(b, "floor-", bare)
	b.ReportMetric(floor/best, "x-floor-p05")
	b.ReportMetric(median(waited), "x-floor")
	b.ReportMetric(median(worked), "x-floor-cpu")
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

func warmUp(b *testing.B, l *loader, write func(*loader) []byte, status int, crowds ...*crowd) {
	b.Helper()
	for _, c := range crowds {
		var requests [][]byte
		for range 2 * len(c.wires) {
			requests = append(requests, write(l))
		}
		if _, err := c.send(requests, status); err != nil {
			b.Fatal(err)
		}
		c.took, c.whole = make([][]time.Duration, len(c.wires)), 0
	}
}

func reportCrowd(b *testing.B, prefix string, c *crowd) (p05 float64) {
	p05, p50, p99 := c.percentiles()
	b.ReportMetric(float64(b.N)/c.whole.Seconds(), prefix+"req/s")
	b.ReportMetric(p50, prefix+"p50-us")
	b.ReportMetric(p99, prefix+"p99-us")
	return p05
}

// loader writes requests of a good client.
type loader struct {
	*app
	address, floor string
	reading        string         // an access token
	pool           *x509.CertPool // what a caller over TLS trusts; nil without
}

// What is read, and what is searched for: a page of one patient, and how many there are whom the caller may see.
const (
	readPath   = "/Patient/p01"
	searchPath = "/Patient?_count=1"
)

func newLoader(b *testing.B) *loader {
	b.Helper()
	return newLoaderAt(b, Config{HTTPSPort: -1, Now: time.Now})
}

func newLoaderAt(b *testing.B, c Config) *loader {
	b.Helper()
	s := InTest(b, c)
	i, err := s.Issuer(defaultProfile)
	if err != nil {
		b.Fatal(err)
	}
	d := dice.Secure()
	key, err := fapi.NewES256Key("dpop", d)
	if err != nil {
		b.Fatal(err)
	}
	l := &loader{app: &app{issuer: i, http: s.Client(), client: i.Client("web-app"), dpop: key, dice: d, typ: "client-authentication+jwt"}}
	b.Cleanup(l.http.CloseIdleConnections)
	_, l.address, _ = strings.Cut(s.Origin(), "://")
	if s.https != 0 {
		l.pool = s.ca.pool
	}
	l.reading = l.fetch(b, l.token(), "access_token")
	_, l.floor = newFloor(b, l.app, l.reading, []byte(l.fetch(b, l.read(), "")), []byte(l.fetch(b, l.search(), "")))
	return l
}

// fetch sends a request that was written and returns a member of its answer; or the whole.
func (l *loader) fetch(b *testing.B, request []byte, member string) string {
	b.Helper()
	head, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	words := strings.Fields(lines[0])
	r, err := http.NewRequest(words[0], l.issuer.origin+words[1], bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	resp, err := l.http.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var content bytes.Buffer
	if _, err := content.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("expected 200, got %d %s, %v", resp.StatusCode, content.Bytes(), err)
	}
	if member == "" {
		return content.String()
	}
	return answer{resp, content.Bytes()}.member(member)
}

func (l *loader) token() []byte {
	return l.post("/token", l.authenticated(url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}}), l.proofOf(http.MethodPost, l.issuer.URL+"/token", ""))
}

func (l *loader) push() []byte {
	return l.post("/par", l.authenticated(url.Values{
		"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid offline_access user/*.rs"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {fapi.Hash(sampleVerifier)}, "code_challenge_method": {"S256"},
	}), "")
}

func (l *loader) read() []byte { return l.get(readPath) }

func (l *loader) search() []byte { return l.get(searchPath) }

func (l *loader) get(path string) []byte {
	return l.written("GET", "/fhir"+path, "Authorization: DPoP "+l.reading+"\r\nDPoP: "+l.proofOf(http.MethodGet, l.issuer.FHIR+path, l.reading)+"\r\n", "")
}

func (a *app) authenticated(form url.Values) url.Values {
	signed, err := fapi.NewAssertion(a.client.ID, a.issuer.URL, time.Now(), time.Minute, a.dice.ID()).Sign(a.client.Key, a.typ)
	if err != nil {
		panic(err)
	}
	form.Set("client_id", a.client.ID)
	form.Set("client_assertion", signed)
	form.Set("client_assertion_type", fapi.AssertionType)
	return form
}

func (l *loader) proofOf(method, target, token string) string {
	p := fapi.NewProof(method, target, token, time.Now(), l.dice.ID())
	p.Nonce = l.issuer.as.Nonces()[0]
	signed, err := p.Sign(l.dpop)
	if err != nil {
		panic(err)
	}
	return signed
}

func (l *loader) post(path string, form url.Values, proof string) []byte {
	head := "Content-Type: application/x-www-form-urlencoded\r\n"
	if proof != "" {
		head += "DPoP: " + proof + "\r\n"
	}
	return l.written("POST", path, head, form.Encode())
}

func (l *loader) written(method, path, head, body string) []byte {
	if body != "" {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return []byte(method + " /" + l.issuer.Name + path + " HTTP/1.1\r\nHost: " + l.address + "\r\n" + head + "\r\n" + body)
}
