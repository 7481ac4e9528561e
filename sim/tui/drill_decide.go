package tui

import (
	"slices"

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
		words = append(words, d.message(at).ID)
	}
	d.order(a, "answer", words...)
}

// order opens the form for an action.
func (d *drillScreen) order(a *app, id string, words ...string) {
	i := slices.IndexFunc(d.sight.Actions, func(one drill.Action) bool { return one.ID == id })
	if i < 0 || d.sight.Over {
		a.note = "the drill is over: nothing can be decided any more"
		return
	}
	form := newOrderForm(d, d.sight.Actions[i], words)
	a.over = form
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
