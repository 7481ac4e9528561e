// Package aar is the after-action report of a drill: one model, written as Markdown, HTML and JSON.
//
// Make plays the tape, scores it, and plays it again with single decisions moved or left out: every "what
// if" in the report was run. Begin there. The machine proposes ratings, strengths, areas and what to do about
// them; the people who were there confirm them, and say who does it and by when, which is empty on purpose.
package aar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/drill"
)

// Marking stands on every page.
const Marking = "EXERCISE EXERCISE EXERCISE"

// Schema is that of the report as JSON.
const Schema = "thiefbox.drill-report/1"

// Report is the whole report.
type Report struct {
	Schema    string `json:"schema"`
	Marking   string `json:"marking"`
	Drill     string `json:"drill"`
	Title     string `json:"title"`
	Source    string `json:"source"`
	Seed      uint64 `json:"seed"`
	Tape      string `json:"tape"` // its hash
	Length    string `json:"length"`
	Over      bool   `json:"over"` // the tape went to the end; else the rest was played with no more decisions
	Decisions int    `json:"decisions"`
	// Facilitated says since when somebody sat where the truth can be seen, and what she had arrive; empty if
	// nobody did.
	Facilitated   string        `json:"facilitated,omitempty"`
	Country       string        `json:"country"` // whose obligations applied
	Objectives    []Objective   `json:"objectives"`
	Explanations  []Explanation `json:"explanations"`
	Questions     []Question    `json:"questions"`
	Timeline      []Entry       `json:"timeline"`
	Score         drill.Score   `json:"score"`
	Formula       string        `json:"formula"`
	Metrics       []Metric      `json:"metrics"`
	Strengths     []string      `json:"strengths"`
	Areas         []string      `json:"areas"`
	WhatIfs       []WhatIf      `json:"what_ifs"`
	WhatIfsPlayed int           `json:"what_ifs_played"` // those that came to the same are not listed
	Races         []drill.Race  `json:"races,omitempty"` // of daily tests with the thief
	Plan          []Plan        `json:"improvement_plan"`
	Assumed       []string      `json:"assumptions"`
	Curve         []CurvePoint  `json:"curve"`
}

// Objective is one and its proposed rating.
type Objective struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Rating string `json:"rating"`
	At     string `json:"at"` // never, if it did not come about
	By     string `json:"by"`
}

// Entry is a line of the timeline: what happened, what could be seen of it then, and what was true.
type Entry struct {
	At      string `json:"at"`
	Kind    string `json:"kind"` // message, decision, thief, service, objective
	Text    string `json:"text"`
	Visible bool   `json:"visible"` // to the players, at the time
	True    string `json:"true,omitempty"`
	at      time.Duration
}

// Metric is a time and its par.
type Metric struct {
	Name string `json:"name"`
	You  string `json:"you"`
	Par  string `json:"par"` // of the reference
}

// WhatIf is a decision made otherwise, and what that came to when it was played.
type WhatIf struct {
	Text          string  `json:"text"`
	Sentence      string  `json:"sentence"`
	Records       float64 `json:"records"` // fewer than in the drill; negative is more
	ClinicMinutes float64 `json:"clinic_minutes"`
	Loss          float64 `json:"loss"`
	Tape          string  `json:"tape"` // hash of the tape that was played
}

// CurvePoint is the state after something changed.
type CurvePoint struct {
	Minutes float64 `json:"minutes"`
	drill.Moment
}

