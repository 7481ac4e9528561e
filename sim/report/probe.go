package report

import (
	"cmp"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// SchemaProbe is that of `probe --json`.
const SchemaProbe = "thiefbox.probe/1"

// Probe is the thief let loose on somebody's own API: what was tried, and what it answered.
type Probe struct {
	Target  ProbeTarget `json:"target"`
	Profile string      `json:"profile"` // whose controls are asked for
	Seed    uint64      `json:"seed"`
	// Honest are the right requests before all else. If they were not served, nothing was tried, and Look says where to look.
	Honest ProbeHonest `json:"honest"`
	Tries  []ProbeTry  `json:"tries"`
	// Requests is how many the API was sent.
	Requests int `json:"requests"`
	// Stale are entries of a baseline that accept what is not there, each a sentence.
	Stale []string `json:"stale_baseline,omitempty"`
}

// ProbeTarget is what was asked for, and with what tokens.
type ProbeTarget struct {
	Method   string `json:"method"`
	URL      string `json:"url"`
	Issuer   string `json:"issuer"`
	Audience string `json:"audience,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Bound    string `json:"sender_constraint"` // bearer, dpop or mtls
}

// ProbeHonest is what became of the right requests.
type ProbeHonest struct {
	Sent     int      `json:"sent"`
	Statuses []int    `json:"statuses"` // 0 where no answer came
	Served   bool     `json:"served"`
	Reason   string   `json:"reason,omitempty"`
	Look     []string `json:"look,omitempty"`
	// Nonces: the API gives nonces for proofs. Introspects: it asks the issuer about tokens.
	Nonces      bool `json:"nonces"`
	Introspects bool `json:"introspects"`
}

// ProbeTry is one way to be wrong, and what came of it.
type ProbeTry struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Control string `json:"control,omitempty"` // that ought to refuse it; empty for the duty to ask for a token at all
	Rule    string `json:"rule,omitempty"`    // what the control asks
	Clause  string `json:"clause"`
	Gain    string `json:"gain"` // what a thief has of it, if it is served
	Fix     string `json:"fix"`
	// Demanded: the profile asks for the control.
	Demanded bool            `json:"demanded"`
	Skipped  string          `json:"skipped,omitempty"` // why it makes no sense here
	Verdict  verdict.Verdict `json:"verdict,omitzero"`
	Expected verdict.Outcome `json:"expected,omitempty"`
	Surprise bool            `json:"surprise"`
	Statuses []int           `json:"statuses,omitempty"` // of the answers; 0 where none came
	Notes    []string        `json:"notes,omitempty"`    // about how it was refused
}

// Told completes a try by what the catalogue of controls says of its control.
func (t ProbeTry) Told() ProbeTry {
	if c, err := control.Lookup(t.Control); err == nil {
		t.Rule, t.Clause, t.Gain = c.Title, c.Clause, cmp.Or(t.Gain, c.Why)
	}
	return t
}

// cell is the try as one of a matrix.
func (t ProbeTry) cell(profile string) Cell {
	return Cell{Attack: t.Name, Profile: profile, Applicable: t.Skipped == "", Verdict: t.Verdict, Expected: t.Expected}
}

// Settle says of every try what is expected of it: that it is held, if the profile asks for its control. What the
// profile does not ask is told, and no surprise.
func (p *Probe) Settle() {
	for i := range p.Tries {
		t := &p.Tries[i]
		if t.Expected = ""; t.Demanded {
			t.Expected = verdict.Held
		}
		t.Surprise = t.cell(p.Profile).Surprise()
	}
}

// Matrix is the tries as attacks under the one profile, for what reads matrices. Of what the profile does not ask, what
// came is expected.
func (p Probe) Matrix() Matrix {
	m := Matrix{Seed: p.Seed, Profiles: []Profile{{Name: p.Profile, Title: "asked of " + p.Target.URL}}}
	for _, t := range p.Tries {
		m.Attacks = append(m.Attacks, Attack{ID: t.Name, Name: t.Name, Title: t.Title, Story: t.Gain, Reads: []string{t.Clause}})
		c := t.cell(p.Profile)
		if c.Expected == "" && c.Verdict.Outcome != verdict.Void {
			c.Expected = c.Verdict.Outcome
		}
		m.Cells = append(m.Cells, []Cell{c})
	}
	return m
}

// Accept takes over what a baseline has made of the matrix.
func (p *Probe) Accept(m Matrix) {
	p.Stale = m.Stale
	for i := range p.Tries {
		p.Tries[i].Expected = m.Cells[i][0].Expected
		p.Tries[i].Surprise = m.Cells[i][0].Surprise()
	}
}

// Surprises counts the tries that are not as expected; all of it is one if the honest were not served.
func (p Probe) Surprises() int {
	n := len(p.Stale)
	if !p.Honest.Served {
		n++
	}
	for _, t := range p.Tries {
		if t.Surprise {
			n++
		}
	}
	return n
}

// outcomes counts the tries by outcome, and those that made no sense.
func (p Probe) outcomes() (breached, held, void, skipped int) {
	for _, t := range p.Tries {
		switch {
		case t.Skipped != "":
			skipped++
		case t.Verdict.Outcome == verdict.Breached:
			breached++
		case t.Verdict.Outcome == verdict.Held:
			held++
		default:
			void++
		}
	}
	return
}
