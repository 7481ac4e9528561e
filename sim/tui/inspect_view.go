package tui

import (
	"fmt"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// inspectLayout is where the panes stand.
type inspectLayout struct {
	list, tokens, raw int // widths; 0 if there is room for one pane only
	upper             int // height of tokens and raw
}

func layInspect(w, h int) inspectLayout {
	if w < wideEnough || h < 20 {
		return inspectLayout{}
	}
	l := inspectLayout{list: min(40, w*32/100), upper: h * 45 / 100}
	l.raw = (w - l.list) / 2
	l.tokens = w - l.list - l.raw
	return l
}

func (in *inspect) body(t theme, w, h int) []string {
	l := layInspect(w, h)
	if l.list == 0 {
		p := in.draw(t, in.pane, w, h)
		return p.draw(t, w, h)
	}
	upper := beside(in.draw(t, inspectRaw, l.raw, l.upper).draw(t, l.raw, l.upper),
		in.draw(t, inspectTokens, l.tokens, l.upper).draw(t, l.tokens, l.upper))
	lower := in.draw(t, inspectChecks, w-l.list, h-l.upper).draw(t, w-l.list, h-l.upper)
	return beside(in.draw(t, inspectList, l.list, h).draw(t, l.list, h), above(upper, lower))
}

// listHeight is how many messages are shown in a body of this size.
func (in *inspect) listHeight(_, h int) int { return h - 2 }

// paneSize is how many lines the pane with the keys has, and how many of them are shown.
func (in *inspect) paneSize(a *app) (lines, shown int) {
	w, h := a.w, a.h-3
	if l := layInspect(w, h); l.list != 0 {
		switch in.pane {
		case inspectRaw:
			w, h = l.raw, l.upper
		case inspectTokens:
			w, h = l.tokens, l.upper
		default:
			w, h = w-l.list, h-l.upper
		}
	}
	return len(in.text(a.theme, in.pane, w-4)), h - 2
}

// draw makes a pane of w by h.
func (in *inspect) draw(t theme, which, w, h int) pane {
	p := pane{title: in.title(which), focused: in.pane == which}
	if which == inspectList {
		in.drawList(t, &p, w, h)
		return p
	}
	lines := in.text(t, which, w-4)
	shown, more := in.at[which].from(lines, h-2)
	p.lines, p.foot = indent(" ", shown), more
	if w >= minWidth && w < wideEnough {
		p.right = fmt.Sprintf("tab: %s", strings.ToLower(inspectNames[(which+1)%inspectCount]))
	}
	return p
}

func (in *inspect) title(which int) string {
	m := in.current()
	if which == inspectList {
		return fmt.Sprintf("Messages %d", len(in.messages))
	}
	if which != inspectChecks {
		return inspectNames[which]
	}
	rulings := m.answer.Rulings
	if r, i := decisive(rulings); i >= 0 {
		return fmt.Sprintf("Message %d: %s refused at check %d", m.n, r.Party, i+1)
	}
	if len(rulings) == 0 {
		return fmt.Sprintf("Message %d: no check was asked", m.n)
	}
	return fmt.Sprintf("Message %d: every check that %s has switched on passed", m.n, rulings[0].Party)
}

func (in *inspect) text(t theme, which, w int) []string {
	x, ok := in.exchange()
	if !ok {
		return []string{"nothing selected"}
	}
	switch which {
	case inspectTokens:
		return in.tokensText(t, x, w)
	case inspectRaw:
		return in.rawText(t, x, w)
	}
	return in.checksText(t, w)
}

func (in *inspect) drawList(t theme, p *pane, w, h int) {
	if !in.narrow.empty() {
		p.right = in.narrow.text
	}
	if len(in.messages) == 0 {
		p.lines = []string{" nothing matches", " esc clears the filter"}
		return
	}
	from, to := in.list.shown(len(in.messages), h-2)
	for i := from; i < to; i++ {
		m := in.messages[i]
		mark := " "
		if i == in.list.cursor {
			mark = ">"
		}
		who := "  "
		if m.request.Thief {
			who = "T " // the thief's
		}
		row := fmt.Sprintf("%s%3d %s", mark, m.n, who) + fit(clean(m.request.Label), max(4, w-18)) + " " + fit(m.answer.Label, 4)
		switch {
		case i == in.list.cursor:
			row = t.strong.Render(row)
		case m.request.Minor:
			row = t.faint.Render(row)
		}
		p.lines = append(p.lines, row+t.word(m.answer.Outcome))
	}
	p.foot = moreOf(len(in.messages), h-2)
}

// checksText is every check in order, and the one that decided, explained.
func (in *inspect) checksText(t theme, w int) []string {
	rulings := in.current().answer.Rulings
	ruling, at := decisive(rulings)
	var lines []string
	if at < 0 {
		x, _ := in.exchange()
		lines = append(wrap(in.status(), w), refusedText(x.Refused, w)...)
		lines = append(append(lines, offText(rulings, w)...), "")
	}
	for i, r := range rulings {
		lines = append(lines, checkRow(t, i, r, i == at, w))
	}
	if at >= 0 {
		lines = append(lines, "")
		lines = append(lines, decisionText(ruling, w)...)
	}
	return append(lines, in.whatIfText(t, w)...)
}

// refusedText explains what no control refused: what cannot be read, or is not there.
func refusedText(refused []event.Refused, w int) (lines []string) {
	for _, r := range refused {
		because := strings.TrimSuffix(r.Detail, "; "+r.Fix)
		lines = append(lines, fields(w, "Error", fmt.Sprintf("%d %s", r.Status, r.Code), "Because", because, "Fix", r.Fix, "Clause", r.Clause)...)
	}
	return lines
}

// offText names the checks that were skipped: where nobody refused, they are what matters.
func offText(rulings []event.Ruling, w int) []string {
	var skipped []string
	for _, r := range rulings {
		if r.Outcome == string(control.Off) {
			skipped = append(skipped, r.Control)
		}
	}
	if len(skipped) == 0 {
		return nil
	}
	return wrap("Switched off in this profile: "+strings.Join(skipped, ", ")+". e explains them.", w)
}

// checkRow has the word, the demand, and what was looked at in what room that leaves: a demand that is cut
// says nothing.
func checkRow(t theme, i int, r event.Ruling, decided bool, w int) string {
	const number, word, usual = 3, 6, 22
	saw := clean(r.Saw)
	if decided {
		saw = "<- decided"
	}
	demand := controlTitle(r.Control)
	if room := w - number - word; decided {
		demand = cut(demand, max(room-2-width(saw), 0))
		demand = pad(demand, room-usual) + "  "
	} else if demand = cut(demand, room); width(demand)+2 < room {
		demand = pad(demand, room-usual) + "  "
	} else {
		saw = ""
	}
	row := fmt.Sprintf("%2d ", i+1) + t.word(fit(checkWord(r.Outcome), word)) + demand
	if room := w - number - word - width(demand); width(saw) <= room || room > 4 {
		row += cut(saw, room)
	}
	return strings.TrimRight(row, " ")
}

func checkWord(outcome string) string {
	switch control.Outcome(outcome) {
	case control.Pass:
		return wordPass
	case control.Off:
		return wordOff
	case control.Challenged:
		return "again" // refused, with an invitation to try again
	}
	return wordFail
}

func decisionText(r event.Ruling, w int) []string {
	c, err := control.Lookup(r.Control)
	if err != nil {
		return wrap(r.Cause, w)
	}
	lines := fields(w, "Check", c.ID+" ("+c.Clause+")")
	if r.Want != "" {
		lines = append(lines, fields(w, "Expected", r.What+": "+r.Want, "Got", r.Got, "Fix", r.Fix)...)
	} else {
		lines = append(lines, fields(w, "Because", r.Cause)...)
	}
	return append(lines, fields(w, "Without it", c.Why)...)
}

// whatIfText offers the what-if, or shows how it went.
func (in *inspect) whatIfText(t theme, w int) []string {
	s := in.story
	if s.whatIf == nil {
		if id := in.decider(); id != "" {
			return append([]string{""}, wrap("x: run it again with "+id+" switched off", w)...)
		}
		return nil
	}
	v := s.whatIf.Verdict
	lines := append([]string{""}, wrap("Without "+strings.Join(s.whatIfWithout, ", ")+" the same run ends:", w)...)
	lines = append(lines, t.style(wordFor(v.Outcome)).Render(cut(brief(v), w)))
	lines = append(lines, wrap(v.Reason, w)...)
	return append(lines, "Enter opens that run.")
}
