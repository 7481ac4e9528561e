package serve

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

// What the first screen says to paste is pasted, under every profile, with and without TLS.
func TestCommandsWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	s := start(t, Config{})
	for _, p := range control.Profiles() {
		i := issuer(t, s, inPath(p.Name))
		if p.Name == "hardened" { // one of them without TLS
			var err error
			if i, err = s.issuerAt(s.PlainOrigin(), inPath(p.Name)); err != nil {
				t.Fatal(err)
			}
		}
		_, script, ok := strings.Cut(s.screen(i), "To paste in a shell\n")
		if !ok {
			t.Fatal("expected commands on the screen")
		}
		script, _, _ = strings.Cut(script, "  curl -s -N") // which has no end
		var lines []string
		for line := range strings.Lines(script) {
			lines = append(lines, line)
			if strings.HasPrefix(line, "  TOKEN=") || strings.HasPrefix(line, "  REQUEST=") || strings.HasPrefix(line, "  curl -s $ISS/fhir") {
				lines = append(lines, line) // as the screen says: once more, where a nonce is asked for
			}
		}
		for _, shell := range []string{"sh", "bash"} {
			out, err := exec.CommandContext(t.Context(), shell, "-c", strings.Join(lines, "")).CombinedOutput()
			text := string(out)
			if err != nil || !strings.Contains(text, `"token_endpoint"`) || !strings.Contains(text, `"resourceType":"Patient"`) ||
				!strings.Contains(text, i.URL+"/authorize?client_id=web-app&request_uri=urn:ietf:params:oauth:request_uri:") {
				t.Errorf("%s, %s: expected metadata, a record and a link, got %v %s", p.Name, shell, err, out)
			}
		}
	}
}

func TestScreen(t *testing.T) {
	s := start(t, Config{})
	i := issuer(t, s, "team-a")
	var b bytes.Buffer
	if err := s.WriteScreen(&b, i); err != nil {
		t.Fatal(err)
	}
	parts := []string{i.URL, i.FHIR, s.PlainOrigin() + "/team-a", s.CAFile(), Password, "berg", "p01 to p40", i.Client("legacy-app").Secret, "keytool", "NODE_EXTRA_CA_CERTS"}
	for n, c := range i.Clients() {
		if parts = append(parts, c.ID); !i.tenant.systems()[n].suite {
			parts = append(parts, c.JWKFile)
		}
	}
	for _, part := range parts {
		if !strings.Contains(b.String(), part) {
			t.Errorf("expected %q on the screen, got\n%s", part, &b)
		}
	}
	a := newApp(t, s, i, "web-app")
	expect(t, a.get(i.URL), 200, "To paste in a shell")
	expect(t, a.get(i.URL+"/"), 200, "To paste in a shell")
	plain, err := s.issuerAt(s.PlainOrigin(), "team-a")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.screen(plain); strings.Contains(got, "keytool") || strings.Contains(got, "CURL_CA_BUNDLE") {
		t.Errorf("expected nothing about trust without TLS, got %s", got)
	}
}

// The page a sign-in by hand ends at shows what came, and offers only what is safe to paste.
func TestCallback(t *testing.T) {
	s := start(t, Config{})
	a := newApp(t, s, issuer(t, s, "x"), "web-app")
	at := a.issuer.URL + pathCallback
	expect(t, a.get(at+"?code=abc-_9&state=s"), 200, "-d code=abc-_9 ")
	expect(t, a.get(at+"?error=access_denied&error_description=no"), 200, `"access_denied"`)
	for _, code := range []string{"$(id)", "a b", "a;b", strings.Repeat("a", 129)} {
		if got := a.get(at + "?code=" + strings.NewReplacer(" ", "+", ";", "%3B").Replace(code)); strings.Contains(string(got.body), "paste") || got.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%q: expected nothing to paste, got %s", code, got.body)
		}
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, Config{Now: time.Now}, write) }()
	screen := make([]byte, 1<<14)
	n, err := read.Read(screen)
	if err != nil || !strings.Contains(string(screen[:n]), "/fapi2-dpop") {
		t.Errorf("expected the first screen, got %s, %v", screen[:n], err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("expected to end well, got %v", err)
	}
	if err := Run(t.Context(), Config{}, io.Discard); err == nil {
		t.Error("expected an error without a clock")
	}
	_ = read.Close()
	if err := Run(t.Context(), Config{Now: time.Now}, write); err == nil {
		t.Error("expected an error if nobody can read the screen")
	}
}
