package worth

import (
	"math"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Ablation is what becomes of one attack under a profile when controls are taken away.
type Ablation struct {
	Attack    string          `json:"attack"`
	Outcome   verdict.Outcome `json:"outcome"` // with the whole profile
	StoppedBy string          `json:"stopped_by,omitempty"`
	// BreakSets are the smallest sets of the profile's controls whose loss lets the attack in: sets of one
	// first, then pairs, and so on. Empty for an attack that gets in as it is.
	BreakSets [][]string `json:"break_sets"`
	// StopSets are the smallest sets of controls that stop it with nothing else on, of all that the
	// dialect allows, whether the profile has them or not.
	StopSets [][]string `json:"stop_sets"`
	// Shares divide the credit for stopping it among the profile's controls (Shapley value). They are exact
	// for any number of controls if the map is complete, and estimated from Orders drawn at random if it is not.
	Shares    []ControlShare     `json:"shares"`
	Orders    int                `json:"orders_drawn,omitempty"`
	Backfires []BackfireDocument `json:"backfires"` // more controls, and yet it gets in
	Relevant  int                `json:"relevant"`  // controls on which the outcome can depend
	Void      int                `json:"void"`      // cells of the map in which a run proves nothing
	Complete  bool               `json:"complete"`  // no part of the map was left out
	// Where it is not complete, sets were searched for with so many questions at most. Of each no control can be spared,
	// but of Unshrunk of them, at which the questions were used up.
	Questions int `json:"set_questions,omitempty"`
	Unshrunk  int `json:"sets_not_shrunk,omitempty"`
}

// ControlShare is a control's share, from 0 to 1; below 0 if it does more harm than good.
type ControlShare struct {
	Control string  `json:"control"`
	Share   float64 `json:"share"`
	// Error is half the width of a 95% interval, for a share that was estimated.
	Error float64 `json:"error,omitempty"`
}

// BackfireDocument is a Backfire with ids.
type BackfireDocument struct {
	Stops []string `json:"stops"`
	Added []string `json:"added"`
}

// Ablate reads off a map what a profile's controls do against the attack.
func Ablate(m Map, p control.Profile) Ablation {
	own := m.Within(control.Set{}, p.Controls)
	whole, known := own.At(p.Controls)
	if !known && m.Sample != nil {
		whole = m.Sample.Whole
	}
	a := Ablation{
		Attack: m.Attack, Outcome: whole.Verdict.Outcome, StoppedBy: whole.Verdict.StoppedBy,
		BreakSets: [][]string{}, StopSets: idSets(m.StopSets()), Shares: []ControlShare{}, Backfires: []BackfireDocument{},
		Relevant: m.Relevant().Len(), Complete: m.Open == 0,
	}
	searched := m.Shrunk != nil && m.Shrunk.Own == p.Controls
	if m.Shrunk != nil {
		a.StopSets, a.Questions, a.Unshrunk = idSets(m.Shrunk.Stops), ShrinkBudget, m.Shrunk.Unshrunk
	}
	if whole.Verdict.Outcome == verdict.Held {
		if a.BreakSets = idSets(own.BreakSets()); searched {
			a.BreakSets = idSets(m.Shrunk.Breaks)
		}
		a.share(own)
		slices.SortStableFunc(a.Shares, func(x, y ControlShare) int { return compareFloats(y.Share, x.Share) })
	}
	for _, b := range m.Backfires() {
		a.Backfires = append(a.Backfires, BackfireDocument{ids(b.Stops), ids(b.Added)})
	}
	for _, c := range m.Cells {
		if !c.Stopped() && !c.Breached() {
			a.Void++
		}
	}
	return a
}

func (a *Ablation) share(m Map) {
	switch {
	case a.Complete:
		for _, s := range m.Shares() {
			a.Shares = append(a.Shares, ControlShare{Control: s.Control.ID, Share: round(s.Value)})
		}
	case m.Sample != nil:
		a.Orders = m.Sample.Orders
		for _, s := range m.Sample.Shares {
			a.Shares = append(a.Shares, ControlShare{s.Control.ID, round(s.Value), round(s.Error)})
		}
	}
}

// Alone are the controls whose loss alone lets the attack in.
func (a Ablation) Alone() (ids []string) {
	for _, s := range a.BreakSets {
		if len(s) == 1 {
			ids = append(ids, s[0])
		}
	}
	return ids
}

// Worth is what one control of a profile is worth across a catalogue.
type Worth struct {
	Control string   `json:"control"`
	Alone   []string `json:"alone"` // attacks that get in if it alone is missing
	Pairs   []string `json:"pairs"` // attacks that get in if it and one other are missing, and need both to be
	Share   float64  `json:"share"` // sum of its shares: how many attacks' worth of stopping it carries
}

// Catalogue is the ablation of many attacks under one profile.
type Catalogue struct {
	Profile string     `json:"profile"`
	Asked   int        `json:"asked"`  // attacks that were to be looked at; fewer are here if it was interrupted
	Runs    int        `json:"runs"`   // played for this; the others were remembered
	Budget  int        `json:"budget"` // parts that a map may have before it is left incomplete
	Attacks []Ablation `json:"attacks"`
	// Chains are what becomes of attacks that consist of others. They are not counted: the others are.
	Chains   []Ablation `json:"chains"`
	Controls []Worth    `json:"controls"` // of the profile, by what their loss costs
}

// Across adds up what each control of a profile is worth. Chain tells which attacks consist of others; nil for none.
func Across(p control.Profile, maps []Map, chain func(attack string) bool) Catalogue {
	c := Catalogue{Profile: p.Name, Asked: len(maps), Budget: Budget, Attacks: []Ablation{}, Chains: []Ablation{}, Controls: []Worth{}}
	worth := map[string]*Worth{}
	for _, x := range p.Controls.Controls() {
		worth[x.ID] = &Worth{Control: x.ID, Alone: []string{}, Pairs: []string{}}
	}
	for _, m := range maps {
		a := Ablate(m, p)
		if chain != nil && chain(m.Attack) {
			c.Chains = append(c.Chains, a)
			continue
		}
		c.Attacks = append(c.Attacks, a)
		for _, s := range a.BreakSets {
			for _, id := range s {
				if w := worth[id]; len(s) == 1 {
					w.Alone = append(w.Alone, a.Attack)
				} else if len(s) == 2 && !slices.Contains(w.Pairs, a.Attack) {
					w.Pairs = append(w.Pairs, a.Attack)
				}
			}
		}
		for _, s := range a.Shares {
			if w := worth[s.Control]; w != nil {
				w.Share += s.Share
			}
		}
	}
	for _, x := range p.Controls.Controls() {
		worth[x.ID].Share = round(worth[x.ID].Share)
		c.Controls = append(c.Controls, *worth[x.ID])
	}
	slices.SortStableFunc(c.Controls, func(a, b Worth) int {
		if d := len(b.Alone) - len(a.Alone); d != 0 {
			return d
		}
		return compareFloats(b.Share, a.Share)
	})
	return c
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// round keeps four decimals: more would be noise of the arithmetic.
func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

func ids(s control.Set) []string {
	out := []string{}
	for _, c := range s.Controls() {
		out = append(out, c.ID)
	}
	return out
}

func idSets(sets []control.Set) [][]string {
	out := [][]string{}
	for _, s := range sets {
		out = append(out, ids(s))
	}
	return out
}
