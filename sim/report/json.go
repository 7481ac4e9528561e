package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"thiefbox/sim/event"
	"thiefbox/sim/verdict"
)

// The schemas of the documents written here. A member may be added under the same number; taking one
// away or changing what it means needs the next.
const (
	SchemaRun     = "thiefbox.run/1"
	SchemaMatrix  = "thiefbox.matrix/1"
	SchemaPeel    = "thiefbox.peel/1"
	SchemaList    = "thiefbox.list/1"
	SchemaHistory = "thiefbox.history/1"
)

// JSONOptions says how much a run document holds.
type JSONOptions struct {
	Events bool // the whole event log, with secrets replaced by names
}

// RunDocument is the JSON of one run.
type RunDocument struct {
	ID       string          `json:"id,omitempty"`
	Started  time.Time       `json:"started,omitzero"`
	PartOf   string          `json:"part_of,omitempty"` // "matrix" for one of the runs of a matrix
	Attack   Attack          `json:"attack"`
	Profile  string          `json:"profile"`
	Seed     uint64          `json:"seed"`
	Wire     string          `json:"wire"`
	Verdict  verdict.Verdict `json:"verdict"`
	Expected verdict.Outcome `json:"expected,omitempty"`
	Surprise bool            `json:"surprise"`
	Steps    []Step          `json:"steps,omitempty"`
	Events   []EventDocument `json:"events,omitempty"`
}

// Document makes the JSON form of a run. Its secrets are replaced by names.
func Document(run Run, opt JSONOptions) RunDocument {
	d := RunDocument{
		ID: run.ID, Started: run.Started, PartOf: run.Part, Attack: run.Attack, Profile: run.Profile, Seed: run.Seed, Wire: run.Wire,
		Verdict: run.Verdict, Expected: run.Expected, Surprise: run.Surprise(),
	}
	if len(run.Recording.Events) == 0 {
		return d
	}
	d.Steps = redactedSteps(run)
	if opt.Events {
		for _, e := range Redacted(run.Recording).Events {
			d.Events = append(d.Events, eventDocument(e))
		}
	}
	return d
}

// redactedSteps are the steps of a run without its secrets.
func redactedSteps(run Run) []Step {
	return redacted(StepsOf(run), run.Recording)
}

// redacted takes the secrets of a recording out of steps.
func redacted(steps []Step, rec event.Recording) []Step {
	clean := redactorFor(rec)
	for i := range steps {
		steps[i].redact(clean)
	}
	return steps
}

// toldSteps are the steps of a run as they are printed, as far as they are wanted: without secrets, and safe on a terminal.
func toldSteps(run Run, wanted func(Step) bool) []Step {
	steps := StepsOf(run)
	steps = redacted(slices.DeleteFunc(steps, func(s Step) bool { return !wanted(s) }), run.Recording)
	for i := range steps {
		s := &steps[i]
		s.Label, s.Sentence = Clean(s.Label), Clean(s.Sentence)
		for j := range s.Rulings {
			r := &s.Rulings[j]
			r.Party, r.Control, r.Outcome = Clean(r.Party), Clean(r.Control), Clean(r.Outcome)
			r.Saw, r.Cause = Clean(r.Saw), Clean(r.Cause)
		}
	}
	return steps
}

func everyStep(Step) bool { return true }

func (s *Step) redact(r *Redactor) {
	s.Label, s.Sentence = r.Text(s.Label), r.Text(s.Sentence)
	rulings := make([]event.Ruling, len(s.Rulings))
	for i, ruling := range s.Rulings {
		rulings[i], _ = r.Event(event.Event{Body: ruling}).Body.(event.Ruling)
	}
	s.Rulings = rulings
}

// WriteRunJSON writes {"schema":"thiefbox.run/1","runs":[…]}.
func WriteRunJSON(w io.Writer, runs []Run, opt JSONOptions) error {
	docs := make([]RunDocument, len(runs))
	for i, r := range runs {
		docs[i] = Document(r, opt)
	}
	return writeJSON(w, runsDocument{SchemaRun, docs})
}

// The documents, each with its schema first.
type (
	runsDocument struct {
		Schema string        `json:"schema"`
		Runs   []RunDocument `json:"runs"`
	}
	matrixDocument struct {
		Schema string `json:"schema"`
		Matrix
		Surprises int `json:"surprises"`
	}
	peelDocument struct {
		Schema string `json:"schema"`
		Peel
	}
)

// WriteMatrixJSON writes {"schema":"thiefbox.matrix/1","seed":…,"attacks":…,"profiles":…,"cells":…}.
func WriteMatrixJSON(w io.Writer, m Matrix) error {
	m.Attacks, m.Profiles, m.Cells = notNil(m.Attacks), withControls(m.Profiles), notNil(m.Cells)
	return writeJSON(w, matrixDocument{SchemaMatrix, m, m.Surprises()})
}

// Surprises counts the cells that are not as expected.
func (m Matrix) Surprises() int {
	n := 0
	for _, row := range m.Cells {
		for _, c := range row {
			if c.Surprise() {
				n++
			}
		}
	}
	return n
}

// WritePeelJSON writes {"schema":"thiefbox.peel/1","attack":…,"profile":…,"layers":…}.
func WritePeelJSON(w io.Writer, p Peel) error {
	layers := make([]Layer, len(p.Layers))
	for i, l := range p.Layers {
		l.Removed = notNil(l.Removed)
		layers[i] = l
	}
	p.Layers = layers
	return writeJSON(w, peelDocument{SchemaPeel, p})
}

// WriteHistoryJSON writes {"schema":"thiefbox.history/1","runs":[…]}, without steps or events.
func WriteHistoryJSON(w io.Writer, runs []Run) error {
	docs := make([]RunDocument, len(runs))
	for i, r := range runs {
		r.Recording = event.Recording{}
		docs[i] = Document(r, JSONOptions{})
	}
	return writeJSON(w, runsDocument{SchemaHistory, docs})
}

// notNil makes an empty list [] rather than null: a program that reads it may loop over it.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func withControls(profiles []Profile) []Profile {
	out := make([]Profile, len(profiles))
	for i, p := range profiles {
		p.Controls = notNil(p.Controls)
		out[i] = p
	}
	return out
}

func writeJSON(w io.Writer, document any) error { return WriteJSON(w, document) }

// WriteJSON writes an indented document. URLs stay readable, and what a terminal would not print is
// escaped: JSON itself lets control characters beyond ASCII pass.
func WriteJSON(w io.Writer, document any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(escaped(b.Bytes()))
	return err
}

// escaped writes unprintable characters of a JSON document as \\u.... They stand in strings only.
func escaped(document []byte) []byte {
	if !bytes.ContainsFunc(document, unprintable) {
		return document
	}
	var out []byte
	for _, r := range string(document) {
		if !unprintable(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, "\\u%04x", unit)
		}
	}
	return out
}

func unprintable(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
