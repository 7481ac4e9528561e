package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// listing is what `list --json` prints: the kinds that were asked for.
type listing struct {
	Schema    string           `json:"schema"`
	Scenarios []scenarioDoc    `json:"scenarios,omitempty"`
	Attacks   []attackDoc      `json:"attacks,omitempty"`
	Profiles  []report.Profile `json:"profiles,omitempty"`
	Controls  []controlDoc     `json:"controls,omitempty"`
	// Unplayable is set alone: what the catalogue has and no attack plays.
	Unplayable []blockDoc `json:"unplayable,omitempty"`
	// Disagreements are set alone: where runs say otherwise than the catalogue predicted.
	Disagreements []disagreementDoc `json:"disagreements,omitempty"`
}

type blockDoc struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Why      string `json:"why"`
	PlayedAs string `json:"played_as,omitempty"` // the attack that plays what it leads to
}

type scenarioDoc struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Story    string   `json:"story"`
	Attack   string   `json:"attack"`
	Profiles []string `json:"profiles"`
}

type attackDoc struct {
	report.Attack
	Expected  map[string]verdict.Outcome `json:"expected,omitempty"`   // by profile, of the reviewed matrix
	StoppedBy map[string]string          `json:"stopped_by,omitempty"` // by profile: the control, where it is held
	// Disagreements are where the reviewed matrix says otherwise than was predicted.
	Disagreements []disagreementDoc `json:"disagreements,omitempty"`
	Seen          *seenDoc          `json:"detected,omitempty"` // of one run, where somebody asks about one attack
}

type controlDoc struct {
	ID     string        `json:"id"`
	Owner  control.Party `json:"owner"`
	Title  string        `json:"title"`
	Clause string        `json:"clause"`
	Why    string        `json:"why"`
	OnIn   []string      `json:"on_in"` // profiles
}

var listKinds = []string{"scenarios", "attacks", "profiles", "controls"}

func (a *app) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list [scenarios|attacks|profiles|controls]",
		Short: "what there is",
		Long: "Lists scenarios, attacks and profiles, or only the kind you name. `list controls` shows every check,\n" +
			"`list --unplayable` what the catalogue of attacks has that no attack here plays, and why not, and\n" +
			"`list --disagreements` where a run says otherwise than the catalogue predicted, and which clause decides.",
		Example:   "  thiefbox list\n  thiefbox list controls\n  thiefbox list attacks --json\n  thiefbox list --unplayable\n  thiefbox list --disagreements",
		Args:      arguments(0, 1, "one kind of thing or none"),
		ValidArgs: listKinds,
	}
	asJSON := jsonFlag(cmd)
	unplayable := cmd.Flags().Bool("unplayable", false, "only the entries of the catalogue of attacks that no attack plays, with the reason")
	disagreements := cmd.Flags().Bool("disagreements", false, "only where a run says otherwise than the catalogue predicted, with the reason")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case *unplayable && *disagreements:
			return usage("Ask for one at a time.", "expected --unplayable or --disagreements, got both")
		case *unplayable:
			return a.listUnplayable(args, *asJSON)
		case *disagreements:
			return a.listDisagreements(args, *asJSON)
		}
		kinds := listKinds[:3]
		if len(args) == 1 {
			if kinds = []string{fold(args[0])}; !knownKind(kinds[0]) {
				return unknown(args[0], "kind", listKinds, "There are scenarios, attacks, profiles and controls.")
			}
		}
		l := list(kinds)
		if !*asJSON {
			return l.write(a.out)
		}
		for i := range l.Attacks {
			l.Attacks[i].review()
		}
		return document(a.out, l)
	}
	return cmd
}

