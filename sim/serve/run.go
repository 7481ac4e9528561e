package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
)

// Run serves until ctx is done, and begins by writing the first screen to stdout. That ctx ends is how
// it is meant to end, and no error.
func Run(ctx context.Context, c Config, stdout io.Writer) error {
	s, err := Start(ctx, c)
	if err != nil {
		return err
	}
	issuer, err := s.Issuer(inPath(s.profile.Name))
	if err == nil {
		err = s.WriteScreen(stdout, issuer)
	}
	if err == nil && c.ReadyFile != "" {
		err = s.writeReady(c.ReadyFile, issuer)
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	<-ctx.Done()
	if c.ReadyFile != "" { // it would speak of a server that is gone
		err = os.Remove(c.ReadyFile)
	}
	return errors.Join(err, s.Close())
}

// TB is the part of testing.TB that InTest needs, so that no test flag comes along into a program.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
	Name() string
	Context() context.Context
}

// For starts a server for a test, and returns an issuer of the test's own, by the name of the test and under the
// profile of c. What a Go test needs besides is on the issuer: Mint, Expect, Diagnoses, SetSettings, Queue.
func For(t TB, c Config) *Issuer {
	t.Helper()
	s := InTest(t, c)
	i, err := s.Issuer(segmentFor(t.Name()))
	if err != nil {
		t.Fatalf("thiefbox: %v", err)
	}
	return i
}

// segmentFor makes the name of an issuer out of a test's.
func segmentFor(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
	return "t" + name[:min(len(name), 39)]
}

// Expect fails the test where what clients have sent so far does not meet an expectation.
func (i *Issuer) Expect(t TB, expected ...Expectation) {
	t.Helper()
	if unmet := i.Unmet(expected...); len(unmet) > 0 {
		t.Fatalf("thiefbox: %s", strings.Join(unmet, "\n"))
	}
}

// HTTP is a client that trusts the issuer's server, and ends with the test.
func (i *Issuer) HTTP(t TB) *http.Client {
	c := i.tenant.server.Client()
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// InTest starts a server on free ports for a test, and ends it with the test. The first issuer is that
// of the profile; Server.Issuer makes others.
func InTest(t TB, c Config) *Server {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	// The test's own context is done before its cleanups run, but not before its last line.
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatalf("thiefbox: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Fatalf("thiefbox: %v", err)
		}
	})
	return s
}
