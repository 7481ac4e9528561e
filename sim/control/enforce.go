package control

import (
	"errors"
	"fmt"
)

// Guard is one control in force: the rule, the check that decides it, and what to answer if it fails.
type Guard[R any] struct {
	Control *Control
	// Check returns nil if the request satisfies the control. What it saw is one short value for the
	// reader of the log ("GET", "https://fhir…"); it is best an existing string, since it is kept for
	// every request. The error should come from Expected, so that both sides can be shown.
	Check  func(*R) (saw string, err error)
	Answer Answer
}

// Answer is the refusal on the wire: terse and standard, because an attacker reads it too.
type Answer struct {
	Status int    // HTTP status
	Code   string // OAuth error code, or FHIR issue code at the API
	// Safe is the error_description: what a stranger may know.
	Safe string
	// Challenge marks a refusal that invites a second try (use_dpop_nonce); an honest client overcomes it.
	Challenge bool
}

// Refusal is the error of Enforce: which control refused, why, and what to answer.
type Refusal struct {
	Control *Control
	Cause   error
	Answer  Answer
}

func (r *Refusal) Error() string { return r.Control.ID + ": " + r.Cause.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// Mismatch is a failed check with both sides shown. It reaches the log, never the wire.
type Mismatch struct{ What, Want, Got, Fix string }

func (m *Mismatch) Error() string {
	s := fmt.Sprintf("%s: expected %s, got %s", m.What, m.Want, m.Got)
	if m.Fix != "" {
		s += "; " + m.Fix
	}
	return s
}

// Expected makes the error of a failed check. An empty got reads "nothing".
func Expected(what, want, got string) error {
	if got == "" {
		got = "nothing"
	}
	return &Mismatch{What: what, Want: want, Got: got}
}

// ExpectedFix is Expected with advice for the developer whose request was refused.
func ExpectedFix(what, want, got, fix string) error {
	m := Expected(what, want, got).(*Mismatch)
	m.Fix = fix
	return m
}

// Outcome is what became of one control at one request.
type Outcome string

// The outcomes of a ruling.
const (
	Pass       Outcome = "pass"
	Refused    Outcome = "refused"
	Challenged Outcome = "challenged" // refused, with an invitation to try again
	Off        Outcome = "off"        // switched off: not checked
)

// Decision is one ruling of Enforce, for the event log.
type Decision struct {
	Control *Control
	Outcome Outcome
	Saw     string // what a passed check looked at
	Refusal *Refusal
}

// Enforce runs the guards in order and returns the first *Refusal, or nil. Every guard reached is
// reported through say, with what it saw; those switched off in p are reported as Off and skipped. The profile is
// read only.
//
// This is the only code that reads a switch.
func Enforce[R any](p *Profile, say func(Decision), r *R, guards []Guard[R]) error {
	for i := range guards {
		g := &guards[i]
		if !p.Controls.has(g.Control) {
			say(Decision{Control: g.Control, Outcome: Off})
			continue
		}
		saw, err := g.Check(r)
		if err == nil {
			say(Decision{Control: g.Control, Outcome: Pass, Saw: saw})
			continue
		}
		refusal := &Refusal{Control: g.Control, Cause: err, Answer: g.Answer}
		outcome := Refused
		if g.Answer.Challenge {
			outcome = Challenged
		}
		say(Decision{Control: g.Control, Outcome: outcome, Saw: saw, Refusal: refusal})
		return refusal
	}
	return nil
}

// RefusalOf returns the Refusal in err's chain, or nil.
func RefusalOf(err error) *Refusal {
	if direct, ok := err.(*Refusal); ok || err == nil { //nolint:errorlint // nearly always one of the two; the rest is below
		return direct
	}
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}
