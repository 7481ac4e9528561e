package drill

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Seat is where somebody sits before a drill: he sees, decides and lets time pass, and whatever he does is on
// the tape. A seat may be used by several goroutines; they take turns.
type Seat struct {
	mu          sync.Mutex
	drill       *Drill
	tape        *Recorder
	file        io.Closer // nil if the tape is kept nowhere
	facilitator bool
	noted       time.Duration // the last time that is on the tape
	logs        []Evidence    // of every log, so far
	read        int           // the last event that is in them
	score       *Score
	closed      bool
	hear        func() ([]string, error) // what a facilitator sends from her desk; nil for no desk
	held        bool                     // by her
}

// NewSeat sits down before a drill. The recorder stands at the end of the drill's tape; file is closed at the
// end and may be nil. A facilitator sees the truth too, and may have messages arrive; that somebody saw it is
// on the tape from the moment she sits down.
func NewSeat(d *Drill, tape *Recorder, file io.Closer, facilitator bool) (*Seat, error) {
	s := &Seat{drill: d, tape: tape, file: file, facilitator: facilitator, noted: d.Now()}
	if !facilitator || d.Over() {
		return s, nil
	}
	return s, s.decide(Decision{Do: Wait})
}

// Decide makes the decision of a line as it is typed, and writes it down. One that makes no sense changes
// nothing. "@anna revoke client web-ehr" is a decision of Anna's.
func (s *Seat) Decide(line string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := ParseLine(line)
	if a := actionOf(one.Do); !s.facilitator && (a != nil && a.Facilitator || one.By == Facilitator || one.By == Desk) {
		return errNotHis
	}
	if one.Do == "answer" && len(one.Args) > 0 && !s.received(one.Args[0]) {
		return fmt.Errorf("expected a message that has come in, got %q", one.Args[0])
	}
	return s.decide(one)
}

// received tells whether a message has come in. One that has not can be answered by nobody who sits here, who would
// learn by trying what is still to come.
func (s *Seat) received(id string) bool {
	return slices.ContainsFunc(s.drill.inbox, func(m Message) bool { return m.ID == id })
}

func (s *Seat) decide(one Decision) error {
	if s.facilitator && one.By == "" {
		one.By = Facilitator
	}
	if err := s.drill.stillOpen(one); err != nil {
		return err
	}
	if err := s.drill.Decide(one); err != nil {
		return err
	}
	all := s.drill.tape.Decisions
	s.noted = s.drill.Now()
	return s.tape.Add(all[len(all)-1])
}

// Pass lets time pass while the clock runs. Each tick of the drill, and at the end, the tape is told how far it
// has come: so much a killed process loses.
func (s *Seat) Pass(span time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held {
		return ErrHeld
	}
	s.drill.Advance(s.drill.Now() + span)
	if s.drill.Now()-s.noted < s.drill.file.Tick && !s.drill.Over() {
		return nil
	}
	return s.note()
}

// Wait lets time pass that somebody asked for: a turn. It is on the tape at once.
func (s *Seat) Wait(span time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held {
		return ErrHeld
	}
	s.drill.Advance(s.drill.Now() + span)
	return s.note()
}

// note writes down what time it is.
func (s *Seat) note() error {
	if s.drill.Now() == s.noted {
		return nil
	}
	return s.decide(Decision{Do: Wait})
}

// Next lets time pass until something reaches the player, and for so long at most.
func (s *Seat) Next(ctx context.Context, most time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held {
		return ErrHeld
	}
	d := s.drill
	messages, open := len(d.inbox), len(d.pending)
	for end := d.Now() + most; !d.Over() && d.Now() < end && ctx.Err() == nil; {
		d.Advance(min(d.Now()+d.file.Tick, end))
		if len(d.inbox) > messages || len(d.pending) < open {
			break
		}
	}
	return s.note()
}

// Preview tries a decision on a copy of the world.
func (s *Seat) Preview(line string) (Preview, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drill.Preview(ParseLine(line))
}

// Judge scores a drill that is over. The bots play for it, which takes a moment; the second time it is known.
func (s *Seat) Judge(ctx context.Context) (Score, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.score == nil {
		score, err := s.drill.Judge(ctx)
		if err != nil {
			return score, err
		}
		s.score = &score
	}
	return *s.score, nil
}

// File is the drill that is played. It must not be changed.
func (s *Seat) File() *File { return s.drill.file }

// Tape is the tape so far.
func (s *Seat) Tape() *Tape {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drill.Tape()
}

// Close writes down what time it is and ends the drill's world. The tape can be played on later.
func (s *Seat) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.note()
	if s.file != nil {
		if closed := s.file.Close(); err == nil {
			err = closed
		}
	}
	if closed := s.drill.Close(); err == nil {
		err = closed
	}
	return err
}

// evidence is what the logs that can be read hold. Every event is looked at once.
func (s *Seat) evidence() []Evidence {
	d := s.drill
	s.logs = append(s.logs, d.logs(s.read+1)...)
	if events := d.wire.Events(s.read + 1); len(events) > 0 {
		s.read = events[len(events)-1].N
	}
	return slices.DeleteFunc(slices.Clone(s.logs), func(e Evidence) bool { return e.Log != placeServer && !d.logsFrom[e.Log] })
}
