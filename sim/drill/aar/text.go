package aar

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// Formats are the ways a report can be written.
func Formats() []string { return append(page.Formats(), "json") }

// Write writes the report in a format.
func (r Report) Write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if !slices.Contains(Formats(), format) {
		return fmt.Errorf("expected one of %s, got %q", strings.Join(Formats(), ", "), format)
	}
	return r.page().Write(w, format)
}

// page is the report as it is printed.
func (r Report) page() page.Page {
	return page.Page{Marking: r.Marking, Title: "After-action report: " + r.Drill + ": " + r.Title, Sections: r.sections()}
}

// sections is the report in order.
func (r Report) sections() []page.Section {
	facts := page.Section{Title: "The exercise", Notes: []string{
		r.Source,
		fmt.Sprintf("Length %s, %d decisions, seed %d, tape %s. Everything in it is invented.", r.Length, r.Decisions, r.Seed, r.Tape),
		"Obligations are those of " + drill.CountryName(r.Country) + ", for practice and not as legal advice.",
	}}
	if r.Facilitated != "" {
		facts.Notes = append(facts.Notes, r.Facilitated)
	}
	if !r.Over {
		facts.Notes = append(facts.Notes, "The tape ends before the drill does; the rest was played with no more decisions.")
	}
	s := r.Score
	score := page.Section{Title: "Score", Notes: []string{"Four parts beside one another; nothing adds them up. Ratings are proposed by the machine, for people to confirm."}, Items: []string{
		"Harm: " + r.Formula,
		fmt.Sprintf("Skill: %.0f, where doing nothing is 0 and the reference 100 (losses: nothing %.0f, reference %.0f, panic %.0f)", s.Skill, s.Anchors["nothing"].Loss, s.Anchors["reference"].Loss, s.Anchors["panic"].Loss),
		fmt.Sprintf("Judgement: %.0f (%.0f %% of changes after the right explanation with evidence)", s.Judgement.Score, 100*s.Judgement.Informed),
		fmt.Sprintf("Communication: %.0f (met: %s; missed: %s)", s.Communication.Score, orNone(s.Communication.Met), orNone(s.Communication.Missed)),
		fmt.Sprintf("Said and not to be said: %s", oneByOne(s.Communication.Wrong)),
		"Rank unchanged when any weight is halved or doubled: " + map[bool]string{true: "yes", false: "no"}[s.Robust],
	}}
	out := []page.Section{facts, r.objectives(), r.explanations(), r.questions(), score, r.times(), r.receipts()}
	out = append(out, page.Section{Title: "Strengths", Items: r.Strengths, None: "None proposed."}, page.Section{Title: "Areas to improve", Items: r.Areas, None: "None proposed."})
	if len(r.Races) > 0 {
		out = append(out, r.races())
	}
	out = append(out, r.over(), r.whatIfs(), r.line(), r.plan(), page.Section{Title: "Assumptions", Items: r.Assumed})
	for i, s := range out {
		if s.None != "" && len(s.Items)+len(s.Rows) == 0 {
			out[i].Notes = append(out[i].Notes, s.None)
		}
	}
	return out
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// oneByOne joins sentences.
func oneByOne(sentences []string) string {
	if len(sentences) == 0 {
		return "nothing"
	}
	return strings.Join(sentences, " ")
}

func (r Report) objectives() page.Section {
	s := page.Section{Title: "Objectives", Notes: []string{"P: in time. S: somewhat late. M: late. U: not."}, Head: []string{"No.", "Objective", "Asked for by", "Came about", "Proposed"}}
	for _, o := range r.Objectives {
		s.Rows = append(s.Rows, []string{o.ID, o.Text, o.By, o.At, o.Rating})
	}
	return s
}

func (r Report) times() page.Section {
	s := page.Section{Title: "Times", Notes: []string{"Computed from the state, not from what was pressed. Par is the reference."}, Head: []string{"What", "You", "Par"}}
	for _, m := range r.Metrics {
		s.Rows = append(s.Rows, []string{m.Name, m.You, m.Par})
	}
	return s
}

func (r Report) receipts() page.Section {
	s := page.Section{Title: "Receipts", Head: []string{"From", "To", "Term", "Amount", "Why", "Event"}, None: "None: there was no harm."}
	for _, one := range drill.Stretches(r.Score.Receipts) {
		event := ""
		if one.Event > 0 {
			event = fmt.Sprint(one.Event)
		}
		s.Rows = append(s.Rows, []string{when(one.From), when(one.At), one.Term, fmt.Sprintf("%.1f", one.Amount), one.Why, event})
	}
	return s
}

func (r Report) whatIfs() page.Section {
	note := fmt.Sprintf("Each was played again from the tape with one decision changed; %d were played, and those that mattered most are listed. Positive is better than what happened.", r.WhatIfsPlayed)
	s := page.Section{Title: "What if", Notes: []string{note},
		Head: []string{"Instead", "Records fewer", "Clinic-minutes fewer", "Loss less", "Tape"},
		None: "None: no decision that was made changed what came of it."}
	for _, w := range r.WhatIfs {
		s.Items = append(s.Items, w.Sentence)
		s.Rows = append(s.Rows, []string{w.Text, fmt.Sprintf("%.0f", w.Records), fmt.Sprintf("%.0f", w.ClinicMinutes), fmt.Sprintf("%.1f", w.Loss), w.Tape})
	}
	return s
}

// races tells how often daily tests are first: in the drill that was played they were, or were not.
func (r Report) races() page.Section {
	s := page.Section{Title: "Who comes to it first", Notes: []string{"When the thief begins, and in which order APIs are tested, are of the dice. So this counts seeds: in how many a daily test finds the API before he turns to it. That the API is open, and that a test tells, was seen on the wire; the rest is a model."},
		Head: []string{"APIs a day", "From", "First in", "Of seeds"}}
	for _, one := range r.Races {
		s.Rows = append(s.Rows, []string{fmt.Sprint(one.Each), one.From, fmt.Sprintf("%.0f %%", 100*one.First), fmt.Sprint(one.Seeds)})
	}
	if len(r.Races) > 4 {
		s.Notes = append(s.Notes, "The last row is the test that was decided on.")
	}
	return s
}

func (r Report) line() page.Section {
	s := page.Section{Title: "Timeline", Head: []string{"At", "Kind", "What", "Visible then", "What was true"}, None: "Nothing happened."}
	for _, e := range r.Timeline {
		visible := "no"
		if e.Visible {
			visible = "yes"
		}
		s.Rows = append(s.Rows, []string{e.At, e.Kind, e.Text, visible, e.True})
	}
	return s
}