// Make makes the report of a tape.
func Make(ctx context.Context, t *drill.Tape, maker drill.Maker) (Report, error) {
	d, err := drill.Replay(ctx, t, maker)
	if err != nil {
		return Report{}, err
	}
	defer d.Close()
	s, err := d.Judge(ctx)
	if err != nil {
		return Report{}, err
	}
	f := d.File()
	r := Report{
		Schema: Schema, Marking: Marking, Drill: f.ID, Title: f.Title, Source: f.Source, Seed: t.Seed, Tape: t.Hash(), Length: shortly(f.Duration), Score: s,
		Country: f.Whose(), Explanations: explanations(d), Formula: s.Formula(f.Score), Decisions: len(d.View().Done),
	}
	if n := len(t.Decisions); n > 0 {
		r.Over = t.Decisions[n-1].At >= f.Duration
	}
	r.facilitated(t)
	for _, o := range s.Objectives {
		r.Objectives = append(r.Objectives, Objective{o.ID, o.Text, string(o.Rating), when(o.At), drill.Clock(o.By)})
	}
	r.Questions = questions(d)
	r.timeline(d)
	r.metrics(s)
	r.strengths(s)
	if r.WhatIfs, r.WhatIfsPlayed, err = whatIfs(ctx, t, d, maker); err != nil {
		return r, err
	}
	r.improve(d, s)
	r.Races = d.Races()
	r.assumptions(f)
	for _, m := range d.Truth().History {
		r.Curve = append(r.Curve, CurvePoint{m.At.Minutes(), m})
	}
	r.noNulls()
	return r, nil
}

// noNulls makes lists that are empty [] in JSON: a program that reads them may loop over them.
func (r *Report) noNulls() {
	list(&r.Objectives)
	list(&r.Explanations)
	list(&r.Questions)
	list(&r.Timeline)
	list(&r.Strengths)
	list(&r.Areas)
	list(&r.WhatIfs)
	list(&r.Plan)
	list(&r.Curve)
	for i := range r.Explanations {
		list(&r.Explanations[i].Said)
		list(&r.Explanations[i].Evidence)
	}
}

func list[T any](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}

// facilitated tells whether somebody who saw the truth sat at the drill, and what she had arrive.
func (r *Report) facilitated(t *drill.Tape) {
	r.Facilitated = t.Sent()
	at, ever := t.Facilitated()
	if !ever {
		return
	}
	seat := "Played at a facilitator's seat from " + drill.Clock(at) + " on: whoever sat there saw the truth."
	for _, one := range t.Decisions {
		if one.Do == "inject" && one.By != drill.Desk {
			seat += " She had " + strings.Join(one.Args, " ") + " arrive at " + drill.Clock(one.At) + "."
		}
	}
	r.Facilitated = strings.TrimSpace(seat + " " + r.Facilitated)
}

func when(t time.Duration) string {
	if t < 0 {
		return "never"
	}
	return drill.Clock(t)
}

func (r *Report) metrics(s drill.Score) {
	for _, m := range []struct {
		name     string
		you, par time.Duration
	}{
		{"detect", s.Times.Detect, s.Par.Detect}, {"triage", s.Times.Triage, s.Par.Triage}, {"contain", s.Times.Contain, s.Par.Contain},
		{"eradicate", s.Times.Eradicate, s.Par.Eradicate}, {"recover", s.Times.Recover, s.Par.Recover},
	} {
		r.Metrics = append(r.Metrics, Metric{m.name, when(m.you), when(m.par)})
	}
}

// timeline puts together what happened, in order. Rounds of the thief's that went like the one before
// are told once.
func (r *Report) timeline(d *drill.Drill) {
	v, truth, f, evidence := d.View(), d.Truth(), d.File(), d.Evidence(1)
	add := func(at time.Duration, kind, text string, visible bool, really string) {
		r.Timeline = append(r.Timeline, Entry{drill.Clock(at), kind, text, visible, really, at})
	}
	for _, m := range v.Inbox {
		really := ""
		for _, in := range f.Injects {
			if in.ID == m.ID && in.Misleads {
				really = "a red herring"
			}
		}
		add(m.At, "message", m.ID+", "+m.Channel+" from "+m.From+": "+m.Text, true, really)
	}
	for _, one := range v.Done {
		text := one.Decision.String()
		if one.By != "" {
			text = one.By + ": " + text
		}
		if one.Cancelled {
			text += " (taken back at " + drill.Clock(one.Ends) + ", before it had any effect)"
		}
		add(one.At, "decision", text, true, weighed(d, v, one)+stateAt(truth.History, one.At)+seenAt(evidence, truth.Tries, one.At))
		for i, said := range one.Result {
			add(one.When[i], "outcome", one.Decision.String()+": "+said, true, "")
		}
	}
	last := map[string]string{}
	for _, t := range truth.Tries {
		how := "got nothing"
		if t.Won {
			how = "had his way"
		}
		how = t.Name() + " at " + t.API + ": he " + how
		if t.StoppedBy != "" {
			how += ", stopped by " + t.StoppedBy
		}
		if last[t.API] != how {
			add(t.At, "thief", how, false, fmt.Sprintf("events %d to %d", t.First, t.Last))
		}
		last[t.API] = how
	}
	for i, m := range truth.History {
		if i > 0 && m.Clients != truth.History[i-1].Clients {
			add(m.At, "service", fmt.Sprintf("not served: clients %d, clinics %d", m.Clients, m.Clinics), true, "")
		}
	}
	slices.SortStableFunc(r.Timeline, func(a, b Entry) int { return int(min(max(a.at-b.at, -1), 1)) })
}

