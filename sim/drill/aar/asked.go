package aar

import (
	"strings"
	"time"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// Question is a message that waited for an answer: what was said to it, and how that stands against the facts of the
// moment in which it was said.
type Question struct {
	ID       string `json:"id"`
	From     string `json:"from"`
	Asked    string `json:"asked"`
	At       string `json:"at"`
	By       string `json:"by"`
	Answered string `json:"answered"`       // never, if nobody did
	Said     string `json:"said,omitempty"` // where there were things to choose from; elsewhere it was said in the room
	InTime   bool   `json:"in_time"`
	Held     string `json:"held"`           // against the facts: it stands, or why it does not
	True     string `json:"true"`           // then; without an answer, when it was due
	Good     string `json:"good,omitempty"` // what could have been said
	failed   bool   // what was said does not stand
}

// duty is the name that the score has for answering it.
func (q Question) duty() string { return drill.AnswerTo(q.ID, q.From) }

func questions(d *drill.Drill) (out []Question) {
	history, ends := d.Truth().History, d.File().Duration
	for _, a := range d.Asked() {
		q := Question{ID: a.ID, From: a.From, Asked: a.Text, At: drill.Clock(a.At), By: drill.Clock(a.AnswerBy), Answered: when(a.Answered),
			Said: a.Said, InTime: a.Answered >= 0 && a.Answered <= a.AnswerBy, Good: strings.Join(a.Good, " Or: ")}
		at := a.Answered
		switch {
		case a.Answered < 0 && a.AnswerBy > ends:
			at, q.Held = ends, "not answered; it could still have been, after the end"
		case a.Answered < 0:
			at, q.Held = a.AnswerBy, "not answered"
		case a.Said == "":
			q.Held = "said in the room: nothing here knows what"
		case a.Wrong != "":
			q.Held, q.failed = "it does not stand: "+a.Wrong, true
		default:
			q.Held = "it stands"
		}
		q.True = stateAt(history, at) + causeAt(history, at)
		out = append(out, q)
	}
	return out
}

// causeAt says whether the cause was gone at a moment.
func causeAt(history []drill.Moment, at time.Duration) string {
	gone := false
	for _, m := range history {
		if m.At <= at {
			gone = m.Cause
		}
	}
	if gone {
		return ", and the cause was gone"
	}
	return ", and the cause was there"
}

func (r Report) questions() page.Section {
	s := page.Section{Title: "Questions", Notes: []string{"What the table was asked, what was said, and how that stood against the facts when it was said. Where nothing was to be chosen, it was said in the room: talk about it there."},
		Head: []string{"", "Asked", "By", "Answered", "Said", "Against the facts", "What was true then"}, None: "Nobody waited for an answer."}
	for _, q := range r.Questions {
		held := q.Held
		if q.Good != "" && held != "it stands" {
			held = strings.TrimSuffix(held, ".") + ". It could have been said: " + q.Good
		}
		late := ""
		if q.Answered != "never" && !q.InTime {
			late = ", late"
		}
		s.Rows = append(s.Rows, []string{q.ID, q.From + ": " + q.Asked, q.By, q.Answered + late, q.Said, held, q.True})
	}
	return s
}
