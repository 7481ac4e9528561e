package tui

import (
	"fmt"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

func (r *runScreen) body(t theme, w, h int) []string {
	if w < wideEnough {
		lower := max(6, h/3)
		return above(r.sequence(t, w, h-lower), r.onePane(t, w, lower))
	}
	evidence := 0
	if h >= 26 {
		evidence = max(7, h/4)
	}
	upper := h - evidence
	left := w * 64 / 100
	outcome := min(13, upper/2)
	right := above(
		pane{title: "Outcome", lines: indent(" ", r.outcomeText(t, w-left-4))}.draw(t, w-left, outcome),
		pane{title: r.messageTitle(), lines: indent(" ", r.messageText(t, w-left-4))}.draw(t, w-left, upper-outcome))
	out := beside(r.sequence(t, left, upper), right)
	if evidence > 0 {
		out = append(out, pane{title: evidenceTitle, lines: indent(" ", tail(r.evidenceText(t, w-4), evidence-2))}.draw(t, w, evidence)...)
	}
	return out
}

const evidenceTitle = "Evidence: what the defenders' logs say so far"

// onePane is the pane that tab has chosen, with the names of the others.
func (r *runScreen) onePane(t theme, w, h int) []string {
	now := r.shown()
	p := pane{title: runPanes[now].name, lines: runPanes[now].text(r, t, w-4)}
	var others []string
	for i := range runPanes {
		if i != now {
			others = append(others, strings.ToLower(runPanes[i].name))
		}
	}
	p.right = "tab: " + strings.Join(others, ", ")
	if runPanes[now].name == "Evidence" {
		p.lines = tail(p.lines, h-2)
	}
	p.lines = indent(" ", p.lines)
	return p.draw(t, w, h)
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-max(n, 0)):] }

// sequence is the diagram with its bar.
func (r *runScreen) sequence(t theme, w, h int) []string {
	inner := w - 2
	d := newDiagram(t, r.story, inner, true)
	lines := d.head(h >= 16)
	room := h - 2 - len(lines) - 1
	lines = append(lines, d.rows(r.current(), r.play.seen, room)...)
	for len(lines) < h-3 {
		lines = append(lines, "")
	}
	lines = append(lines, r.progress(inner))
	return pane{title: "Sequence", right: fmt.Sprintf("step %d of %d", r.current()+1, len(r.story.steps)), lines: lines, focused: true}.draw(t, w, h)
}

func (r *runScreen) progress(w int) string {
	at := ""
	if len(r.story.steps) > 0 {
		at = fmt.Sprintf("%.3f s", r.step().At.Sub(r.story.steps[0].At).Seconds())
	}
	tail := fmt.Sprintf("  %s  %s", at, r.play.state())
	return " " + r.play.bar(min(40, w-len(tail)-2)) + tail
}

// outcomeText says what is known by now, and the verdict once it has been seen.
func (r *runScreen) outcomeText(t theme, w int) []string {
	i := r.current()
	tries, leaks, stops := r.story.tries(i)
	so := fields(w, "Thief", fmt.Sprintf("%s, refused %d, robbed %d", triesOf(tries), stops, leaks))
	if !r.story.decided(i) {
		return append(fields(w, "Verdict", "open, keep watching"), so...)
	}
	v := r.story.run.Verdict
	verdictLine := fields(w, "Verdict", fmt.Sprintf("%s (%s)", wordFor(v.Outcome), v.Outcome))
	lines := append([]string{t.style(wordFor(v.Outcome)).Render(verdictLine[0])}, so...)
	if v.Outcome == verdict.Breached && v.Records() > 0 {
		lines = append(lines, fields(w, "Records", itoa(v.Records()))...)
	}
	if c, ok := r.story.stopper(); ok {
		lines = append(lines, fields(w, "Stopped by", c.ID, "asks that", c.Title, "without it", c.Why)...)
	}
	lines = append(lines, fields(w, "Reviewed", expectation(r.story.run.Expected, v.Outcome))...)
	if c, ok := r.story.stopper(); ok {
		lines = append(lines, fields(w, "Clause", c.Clause)...)
	}
	if v.Outcome != verdict.Held {
		lines = append(lines, "")
		lines = append(lines, wrap(v.Reason, w)...)
	}
	return lines
}

