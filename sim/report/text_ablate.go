package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// WriteAblation writes what controls are worth. Of a single attack it tells everything; of a catalogue,
// what each control costs if it is missing, and the attacks that hang by one control.
func WriteAblation(w io.Writer, attacks []Attack, catalogues []worth.Catalogue, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	titles := map[string]Attack{}
	for _, a := range attacks {
		titles[a.ID] = a
	}
	for i, c := range catalogues {
		if i > 0 {
			p.line("")
		}
		if all := slices.Concat(c.Attacks, c.Chains); c.Asked == 1 && len(all) == 1 {
			p.ablated(titles[all[0].Attack], all[0], c)
			continue
		}
		p.catalogue(titles, c)
	}
	return p.err
}

func (p *page) ablated(a Attack, x worth.Ablation, c worth.Catalogue) {
	p.entry("", 0, Clean(a.ID+"  "+a.Title+", under "+c.Profile))
	p.line("")
	switch x.Outcome {
	case verdict.Held:
		p.entry("", 0, p.paint("Held", "Held")+" by "+x.StoppedBy+". "+standing(x))
		p.breakSets(x)
		p.shares(x)
	case verdict.Breached:
		p.entry("", 0, p.paint("Breached", "Breached")+" as it is: no control of the profile stops it.")
	default:
		p.entry("", 0, "Void: with the whole profile on, the run proves nothing.")
	}
	p.stopSets(x)
	p.fineprint(x, c)
	if !x.Complete {
		p.entry("", 0, fmt.Sprintf("At least %s of the controls matter to this attack. %s played now.", itoa(x.Relevant), count(c.Runs, "run")))
		return
	}
	p.entry("", 0, fmt.Sprintf("%s of the controls matter to this attack; the others were never asked or only passed, whatever else was on. %s played now.",
		itoa(x.Relevant), count(c.Runs, "run")))
}

// standing says how deep the defence is.
func standing(x worth.Ablation) string {
	if len(x.BreakSets) == 0 && !x.Complete {
		return "The search has found no set of controls without which it gets in."
	}
	if len(x.BreakSets) == 0 {
		return "It is stopped whatever else is taken away."
	}
	switch n := len(x.BreakSets[0]); n {
	case 1:
		return "One missing control is enough to let it in."
	default:
		return "No single control is missed; " + itoa(n) + " must be missing at once."
	}
}

func (p *page) breakSets(x worth.Ablation) {
	if len(x.BreakSets) == 0 {
		return
	}
	p.line("")
	p.line("It gets in without")
	p.sets(x.BreakSets)
}

func (p *page) stopSets(x worth.Ablation) {
	p.line("")
	if len(x.StopSets) == 0 {
		p.entry("", 0, "No set of the controls that this dialect allows stops it.")
	} else {
		p.line("The smallest sets that stop it with nothing else on, whether the profile has them or not")
		p.sets(x.StopSets)
	}
	p.line("")
}

const mostSets = 12 // shown of one kind

func (p *page) sets(sets [][]string) {
	for i, s := range sets {
		if i == mostSets {
			p.line("  and %d more; --json has them all", len(sets)-i)
			return
		}
		p.entry("", 2, list(s))
	}
}

func (p *page) shares(x worth.Ablation) {
	if len(x.Shares) == 0 {
		return
	}
	p.line("")
	if x.Orders > 0 {
		p.entry("", 0, fmt.Sprintf("The shares are estimates, from %d orders drawn at random (seeded), each with half the width of its 95%% interval.", x.Orders))
	}
	p.entry("", 0, "Shares of the credit for stopping it (Shapley value: over all orders of switching controls on, how often this one is "+
		"the one with which it comes to be stopped; not a probability of attack)")
	for _, s := range x.Shares {
		switch {
		case s.Error > 0:
			p.line("  %s %s", pad(percent(s.Share)+" ±"+percent(s.Error), 9), s.Control)
		case s.Share != 0:
			p.line("  %s %s", pad(percent(s.Share), 5), s.Control)
		}
	}
}

func (p *page) fineprint(x worth.Ablation, c worth.Catalogue) {
	for _, b := range x.Backfires {
		p.entry("", 0, "More is not always safer here: "+list(b.Stops)+" stops it, and with "+list(b.Added)+" added it gets in.")
	}
	if len(x.Backfires) == 0 && x.Complete {
		p.entry("", 0, "More is never worse here: no set of controls stops it and lets it in with one more (looked at for all sets).")
	}
	if x.Void > 0 {
		p.entry("", 0, fmt.Sprintf("In %s the run proves nothing; these count as not stopped.", count(x.Void, "part of the map")))
	}
	if !x.Complete {
		p.entry("", 0, searched(x, c))
	}
}

