package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/drill"
)

// From this height on there is room for panes on top of each other.
const tallEnough = 24

// body shows all panes where there is room, the one with the keys larger; else that one, under a line of tabs.
func (d *drillScreen) body(t theme, w, h int) []string {
	if w < wideEnough || h < tallEnough {
		return above(d.tabs(t, w), d.pane(t, d.focus, w, h-1))
	}
	left, size := w*57/100, d.heights(h)
	west := above(d.pane(t, paneInbox, left, size[paneInbox]), d.pane(t, paneEvidence, left, size[paneEvidence]))
	east := d.pane(t, paneTruth, w-left, h)
	if d.focus != paneTruth {
		east = above(d.pane(t, paneSuspects, w-left, size[paneSuspects]), d.pane(t, paneActions, w-left, size[paneActions]),
			d.pane(t, paneClocks, w-left, size[paneClocks]))
	}
	return beside(west, east)
}

// heights shares h out: to the left inbox and evidence, to the right the rest.
func (d *drillScreen) heights(h int) (size [drillPanes]int) {
	size[paneInbox] = h * 2 / 5
	if d.focus == paneInbox {
		size[paneInbox] = h / 2
	}
	size[paneEvidence] = h - size[paneInbox]
	size[paneClocks], size[paneSuspects] = 10, (h-10)*2/5
	switch d.focus {
	case paneSuspects:
		size[paneSuspects] = (h - 10) * 3 / 5
	case paneClocks:
		size[paneClocks], size[paneSuspects] = h/2, h/4
	}
	size[paneActions] = h - size[paneSuspects] - size[paneClocks]
	return size
}

// listHeight is how many rows of a pane's list are shown.
func (d *drillScreen) listHeight(a *app, p drillPane) int {
	h := a.h - 3
	if a.w < wideEnough || h < tallEnough {
		return d.listRows(p, h-1)
	}
	return d.listRows(p, d.heights(h)[p])
}

// listRows leaves room under a list for more about what is selected.
func (d *drillScreen) listRows(p drillPane, h int) int {
	detail := map[drillPane]int{paneInbox: 6, paneEvidence: 4, paneSuspects: 6, paneActions: 4}[p]
	if p == paneSuspects { // few, and what matters stands under them
		return max(2, min(d.rows(p), h-4))
	}
	return max(2, h-2-detail)
}

// tabs names the panes that are not shown, with what is new in them.
func (d *drillScreen) tabs(t theme, w int) []string {
	var out []string
	for p := paneInbox; p < drillPanes; p++ {
		if p == paneTruth && d.sight.Truth == nil {
			continue
		}
		name := drillPaneNames[p]
		if n := d.rows(p); p <= paneEvidence && n > 0 {
			name += " " + itoa(n)
		}
		if p == d.focus {
			name = "[" + t.strong.Render(name) + "]"
		}
		out = append(out, name)
	}
	return []string{cut(" "+strings.Join(out, "  "), w)}
}

func (d *drillScreen) pane(t theme, which drillPane, w, h int) []string {
	p := pane{title: drillPaneNames[which], focused: which == d.focus}
	inner := w - 4
	switch which {
	case paneInbox, paneEvidence, paneSuspects, paneActions:
		n := d.listRows(which, h)
		from, to := d.lists[which].shown(d.rows(which), n)
		for i := from; i < to; i++ {
			for j, row := range d.rowLines(t, which, i, inner, h) {
				switch {
				case i == d.lists[which].cursor && p.focused:
					row = t.strong.Render(bullet(j == 0, " > ") + row)
				case i == d.lists[which].cursor: // what stands under the list is about this one
					row = bullet(j == 0, " - ") + row
				default:
					row = "   " + row
				}
				p.lines = append(p.lines, row)
			}
		}
		p.foot = moreOf(d.rows(which), n)
		p.lines = append(p.lines, indent(" ", d.under(t, which, inner, h))...)
	default:
		shown, more := d.paneScroll(which).from(d.long(t, which, inner), h-2)
		p.lines, p.foot = indent(" ", shown), more
	}
	d.titles(&p, which)
	return p.draw(t, w, h)
}