func triesOf(n int) string {
	if n == 1 {
		return "1 try"
	}
	return itoa(n) + " tries"
}

func (r *runScreen) messageTitle() string {
	return fmt.Sprintf("Step %d", r.current()+1)
}

// messageText is the current step in words, and the message behind it.
func (r *runScreen) messageText(t theme, w int) []string {
	step := r.step()
	if step.Sentence == "" {
		return []string{"press space to play, l to step"}
	}
	lines := wrap(step.Sentence, w)
	x, ok := r.story.exchange(step)
	if !ok {
		return lines
	}
	if ruling, i := decisive(x.Rulings); i >= 0 && step.Kind != report.StepRequest {
		lines = append(lines, "", t.strong.Render(cut("refused by "+ruling.Control, w)))
		lines = append(lines, hang("  ", clean(ruling.Cause), w)...)
	}
	lines = append(lines, "")
	lines = append(lines, requestSummary(x, w)...)
	if len(x.Rulings) > 0 {
		lines = append(lines, "", "enter shows "+count(len(x.Rulings), "check"))
	}
	return lines
}

func requestSummary(x report.Exchange, w int) []string {
	m := x.Request.Message
	lines := fold(m.Method+" "+withoutHost(m.URL), w)
	lines = lines[:min(2, len(lines))]
	for _, h := range []string{"Authorization", "Dpop"} {
		for _, v := range m.Header[h] {
			lines = append(lines, cut(headerName(h)+": "+clean(v), w))
		}
	}
	return lines
}

// withoutHost is a URL as it stands in a request line; who answers is said beside it.
func withoutHost(raw string) string {
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[i:]
		}
	}
	return raw
}

// evidenceText is what an operator would find in the logs, up to the current step.
func (r *runScreen) evidenceText(t theme, w int) []string {
	var lines []string
	last := r.step().Event
	asked := map[int]string{} // by exchange
	for _, e := range r.story.run.Recording.Events {
		if e.N > last {
			break
		}
		if q, ok := e.Body.(event.Request); ok {
			asked[e.Exchange] = q.To
		}
		if s := evidence(e, asked[e.Exchange]); s != "" {
			lines = append(lines, cut(e.At.Format("15:04:05.000")+"  "+clean(s), w))
		}
	}
	if len(lines) == 0 {
		return []string{"nothing yet"}
	}
	return lines
}

// evidence is the log line that an event leaves with the actor who was asked, empty if it leaves none.
func evidence(e event.Event, asked string) string {
	switch b := e.Body.(type) {
	case event.Access:
		return fmt.Sprintf("%-7s allow   %s   sub=%s client=%s", node(asked, b.Node), b.Resource, b.Subject, b.Client)
	case event.Written:
		return fmt.Sprintf("%-7s store   %s   sub=%s client=%s", node(asked, b.Node), b.Resource, b.Subject, b.Client)
	case event.Ruling:
		if b.Outcome == string(control.Refused) || b.Outcome == string(control.Challenged) {
			return fmt.Sprintf("%-7s deny    %s: %s", b.Party, b.Control, b.Cause)
		}
	case event.Refused:
		return fmt.Sprintf("%-7s deny    %d %s: %s", b.Party, b.Status, b.Code, b.Detail)
	case event.Issued:
		line := fmt.Sprintf("%-7s issue   %s to %s", "as", b.Type, b.Client)
		if b.Subject != "" { // nobody has signed in when a request is pushed
			line += " sub=" + b.Subject
		}
		return line
	case event.Withdrawn:
		return fmt.Sprintf("%-7s revoke  %s of %s", "as", b.Type, b.Owner)
	}
	return ""
}

func node(party, name string) string {
	if name == "" {
		return party
	}
	return party + "/" + name
}
