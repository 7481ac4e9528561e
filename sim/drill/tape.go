package drill

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Tape is all that a drill is derived from: the drill's file as it was, a seed, and the decisions with
// their simulated times. It is only ever appended to.
type Tape struct {
	File      []byte // the drill's YAML
	Seed      uint64
	Decisions []Decision
}

// Decision is one thing a player did, and when.
type Decision struct {
	At   time.Duration
	Do   string   // the id of an action, or "wait", which only says that the time came
	Args []string // as the action wants them
	By   string   // who decided, in a drill with several people; Facilitator at her seat; may be empty
}

// Wait is the decision to do nothing until a moment: so a tape knows how far its drill has come.
const Wait = "wait"

// Facilitator decides what is decided at a seat from which the truth can be seen.
const Facilitator = "facilitator"

// Facilitated is when somebody first sat where the truth can be seen; false if nobody did.
func (t *Tape) Facilitated() (at time.Duration, ever bool) {
	for _, d := range t.Decisions {
		if d.By == Facilitator {
			return d.At, true
		}
	}
	return 0, false
}

// String is a decision as it is typed.
func (d Decision) String() string {
	s := d.Do
	for _, a := range d.Args {
		s += " " + a
	}
	return s
}

// The lines of a tape on disk: a header, then a decision each. Sum chains them, so that a tape that was
// cut or changed in the middle says so.
type tapeHeader struct {
	Tape  int    `json:"tape"` // version of this format
	Drill string `json:"drill"`
	Seed  uint64 `json:"seed"`
	Sum   string `json:"sum"`
}

type tapeLine struct {
	At   string   `json:"at"`
	Do   string   `json:"do"`
	Args []string `json:"args,omitempty"`
	By   string   `json:"by,omitempty"`
	Sum  string   `json:"sum"`
}

const tapeVersion = 1

func chain(previous string, parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic("drill: strings and numbers marshal: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte(previous), b...))
	return hex.EncodeToString(sum[:8])
}

func (t *Tape) headerSum() string { return chain("", string(t.File), t.Seed) }

func (d Decision) sum(previous string) string {
	return chain(previous, d.At.String(), d.Do, append([]string{}, d.Args...), d.By)
}

// Hash names the tape: equal tapes have equal hashes.
func (t *Tape) Hash() string {
	sum := t.headerSum()
	for _, d := range t.Decisions {
		sum = d.sum(sum)
	}
	return sum
}

// Recorder writes a tape as it grows. Every line is handed to the writer at once and whole.
type Recorder struct {
	w   io.Writer
	sum string
}

// Record writes the tape so far and returns a recorder for what follows.
func (t *Tape) Record(w io.Writer) (*Recorder, error) {
	r := &Recorder{w: w, sum: t.headerSum()}
	if err := r.line(tapeHeader{tapeVersion, string(t.File), t.Seed, r.sum}); err != nil {
		return nil, err
	}
	for _, d := range t.Decisions {
		if err := r.Add(d); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Resume returns a recorder that goes on at the end of a tape that is already in the writer.
func (t *Tape) Resume(w io.Writer) *Recorder { return &Recorder{w: w, sum: t.Hash()} }

// Add writes one more decision.
func (r *Recorder) Add(d Decision) error {
	r.sum = d.sum(r.sum)
	return r.line(tapeLine{d.At.String(), d.Do, d.Args, d.By, r.sum})
}

func (r *Recorder) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := r.w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("%w: %w", ErrTape, err)
	}
	return nil
}

// ErrTape is that a decision could not be written down.
var ErrTape = errors.New("the tape could not be written")

// TornError says that a tape is not whole. What came before is.
type TornError struct {
	Line int // the first that cannot be used
	Kept int // decisions that can
	Size int // bytes that are whole
	Why  string
}

func (e *TornError) Error() string {
	return fmt.Sprintf("the tape is torn at line %d (%s): kept the %d decisions before it", e.Line, e.Why, e.Kept)
}

// ReadTape reads a tape. With a *TornError comes the part that is whole; with any other error, nothing.
func ReadTape(data []byte) (*Tape, error) {
	first, rest, whole := bytes.Cut(data, []byte("\n"))
	var h tapeHeader
	if err := json.Unmarshal(first, &h); err != nil || !whole {
		return nil, errors.New("expected a tape, whose first line has the drill and the seed")
	}
	if h.Tape != tapeVersion {
		return nil, fmt.Errorf("expected a tape of version %d, got %d", tapeVersion, h.Tape)
	}
	t := &Tape{File: []byte(h.Drill), Seed: h.Seed}
	if t.headerSum() != h.Sum {
		return nil, errors.New("the first line of the tape was changed: its drill and its sum do not agree")
	}
	sum, size := h.Sum, len(first)+1
	lines := bufio.NewReader(bytes.NewReader(rest))
	for n := 2; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if len(line) == 0 {
				return t, nil
			}
			return t, &TornError{n, len(t.Decisions), size, "it has no end"}
		}
		d, why := t.read(line, sum)
		if why != "" {
			return t, &TornError{n, len(t.Decisions), size, why}
		}
		sum, size = d.sum(sum), size+len(line)
		t.Decisions = append(t.Decisions, d)
	}
}

func (t *Tape) read(line []byte, sum string) (Decision, string) {
	var l tapeLine
	if err := json.Unmarshal(line, &l); err != nil {
		return Decision{}, "it is not JSON"
	}
	at, err := time.ParseDuration(l.At)
	d := Decision{at, l.Do, l.Args, l.By}
	switch {
	case err != nil || at < 0:
		return d, fmt.Sprintf("expected a time, got %q", l.At)
	case d.sum(sum) != l.Sum:
		return d, "it does not follow from the line before"
	case len(t.Decisions) > 0 && at < t.Decisions[len(t.Decisions)-1].At:
		return d, "it lies before the line before"
	}
	return d, ""
}

// Clone is a tape of its own with the same content.
func (t *Tape) Clone() *Tape {
	return &Tape{File: t.File, Seed: t.Seed, Decisions: slices.Clone(t.Decisions)}
}