// bullet is a mark where it belongs, and else the room for it.
func bullet(here bool, mark string) string {
	if here {
		return mark
	}
	return strings.Repeat(" ", len(mark))
}

// rowLines is a row of a list: one line, and more of an explanation where there is room for all of each.
func (d *drillScreen) rowLines(t theme, which drillPane, i, w, h int) []string {
	if which != paneSuspects || !d.foldSuspects(w, h) {
		return []string{cut(d.row(t, which, i, w-2), w-1)}
	}
	s, odds := d.sight.Suspects[i], d.oddsWidth()
	lines := wrap(s.Text, w-1-odds)
	for j := range lines {
		lines[j] = clean(pad(bullet(j == 0, pad(cmp.Or(s.Odds(), "--"), odds)), odds) + lines[j])
	}
	return lines
}

// foldSuspects tells whether every explanation fits in full, with room for what stands under them.
func (d *drillScreen) foldSuspects(w, h int) bool {
	n := 0
	for _, s := range d.sight.Suspects {
		n += len(wrap(s.Text, w-1-d.oddsWidth()))
	}
	return n <= h-4
}

func (d *drillScreen) paneScroll(which drillPane) scroll {
	if which == d.focus {
		return d.details
	}
	return 0
}

// titles says in the corner of a pane what matters about all of it.
func (d *drillScreen) titles(p *pane, which drillPane) {
	switch which {
	case paneInbox:
		p.right = count(len(d.sight.Inbox), "message")
	case paneEvidence:
		if p.right = count(len(d.sight.Logs), "line"); !d.narrow.empty() {
			p.right = "filter: " + clean(d.narrow.text)
		}
		if n := len(d.marked); n > 0 {
			p.right += ", " + itoa(n) + " marked"
		}
	case paneActions:
		busy := 0
		for _, free := range d.sight.Crew {
			if free > d.sight.Now {
				busy++
			}
		}
		p.right = count(len(d.sight.Crew), "operator") + ", " + itoa(busy) + " busy"
	}
}

func (d *drillScreen) row(t theme, which drillPane, i, w int) string {
	switch which {
	case paneInbox:
		m := d.message(i)
		wants := "  "
		if m.AnswerBy > 0 && !d.answered(m.ID) {
			wants = "? "
		}
		return clean(fmt.Sprintf("%s%s %-6s %s: %s", wants, d.clock(m.At), m.Channel, m.From, m.Text))
	case paneEvidence:
		e := d.evidence()[i]
		mark := " "
		if d.marked[e.N] {
			mark = "x"
		}
		request := strings.TrimPrefix(strings.Replace(e.Request, " /fhir/", " ", 1), "GET ") // the whole of it stands under the list
		place, room := 10, d.clientWidth()
		if w > 70 {
			place, room = 14, 13
		}
		said := e.Reason
		if said == "" && e.Aud != "" {
			said = "aud=" + e.Aud
		}
		client := pad(cut(strings.TrimPrefix(e.Client, "client-"), room), room)
		return clean(fmt.Sprintf("%s %s %s %3d %-6s %s %-4s %s %s", mark, d.clock(e.At), pad(cut(placeOf(e), place), place), e.Status, e.Scheme, client, endOf(e.Address), request, said))
	case paneSuspects:
		s := d.sight.Suspects[i]
		return clean(pad(cmp.Or(s.Odds(), "--"), d.oddsWidth()) + s.Text)
	}
	act := d.sight.Actions[i]
	return spread(cut(clean(act.Title), w-8), span(act.Lead)+" ", w)
}

// clock is a time of the drill with room for the longest there is, so that columns stand.
func (d *drillScreen) clock(at time.Duration) string {
	return pad(drill.Clock(at), max(7, width(drill.Clock(d.sight.Ends))))
}

// clientWidth is the room for a client in a line of a log: that of the longest name there is, within reason.
func (d *drillScreen) clientWidth() int {
	n := 8
	for _, c := range d.sight.Clients {
		n = max(n, width(c.Word))
	}
	return min(n, 13)
}

