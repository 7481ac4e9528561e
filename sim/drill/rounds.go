package drill

import (
	"fmt"
	"slices"
	"strings"
)

// A round of the thief's is the only proof of what he can still do, and the latest one may lie before what was decided.
// Conditions that tell of the effect of a decision ask for the rounds since.

// eradicated is the word for the cause being gone, where a decision or a message could stand.
const eradicated = "eradicated"

// roundsSince is how many rounds the thief has tried since a decision came into effect for the first time, since a
// message arrived, or since the cause was gone for good; 0 while it was not.
func (d *Drill) roundsSince(word string) int {
	for _, note := range []string{word, "done " + word, "fired " + word} {
		if n, there := d.notedIn[note]; there {
			return d.rounds - n
		}
	}
	return 0
}

// markEradicated notes since when the cause has been gone; that it comes back takes the note away.
func (d *Drill) markEradicated() {
	if d.erad.met(withoutCause{d}) {
		d.note(eradicated)
		return
	}
	delete(d.notes, eradicated)
	delete(d.notedIn, eradicated)
}

// staleSuccess tells of conditions that join what was decided with success, which may be of a round before it.
func (v *validator) staleSuccess() {
	look := func(path string, c Condition) {
		uses := func(name string) int { return slices.IndexFunc(c.uses, func(u use) bool { return u.name == name }) }
		done := uses("done")
		if done < 0 || uses("success") < 0 || uses("rounds_since") >= 0 {
			return
		}
		v.at(path, "success is of the thief's latest round, which may lie before done('%[1]s'): ask for rounds_since('%[1]s') > 0 besides", c.uses[done].word)
	}
	for i := range v.file.Objectives {
		look(fmt.Sprintf("$.objectives[%d].when", i), v.file.Objectives[i].when)
	}
	for i := range v.file.Injects {
		look(fmt.Sprintf("$.injects[%d].when", i), v.file.Injects[i].when)
	}
	for i := range v.file.Traps {
		look(fmt.Sprintf("$.traps[%d].when", i), v.file.Traps[i].when)
	}
}

// answers checks what can be said to a message: there is a good thing to say, and whoever has to choose has to answer.
func (v *validator) answers(i int, in Inject) {
	path := fmt.Sprintf("$.injects[%d].answers", i)
	if len(in.Answers) == 0 {
		return
	}
	if in.AnswerWithin <= 0 {
		v.at(path, "expected answer_within beside answers: nobody is asked who has no time to answer by")
	}
	good := false
	for j, r := range in.Answers {
		if good = good || r.Wrong == ""; r.WrongWhen != "" && strings.TrimSpace(r.Wrong) == "" {
			v.at(fmt.Sprintf("%s[%d]", path, j), "expected wrong, which says why, beside wrong_when")
		}
	}
	if !good {
		v.at(path, "expected one answer that is not wrong")
	}
}
