package tui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"thiefbox/sim/drill"
)

// longText is the text of the pane that has the keys, to know how far it scrolls.
func (d *drillScreen) longText(t theme, w int) []string { return d.long(t, d.focus, w) }

func (d *drillScreen) long(t theme, which drillPane, w int) []string {
	if which == paneTruth {
		return d.truth(t, w)
	}
	return d.clocks(t, w)
}

// clocks are the harm as far as it is known, who is not served, and what the law wants told by when.
func (d *drillScreen) clocks(t theme, w int) []string {
	s := d.sight
	records := "records unknown yet"
	if s.Known {
		records = fmt.Sprintf("%.0f records", s.Harm.Records)
	}
	lines := fields(w, "Broken", count(s.Broken, "client")+", "+count(s.Dark, "clinic")+" dark", "Lost", fmt.Sprintf("%.0f clinic-minutes, %s", s.Harm.ClinicMinutes, records),
		"Operators", operators(s))
	for _, one := range s.Done {
		if one.Open(s.Now) {
			lines = append(lines, hang(" ", clean(itoa(one.N)+" "+one.Decision.String()+": "+one.Pace(s.Now)), w)...)
		}
	}
	lines = append(lines, t.strong.Render("To be told")+" (practice; you judge which apply)")
	for _, o := range s.Duties {
		lines = append(lines, hang(" ", clean(dutyLine(o, s.Now)), w)...)
	}
	for _, one := range s.Services {
		if one.State != drill.Served {
			lines = append(lines, hang(" ", clean("not served: "+one.String()), w)...)
		}
	}
	for i, k := range s.Keys {
		if i == 0 {
			lines = append(lines, t.strong.Render("Keys")+" of the login server, and the APIs that believe them")
		}
		lines = append(lines, hang(" ", clean(k.String()), w)...)
	}
	for i, c := range s.Clients {
		if i == 0 {
			lines = append(lines, t.strong.Render("Clients")+", as decisions name them")
		}
		lines = append(lines, hang(" ", clean(c.Word+": "+c.Text), w)...)
	}
	return append(lines, "$ shows the score, enter too")
}

// operators are when each is free.
func operators(s drill.Sight) string {
	var all []string
	for _, free := range s.Crew {
		if free > s.Now {
			all = append(all, "busy until "+drill.Clock(free))
		} else {
			all = append(all, "free")
		}
	}
	return strings.Join(all, ", ")
}

func dutyLine(o drill.DutyView, now time.Duration) string {
	switch {
	case o.Done:
		return o.ID + ": done"
	case o.Due == 0:
		return o.ID + ": " + span(o.Within) + " from when you know"
	case o.Due < now:
		return o.ID + ": OVERDUE since " + drill.Clock(o.Due)
	}
	return o.ID + ": due " + drill.Clock(o.Due)
}

// truth is what really goes on: for the facilitator, and for everybody afterwards.
func (d *drillScreen) truth(t theme, w int) (lines []string) {
	s := d.sight
	if s.Truth == nil {
		return wrap("known when the drill is over", w)
	}
	lines = append(lines, fmt.Sprintf("%.0f records have reached the thief; his last round", s.Truth.Records),
		fmt.Sprintf("succeeded at %.0f %% of the APIs he turned to.", 100*s.Truth.Success))
	if s.Guide != nil {
		lines = append(append(lines, "", t.strong.Render("What is true")), wrap(strings.Join(strings.Fields(s.Guide.Truth), " "), w)...)
		lines = append(append(lines, ""), wrap("Modelled on: "+s.Source, w)...)
		lines = append(lines, "", t.strong.Render("Ask"))
		for _, p := range s.Guide.Prompts {
			lines = append(lines, hang("  ", p, w)...)
		}
		lines = append(lines, "", t.strong.Render("Still to come")+" (i has one arrive now)")
		for _, m := range s.Coming {
			lines = append(lines, hang("  ", clean(m.ID+" "+m.From+": "+m.Text), w)...)
		}
	}
	lines = append(lines, "", t.strong.Render("The thief, last first"))
	tries := s.Truth.Tries
	for i := len(tries) - 1; i >= max(0, len(tries)-12); i-- {
		one := tries[i]
		word := wordStop
		if one.Won {
			word = wordLeak
		}
		lines = append(lines, hang("  ", fmt.Sprintf("%s %s %s at %s: %s", word, drill.Clock(one.At), one.Name(), one.API, clean(one.Reason)), w)...)
	}
	for i, trap := range s.Truth.Traps {
		if i == 0 {
			lines = append(lines, "", t.strong.Render("Walked into"))
		}
		lines = append(lines, hang("  ", trap, w)...)
	}
	return lines
}

