package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Watch is a drill that others play, as a facilitator follows it from a desk of her own. A tape is all that a drill is
// derived from, so she needs nothing but theirs: it is read as it grows, and played in a world of her own. She sees
// as far as their tape has come, which is a tick behind a running clock at most.
type Watch struct {
	seat *Seat
	read func() ([]byte, error) // the players' tape
	size int                    // of what was read last
	seen int                    // decisions of theirs that were played
	send io.Writer              // to the players' seat; a line at a time
	held bool
}

// NewWatch begins to follow the tape that read returns. What is sent to the players goes to send.
func NewWatch(read func() ([]byte, error), send io.Writer, maker Maker) (*Watch, error) {
	data, err := read()
	if err != nil {
		return nil, err
	}
	t, err := ReadTape(data)
	if t == nil {
		return nil, err
	}
	d, err := New(t, maker)
	if err != nil {
		return nil, err
	}
	return &Watch{seat: &Seat{drill: d, facilitator: true}, read: read, size: len(data), seen: len(t.Decisions), send: send}, nil
}

// Follow plays what the players' tape has more by now.
func (w *Watch) Follow() error {
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	data, err := w.read()
	if err != nil || len(data) == w.size {
		return err
	}
	t, err := ReadTape(data)
	var torn *TornError // the last line is on its way
	if err != nil && !errors.As(err, &torn) {
		return err
	}
	d := w.seat.drill
	if len(t.Decisions) < w.seen || string(t.File) != string(d.tape.File) || t.Seed != d.tape.Seed {
		return errors.New("the tape is not the one that was followed: begin anew")
	}
	for _, one := range t.Decisions[w.seen:] {
		d.Advance(one.At)
		if err := d.Decide(one); err != nil {
			return fmt.Errorf("the decision at %s: %w", Clock(one.At), err)
		}
		w.seen++
	}
	if err == nil {
		w.size = len(data)
	}
	return nil
}

// Sight is what a facilitator sees: everything.
func (w *Watch) Sight() Sight {
	s := w.seat.Sight()
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	s.Held = w.held
	return s
}

var errPlayers = errors.New("that is for the players; from the desk you can have a message arrive (inject), hold the clock and let turns pass")

// Decide has a message arrive at the players'. Everything else is theirs to decide.
func (w *Watch) Decide(line string) error {
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	one := parseLine(line)
	if one.Do != "inject" {
		return errPlayers
	}
	if _, err := w.seat.drill.file.order(one); err != nil {
		return err
	}
	d := w.seat.drill
	if i := slices.IndexFunc(d.file.Injects, func(in Inject) bool { return in.ID == one.Args[0] }); d.fired[i] {
		return fmt.Errorf("expected a message that has not arrived, got %s", one.Args[0])
	}
	return w.say(one.String())
}

// Hold stops the players' clock, or lets it go on.
func (w *Watch) Hold(stop bool) error {
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	w.held = stop
	if stop {
		return w.say(HoldClock)
	}
	return w.say(FreeClock)
}

func (w *Watch) say(line string) error {
	_, err := io.WriteString(w.send, line+"\n")
	return err
}

// Pass follows the players; their clock is theirs.
func (w *Watch) Pass(time.Duration) error { return w.Follow() }

// Wait lets a turn pass at the players': with their clock held, a class plays in rounds.
func (w *Watch) Wait(span time.Duration) error {
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	return w.say(TurnClock + " " + span.String())
}

// Next refuses: the players move the clock.
func (w *Watch) Next(context.Context, time.Duration) error { return errPlayers }

// Preview tries a decision on a copy of the world.
func (w *Watch) Preview(line string) (Preview, error) { return w.seat.Preview(line) }

// Judge scores a drill that is over.
func (w *Watch) Judge(ctx context.Context) (Score, error) { return w.seat.Judge(ctx) }

// File is the drill that is played. It must not be changed.
func (w *Watch) File() *File { return w.seat.File() }

// Close ends the world in which it was followed.
func (w *Watch) Close() error {
	w.seat.mu.Lock()
	defer w.seat.mu.Unlock()
	return w.seat.drill.Close()
}