// searched says what sets are worth that a search found.
func searched(x worth.Ablation, c worth.Catalogue) string {
	s := fmt.Sprintf("Not complete: the map has more than %d parts, and the sets were searched for, with %d questions at most. ", c.Budget, x.Questions)
	if x.Unshrunk == 0 {
		s += "No control can be spared from any of them"
	} else {
		s += fmt.Sprintf("No control can be spared from any of them but %s, at which the questions were used up", itoa(x.Unshrunk))
	}
	return s + "; there may be others, and smaller ones. --budget looks further."
}

func percent(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) }

func (p *page) catalogue(titles map[string]Attack, c worth.Catalogue) {
	held, alone, open, backfires, incomplete := 0, 0, 0, 0, 0
	for _, a := range c.Attacks {
		switch {
		case a.Outcome == verdict.Held && len(a.Alone()) > 0:
			alone++
			held++
		case a.Outcome == verdict.Held:
			held++
		case a.Outcome == verdict.Breached:
			open++
		}
		if len(a.Backfires) > 0 {
			backfires++
		}
		if !a.Complete {
			incomplete++
		}
	}
	if done := len(c.Attacks) + len(c.Chains); done < c.Asked {
		p.entry("", 0, fmt.Sprintf("Interrupted: this is of %d of %s.", done, count(c.Asked, "attack")))
	}
	p.entry("", 0, fmt.Sprintf("%s under %s: %d get in as it is, %d are stopped. Of these, %d hang by a single control; for %d at least two must be missing.",
		count(len(c.Attacks), "attack"), c.Profile, open, held, alone, held-alone))
	p.line("")
	p.worthTable(c)
	p.hanging(titles, c)
	p.chains(titles, c)
	if backfires > 0 {
		p.entry("", 0, fmt.Sprintf("With %s more is not always safer: a control added lets in what was stopped. Ablate one alone to see which:%s.",
			count(backfires, "attack"), backfiring(c)))
	}
	if incomplete > 0 {
		p.entry("", 0, fmt.Sprintf("Not complete for %s: their maps have more than %d parts; shares there are estimates.", count(incomplete, "attack"), c.Budget))
	}
	p.entry("", 0, fmt.Sprintf("Alone: attacks that get in if this control alone is missing. Pairs: those that get in if it and one certain other are. "+
		"Share: how many attacks' worth of stopping it carries if credit is divided over all orders of deployment (Shapley value). %s played now.", count(c.Runs, "run")))
}

func backfiring(c worth.Catalogue) (s string) {
	for _, a := range c.Attacks {
		if len(a.Backfires) > 0 {
			s += " " + a.Attack
		}
	}
	return s
}

func (p *page) worthTable(c worth.Catalogue) {
	if p.opt.Plain {
		for _, w := range c.Controls {
			p.entry("", 0, fmt.Sprintf("%s: %d alone%s; %d in pairs; share %.1f.", w.Control, len(w.Alone), in(w.Alone), len(w.Pairs), w.Share))
		}
		p.line("")
		return
	}
	width := len("control")
	for _, w := range c.Controls {
		width = max(width, len(w.Control))
	}
	p.line("%s  alone  pairs  share", pad("control", width))
	rest := 0
	for _, w := range c.Controls {
		if len(w.Alone)+len(w.Pairs) == 0 && w.Share < 0.05 {
			rest++
			continue
		}
		p.line("%s  %5d  %5d  %5.1f  %s", pad(w.Control, width), len(w.Alone), len(w.Pairs), w.Share, cut(strings.Join(w.Alone, " "), max(p.opt.Width-width-26, 10)))
	}
	if rest > 0 {
		p.line("and %s that none of these attacks depends on", count(rest, "control"))
	}
	p.line("")
}

// chains are told apart: what they consist of is counted already.
func (p *page) chains(titles map[string]Attack, c worth.Catalogue) {
	if len(c.Chains) == 0 {
		return
	}
	p.line("Chains, which consist of attacks above and are not counted")
	for _, a := range c.Chains {
		how := "Void"
		switch {
		case a.Outcome == verdict.Breached:
			how = "gets in as it is"
		case a.Outcome == verdict.Held && len(a.BreakSets) == 0:
			how = "stopped whatever else is taken away"
		case a.Outcome == verdict.Held:
			how = "gets in without " + list(a.BreakSets[0])
			if n := len(a.BreakSets) - 1; n > 0 {
				how += ", or " + count(n, "other set")
			}
		}
		p.entry("", 2, Clean(a.Attack+" "+titles[a.Attack].Title+": "+how))
	}
	p.line("")
}

func in(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " (" + strings.Join(ids, ", ") + ")"
}

// hanging lists the attacks that a single missing control lets in.
func (p *page) hanging(titles map[string]Attack, c worth.Catalogue) {
	first := true
	for _, a := range c.Attacks {
		if alone := a.Alone(); len(alone) > 0 {
			if first {
				p.line("Attacks that hang by a single control")
				first = false
			}
			p.entry("", 2, Clean(a.Attack+" "+titles[a.Attack].Title+": "+list(alone)))
		}
	}
	if !first {
		p.line("")
	}
}
