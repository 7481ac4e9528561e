package cli

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What comes to a server from outside is in its own log, in the words of those who read such logs, with the
// address it came from and without what it carried.
func TestServedLogs(t *testing.T) {
	log, in, out := filepath.Join(t.TempDir(), "own.jsonl"), newPipe(), newPipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	a := newApp(Env{
		Args:  []string{"serve", "--ephemeral", "--https-port", "0", "--http-port", "0", "--until-eof", "--log", log, "--log-format", "json"},
		Stdin: in.r, Stdout: out.w, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now,
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	go func() { ended <- a.main(t.Context()) }()
	issuer := out.lineWith(t, "Without TLS ")
	for _, path := range []string{"/.well-known/openid-configuration", "/fhir/Patient/p01"} {
		r, err := http.NewRequest(http.MethodGet, issuer+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer a-secret-of-forty-three-characters-xxxxxxxx")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
	_ = in.w.Close()
	if status := <-ended; status != exitExpected || errs.Len() > 0 {
		t.Fatalf("expected it to end well, got %d and %q", status, errs.String())
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"event":"as.request"`, `"event":"api.request"`, `"scheme":"Bearer"`, `"src_ip":"127.0.0.1"`, `"issuer":"fapi2-dpop"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("expected %s in the log, got %s", want, data)
		}
	}
	if strings.Contains(string(data), "a-secret") {
		t.Errorf("expected no token in the log, got %s", data)
	}
}
