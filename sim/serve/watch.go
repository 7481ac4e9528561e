package serve

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// Watched is what whoever started the server can see of it: a screen on the same terminal.
type Watched struct{ server *Server }

// RunWatched serves as Run does, but instead of printing the first screen it hands it to watch, and ends with it.
func RunWatched(ctx context.Context, c Config, watch func(ctx context.Context, first string, w Watched) error) error {
	s, err := Start(ctx, c)
	if err != nil {
		return err
	}
	issuer, err := s.Issuer(inPath(s.profile.Name))
	if err == nil && c.ReadyFile != "" {
		err = s.writeReady(c.ReadyFile, issuer)
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	err = watch(ctx, s.screen(issuer), Watched{s})
	if c.ReadyFile != "" {
		err = errors.Join(err, os.Remove(c.ReadyFile))
	}
	return errors.Join(err, s.Close())
}

// Issuers are the names of the issuers so far.
func (w Watched) Issuers() []string { return w.server.Names() }

// Events are the events of an issuer above number n, the newest most at most. They have their secrets: the one who
// sees them has the keys too. What is to be sent around is for HAR.
func (w Watched) Events(issuer string, n, most int) []event.Event {
	t := w.tenant(issuer)
	if t == nil {
		return nil
	}
	events := t.journal.newest(n, most)
	for i := range events {
		events[i] = t.withSender(events[i])
	}
	return events
}

// HAR is the traffic of an issuer as an HTTP archive, without secrets.
func (w Watched) HAR(issuer string) ([]byte, error) {
	t := w.tenant(issuer)
	if t == nil {
		return nil, errors.New("no issuer is called " + issuer)
	}
	var b bytes.Buffer
	err := report.WriteHAR(&b, t.journal.after(0))
	return b.Bytes(), err
}

// recently is how long ago a client may have called and still be at it.
const recently = time.Minute

// Busy tells whether somebody has called lately, whom the end of the server would take by surprise.
func (w Watched) Busy() bool {
	w.server.mu.Lock()
	tenants := slices.Collect(maps.Values(w.server.tenants))
	w.server.mu.Unlock()
	return slices.ContainsFunc(tenants, func(t *tenant) bool {
		latest := t.journal.latest()
		return !latest.IsZero() && t.clock.Now().Sub(latest) < recently
	})
}

func (w Watched) tenant(name string) *tenant {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	return w.server.tenants[name]
}

// withSender gives a request the client it names for its sender.
func (t *tenant) withSender(e event.Event) event.Event {
	if b, ok := e.Body.(event.Request); ok && strings.HasPrefix(b.From, stranger) {
		if c := t.client(claimedClient(b.Message)); c != nil {
			b.From = c.ID
			e.Body = b
		}
	}
	return e
}