// scorePage is every term of the score that is known.
func (d *drillScreen) scorePage(a *app) *page {
	w := min(a.w-6, 96) - 4
	t, s := a.theme, d.sight
	p := &page{title: "The score so far"}
	row := func(weight float64, amount, what string) {
		p.lines = append(p.lines, fmt.Sprintf("  %8g x %s %s", weight, amount, what))
	}
	p.lines = append(p.lines, t.strong.Render("Harm"))
	records := "?"
	if s.Known {
		records = fmt.Sprintf("%.0f", s.Harm.Records)
	}
	row(s.Weights.Records, records, "records that reached the thief")
	row(s.Weights.ClinicMinutes, fmt.Sprintf("%.0f", s.Harm.ClinicMinutes), "clinic-minutes without service")
	row(s.Weights.OverdueHours, fmt.Sprintf("%.1f", s.Harm.OverdueHours), "hours that duties and answers were overdue")
	row(s.Weights.Unneeded, fmt.Sprintf("%.0f", s.Harm.Unneeded), "needless notifications")
	switch {
	case !s.Over:
		p.lines = append(append(p.lines, ""), wrap("Skill, times and objectives are reckoned when the drill is over, against bots that play the same drill: one that does nothing, one that panics, one that plays as the author would.", w)...)
	case d.score == nil:
		p.title = "The score"
		p.lines = append(p.lines, "", "The bots are playing the same drill, to compare you with. A moment.")
	default:
		p.title = "The score"
		p.lines = append(p.lines, d.whole(t, *d.score, w)...)
	}
	return p
}

func (d *drillScreen) whole(t theme, s drill.Score, w int) []string {
	lines := []string{fmt.Sprintf("  %8s = loss %.1f", "", s.Harm.Loss)}
	if d.tape != "" {
		lines = append(lines, "", "The after-action report, with what-ifs that are really played:", "  thiefbox drill report "+clean(d.tape))
	}
	lines = append(lines, "", t.strong.Render(fmt.Sprintf("Skill %.0f", s.Skill))+"  (doing nothing is 0, the reference 100)")
	for _, bot := range drill.Bots() {
		lines = append(lines, fmt.Sprintf("  %-10s loses %.0f", bot, s.Anchors[bot].Loss))
	}
	lines = append(lines, fmt.Sprintf("  %-10s loses %.0f", "you", s.Harm.Loss), "", t.strong.Render("Times")+"        you        par")
	for _, one := range []struct {
		name     string
		you, par time.Duration
		means    string
	}{{"detect", s.Times.Detect, s.Par.Detect, "the first look into it"},
		{"triage", s.Times.Triage, s.Par.Triage, "the right explanation, shown"},
		{"contain", s.Times.Contain, s.Par.Contain, "from here on he got nothing"},
		{"eradicate", s.Times.Eradicate, s.Par.Eradicate, "the cause was gone"},
		{"recover", s.Times.Recover, s.Par.Recover, "contained, and nobody else stopped"}} {
		lines = append(lines, cut(fmt.Sprintf("  %-10s %-10s %-10s %s", one.name, orNever(one.you), orNever(one.par), one.means), w))
	}
	lines = append(append(lines, "", t.strong.Render(fmt.Sprintf("Judgement %.0f", s.Judgement.Score))), wrap(fmt.Sprintf("  %.0f %% of changes came after the right explanation, with evidence", 100*s.Judgement.Informed), w)...)
	lines = append(lines, d.judged(w)...)
	for _, trap := range s.Judgement.Traps {
		lines = append(lines, hang("  ", "walked into: "+clean(trap), w)...)
	}
	lines = append(lines, fmt.Sprintf("%s %.0f   met %d, missed %d", t.strong.Render("Communication"), s.Communication.Score, len(s.Communication.Met), len(s.Communication.Missed)))
	for _, missed := range s.Communication.Missed {
		lines = append(lines, "  missed: "+clean(missed))
	}
	for _, wrong := range s.Communication.Wrong {
		lines = append(lines, hang("  ", "should not have been said: "+clean(wrong), w)...)
	}
	lines = append(append(lines, "", t.strong.Render("Objectives")), wrap("  (P in time, S somewhat late, M late, U not; for people to confirm)", w)...)
	for _, o := range s.Objectives {
		lines = append(lines, hang("  ", string(o.Rating)+"  "+orNever(o.At)+"  "+clean(o.Text), w)...)
	}
	if s.Facilitated != "" {
		lines = append(append(lines, ""), wrap("Played at a facilitator's seat "+s.Facilitated+": whoever sat there saw the truth.", w)...)
	}
	lines = append(lines, "", t.strong.Render("Receipts"))
	for _, r := range drill.Stretches(s.Receipts) {
		at := drill.Clock(r.From)
		if r.Times > 1 {
			at += " to " + drill.Clock(r.At)
		}
		lines = append(lines, hang("  ", fmt.Sprintf("%s %.0f %s: %s", at, r.Amount, strings.ReplaceAll(r.Term, "_", " "), clean(r.Why)), w)...)
	}
	return lines
}

// judged says which explanation was right, and what was said of each.
func (d *drillScreen) judged(w int) (lines []string) {
	for _, s := range d.sight.Suspects {
		what := map[string]string{"yes": "right: ", "no": "not so: "}[s.Right]
		if s.Own {
			what = "in your words, not scored: "
		}
		if what != "" {
			lines = append(lines, hang("  ", what+clean(s.Text)+" (you said "+cmp.Or(s.Odds(), "nothing")+")", w)...)
		}
	}
	return lines
}

func orNever(t time.Duration) string {
	if t < 0 {
		return "never"
	}
	return drill.Clock(t)
}
