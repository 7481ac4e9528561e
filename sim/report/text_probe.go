package report

import (
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/verdict"
)

// WriteProbe writes what became of an API: the honest requests, a line a try, and what is to be done, worst first. Verbose
// adds what was not tried and why, and what is unusual about refusals.
func WriteProbe(w io.Writer, d Probe, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	t := d.Target
	p.entry("", 0, Clean(fmt.Sprintf("%s %s, with %s tokens of %s, as %s asks.", t.Method, t.URL, boundWords(t.Bound), t.Issuer, d.Profile)))
	p.probeHonest(d.Honest)
	if d.Honest.Served {
		p.line("")
		p.probeLines(d)
		p.probeFindings(d)
		p.probeNotes(d)
	}
	for _, s := range d.Stale {
		p.entry("", 0, Clean("The baseline is stale: "+s+"."))
	}
	p.line("")
	s := d.Summary()
	if _, _, _, skipped := d.outcomes(); skipped > 0 && !opt.Verbose {
		s += " -v says what was not tried."
	}
	p.entry("", 0, s)
	return p.err
}

func boundWords(kind string) string {
	switch kind {
	case "dpop":
		return "DPoP-bound"
	case "mtls":
		return "certificate-bound"
	}
	return kind
}

func (p *page) probeHonest(h ProbeHonest) {
	if h.Served {
		p.entry("", 0, fmt.Sprintf("The honest are served: %d of %d right requests (%s).", h.Sent, h.Sent, statusWords(h.Statuses)))
		return
	}
	p.entry("", 0, p.paint("Void", "Void")+": the honest are not served ("+statusWords(h.Statuses)+"), so nothing was tried: what refuses everybody proves nothing.")
	if h.Reason != "" {
		p.entry("", 2, Clean(h.Reason))
	}
	if len(h.Look) > 0 {
		p.line("Look at")
		for _, l := range h.Look {
			p.entry("  - ", 4, Clean(l))
		}
	}
}

func statusWords(statuses []int) string {
	var words []string
	for _, s := range statuses {
		word := itoa(s)
		if s == 0 {
			word = "no answer"
		}
		if n := len(words); n == 0 || words[n-1] != word {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// probeLines is a line a try.
func (p *page) probeLines(d Probe) {
	width := 0
	for _, t := range d.Tries {
		width = max(width, len(t.Name))
	}
	for _, t := range d.Tries {
		if t.Skipped != "" {
			continue
		}
		word := Word(t.Verdict.Outcome)
		head := p.paint(word, pad(word, len("Breached"))) + "  " + pad(t.Name, width) + "  "
		p.entry(head, len("Breached")+2+width+2, Clean(probeLine(t, d.Profile)))
	}
}

func probeLine(t ProbeTry, profile string) string {
	line := t.Title
	switch {
	case t.Surprise && t.Expected != "" && t.Verdict.Outcome != verdict.Void && t.Expected != verdict.Held:
		line += " (expected: " + Word(t.Expected) + ")"
	case t.Verdict.Outcome == verdict.Breached && !t.Surprise && !t.Demanded:
		line += " (" + profile + " does not ask)"
	case t.Verdict.Outcome != verdict.Held && !t.Surprise:
		line += " (accepted)"
	}
	return line
}

// probeFindings explains what was not held: what is asked for first, and one control once.
func (p *page) probeFindings(d Probe) {
	for _, surprising := range []bool{true, false} {
		told := map[string]bool{}
		for _, t := range d.Tries {
			if t.Skipped != "" || t.Verdict.Outcome == verdict.Held || t.Surprise != surprising || told[t.finding()] {
				continue
			}
			told[t.finding()] = true
			p.line("")
			p.probeFinding(t, d)
		}
	}
}

// finding is what tries have in common that are told together.
func (t ProbeTry) finding() string {
	if t.Control == "" {
		return t.Name + t.Fix
	}
	return fmt.Sprint(t.Control, t.Verdict.Outcome, t.Verdict.Reason, t.Fix, t.Surprise)
}

func (p *page) probeFinding(t ProbeTry, d Probe) {
	const column = 12
	word := Word(t.Verdict.Outcome)
	for i, other := range d.Tries {
		if other.Skipped == "" && other.finding() == t.finding() {
			lead := p.paint(word, word)
			if other.Name != t.Name {
				lead = pad("", len(word))
			}
			p.line("%s %s: %s", lead, other.Name, Clean(d.Tries[i].Title))
		}
	}
	p.entry("  seen", column, Sentence(Clean(t.Verdict.Reason)))
	if t.Verdict.Outcome == verdict.Breached {
		p.entry("  a thief", column, Sentence(Clean(t.Gain)))
	}
	p.entry("  rule", column, Sentence(t.ruled(d.Profile)))
	if t.Verdict.Outcome == verdict.Breached {
		p.entry("  to do", column, Sentence(Clean(t.Fix)))
	}
}

// ruled names the rule: its control, what that asks, the clause, and whether the profile asks for it.
func (t ProbeTry) ruled(profile string) string {
	switch {
	case t.Control == "":
		return "a request without an access token is refused (" + t.Clause + ")"
	case !t.Demanded:
		return t.Control + ": " + t.Rule + " (" + t.Clause + "); " + Clean(profile) + " does not ask for it"
	}
	return t.Control + ": " + t.Rule + " (" + t.Clause + ")"
}

func (p *page) probeNotes(d Probe) {
	notes, skipped := &grouped{}, &grouped{}
	for _, t := range d.Tries {
		for _, n := range t.Notes {
			notes.add(n, t.Name)
		}
		if t.Skipped != "" {
			skipped.add(t.Skipped, t.Name)
		}
	}
	p.groups("Refused, but not in the words that clients go by", notes)
	if p.opt.Verbose {
		p.groups("Not tried", skipped)
	}
}

// grouped is names by what is said of them, in the order in which it is said first.
type grouped struct {
	order []string
	names map[string][]string
}

func (g *grouped) add(said, name string) {
	if g.names == nil {
		g.names = map[string][]string{}
	}
	if g.names[said] == nil {
		g.order = append(g.order, said)
	}
	g.names[said] = append(g.names[said], name)
}

func (p *page) groups(head string, g *grouped) {
	if len(g.order) == 0 {
		return
	}
	p.line("")
	p.line("%s", head)
	for _, said := range g.order {
		names := g.names[said]
		if len(names) > 3 && !p.opt.Verbose {
			names = append(names[:3:3], fmt.Sprintf("%d more", len(names)-3))
		}
		p.entry("  - ", 4, Clean(said)+": "+list(names)+".")
	}
}

// Summary is the last line.
func (p Probe) Summary() string {
	if !p.Honest.Served {
		return "Nothing was tried."
	}
	breached, held, void, skipped := p.outcomes()
	asked := 0
	for _, t := range p.Tries {
		if t.Surprise && t.Verdict.Outcome == verdict.Breached {
			asked++
		}
	}
	s := fmt.Sprintf("%d held, %d breached", held, breached)
	if breached > 0 && asked < breached {
		s += fmt.Sprintf(" (%d of them against what %s asks)", asked, Clean(p.Profile))
	}
	s += fmt.Sprintf(", %d void, %d not tried; %s sent.", void, skipped, count(p.Requests, "request"))
	if p.Surprises() == 0 {
		return s + " As expected."
	}
	return s
}
