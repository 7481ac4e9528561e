package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// What a player says at the console: which lines show something, how likely an explanation is, what to do. Each
// opens the form (drill_form.go), which puts the decision together.

func (d *drillScreen) mark() {
	if at, ok := d.at(paneEvidence); ok && d.focus == paneEvidence {
		n := d.evidence()[at].N
		if d.marked[n] = !d.marked[n]; !d.marked[n] {
			delete(d.marked, n)
		}
	}
}

// believe asks how likely an explanation is; what was marked in the logs is the evidence.
func (d *drillScreen) believe(a *app) {
	words := []string{}
	if at, ok := d.at(paneSuspects); ok && d.focus == paneSuspects {
		words = append(words, d.sight.Suspects[at].ID)
	}
	d.order(a, "believe", words...)
}

// link asks which explanation the lines are linked to that were marked, or else the selected one.
func (d *drillScreen) link(a *app) {
	if len(d.markedWords()) == 0 {
		a.note = "mark lines under Evidence first (x), or select one there"
		return
	}
	words := []string{}
	if at, ok := d.at(paneSuspects); ok && d.focus == paneSuspects {
		words = append(words, d.sight.Suspects[at].ID)
	}
	d.order(a, "link", words...)
}

func (d *drillScreen) reply(a *app) {
	words := []string{}
	if at, ok := d.at(paneInbox); ok && d.focus == paneInbox {
		m := d.message(at)
		if m.AnswerBy == 0 || d.answered(m.ID) { // an answer takes an operator's time
			a.note = "nobody waits for an answer to this message; ? marks those that somebody waits for"
			return
		}
		words = append(words, m.ID)
	}
	d.order(a, "answer", words...)
}

// cancel asks which decision to take back; it is not asked where there is but one.
func (d *drillScreen) cancel(a *app) {
	var open []string
	for _, one := range d.sight.Done {
		if one.Open(d.sight.Now) {
			open = append(open, itoa(one.N))
		}
	}
	switch {
	case len(open) == 0 && !d.atDesk():
		a.note = "nothing waits or is under way that could be taken back"
	case len(open) == 1:
		d.order(a, drill.Cancel, open...)
	default:
		d.order(a, drill.Cancel)
	}
}

// order opens the form for an action.
func (d *drillScreen) order(a *app, id string, words ...string) {
	i := slices.IndexFunc(d.sight.Actions, func(one drill.Action) bool { return one.ID == id })
	switch {
	case d.sight.Over:
		a.note = "the drill is over: nothing can be decided any more"
		return
	case i < 0:
		a.note = "that is for the facilitator"
		return
	case d.atDesk() && id != "inject":
		a.note = "the players decide; from the desk you have messages arrive (i) and hold the clock (space)"
		return
	}
	form := newOrderForm(d, d.sight.Actions[i], words)
	a.over = form
}

func (d *drillScreen) answered(id string) bool { return d.answerTo(id) >= 0 }

// answerTo is which of the decisions answers a message; -1 if none does.
func (d *drillScreen) answerTo(id string) int {
	return slices.IndexFunc(d.sight.Done, func(one drill.Done) bool {
		return one.Do == "answer" && !one.Cancelled && len(one.Args) > 0 && one.Args[0] == id
	})
}

// saidTo is what was said to a message, and when it gets there.
func (d *drillScreen) saidTo(m drill.Message, w int) []string {
	i := d.answerTo(m.ID)
	if i < 0 {
		return nil
	}
	one, text := d.sight.Done[i], "answered"
	for _, c := range m.Answers {
		if len(one.Args) > 1 && c.Word == one.Args[1] {
			text = "you say: " + c.Text
		}
	}
	return hang("", drill.Clock(one.Ends)+" "+text, w)
}

// answersTo is what can be said to a message; nothing where any answer is as good.
func (d *drillScreen) answersTo(id string) []drill.Choice {
	for _, m := range d.sight.Inbox {
		if m.ID == id {
			return m.Answers
		}
	}
	return nil
}

// markedWords are the lines that were marked; if none was, the one that is selected under Evidence.
func (d *drillScreen) markedWords() (words []string) {
	if at, ok := d.at(paneEvidence); ok && len(d.marked) == 0 && d.focus == paneEvidence {
		return []string{"e" + itoa(d.evidence()[at].N)}
	}
	var numbers []int
	for n := range d.marked {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		words = append(words, "e"+itoa(n))
	}
	return words
}

// orders are the actions, for the palette: that finds them by name.
func (d *drillScreen) orders() (out []entry) {
	for _, one := range d.sight.Actions {
		out = append(out, entry{name: "decide " + one.ID + ": " + clean(one.Title), do: func(a *app) tea.Cmd {
			d.order(a, one.ID)
			return nil
		}})
	}
	return out
}
