package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// narrowing leaves attacks out of a matrix.
type narrowing struct {
	families, attackers, clauses, changed []string
}

func (n *narrowing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&n.families, "family", nil, "only attacks of the families `F,...`: T, D, X, ...")
	f.StringSliceVar(&n.attackers, "attacker", nil, "only what these attackers of the FAPI model can do: `A1,A1a,A3a,A5,outside`")
	f.StringSliceVar(&n.clauses, "clause", nil, "only attacks that cite `CLAUSE,...`, or are stopped by a control that does")
	f.StringSliceVar(&n.changed, "changed", nil, "only what differs between the profiles `A,B`")
	_ = cmd.RegisterFlagCompletionFunc("family", completeList(families))
	_ = cmd.RegisterFlagCompletionFunc("attacker", completeList(classes))
	_ = cmd.RegisterFlagCompletionFunc("clause", complete(clauseNames))
	_ = cmd.RegisterFlagCompletionFunc("changed", completeList(profileNames))
}

// families are what the ids begin with.
func families() (out []string) {
	for _, t := range attacker.All() {
		if f := report.FamilyOf(t.ID); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// familyWords says what each family is about, a few to a line.
func familyWords() string {
	var b strings.Builder
	for i, f := range families() {
		if i > 0 {
			b.WriteString(";")
			b.WriteString(ifElse(i%2 == 0, "\n  ", " "))
		}
		b.WriteString(f + " " + report.FamilyTitle(f))
	}
	return b.String()
}

func classes() (out []string) {
	for _, t := range attacker.All() {
		for _, c := range t.Classes() {
			if !slices.Contains(out, string(c)) {
				out = append(out, string(c))
			}
		}
	}
	slices.Sort(out)
	return out
}

// attackerLines says who there is in the attacker model, one to a line.
func attackerLines() string {
	var b strings.Builder
	for _, class := range []attacker.Class{attacker.A1, attacker.A1a, attacker.A3a, attacker.A5, attacker.Outside} {
		b.WriteString("  " + report.AttackerWords(string(class)) + "\n")
	}
	return b.String()
}

// crossing is which attacks meet which profiles, those that are left out left out.
func (n narrowing) crossing(names, profiles []string) ([]attacker.Technique, []control.Profile, error) {
	if len(n.changed) > 0 {
		if len(profiles) > 0 {
			return nil, nil, usage("--changed names the two that are compared.", "--changed and --profile do not go together")
		}
		profiles = n.changed
	}
	techniques, ps, err := crossing(names, profiles)
	if err != nil {
		return nil, nil, err
	}
	if len(n.changed) > 0 && len(ps) != 2 {
		return nil, nil, usage("name two: --changed legacy,bcp.", "--changed: expected two profiles, got %d", len(ps))
	}
	keep, err := n.keeps()
	if err != nil {
		return nil, nil, err
	}
	techniques = slices.DeleteFunc(slices.Clone(techniques), func(t attacker.Technique) bool { return !keep(t) })
	if len(techniques) == 0 {
		return nil, nil, usage("`thiefbox list attacks` shows what there is.", "no attack is left: nothing fits all of the filters")
	}
	return techniques, ps, nil
}

func (n narrowing) keeps() (func(attacker.Technique) bool, error) {
	for i, f := range n.families {
		if n.families[i] = strings.ToUpper(strings.TrimSpace(f)); !slices.Contains(families(), n.families[i]) {
			return nil, unknown(f, "family", families(), "There are "+strings.Join(families(), ", ")+".")
		}
	}
	for _, c := range n.attackers {
		if !slices.Contains(classes(), c) {
			return nil, unknown(c, "attacker", classes(), "There are "+strings.Join(classes(), ", ")+".")
		}
	}
	wanted, err := findClauses(n.clauses)
	if err != nil {
		return nil, err
	}
	return func(t attacker.Technique) bool {
		return (len(n.families) == 0 || slices.Contains(n.families, report.FamilyOf(t.ID))) &&
			(len(n.attackers) == 0 || slices.ContainsFunc(t.Classes(), func(c attacker.Class) bool { return slices.Contains(n.attackers, string(c)) })) &&
			(len(n.clauses) == 0 || cites(t, wanted))
	}, nil
}

// cites tells whether an attack, or a control that the reviewed matrix says stops it, cites a clause.
func cites(t attacker.Technique, wanted map[string]bool) bool {
	texts := slices.Clone(t.Reads)
	for _, p := range control.Profiles() {
		if c, err := control.Lookup(scenarios.StoppedBy(t.ID, p.Name)); err == nil {
			texts = append(texts, c.Clause)
		}
	}
	for _, text := range texts {
		for _, ref := range clause.In(text) {
			for id := range wanted {
				if clause.Touches(ref, id) {
					return true
				}
			}
		}
	}
	return false
}

// matrix leaves out the rows in which two compared profiles agree.
func (n narrowing) matrix(m report.Matrix) report.Matrix {
	if len(n.changed) == 0 {
		return m
	}
	return m.Where(func(_ report.Attack, cells []report.Cell) bool { return cells[0].Differs(cells[1]) })
}
