package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A developer starts it, reads the first screen, calls what it names, and ends it with Ctrl-C: that is
// how it is meant to end, so it is no interruption.
func TestServeUntilInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	data, screen, ended := t.TempDir(), newPipe(), make(chan int, 1)
	var errs bytes.Buffer
	a := newApp(Env{
		Args:  []string{"serve", "--data", data, "--https-port", "0", "--http-port", "0", "--profile", "hardened"},
		Stdin: strings.NewReader(""), Stdout: screen.w, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now,
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	go func() { ended <- a.main(ctx) }()

	metadata := screen.lineWith(t, "Without TLS ")
	answer, err := http.Get(metadata + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"issuer":"`+metadata+`"`) {
		t.Errorf("expected metadata of %s, got %d %s, %v", metadata, answer.StatusCode, body, err)
	}
	if _, err := os.Stat(filepath.Join(data, "serve", "ca.pem")); err != nil {
		t.Errorf("expected the certificate authority to be kept: %v", err)
	}

	interrupt()
	if status := <-ended; status != exitExpected || errs.Len() > 0 {
		t.Errorf("expected status %d and nothing to say, got %d and %q", exitExpected, status, errs.String())
	}
}

// A test in another language starts it, waits for the file, and is killed: its end of the pipe closes,
// and no server is left behind.
func TestServeForAnotherProgram(t *testing.T) {
	file, in, ended := filepath.Join(t.TempDir(), "ready.json"), newPipe(), make(chan int, 1)
	var out, errs bytes.Buffer
	a := newApp(Env{
		Args:  []string{"serve", "--ephemeral", "--awkward", "--https-port", "0", "--http-port", "0", "--ready-file", file, "--until-eof"},
		Stdin: in.r, Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now,
		IsTerminal: func(any) bool { return false }, Width: func() int { return 0 },
	})
	go func() { ended <- a.main(t.Context()) }()
	var content []byte
	for err := os.ErrNotExist; err != nil; content, err = os.ReadFile(file) {
		select {
		case status := <-ended:
			t.Fatalf("it ended with status %d: %s", status, errs.String())
		case <-time.After(time.Millisecond):
		}
	}
	var ready struct{ HTTP, Issuer, OpenAPI string }
	if err := json.Unmarshal(content, &ready); err != nil || !strings.HasPrefix(ready.Issuer, "https://localhost:") {
		t.Fatalf("expected to be told where it is, got %s, %v", content, err)
	}
	answer, err := http.Get(ready.HTTP + "/fapi2-dpop/_thiefbox/awkward")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if !strings.Contains(string(body), `"token-type-case": 0.5`) {
		t.Errorf("expected it to be awkward, got %s", body)
	}
	_ = in.w.Close()
	if status := <-ended; status != exitExpected {
		t.Errorf("expected status %d, got %d: %s", exitExpected, status, errs.String())
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("expected the file to go with the server")
	}
}

type pipe struct {
	r *io.PipeReader
	w *io.PipeWriter
	s *bufio.Scanner
}

func newPipe() *pipe {
	r, w := io.Pipe()
	return &pipe{r, w, bufio.NewScanner(r)}
}

// lineWith reads up to the line that begins with a heading and returns the word behind it.
func (p *pipe) lineWith(t *testing.T, heading string) string {
	t.Helper()
	for p.s.Scan() {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(p.s.Text()), heading); ok {
			go func() {
				for p.s.Scan() { // the rest of the screen, so that nobody waits for it to be read
				}
			}()
			return strings.Fields(rest)[0]
		}
	}
	t.Fatalf("the screen has no line %q", heading)
	return ""
}

// The printed configuration is JSON and nothing else, and the same each time.
func TestPrintConfig(t *testing.T) {
	var first string
	data := t.TempDir()
	for range 2 {
		status, out, errs := invoke(t, nil, "serve", "--data", data, "--print-config", "oidf")
		if first != "" && out != first {
			t.Errorf("expected the same again, got %s", out)
		}
		if status != exitExpected || errs != "" || !json.Valid([]byte(out)) || !strings.Contains(out, `"client_id": "oidf-2"`) {
			t.Fatalf("got %d, %q and %s", status, errs, out)
		}
		first = out
	}
}

func TestServeMistakes(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"serve", "--profile", "hardend"}, exitUsage, `did you mean "hardened"?`},
		{[]string{"serve", "team-a"}, exitUsage, "expected no name"},
		{[]string{"serve", "--print-config", "oidc"}, exitUsage, `did you mean "oidf"?`},
		{[]string{"serve", "--print-config", "oidf", "--ephemeral"}, exitUsage, "leave --ephemeral out"},
		{[]string{"serve", "--print-config", "oidf", "--https-port", "0"}, exitUsage, "the same keys and URLs"},
		{[]string{"serve", "--print-config", "oidf", "--suite-variant", "openid=plain"}, exitUsage, `did you mean "openid=plain_oauth"?`},
		{[]string{"serve", "--print-config", "oidf", "--data", t.TempDir(), "--mtls-port", "-1", "--suite-variant", "sender_constrain=mtls"}, exitEnvironment, "data directory and ports"},
		{[]string{"serve", "--print-config", "oidf", "--data", t.TempDir(), "--suite", "localhost"}, exitEnvironment, "base URL of the conformance suite"},
		{[]string{"serve", "--keep", "--ephemeral"}, exitUsage, "expected --keep or --ephemeral"},
		{[]string{"serve", "--ephemeral", "--host", "0.0.0.0"}, exitEnvironment, "--beyond-loopback lets other machines in"},
		{[]string{"serve", "--ephemeral", "--host", "somewhere"}, exitEnvironment, "expected the host to be an IP address"},
		{[]string{"serve", "--ephemeral", "--https-port", "10080"}, exitEnvironment, "a port that browsers open"},
		{[]string{"serve", "--ephemeral", "--https-port", "-1", "--http-port", "-1"}, exitEnvironment, "expected a port for https or http"},
	} {
		status, out, errs := invoke(t, nil, tt.args...)
		if status != tt.status || !strings.Contains(errs, tt.says) || out != "" {
			t.Errorf("%v: expected status %d and %q, got %d, %q and %q", tt.args, tt.status, tt.says, status, out, errs)
		}
	}
}
