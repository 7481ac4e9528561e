package report

import (
	"fmt"
	"io"

	"thiefbox/sim/control"
	"thiefbox/sim/worth"
)

// WriteOrder writes an order of deployment, a step an entry.
func WriteOrder(w io.Writer, attacks []Attack, r worth.Rollout, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.entry("", 0, fmt.Sprintf("From %s, %s get in. Each step switches on what stops the most of them.", r.From, count(len(r.Open), "attack")))
	for i, s := range r.Steps {
		p.line("")
		p.entry("", 0, fmt.Sprintf("%d. %s: stops %s, %d still get in.", i+1, list(s.Controls), itoa(len(s.Stops)), s.Open))
		for _, id := range s.Controls {
			if c, err := control.Lookup(id); err == nil {
				p.entry("", 3, "Refuses unless "+c.Title+".")
			}
		}
		p.entry("", 3, "Stops "+list(s.Stops)+".")
		if len(s.LetsIn) > 0 {
			p.entry("", 3, "Lets in "+list(s.LetsIn)+", which were stopped before: more is not always safer.")
		}
		if len(s.Breaks) > 0 {
			p.entry("", 3, "Breaks: "+Clean(list(s.Breaks))+".")
		}
		if len(s.Controls) > 1 {
			p.entry("", 3, "No single control stops another attack; these do together.")
		}
		if s.Why != "" {
			p.entry("", 3, "As good: "+some(s.AsGood)+". This one first: "+s.Why+".")
		}
	}
	p.line("")
	p.remains(attacks, r)
	return p.err
}

func (p *page) remains(attacks []Attack, r worth.Rollout) {
	if len(r.Left) > 0 {
		p.line("No control of this dialect stops")
		for _, a := range attacks {
			for _, id := range r.Left {
				if a.ID == id {
					p.entry("", 2, Clean(a.ID+" "+a.Title))
				}
			}
		}
		p.line("")
	}
	if len(r.Void) > 0 {
		p.entry("", 0, "Left out, since their runs prove nothing: "+list(r.Void)+". Are all honest clients served under "+Clean(r.From)+"?")
	}
	if len(r.Idle) > 0 {
		p.entry("", 0, "Not needed for these attacks after that (they still stand behind others): "+list(r.Idle)+".")
	}
	if len(r.Blocked) == 0 {
		return
	}
	p.line("")
	p.line("Not before clients speak otherwise")
	for _, b := range r.Blocked {
		who := "clients would not satisfy it"
		if len(b.Breaks) > 0 {
			who = "breaks " + Clean(some(b.Breaks))
		}
		p.entry("", 2, demand(b.Control)+"; "+who)
	}
}

// some are the first of many.
func some(all []string) string {
	const most = 5
	if len(all) <= most+1 {
		return list(all)
	}
	return list(append(all[:most:most], fmt.Sprintf("%d more", len(all)-most)))
}
