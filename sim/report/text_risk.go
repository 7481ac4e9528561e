package report

import (
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/worth"
)

// WriteRisk writes what is left of the ways to steal, before and after, and how not to read it.
func WriteRisk(w io.Writer, attacks []Attack, r worth.Risk, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.entry("", 0, fmt.Sprintf("Of %s that yield records where no control is on, the share that still yields data, weighed %s:", itoa(len(r.Vectors))+" ways to steal", r.Weighed))
	p.line("")
	p.side("before", r.Before)
	p.side("after", r.After)
	p.entry("", 0, fmt.Sprintf("Relative reduction %s. Intervals are the 5th to 95th percentile over uncertain weights (Dirichlet, concentration %g, %d draws, seed %d).",
		interval(r.Reduced), r.Concentration, r.Draws, r.Seed))
	p.line("")
	p.adaptive(r)
	p.contributions(attacks, r)
	p.entry("", 0, "With each weight halved or doubled, the figure after moves most by: "+swings(r)+".")
	if r.Defect.Control != "" {
		p.entry("", 0, fmt.Sprintf("As deployed: with one control missing the figure after is up to %s (%s).", percent(r.Defect.Residual), r.Defect.Control))
	} else {
		p.entry("", 0, "As deployed: no single missing control raises the figure after.")
	}
	p.line("")
	p.line("How to read this")
	for i, c := range r.Caveats {
		p.entry(fmt.Sprintf("  %d. ", i+1), 5, c)
	}
	p.entry("", 0, "Ways and weights: hash "+r.Hash+".")
	return p.err
}

func (p *page) side(when string, s worth.SideRisk) {
	if p.opt.Plain {
		p.entry("", 0, fmt.Sprintf("%s, %s: %s; %d still yield; %.1f records per success, %.1f per attempt.", when, Clean(s.Profile), interval(s.Residual), s.Count, s.Records, s.Product))
		return
	}
	const most = 30
	n := int(s.Residual.Value*most + 0.5)
	p.line("%s [%s%s] %s", pad(when, 6), strings.Repeat("#", n), strings.Repeat(".", most-n), interval(s.Residual))
	p.entry("", 7, fmt.Sprintf("%s: %d still yield; %.1f records per success, %.1f per attempt", Clean(s.Profile), s.Count, s.Records, s.Product))
}

func interval(i worth.Interval) string {
	return fmt.Sprintf("%s (%s to %s)", percent(i.Value), percent(i.P5), percent(i.P95))
}

func (p *page) adaptive(r worth.Risk) {
	for _, s := range []worth.SideRisk{r.Before, r.After} {
		text := "nothing yields data any more"
		if a := s.Adaptive; a.Attack != "" {
			text = fmt.Sprintf("%s, by %s (%s)", percent(a.Yield), a.Attack, count(a.Records, "record"))
			if n := len(a.AsGood); n > 0 {
				text += fmt.Sprintf("; %d other ways are as good", n)
			}
		}
		p.entry("", 0, "The adaptive thief under "+Clean(s.Profile)+": "+text+".")
	}
	p.line("")
}

func (p *page) contributions(attacks []Attack, r worth.Risk) {
	titles := map[string]string{}
	for _, a := range attacks {
		titles[a.ID] = a.Title
	}
	p.entry("", 0, "What contributes: weight x yield, before -> after. In brackets what the same thief does, with the same foothold, where the attack makes no sense.")
	rest, nothing := 0, 0
	for i, v := range r.Vectors {
		b, a := v.Weight*v.Before.Yield, v.Weight*v.After.Yield
		switch {
		case a == 0 && b == 0:
			nothing++
			continue
		case a == 0 && i > 24 && !p.opt.Verbose:
			rest++
			continue
		}
		text := fmt.Sprintf("%.1f%% -> %.1f%%  %s %s", 100*b, 100*a, v.Attack, titles[v.Attack])
		for _, x := range []struct{ when, instead string }{{"before", v.Before.Instead}, {"after", v.After.Instead}} {
			if x.instead == "none" {
				text += " (" + x.when + ": nothing)"
			} else if x.instead != "" {
				text += " (" + x.when + ": " + x.instead + ")"
			}
		}
		p.entry("", 2, Clean(text))
	}
	if rest > 0 {
		p.line("  and %d more that are stopped; --json has them all", rest)
	}
	if nothing > 0 {
		p.line("  and %d that yield nothing either time", nothing)
	}
	p.line("")
}

func swings(r worth.Risk) string {
	var out []string
	for _, s := range r.Swings[:min(3, len(r.Swings))] {
		out = append(out, fmt.Sprintf("%s (%s to %s)", s.Attack, percent(min(s.Halved, s.Doubled)), percent(max(s.Halved, s.Doubled))))
	}
	return list(out)
}
