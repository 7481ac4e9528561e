package aar

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/drill"
)

// Formats are the ways a report can be written.
func Formats() []string { return []string{"md", "html", "json"} }

// Write writes the report in a format.
func (r Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case "html":
		_, err := io.WriteString(w, r.html())
		return err
	case "md":
		_, err := io.WriteString(w, r.markdown())
		return err
	}
	return fmt.Errorf("expected one of %s, got %q", strings.Join(Formats(), ", "), format)
}

// section is a part of the report, the same in both texts: paragraphs, a list or a table.
type section struct {
	title string
	chart string // in the page only: SVG
	notes []string
	items []string
	head  []string
	rows  [][]string
	none  string // is said where there is neither a list nor a table
}

// sections is the report in order.
func (r Report) sections() []section {
	facts := section{title: r.Drill + ": " + r.Title, notes: []string{
		r.Source,
		fmt.Sprintf("Length %s, %d decisions, seed %d, tape %s. Everything in it is invented.", r.Length, r.Decisions, r.Seed, r.Tape),
		"Obligations are those of " + drill.CountryName(r.Country) + ", for practice and not as legal advice.",
	}}
	if r.Facilitated != "" {
		facts.notes = append(facts.notes, r.Facilitated)
	}
	if !r.Over {
		facts.notes = append(facts.notes, "The tape ends before the drill does; the rest was played with no more decisions.")
	}
	s := r.Score
	score := section{title: "Score", notes: []string{"Four parts beside one another; nothing adds them up. Ratings are proposed by the machine, for people to confirm."}, items: []string{
		"Harm: " + r.Formula,
		fmt.Sprintf("Skill: %.0f, where doing nothing is 0 and the reference 100 (losses: nothing %.0f, reference %.0f, panic %.0f)", s.Skill, s.Anchors["nothing"].Loss, s.Anchors["reference"].Loss, s.Anchors["panic"].Loss),
		fmt.Sprintf("Judgement: %.0f (%.0f %% of changes after the right explanation with evidence)", s.Judgement.Score, 100*s.Judgement.Informed),
		fmt.Sprintf("Communication: %.0f (met: %s; missed: %s)", s.Communication.Score, orNone(s.Communication.Met), orNone(s.Communication.Missed)),
		fmt.Sprintf("Said and not to be said: %s", oneByOne(s.Communication.Wrong)),
		"Rank unchanged when any weight is halved or doubled: " + map[bool]string{true: "yes", false: "no"}[s.Robust],
	}}
	out := []section{facts, r.objectives(), r.explanations(), r.questions(), score, r.times(), r.receipts()}
	out = append(out, section{title: "Strengths", items: r.Strengths, none: "None proposed."}, section{title: "Areas to improve", items: r.Areas, none: "None proposed."})
	if len(r.Races) > 0 {
		out = append(out, r.races())
	}
	out = append(out, r.over(), r.whatIfs(), r.line(), r.plan(), section{title: "Assumptions", items: r.Assumed})
	for i, s := range out {
		if s.none != "" && len(s.items)+len(s.rows) == 0 {
			out[i].notes = append(out[i].notes, s.none)
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

func (r Report) objectives() section {
	s := section{title: "Objectives", notes: []string{"P: in time. S: somewhat late. M: late. U: not."}, head: []string{"No.", "Objective", "Asked for by", "Came about", "Proposed"}}
	for _, o := range r.Objectives {
		s.rows = append(s.rows, []string{o.ID, o.Text, o.By, o.At, o.Rating})
	}
	return s
}

func (r Report) times() section {
	s := section{title: "Times", notes: []string{"Computed from the state, not from what was pressed. Par is the reference."}, head: []string{"What", "You", "Par"}}
	for _, m := range r.Metrics {
		s.rows = append(s.rows, []string{m.Name, m.You, m.Par})
	}
	return s
}

func (r Report) receipts() section {
	s := section{title: "Receipts", head: []string{"From", "To", "Term", "Amount", "Why", "Event"}, none: "None: there was no harm."}
	for _, one := range drill.Stretches(r.Score.Receipts) {
		event := ""
		if one.Event > 0 {
			event = fmt.Sprint(one.Event)
		}
		s.rows = append(s.rows, []string{when(one.From), when(one.At), one.Term, fmt.Sprintf("%.1f", one.Amount), one.Why, event})
	}
	return s
}

func (r Report) whatIfs() section {
	note := fmt.Sprintf("Each was played again from the tape with one decision changed; %d were played, and those that mattered most are listed. Positive is better than what happened.", r.WhatIfsPlayed)
	s := section{title: "What if", notes: []string{note},
		head: []string{"Instead", "Records fewer", "Clinic-minutes fewer", "Loss less", "Tape"},
		none: "None: no decision that was made changed what came of it."}
	for _, w := range r.WhatIfs {
		s.items = append(s.items, w.Sentence)
		s.rows = append(s.rows, []string{w.Text, fmt.Sprintf("%.0f", w.Records), fmt.Sprintf("%.0f", w.ClinicMinutes), fmt.Sprintf("%.1f", w.Loss), w.Tape})
	}
	return s
}

// races tells how often daily tests are first: in the drill that was played they were, or were not.
func (r Report) races() section {
	s := section{title: "Who comes to it first", notes: []string{"When the thief begins, and in which order APIs are tested, are of the dice. So this counts seeds: in how many a daily test finds the API before he turns to it. That the API is open, and that a test tells, was seen on the wire; the rest is a model."},
		head: []string{"APIs a day", "From", "First in", "Of seeds"}}
	for _, one := range r.Races {
		s.rows = append(s.rows, []string{fmt.Sprint(one.Each), one.From, fmt.Sprintf("%.0f %%", 100*one.First), fmt.Sprint(one.Seeds)})
	}
	if len(r.Races) > 4 {
		s.notes = append(s.notes, "The last row is the test that was decided on.")
	}
	return s
}

func (r Report) line() section {
	s := section{title: "Timeline", head: []string{"At", "Kind", "What", "Visible then", "What was true"}, none: "Nothing happened."}
	for _, e := range r.Timeline {
		visible := "no"
		if e.Visible {
			visible = "yes"
		}
		s.rows = append(s.rows, []string{e.At, e.Kind, e.Text, visible, e.True})
	}
	return s
}
