package tui

import (
	"fmt"
	"strings"
	"time"

	"thiefbox/sim/drill"
)

// What can be read at the console of a drill: the brief, how to play, what an action does.

func (d *drillScreen) explanation(t theme, w int) (string, []string) {
	at, ok := d.at(d.focus)
	if ok && d.focus == paneActions {
		return "What it does", actionText(d.sight.Actions[at], w)
	}
	if ok && d.focus == paneInbox && d.sight.Now > 0 {
		m := d.message(at)
		return m.ID + " from " + clean(m.From), wrap(m.Text, w)
	}
	return "The brief", d.brief(t, w)
}

func (d *drillScreen) brief(t theme, w int) []string {
	s := d.sight
	lines := append(wrap("EXERCISE. Every system, person and record here is invented.", w), "")
	lines = append(append(lines, wrap(s.Brief, w)...), "", t.strong.Render("What is wanted of you"))
	for _, aim := range s.Aims {
		lines = append(lines, hang("  ", aim.Text+" (by "+drill.Clock(aim.By)+")", w)...)
	}
	lines = append(lines, "", t.strong.Render("How to play"))
	for _, l := range []string{
		"space starts and stops the clock; [ and ] change how fast it runs; n waits until something happens, w lets a turn pass (" + span(d.turn) + ").",
		"Read the inbox. Look at the evidence: / narrows it, x marks a line that shows something.",
		"b says how likely an explanation is; what you marked is its evidence. l only links it. a adds an explanation in your own words.",
		"Under Actions, enter puts a decision together and first shows whom it would break; the clock waits while you do. x there takes back what waits or is under way.",
	} {
		lines = append(lines, hang("  ", l, w)...)
	}
	weights := fmt.Sprintf("Harm is weighed so: a record that reaches the thief %g, a minute of a clinic without service %g, an hour a duty is overdue %g, a needless notification %g.",
		s.Weights.Records, s.Weights.ClinicMinutes, s.Weights.OverdueHours, s.Weights.Unneeded)
	lines = append(append(lines, ""), wrap(weights, w)...)
	if s.Country != "" {
		lines = append(lines, wrap("Whom the law wants told, and how soon: as in "+drill.CountryName(s.Country)+", for practice. Under Clocks.", w)...)
	}
	lines = append(lines, "", t.strong.Render("What the words mean"))
	for _, one := range drill.Glossary() {
		lines = append(lines, hang("  ", one.Word+": "+one.Text, w)...)
	}
	return lines
}

func actionText(a drill.Action, w int) []string {
	return fields(w, "Say", strings.TrimSpace(a.ID+" "+a.Usage), "Does", a.Title, "Takes", leadOf(a), "Stops", a.Stops, "But", a.SideEffect)
}

func leadOf(a drill.Action) string {
	if a.Lead == 0 {
		return "no time"
	}
	return span(a.Lead) + " of an operator"
}

// span writes a duration without its zeros.
func span(d time.Duration) string {
	s := d.String()
	if minutes, whole := strings.CutSuffix(s, "m0s"); whole {
		s = minutes + "m"
	}
	if hours, whole := strings.CutSuffix(s, "h0m"); whole {
		s = hours + "h"
	}
	return s
}
