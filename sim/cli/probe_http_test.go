package cli

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/serve"
	"thiefbox/sim/verdict"
)

// anyToken is an API that serves whoever brings a token, whatever it is.
func anyToken(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" {
		w.Header().Set("WWW-Authenticate", "DPoP")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, `{"record":"of Kari Nordmann at Granfjelldal","seen":true}`)
}

func caOf(t *testing.T, s *httptest.Server, name string) string {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The examples of the help, at an API that is there.
func TestProbeExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	data, i := probeRig(t, "hardened")
	plain := httptest.NewServer(http.HandlerFunc(anyToken))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(anyToken))
	defer secure.Close()
	caOf(t, secure, "ca.pem")
	for name, text := range map[string]string{"note.json": `{"text":"x"}`, "known.yaml": "{}"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	here := strings.NewReplacer("http://localhost:8080", plain.URL, "https://localhost:8443", secure.URL, "http://localhost:9080/hardened", i.URL)
	for _, line := range strings.Split((&app{}).probeCommand().Example, "\n") {
		line = here.Replace(strings.TrimPrefix(strings.TrimSpace(line), "thiefbox probe "))
		if !strings.Contains(line, "--issuer") {
			line += " --issuer " + i.URL
		}
		status, said, stderr := probed(t, data, shellWords(line)...)
		if listed := strings.HasPrefix(line, "--list"); status != map[bool]int{true: exitExpected, false: exitSurprise}[listed] || stderr != "" || !strings.Contains(said, "token/expired") {
			t.Errorf("%s: got %d, %.300s%s", line, status, said, stderr)
		}
	}
}

// A door that is shut in the TLS handshake is shut. One that lets any certificate in is not.
func TestProbeInTheHandshake(t *testing.T) {
	s := serve.InTest(t, serve.Config{Now: time.Now, MTLSPort: -1})
	i, err := s.Issuer("fapi2-mtls")
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewUnstartedServer(http.HandlerFunc(anyToken))
	api.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	api.StartTLS()
	defer api.Close()
	c, data := i.Client("mtls-app"), t.TempDir()
	_, d := probedJSON(t, data, "--issuer", i.URL, "--profile", "fapi2-mtls", "--ca", s.CAFile(), "--ca", caOf(t, api, filepath.Join(data, "api.pem")),
		"--cert", c.CertificateFile, "--cert-key", c.TLSKeyFile, "--only", "certificate/none,certificate/another", api.URL+"/x")
	if len(d.Tries) != 2 || d.Tries[0].Verdict.Outcome != verdict.Held || !strings.Contains(d.Tries[0].Verdict.Reason, "handshake") || d.Tries[1].Verdict.Outcome != verdict.Breached {
		t.Errorf("got %+v, %+v", d.Honest, d.Tries)
	}
}

// An API that asks for patience gets it, and one that sends elsewhere is not followed.
func TestProbeIsPolite(t *testing.T) {
	data, i := probeRig(t, "hardened")
	var elsewhere, n atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case n.Add(1)%2 == 1:
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		case r.Header.Get("Authorization") == "":
			http.Redirect(w, r, other.URL, http.StatusFound)
		default:
			anyToken(w, r)
		}
	}))
	defer api.Close()
	status, d := probedJSON(t, data, "--issuer", i.URL, "--only", "request/no-token", api.URL+"/x")
	if status != exitExpected || d.Tries[0].Verdict.Outcome != verdict.Held || len(d.Tries[0].Notes) != 1 || d.Requests != int(n.Load()) || elsewhere.Load() != 0 {
		t.Errorf("got %d, %+v, %d requests of %d, %d elsewhere", status, d.Tries, d.Requests, n.Load(), elsewhere.Load())
	}
	status, _, said := probed(t, data, "--issuer", i.URL, "--max-requests", "5", api.URL+"/x")
	if status != exitUsage || !strings.Contains(said, "at most 5 requests") {
		t.Errorf("expected it to stop after 5 requests, got %d, %s", status, said)
	}
}

// An API that is only just starting is waited for; what is sent is logged without its secrets.
func TestProbeWaits(t *testing.T) {
	data, i := probeRig(t, "hardened")
	var n atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) <= 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		anyToken(w, r)
	}))
	defer api.Close()
	log := filepath.Join(data, "log")
	_, d := probedJSON(t, data, "--issuer", i.URL, "--wait", "20s", "--only", "request/no-token", "--log", log, api.URL+"/x")
	written, err := os.ReadFile(log)
	if !d.Honest.Served || err != nil || !strings.Contains(string(written), "/x") || strings.Contains(string(written), "eyJ") {
		t.Errorf("expected it to be served in the end, and to be logged without tokens, got %+v, %v, %.300s", d.Honest, err, written)
	}
}

// A control that an API of ours has switched off is the very one that is missed.
func TestProbeOfASwitch(t *testing.T) {
	data, i := probeRig(t, "hardened")
	for _, c := range []*control.Control{control.RSDPoPAth, control.RSTokenAudience, control.RSDPoPSignature} {
		i.SwitchControl(c, false)
		status, d := probedJSON(t, data, "--issuer", i.URL, "--profile", "hardened", i.FHIR+"/Patient/p01")
		if got := strings.Join(breached(d), ","); status != exitSurprise || got != c.ID {
			t.Errorf("expected a breach of %s, got %q", c, got)
		}
		i.SwitchControl(c, true)
	}
}
