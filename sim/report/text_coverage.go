package report

import (
	"fmt"
	"io"

	"thiefbox/sim/worth"
)

// WriteCoverage writes what the specifications ask and what touches it: what nothing touches first.
func WriteCoverage(w io.Writer, c worth.Coverage, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	for i, d := range c.Documents {
		if i > 0 {
			p.line("")
		}
		touched, untouched, done, unseen := split(d)
		p.entry("", 0, fmt.Sprintf("%s, %s: %s; %d touched, %d that nothing touches, %d kept by doing, %d that no message shows.", d.ID, d.Title,
			count(len(d.Clauses), "clause"), len(touched), len(untouched), len(done), len(unseen)))
		p.clauses("Nothing touches", untouched)
		p.clauses("Touched", touched)
		p.clauses("Kept by doing, which honest journeys show and no attack need", done)
		p.clauses("No message shows", unseen)
	}
	p.line("")
	p.entry("", 0, "Touched means cited by a control or shown by an attack, under the dialect of "+c.Profile+". It does not mean that every way to break the clause is tried.")
	return p.err
}

func split(d worth.CoveredDocument) (touched, untouched, done, unseen []worth.CoveredClause) {
	for _, c := range d.Clauses {
		switch {
		case c.Untouched():
			untouched = append(untouched, c)
		case len(c.Controls)+len(c.Attacks) > 0:
			touched = append(touched, c)
		case c.Wire == "done":
			done = append(done, c)
		default:
			unseen = append(unseen, c)
		}
	}
	return touched, untouched, done, unseen
}

func (p *page) clauses(head string, cs []worth.CoveredClause) {
	if len(cs) == 0 {
		return
	}
	p.line("  %s", head)
	for _, c := range cs {
		p.entry("", 4, c.ID+" ("+c.Level+") "+Sentence(c.Text))
		switch {
		case !c.Untouched():
		case c.Why == "":
			p.entry("", 8, "no reason is known")
		default:
			p.entry("", 8, "by construction: "+c.Why)
		}
		if len(c.Controls) > 0 {
			p.entry("", 8, "controls: "+list(c.Controls))
		}
		if len(c.Attacks) > 0 {
			p.entry("", 8, "attacks: "+list(c.Attacks))
		}
	}
}