// weighed says of an explanation that was given whether it was right, and shown by what was pointed at.
func weighed(d *drill.Drill, v drill.View, one drill.Done) string {
	i := slices.IndexFunc(v.Beliefs, func(b drill.Belief) bool { return one.Do == "believe" && b.At == one.At && b.Hypothesis == one.Args[0] })
	if i < 0 || !slices.ContainsFunc(d.File().Hypotheses, func(h drill.Hypothesis) bool { return h.ID == one.Args[0] }) {
		return "" // of what is in their own words nothing knows
	}
	right, shown := d.Weigh(v.Beliefs[i])
	s := "it was wrong"
	if right {
		s = "it was right"
	}
	switch {
	case len(v.Beliefs[i].Evidence) == 0:
		s += ", and no evidence was named"
	case !shown:
		s += ", and none of the lines it was held by has to do with it"
	case right:
		s += ", and what it was held by shows it"
	}
	return s + "; "
}

// stateAt is what was true when somebody decided.
func stateAt(history []drill.Moment, at time.Duration) string {
	var m drill.Moment
	for _, one := range history {
		if one.At <= at {
			m = one
		}
	}
	return fmt.Sprintf("%.0f records were gone, the thief had his way at %.0f %% of the APIs he turned to", m.Records, 100*m.Success)
}

// seenAt is what the logs held by then: how many lines, and how many of them the thief had left.
func seenAt(evidence []drill.Evidence, tries []drill.Try, at time.Duration) string {
	lines, his := 0, 0
	for _, e := range evidence {
		if e.At > at {
			break
		}
		lines++
		if i, found := slices.BinarySearchFunc(tries, e.N, func(t drill.Try, n int) int { return t.First - n }); found || i > 0 && e.N <= tries[i-1].Last {
			his++
		}
	}
	return fmt.Sprintf("; of %d lines in the logs that were opened, %d were his", lines, his)
}

func (r *Report) assumptions(f *drill.File) {
	r.Assumed = append(r.Assumed,
		harvest(f),
		"A kind of client fares as its exemplar did on the wire; how many clients are of a kind is the drill's.",
		fmt.Sprintf("%d suppliers, %d clients and %d clinics, by press figures of 2025; sizes follow Zipf's law.", f.World.Size.Suppliers, f.World.Size.Clients, f.World.Size.Clinics),
		"A clinic that has to sign in again loses five minutes.",
		"APIs of a kind keep keys for as long as its exemplar did on the wire; when each last fetched is drawn, and the exemplar is the last of them.",
		"How fast suppliers put things right is a model with heavy tails; `thiefbox rollout --assumptions` lists its numbers and their sources.",
		"Obligations and their clocks are for practice, not legal advice.")
}

// harvest says what the count of records rests on.
func harvest(f *drill.File) string {
	if f.Thief.Rising > 0 {
		return fmt.Sprintf("The thief goes through record numbers in order, and whose records reached him was counted on the wire each round; each stands for %d of the population: an assumption of the drill.", f.Thief.Harvest)
	}
	return fmt.Sprintf("Each success yields the thief %d records: an assumption of the drill. That he succeeds, or does not, was tried on the wire each round.", f.Thief.Harvest)
}

// shortly is a length as people say it: 6h, 1h30m.
func shortly(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case m == 0:
		return fmt.Sprintf("%dh", h)
	case h == 0:
		return fmt.Sprintf("%dm", m)
	}
	return fmt.Sprintf("%dh%02dm", h, m)
}
