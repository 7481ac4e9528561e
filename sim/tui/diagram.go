package tui

import (
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// diagram draws a story as messages between lanes, a row per step, with what a message says in a
// column of its own at the right, where it can always be read.
type diagram struct {
	theme    theme
	story    *story
	w        int
	numbered bool
	gutter   int            // for the mark and the number
	lanes    []string       // actor ids, left to right; none if there is no room, then words say who
	lane     map[string]int // actor id to lane; several share the lane "others"
	shared   []string       // who shares that lane
	pitch    int
	textAt   int
}

const (
	maxPitch = 12 // between lanes
	minPitch = 6
	minText  = 18 // for what a message says
	goodText = 24
	outcomeW = 5  // "LEAK "
	minLanes = 50 // the narrowest diagram with lanes
	others   = "others"
	theThief = "thief"
)

// newDiagram lays a diagram out in w cells, with the numbers of the steps or without. Its lanes are
// chosen to suit all of peers, so that stories told side by side have the same.
func newDiagram(t theme, s *story, w int, numbered bool, peers ...*story) diagram {
	d := diagram{theme: t, story: s, w: w, numbered: numbered, gutter: 2, lane: map[string]int{}}
	if numbered {
		d.gutter = 5
	}
	if d.textAt = d.gutter; w < minLanes {
		return d
	}
	room := w - d.gutter - outcomeW
	d.choose((room-minText)/minPitch, append([]*story{s}, peers...))
	d.pitch = max(minPitch, min(maxPitch, (room-goodText)/len(d.lanes)))
	d.textAt += len(d.lanes) * d.pitch
	return d
}

// x is the column of a lane.
func (d *diagram) x(lane int) int { return d.gutter + lane*d.pitch + (d.pitch-1)/2 }

// head names the lanes, and below what they are.
func (d *diagram) head(roles bool) []string {
	if len(d.lanes) == 0 {
		return nil
	}
	names, parts := canvas(d.w), canvas(d.w)
	for i, id := range d.lanes {
		name, room, role := d.name(id), d.pitch-1, roleWord(d.story.cast[id])
		if id == others { // the first lane: there is a little more room at the edge
			name, room, role = d.sharedName(d.pitch), d.pitch, ""
		}
		names.centre(d.x(i), room, name)
		if width(role) >= d.pitch {
			role, _, _ = strings.Cut(role, " ")
		}
		parts.centre(d.x(i), d.pitch-1, role)
	}
	lines := []string{d.theme.strong.Render(names.String())}
	if roles && d.pitch >= 8 {
		lines = append(lines, d.theme.faint.Render(parts.String()))
	}
	return lines
}

// rows draws the steps up to seen, h of them, with the cursor among them.
func (d *diagram) rows(cursor, seen, h int) []string {
	n := min(seen+1, len(d.story.steps))
	top := window(cursor-h*3/4, cursor, n, h)
	var out []string
	for i := top; i < min(top+h, n); i++ {
		out = append(out, d.row(i, i == cursor))
	}
	return out
}

func (d *diagram) row(i int, current bool) string {
	step := d.story.steps[i]
	mark := " "
	if current {
		mark = ">"
	}
	number := mark + " "
	if d.numbered {
		number = mark + fitLeft(itoa(i+1), d.gutter-2) + " "
	}
	var line string
	switch step.Kind {
	case report.StepPhase:
		return d.heading(number, step, current)
	case report.StepStory, report.StepGranted, report.StepJourney, report.StepFault:
		line = number + fit(clean(step.Sentence), d.w-d.gutter-outcomeW-1)
	default:
		line = d.arrow(number, step)
	}
	if current {
		line = d.theme.strong.Render(line)
	} else if step.Phase != event.PhaseAttack {
		line = d.theme.faint.Render(line)
	}
	return line + " " + d.theme.word(fit(step.Outcome, outcomeW-1))
}

func (d *diagram) heading(number string, step report.Step, current bool) string {
	words := "-- " + phaseWords(step.Phase) + " "
	line := number + fit(words+strings.Repeat("-", max(0, d.w-d.gutter-len(words)-1)), d.w-d.gutter-1)
	if current {
		return d.theme.strong.Render(line)
	}
	return d.theme.accent.Render(line)
}

func phaseWords(p event.PhaseName) string {
	switch p {
	case event.PhaseFoothold:
		return "what the thief has to begin with"
	case event.PhaseJourney:
		return "honest people at work"
	case event.PhaseAttack:
		return "the thief tries"
	}
	return string(p)
}

func (d *diagram) arrow(number string, step report.Step) string {
	c := canvas(d.w - outcomeW - 1)
	c.put(0, number)
	for i := range d.lanes {
		c.put(d.x(i), "|")
	}
	text := clean(step.Label)
	from, fromOK := d.lane[step.From]
	to, toOK := d.lane[step.To]
	switch {
	case len(d.lanes) == 0 || from == to && fromOK && toOK:
		text = d.name(step.From) + " > " + d.name(step.To) + " " + text
	case fromOK && toOK:
		c.line(d.x(from), d.x(to), stroke(step))
	}
	c.put(d.textAt, cut(text, max(0, len(c)-d.textAt)))
	return c.String()
}

// name is what an actor is called in a diagram: the thief is the one to look out for.
func (d *diagram) name(actor string) string {
	if d.story.cast[actor].Role == event.RoleThief {
		return theThief
	}
	return clean(actor)
}

// sharedName is what the lane of several actors is called: its busiest one whose name fits, and how many
// more there are: "berg+1".
func (d *diagram) sharedName(w int) string {
	busy := map[string]int{}
	for _, step := range d.story.all {
		busy[step.From]++
		busy[step.To]++
	}
	more := ""
	if n := len(d.shared) - 1; n > 0 {
		more = "+" + itoa(n)
	}
	best := ""
	for _, id := range d.shared {
		fits := width(d.name(id))+len(more) <= w
		bestFits := best != "" && width(d.name(best))+len(more) <= w
		if best == "" || fits && !bestFits || fits == bestFits && busy[id] > busy[best] {
			best = id
		}
	}
	if best == "" {
		return others
	}
	name := []rune(d.name(best))
	return string(name[:min(len(name), max(1, w-len(more)))]) + more
}

// stroke is a line for messages, waves for what is overheard, dots for what never arrives.
func stroke(s report.Step) byte {
	switch s.Kind {
	case report.StepOverheard, report.StepLure:
		return '~'
	case report.StepLost:
		return '.'
	}
	return '-'
}
