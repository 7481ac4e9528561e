package aar

import (
	"cmp"
	"slices"
	"strconv"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// Explanation is something the players held to be more or less likely, and why. Right says whether it was, where the
// drill knows: of what they put into their own words it does not, and nobody is judged by it.
type Explanation struct {
	ID       string   `json:"id"`
	Text     string   `json:"text"`
	Own      bool     `json:"own,omitempty"` // in the players' words
	Right    string   `json:"right"`         // yes, no, or unknown
	Said     []string `json:"said"`          // when, and how likely
	Evidence []string `json:"evidence"`      // lines of the logs
}

// mostEvidence of one explanation is quoted.
const mostEvidence = 6

// explanations are those about which something was said, and all that the drill named.
func explanations(d *drill.Drill) (out []Explanation) {
	v, f := d.View(), d.File()
	for _, h := range f.Hypotheses {
		out = append(out, Explanation{ID: h.ID, Text: h.Text, Right: map[bool]string{true: "yes", false: "no"}[h.True]})
	}
	for _, o := range v.Own {
		text := o.Text
		if o.By != "" {
			text += " (" + o.By + ")"
		}
		out = append(out, Explanation{ID: o.ID, Text: text, Own: true, Right: "unknown"})
	}
	lines := d.Evidence(1)
	for i := range out {
		one := &out[i]
		one.Said, one.Evidence = []string{}, []string{}
		for _, b := range v.Beliefs {
			if b.Hypothesis == one.ID {
				one.Said = append(one.Said, drill.Clock(b.At)+" "+cmp.Or(b.Mark, strconv.Itoa(b.Percent)+" %"))
			}
		}
		linked := d.Linked(one.ID)
		for _, e := range lines {
			if slices.Contains(linked, e.N) && len(one.Evidence) < mostEvidence {
				one.Evidence = append(one.Evidence, e.String())
			}
		}
		if more := len(linked) - len(one.Evidence); more > 0 && len(one.Evidence) == mostEvidence {
			one.Evidence = append(one.Evidence, "and "+strconv.Itoa(more)+" more")
		}
	}
	return out
}

func (r Report) explanations() page.Section {
	s := page.Section{Title: "Explanations", Notes: []string{"What was held likely, when, and by which lines of the logs. Whether it was right is said where the drill knows; explanations in the players' own words are shown and not scored."},
		Head: []string{"", "Explanation", "Said", "Evidence", "Right"}}
	for _, e := range r.Explanations {
		text := e.Text
		if e.Own {
			text = "in their words: " + text
		}
		s.Rows = append(s.Rows, []string{e.ID, text, orNone(e.Said), orNone(e.Evidence), e.Right})
	}
	return s
}
