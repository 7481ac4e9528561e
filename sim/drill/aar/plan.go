package aar

import (
	"slices"
	"strings"
	"time"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// Plan is a row of the improvement plan. The action is proposed; owner and date are for people.
type Plan struct {
	Finding string `json:"finding"`
	Action  string `json:"action"`
	Owner   string `json:"owner"`
	Date    string `json:"date"`
}

// finding is something that did not go as it should have, and what could be done about it.
type finding struct {
	text, action string
	slow         bool // a time behind the reference: what would have been faster was played
}

// strengths proposes three, the weightiest first.
func (r *Report) strengths(s drill.Score) {
	for _, o := range r.Objectives {
		if o.Rating == string(drill.Performed) {
			r.Strengths = append(r.Strengths, o.Text+" (at "+o.At+", asked for by "+o.By+")")
		}
	}
	for _, met := range s.Communication.Met {
		if slices.ContainsFunc(r.Questions, func(q Question) bool { return q.failed && met == q.duty() }) {
			continue // in time, and not to be said
		}
		r.Strengths = append(r.Strengths, "In time: "+met)
	}
	if s.Times.Contain >= 0 && s.Times.Recover >= 0 && s.Harm.ClinicMinutes == 0 {
		r.Strengths = append(r.Strengths, "The thief was stopped, and no clinic was.")
	}
	r.Strengths = r.Strengths[:min(3, len(r.Strengths))]
}

// improve proposes three areas, the weightiest first, and opens a row of the plan for every finding.
func (r *Report) improve(d *drill.Drill, s drill.Score) {
	for i, one := range r.findings(d, s) {
		if i < 3 {
			r.Areas = append(r.Areas, one.text)
		}
		if one.slow {
			one.action = r.faster(one.action)
		}
		r.Plan = append(r.Plan, Plan{Finding: one.text, Action: one.action})
	}
}

// findings are the objectives that were missed or late, the traps, what was said or not said, and the times that
// are behind the reference's.
func (r *Report) findings(d *drill.Drill, s drill.Score) (out []finding) {
	whom := map[string]string{} // who should have been told, of a duty
	for _, o := range d.View().Duties {
		whom[o.ID] = " (" + o.To + ")"
	}
	for _, o := range r.Objectives {
		switch {
		case o.Rating == string(drill.Performed):
		case o.At == "never":
			out = append(out, finding{text: o.Text + ": it did not come about", action: "Write down who brings it about and in which steps, so that it is done by " + o.By + "; practise it."})
		default:
			out = append(out, finding{text: o.Text + ": came about at " + o.At + ", asked for by " + o.By, action: "Find what it waited for, and settle that beforehand."})
		}
	}
	for _, trap := range s.Judgement.Traps {
		out = append(out, finding{text: "Walked into: " + trap, action: "Put this warning into the runbook, where the decision is made; try a decision before it is carried out."})
	}
	for _, wrong := range s.Communication.Wrong {
		out = append(out, finding{text: "Should not have been said: " + wrong, action: "Have a text ready, and agreed, that says what is known, what is not, and how far back anybody can look."})
	}
	for _, missed := range s.Communication.Missed {
		out = append(out, finding{text: "Not in time: " + missed + whom[missed], action: "Name who does it, and who in his place; start the clock at the first alarm."})
	}
	return append(out, slow(s)...)
}

// slow are the times that took half as long again as par, or longer.
func slow(s drill.Score) (out []finding) {
	for _, one := range []struct {
		name     string
		you, par time.Duration
		action   string
	}{
		{"The first look into it", s.Times.Detect, s.Par.Detect, "Settle who looks first, and where, when an alarm comes."},
		{"The right explanation, with evidence", s.Times.Triage, s.Par.Triage, "Practise reading these logs; write down what each explanation would look like in them."},
		{"The thief was contained", s.Times.Contain, s.Par.Contain, "Compare the decisions with the reference play, one by one."},
		{"The cause was gone", s.Times.Eradicate, s.Par.Eradicate, "Settle who can carry out the change, and test that it works, before it is needed."},
		{"Everybody was served again", s.Times.Recover, s.Par.Recover, "Try a decision before it is carried out, and see whom it breaks."},
	} {
		if one.par >= 0 && (one.you < 0 || one.you > one.par*3/2) {
			text := one.name + ": " + when(one.you) + ", where the reference had " + when(one.par)
			out = append(out, finding{text: text, action: one.action, slow: one.name == "The thief was contained"})
		}
	}
	return out
}

// faster adds to an action what was played and came out better, if anything did.
func (r *Report) faster(action string) string {
	for _, w := range r.WhatIfs {
		if w.Loss > 0 && w.Records > 0 {
			return strings.TrimSuffix(action, ".") + ". Played again: " + w.Sentence + "."
		}
	}
	return action
}

func (r Report) plan() page.Section {
	s := page.Section{Title: "Improvement plan", Notes: []string{"A row for each finding. Actions are proposals; owner and date are for the people who were there to fill in."},
		Head: []string{"Finding", "Corrective action", "Owner", "Date"},
		None: "None: every objective came about in time, nobody walked into a trap, whoever had to be told was told in time, and no time was far behind the reference's."}
	for _, p := range r.Plan {
		s.Rows = append(s.Rows, []string{p.Finding, p.Action, p.Owner, p.Date})
	}
	return s
}
