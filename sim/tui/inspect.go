package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// inspect looks inside the messages of a run: what was sent, what its tokens say, and every check
// in order with what it saw.
type inspect struct {
	story    *story
	all      []exchangeRow
	messages []exchangeRow // those that pass the filter
	list     list
	narrow   filter
	pane     int // which of inspectPanes has the paging keys
	at       [inspectCount]scroll
	raw      bool
}

// exchangeRow is a request and its answer in the list.
type exchangeRow struct {
	n       int
	request report.Step
	answer  report.Step // response or loss; zero if there is none
}

// The panes, in the order of tab.
const (
	inspectChecks = iota
	inspectTokens
	inspectRaw
	inspectList
	inspectCount
)

var inspectNames = [inspectCount]string{"Checks", "Tokens", "Message", "Messages"}

// newInspect opens a story at the message of its i-th step.
func newInspect(s *story, i int) *inspect {
	in := &inspect{story: s, all: exchangeRows(s.all)}
	in.fill()
	step := s.step(i)
	for j, m := range in.messages {
		if m.request.Event <= step.Event || m.n == step.Exchange {
			in.list.cursor = j
		}
		if m.n == step.Exchange {
			break
		}
	}
	in.selected()
	return in
}

func exchangeRows(steps []report.Step) []exchangeRow {
	var out []exchangeRow
	byN := map[int]int{}
	for _, s := range steps {
		switch s.Kind {
		case report.StepRequest:
			byN[s.Exchange] = len(out)
			out = append(out, exchangeRow{n: s.Exchange, request: s})
		case report.StepResponse, report.StepLost:
			if i, ok := byN[s.Exchange]; ok {
				out[i].answer = s
			}
		}
	}
	return out
}

func (in *inspect) fill() {
	in.messages = nil
	for _, m := range in.all {
		flags := []string{string(m.request.Phase), m.answer.Outcome}
		if m.request.Thief {
			flags = append(flags, "thief")
		}
		if m.request.Minor {
			flags = append(flags, "minor")
		}
		text := m.request.Label + " " + m.request.From + " " + m.request.To + " " + m.answer.Label
		if in.narrow.match(text, flags...) {
			in.messages = append(in.messages, m)
		}
	}
	in.list.clamp(len(in.messages), len(in.messages))
}

// selected puts the panes where a newly selected message is best read: the checks at their end, which
// is where a refusal stands.
func (in *inspect) selected() {
	in.at = [inspectCount]scroll{}
	if _, i := decisive(in.current().answer.Rulings); i >= 0 {
		in.at[inspectChecks] = toEnd
	}
}

func (in *inspect) current() exchangeRow {
	if in.list.cursor < 0 || in.list.cursor >= len(in.messages) {
		return exchangeRow{}
	}
	return in.messages[in.list.cursor]
}

func (in *inspect) exchange() (report.Exchange, bool) { return in.story.exchange(in.current().request) }

func (in *inspect) place() place { return placeInspect }

func (in *inspect) crumbs() []string {
	return []string{in.story.title(), fmt.Sprintf("message %d", in.current().n)}
}

func (in *inspect) context() string { return clean(in.story.name()) }

func (in *inspect) filter() filter { return in.narrow }

func (in *inspect) setFilter(f filter) {
	in.narrow = f
	in.fill()
	in.selected()
}

func (in *inspect) status() string {
	m := in.current()
	if m.answer.Sentence != "" {
		return clean(m.answer.Sentence)
	}
	return clean(m.request.Sentence)
}

func (in *inspect) twin() string { return in.story.command() }

func (in *inspect) request() (event.Message, bool) {
	x, ok := in.exchange()
	return x.Request.Message, ok
}

func (in *inspect) selection() (text, what string) {
	x, ok := in.exchange()
	if !ok {
		return "", ""
	}
	return httpText(x), "request and response"
}

// decider is the control that refused the selected message, or else the one that stopped the run.
func (in *inspect) decider() string {
	if in.story.run.Attack.ID == "" { // what a server saw cannot be run again
		return ""
	}
	if r, i := decisive(in.current().answer.Rulings); i >= 0 {
		return r.Control
	}
	return in.story.run.Verdict.StoppedBy
}

func (in *inspect) explanation(_ theme, w int) (string, []string) {
	rulings := in.current().answer.Rulings
	if r, i := decisive(rulings); i >= 0 {
		return "The check that refused", controlText(r.Control, w)
	}
	var lines []string
	for _, r := range rulings {
		if r.Outcome == string(control.Off) {
			lines = append(lines, controlText(r.Control, w)...)
			lines = append(lines, "")
		}
	}
	if len(lines) == 0 {
		return "Nothing was refused", wrap("Every check that was asked here passed.", w)
	}
	return "Checks that this profile leaves out", lines
}

func (in *inspect) act(a *app, k action) tea.Cmd {
	paging := k == actPageUp || k == actPageDown || k == actTop || k == actBottom
	switch {
	case paging && in.pane != inspectList:
		lines, h := in.paneSize(a)
		in.at[in.pane].act(k, lines, h)
		return nil
	case in.list.act(k, len(in.messages), in.listHeight(a.w, a.h-3)):
		in.selected()
		return nil
	}
	switch k {
	case actPane:
		in.pane = (in.pane + 1) % inspectCount
	case actPaneBack:
		in.pane = (in.pane + inspectCount - 1) % inspectCount
	case actRaw:
		in.raw = !in.raw
	case actNextDecision:
		in.toDecision(1)
	case actLastDecision:
		in.toDecision(-1)
	case actWhatIf:
		return a.askWhatIf(in.story, in.decider())
	case actEnter:
		if in.story.whatIf != nil {
			a.openRun(*in.story.whatIf, in.story.whatIfWithout)
		}
	}
	return nil
}

// toDecision selects the next message, in a direction, at which somebody was refused or robbed.
func (in *inspect) toDecision(direction int) {
	for i := in.list.cursor + direction; i >= 0 && i < len(in.messages); i += direction {
		if in.messages[i].answer.Outcome != "" {
			in.list.cursor = i
			in.list.clamp(len(in.messages), len(in.messages))
			in.selected()
			return
		}
	}
}