// placeOf is whose log a line is in, and of which of its machines.
func placeOf(e drill.Evidence) string {
	if e.Node == "" {
		return e.Log
	}
	return e.Log + "/" + e.Node
}

// endOf is the last part of an address, which tells those of one drill apart: who calls from two is seen in the list.
func endOf(address string) string {
	if i := strings.LastIndexAny(address, ".:"); i >= 0 {
		return address[i:]
	}
	return address
}

// oddsWidth is the room for how likely explanations are.
func (d *drillScreen) oddsWidth() int {
	n := 6
	for _, s := range d.sight.Suspects {
		n = max(n, width(s.Odds())+2)
	}
	return n
}

// under is more about what is selected in a list.
func (d *drillScreen) under(t theme, which drillPane, w, h int) []string {
	at, ok := d.at(which)
	switch {
	case which == paneSuspects:
		return append(append([]string{""}, d.shownBy(w, h)...), d.decisions(w)...)
	case !ok && which == paneInbox:
		return wrap("Nothing has come in yet. space starts the clock, n waits for the first message.", w)
	case !ok:
		return wrap("No line of a log is here"+ifFiltered(d.narrow), w)
	case which == paneInbox:
		m := d.message(at)
		lines := append([]string{""}, wrap(m.Text, w)...)
		if m.AnswerBy > 0 && !d.answered(m.ID) {
			lines = append(lines, t.odd.Render("wants an answer by "+drill.Clock(m.AnswerBy)+": r answers"))
		}
		lines = append(lines, d.saidTo(m, w)...)
		return lines
	case which == paneEvidence:
		return append([]string{""}, wrap(d.evidence()[at].String(), w)...)
	}
	a := d.sight.Actions[at]
	lines := []string{""}
	if width(a.Title) > w-12 { // its row is cut
		lines = append(lines, wrap(a.Title+".", w)...)
	}
	if a.Stops != "" {
		lines = append(lines, wrap("Stops "+a.Stops+".", w)...)
	}
	if a.SideEffect != "" {
		lines = append(lines, wrap("But: "+a.SideEffect+".", w)...)
	}
	return lines
}

func ifFiltered(f filter) string {
	if f.empty() {
		return " yet."
	}
	return ": esc in the filter (/) clears it."
}

// shownBy are the lines of the logs that the player gave as evidence for the selected explanation.
func (d *drillScreen) shownBy(w, h int) (lines []string) {
	at, ok := d.at(paneSuspects)
	if !ok {
		return nil
	}
	s := d.sight.Suspects[at]
	if width(s.Text) > w-3-d.oddsWidth() && !d.foldSuspects(w, h) { // its row is cut
		lines = append(wrap(s.Text, w), "")
	}
	if len(s.Evidence) == 0 {
		return lines
	}
	before := len(lines)
	for _, e := range d.sight.Logs {
		if slices.Contains(s.Evidence, e.N) {
			lines = append(lines, hang("", "shown by "+clean(e.String()), w)...)
		}
	}
	if len(lines) == before {
		lines = append(lines, wrap("what was given as evidence is no line of these logs", w)...)
	}
	return append(lines, "")
}

// decisions are what was decided, the last first, and what came of it.
func (d *drillScreen) decisions(w int) (lines []string) {
	for i := len(d.sight.Done) - 1; i >= 0; i-- {
		one := d.sight.Done[i]
		text := drill.Clock(one.At) + " " + one.Decision.String()
		switch {
		case len(one.Result) > 0:
			if last := one.When[len(one.When)-1]; last > one.At {
				text += ", " + drill.Clock(last)
			}
			text += ": " + one.Result[len(one.Result)-1]
		case one.Cancelled:
			text += ": taken back"
		case one.Open(d.sight.Now):
			text += ": " + one.Pace(d.sight.Now)
		}
		lines = append(lines, hang("", clean(text), w)...)
	}
	if len(lines) == 0 {
		lines = wrap("Nothing was decided yet. b says how likely an explanation is.", w)
	}
	return lines
}