func (a *app) listUnplayable(args []string, asJSON bool) error {
	if len(args) > 0 && fold(args[0]) != "attacks" {
		return usage("Leave "+args[0]+" out.", "--unplayable is about attacks, got %q", args[0])
	}
	l := listing{Schema: report.SchemaList}
	for _, b := range attacker.Unplayable() {
		l.Unplayable = append(l.Unplayable, describeBlock(b))
	}
	if asJSON {
		return document(a.out, l)
	}
	w := a.page()
	for _, b := range l.Unplayable {
		heading := b.ID + "  " + b.Title
		if b.PlayedAs != "" {
			heading += " (see " + b.PlayedAs + ")"
		}
		section(w, heading, b.Why)
	}
	return nil
}

func describeBlock(b attacker.Block) blockDoc { return blockDoc{b.ID, b.Title, b.Why, b.As} }

func knownKind(kind string) bool {
	for _, k := range listKinds {
		if k == kind {
			return true
		}
	}
	return false
}

func list(kinds []string) listing {
	l := listing{Schema: report.SchemaList}
	for _, kind := range kinds {
		switch kind {
		case "scenarios":
			for _, s := range scenarios.All() {
				l.Scenarios = append(l.Scenarios, describeScenario(s))
			}
		case "attacks":
			for _, t := range attacker.All() {
				l.Attacks = append(l.Attacks, attackDoc{Attack: sim.Describe(t)})
			}
		case "profiles":
			for _, p := range control.Profiles() {
				l.Profiles = append(l.Profiles, sim.DescribeProfile(p))
			}
		case "controls":
			for _, c := range control.All() {
				l.Controls = append(l.Controls, describeControl(c))
			}
		}
	}
	return l
}

func describeScenario(s scenarios.Scenario) scenarioDoc {
	return scenarioDoc{Name: s.Name, Title: s.Title, Story: s.Story, Attack: s.Attack, Profiles: s.Profiles}
}

func describeAttack(t attacker.Technique) attackDoc {
	doc := attackDoc{Attack: sim.Describe(t)}
	doc.review()
	doc.Disagreements, _ = disagreements(t.ID) // a test reads the file; a broken one never gets this far
	return doc
}

// review fills in the row of the reviewed matrix. Text listings do without: reading the file costs more
// than the rest of a listing.
func (d *attackDoc) review() {
	d.Expected, d.StoppedBy = map[string]verdict.Outcome{}, map[string]string{}
	for _, p := range control.Profiles() {
		if o := scenarios.Expected(d.ID, p.Name); o != "" {
			d.Expected[p.Name] = o
		}
		if by := scenarios.StoppedBy(d.ID, p.Name); by != "" {
			d.StoppedBy[p.Name] = by
		}
	}
}

func describeControl(c *control.Control) controlDoc {
	doc := controlDoc{ID: c.ID, Owner: c.Owner, Title: c.Title, Clause: c.Clause, Why: c.Why, OnIn: []string{}}
	for _, p := range control.Profiles() {
		for _, on := range p.Controls.Controls() {
			if on == c {
				doc.OnIn = append(doc.OnIn, p.Name)
			}
		}
	}
	return doc
}

func (l listing) write(w io.Writer) error {
	var rows [][]string
	section := func(heading string, n int, row func(i int) []string) {
		if n == 0 {
			return
		}
		if len(rows) > 0 {
			rows = append(rows, nil)
		}
		rows = append(rows, []string{heading})
		for i := range n {
			rows = append(rows, row(i))
		}
	}
	section("Scenarios", len(l.Scenarios), func(i int) []string {
		s := l.Scenarios[i]
		return []string{"  " + s.Name, s.Title}
	})
	section("Attacks", len(l.Attacks), func(i int) []string {
		t := l.Attacks[i]
		return []string{"  " + t.ID, t.Name, t.Title}
	})
	section("Profiles", len(l.Profiles), func(i int) []string {
		p := l.Profiles[i]
		return []string{"  " + p.Name, fmt.Sprintf("%d controls", len(p.Controls)), p.Title}
	})
	section("Controls", len(l.Controls), func(i int) []string {
		c := l.Controls[i]
		return []string{"  " + c.ID, c.Title}
	})
	return table(w, rows)
}
