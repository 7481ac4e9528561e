package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"thiefbox/sim/client"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// steps is what `client` prints: a line for each step, the checks it passed, and why it stopped.
type steps struct {
	a           *app
	now         func() time.Time
	sink        func(event.Event) // nil unless events are logged
	n, exchange int               // numbers of the latest
	passed      []string          // controls, since the step began
}

func (a *app) newSteps(ctx context.Context) *steps {
	s := &steps{a: a, now: a.env.Now, sink: a.sink(ctx)}
	if s.sink != nil {
		s.tell(ctx, event.Actor{ID: "client", Name: "this client", Role: event.RoleClient})
	}
	return s
}

// tell is the client's way to tell what it decides.
func (s *steps) tell(ctx context.Context, b event.Body) {
	if r, ok := b.(event.Ruling); ok && r.Outcome == string(control.Pass) {
		s.passed = append(s.passed, r.Control)
	}
	if s.sink != nil {
		s.n++
		s.sink(event.Event{N: s.n, At: s.now(), Exchange: event.ExchangeOf(ctx), Body: b})
	}
}

// say prints a line at once: the next step may wait for a person.
func (s *steps) say(name, format string, args ...any) {
	fmt.Fprintf(s.a.out, "%-11s %s\n", name, report.Clean(fmt.Sprintf(format, args...)))
	_ = s.a.out.Flush() // whoever cannot read it is told at the end
}

// done closes a step that went well, or says why it did not.
func (s *steps) done(name, result string, err error) bool {
	passed := s.passed
	s.passed = nil
	if err != nil {
		s.stopped(name, err)
		return false
	}
	s.say(name, "%s", result)
	if len(passed) > 0 {
		s.say("", "passed %s", strings.Join(passed, ", "))
	}
	return true
}

func (s *steps) stopped(name string, err error) {
	refusal := control.RefusalOf(err)
	if refusal == nil {
		s.say(name, "FAILED: %s", oneLine(err.Error()))
		if advice := adviceFor(err); advice != "" {
			s.say("", "%s", advice)
		}
		return
	}
	c := refusal.Control
	s.say(name, "REFUSED by %s: expected that %s", c.ID, c.Title)
	var m *control.Mismatch
	if errors.As(err, &m) {
		s.say("", "%s: expected %s, got %s", m.What, m.Want, m.Got)
		if m.Fix != "" {
			s.say("", "fix: %s", m.Fix)
		}
	} else {
		s.say("", "%s", oneLine(refusal.Cause.Error()))
	}
	s.say("", "%s. Without it, %s.", c.Clause, c.Why)
	s.say("", "`thiefbox explain %s` says which attacks it stops.", c.ID)
}

// adviceFor says what to do about an error that no rule of ours made.
func adviceFor(err error) string {
	var upstream *client.UpstreamError
	switch {
	case errors.Is(err, errBeyond):
		return "--beyond-loopback permits servers on other machines."
	case errors.As(err, &upstream):
		return "The server refused it. A thiefbox server says why at ISSUER/_thiefbox/why."
	case strings.Contains(err.Error(), "x509:"):
		return "--ca FILE trusts a certificate authority."
	}
	return ""
}

// walk goes through the steps and returns true if all of them worked.
func (a *app) walk(ctx context.Context, c *client.App, f clientFlags, back wayBack, s *steps) bool {
	if !s.done("discovery", "read", c.Discover(ctx)) {
		return false
	}
	if f.grant == grantOwn {
		g, err := c.Own(ctx)
		return s.done("token", describeGrant(g), err) && a.use(ctx, c, f, s)
	}
	to, err := c.Begin(ctx)
	if !s.done("request", "made", err) {
		return false
	}
	query, err := back.wait(ctx, to)
	if !s.done("browser", "came back", err) || !s.done("callback", "accepted", c.Arrive(ctx, query)) {
		return false
	}
	g, err := c.Redeem(ctx)
	if !s.done("token", describeGrant(g), err) {
		return false
	}
	if g.Refreshes {
		g, err = c.Refresh(ctx)
		if !s.done("refresh", describeGrant(g), err) {
			return false
		}
	}
	return a.use(ctx, c, f, s)
}

// use reads the resource, if there is one to read.
func (a *app) use(ctx context.Context, c *client.App, f clientFlags, s *steps) bool {
	if f.resource == "" {
		return true
	}
	body, err := c.Read(ctx, f.resource)
	return s.done("resource", fmt.Sprintf("read, %d bytes", len(body)), err)
}

func describeGrant(g client.Grant) string {
	parts := []string{g.TokenType}
	if g.Scope != "" {
		parts = append(parts, "scope "+g.Scope)
	}
	if g.Lifetime > 0 {
		parts = append(parts, "for "+g.Lifetime.String())
	}
	if g.Subject != "" {
		parts = append(parts, "signed in as "+g.Subject)
	}
	if g.Patient != "" {
		parts = append(parts, "opened on patient "+g.Patient)
	}
	return strings.Join(parts, ", ")
}
