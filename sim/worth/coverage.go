package worth

import (
	"slices"
	"strings"

	"thiefbox/sim/clause"
	"thiefbox/sim/control"
)

// Coverage is what the specifications ask beside what touches it.
type Coverage struct {
	Profile   string            `json:"profile"` // the maps are of its dialect
	Documents []CoveredDocument `json:"documents"`
}

// CoveredDocument is one specification.
type CoveredDocument struct {
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	Clauses []CoveredClause `json:"clauses"`
}

// CoveredClause is one clause, the controls that cite it, and the attacks that show whether it is kept:
// those that cite it themselves, and those that a citing control can stop.
type CoveredClause struct {
	clause.Clause
	Controls []string `json:"controls"`
	Attacks  []string `json:"attacks"`
}

// Untouched tells whether the clause could be touched, and is not.
func (c CoveredClause) Untouched() bool { return c.Wire == "" && len(c.Controls)+len(c.Attacks) == 0 }

// Cited is an attack with what it cites, the classes of the attacker model among it.
type Cited struct {
	Attack string
	Refs   []string
}

// Cover lays the controls of the catalogue and attacks over the clauses. Maps say which controls can stop
// an attack; an attack without one is judged by what it cites alone.
func Cover(profile string, docs []clause.Document, attacks []Cited, maps []Map) Coverage {
	stoppers := map[string]control.Set{}
	for _, m := range maps {
		stops := m.StopSets()
		if m.Shrunk != nil {
			stops = m.Shrunk.Stops
		}
		for _, s := range stops {
			stoppers[m.Attack] = stoppers[m.Attack].Union(s)
		}
	}
	cites := map[*control.Control][]string{}
	for _, c := range control.All() {
		cites[c] = clause.In(c.Clause)
	}
	out := Coverage{Profile: profile}
	for _, d := range docs {
		doc := CoveredDocument{ID: d.ID, Title: d.Title}
		for _, c := range d.Clauses {
			doc.Clauses = append(doc.Clauses, coverOne(c, attacks, cites, stoppers))
		}
		out.Documents = append(out.Documents, doc)
	}
	return out
}

func coverOne(c clause.Clause, attacks []Cited, cites map[*control.Control][]string, stoppers map[string]control.Set) CoveredClause {
	out := CoveredClause{Clause: c, Controls: []string{}, Attacks: []string{}}
	touches := func(ref string) bool { return clause.Touches(ref, c.ID) }
	var citing control.Set
	for _, x := range control.All() {
		if slices.ContainsFunc(cites[x], touches) {
			citing = citing.With(x)
		}
	}
	model := strings.HasPrefix(c.ID, "AM ")
	for _, a := range attacks {
		cited := slices.ContainsFunc(a.Refs, touches)
		if cited && model { // of an attacker, the controls that stop what he can do
			citing = citing.Union(stoppers[a.Attack])
		}
		if cited || !model && common(stoppers[a.Attack], citing) != (control.Set{}) {
			out.Attacks = append(out.Attacks, a.Attack)
		}
	}
	out.Controls = ids(citing)
	return out
}
