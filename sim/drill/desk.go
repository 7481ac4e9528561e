package drill

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Desk decides what a facilitator has sent from a desk of her own: she sees the truth on her screen, and the players
// do not on theirs. She reads their tape as it grows (Watch, watch.go); what she sends are lines, which the players'
// seat asks for, and the tape keeps what changed the drill.
const Desk = "desk"

// What can be sent from a desk, besides "inject MESSAGE".
const (
	HoldClock = "hold" // the players' clock stands still
	FreeClock = "go"   // and may run again
	TurnClock = "turn" // a turn passes, "turn 10m", whether it is held or not: so a class plays in rounds
)

// ErrHeld is the answer to players whose clock the facilitator has stopped.
var ErrHeld = errors.New("the facilitator has stopped the clock; it goes on when she lets it")

// Attend has the seat ask for what a facilitator sends. hear returns the lines that came since it was last asked.
func (s *Seat) Attend(hear func() ([]string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hear = hear
}

// Listen does what was sent from the desk since, and tells whether anything was. A line that makes no sense is no
// reason to stop a drill: it changes nothing.
func (s *Seat) Listen() (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hear == nil || s.drill.Over() {
		return false, nil
	}
	sent, err := s.hear()
	for _, line := range sent {
		switch one := parseLine(line); one.Do {
		case HoldClock, FreeClock:
			changed = changed || s.held != (one.Do == HoldClock)
			s.held = one.Do == HoldClock
		case TurnClock:
			if wrong := s.turn(one); wrong != nil {
				return true, wrong
			}
			changed = true
		case "inject":
			one.By = Desk
			if wrong := s.decide(one); errors.Is(wrong, ErrTape) {
				return true, wrong
			}
			changed = true
		}
	}
	return changed, err
}

// turn lets a turn pass that was sent.
func (s *Seat) turn(one Decision) error {
	if len(one.Args) != 1 {
		return nil
	}
	if long, err := span(one.Args[0]); err == nil {
		s.drill.Advance(s.drill.Now() + long)
	}
	return s.note()
}

// unheard leaves out of what was done what a facilitator had arrive: the message is to look like any other.
func unheard(all []Done) []Done {
	return slices.DeleteFunc(all, func(one Done) bool { return one.By == Desk })
}

// Sent is what a facilitator at a desk had arrive, and when, in words; empty if nothing.
func (t *Tape) Sent() string {
	var out []string
	for _, one := range t.Decisions {
		if one.By == Desk {
			out = append(out, strings.Join(one.Args, " ")+" at "+Clock(one.At))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("A facilitator at a desk of her own had these messages arrive: %s.", strings.Join(out, ", "))
}
