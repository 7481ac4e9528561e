package serve

import (
	"context"
	"errors"
	"io"
	"os"
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
	Context() context.Context
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
