package drill

import (
	"slices"
	"time"
)

// A message that waits for an answer is a question put to the table. What was said is on the tape, and the report holds
// it against the facts as they stood when it was said.

// wrongNow is why something should not be said as things stand; empty where it may be.
func (d *Drill) wrongNow(r *Reply) string {
	if r.WrongWhen != "" && !r.wrong.met(d) {
		return ""
	}
	return flat(r.Wrong)
}

// Asked is a message that waited for an answer, and what became of it.
type Asked struct {
	Message
	Answered time.Duration // -1 if nobody answered
	Said     string        // where there were things to choose from
	Wrong    string        // why it should not have been said, as things stood
	Good     []string      // what could have been said, where something was to be chosen
}

// Asked are the messages that waited for an answer, as they came in.
func (d *Drill) Asked() (out []Asked) {
	for _, m := range d.inbox {
		if m.AnswerBy == 0 {
			continue
		}
		one := Asked{Message: m, Answered: never}
		if at, there := d.answered[m.ID]; there {
			one.Answered = at
		}
		if i := slices.IndexFunc(d.said, func(s said) bool { return s.to.ID == m.ID }); i >= 0 {
			one.Said, one.Wrong = flat(d.said[i].reply.Text), d.said[i].wrong
		}
		for _, r := range d.file.inject(m.ID).Answers {
			if r.Wrong == "" {
				one.Good = append(one.Good, flat(r.Text))
			}
		}
		out = append(out, one)
	}
	return out
}

// AnswerTo is the name of the duty to answer a message.
func AnswerTo(id, from string) string { return "answer to " + id + " (" + from + ")" }
