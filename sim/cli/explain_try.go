package cli

import (
	"fmt"

	"thiefbox/attacker/probe"
	"thiefbox/sim/report"
)

// tryDoc is what is to be known of a try of `probe`.
type tryDoc struct {
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	Control string       `json:"control,omitempty"`
	Rule    string       `json:"rule,omitempty"`
	Clause  string       `json:"clause"`
	Gain    string       `json:"gain"`
	Fix     string       `json:"fix"`
	Tokens  []probe.Kind `json:"tokens"` // that it is about
}

func describeTry(t probe.Try) tryDoc {
	r := report.ProbeTry{Control: t.Control, Clause: t.Clause, Gain: t.Gain}.Told()
	return tryDoc{t.Name, t.Title, t.Control, r.Rule, r.Clause, r.Gain, t.Fix, t.Kinds()}
}

func tryNamed(name string) (probe.Try, bool) {
	for _, t := range probe.Tries() {
		if fold(name) == t.Name {
			return t, true
		}
	}
	return probe.Try{}, false
}

func explainTry(w page, t tryDoc) {
	fmt.Fprintf(w, "%s\n%s\n", t.Name, report.Sentence(t.Title))
	if t.Control != "" {
		section(w, "What ought to refuse it", t.Control+": "+t.Rule+" ("+t.Clause+")")
	} else {
		section(w, "What ought to refuse it", "the plain duty to ask for an access token ("+t.Clause+")")
	}
	section(w, "What a thief has of it", report.Sentence(t.Gain))
	section(w, "To do, where it is served", report.Sentence(t.Fix))
	var kinds []string
	for _, k := range t.Tokens {
		kinds = append(kinds, string(k))
	}
	section(w, "About tokens that are", words(kinds, "or"))
	section(w, "Try it", "thiefbox probe URL --only "+t.Name)
}
