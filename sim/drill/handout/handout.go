// Package handout is the guide to a drill that a facilitator prints: what is true, goals, a timetable, what is asked and
// what may be said to it, what good looks like, what to ask, and how to run it in a room. Begin with Make.
//
// Nothing in it is written a second time: it comes from the drill's own file, and from playing it twice, by nobody and as
// its author would, so that the timetable has messages that wait for a condition too. What players may read is not here
// (`drill brief`), nor is what a team came to (package aar).
package handout

import (
	"context"
	"io"
	"time"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// marking stands on every page: it must neither be taken for the real thing nor lie about where players sit.
const marking = "EXERCISE EXERCISE EXERCISE. For the facilitator, not for players."

// Guide is a drill with what playing it showed.
type Guide struct {
	name      string // as the command line takes it
	file      *drill.File
	seed      uint64
	idle      map[string]time.Duration // when each message came in while nobody did anything
	reference map[string]time.Duration // and while the reference played
	done      []drill.Done             // by the reference
	rated     []drill.Rated
	score     drill.Score
	his       []drill.Evidence // lines that the thief left, as the logs had them
}

// Make plays a drill and makes its guide.
func Make(ctx context.Context, name string, f *drill.File, seed uint64, maker drill.Maker) (Guide, error) {
	g := Guide{name: name, file: f, seed: seed}
	for _, who := range []string{"nothing", "reference"} {
		bot, err := drill.BotNamed(who)
		if err != nil {
			return g, err
		}
		d, err := drill.Play(ctx, &drill.Tape{File: f.Text(), Seed: seed}, bot, maker)
		if err != nil {
			return g, err
		}
		arrived := map[string]time.Duration{}
		for _, m := range d.View().Inbox {
			arrived[m.ID] = m.At
		}
		if who == "nothing" {
			g.idle, g.his = arrived, traces(d)
		} else {
			g.reference, g.done, g.rated = arrived, d.View().Done, d.Objectives()
			if g.score, err = d.Judge(ctx); err != nil {
				return g, err
			}
		}
		if err := d.Close(); err != nil {
			return g, err
		}
	}
	return g, nil
}

// mostTraces of the thief are shown.
const mostTraces = 3

// traces are some of what the thief left in the logs that are open from the start: of his first rounds, a line each.
func traces(d *drill.Drill) (out []drill.Evidence) {
	lines := d.Evidence(1)
	for _, t := range d.Truth().Tries {
		for _, e := range lines {
			if e.N >= t.First && e.N <= t.Last && e.Log == t.API && len(out) < mostTraces {
				out = append(out, e)
				break
			}
		}
	}
	return out
}

// Formats are the ways a guide can be written.
func Formats() []string { return page.Formats() }

// Write writes the guide in a format.
func (g Guide) Write(w io.Writer, format string) error { return g.page().Write(w, format) }

// page is the guide, to print.
func (g Guide) page() page.Page {
	f := g.file
	p := page.Page{Marking: marking, Title: "Facilitator's guide: " + f.ID + ": " + f.Title}
	p.Sections = []page.Section{g.glance(), g.room(), g.truth(), g.goals(), g.timetable(), g.questions(), g.good(), g.traps(), g.duties()}
	p.Sections = append(p.Sections,
		page.Section{Title: "Ask while it is played", Items: f.Guide.Prompts, None: "The drill names nothing."},
		page.Section{Title: "Afterwards", Items: append(append([]string{}, f.Guide.Debrief...), hotWash...)})
	for i, s := range p.Sections {
		if s.None != "" && len(s.Items)+len(s.Rows) == 0 {
			p.Sections[i].Notes = append(s.Notes, s.None)
		}
	}
	return p
}

// hotWash are the questions of any exercise, right after it: what an evaluation needs from those who were there.
var hotWash = []string{
	"What did you expect to happen, and what did?",
	"What came of the difference?",
	"What will you do otherwise on Monday, who does it, and by when?",
}
