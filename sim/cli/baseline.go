package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// A baseline accepts known results, down to a cell: attack, then profile, then the outcome.
//
//	D-04:
//	  fapi2-dpop: breached
//
// It goes before the reviewed matrix. Where neither has a word, as under a person's own profile, an attack
// is expected to be held. An entry that says what would be expected without it, or names a cell that is
// not there, is stale.
type baseline map[string]map[string]verdict.Outcome

func readBaseline(file string) (baseline, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("", "--baseline: %w", err)
	}
	b := baseline{}
	if err := yaml.UnmarshalWithOptions(data, &b, yaml.Strict()); err != nil {
		return nil, usage("it holds attacks, each with profiles, each with an outcome: D-04: {fapi2-dpop: breached}.",
			"%s: %s", file, strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " "))
	}
	outcomes := []verdict.Outcome{verdict.Breached, verdict.Held, verdict.Void}
	for attack, row := range b {
		if _, ok := attackNamed(attack); !ok {
			return nil, unknown(attack, "attack", playableNames(), "It stands in "+file+".")
		}
		for profile, o := range row {
			if !slices.Contains(outcomes, o) {
				return nil, usage("", "%s: %s under %s: expected breached, held or void, got %q", file, attack, profile, o)
			}
		}
	}
	return b, nil
}

// apply says what each cell is expected to be, and which entries are stale. A cell that is void as the
// baseline says is no surprise: its expectation is void too.
func (b baseline) apply(m *report.Matrix) {
	seen := map[string]bool{}
	for i := range m.Cells {
		for j := range m.Cells[i] {
			c := &m.Cells[i][j]
			if !c.Applicable {
				continue
			}
			without := c.Expected
			if without == "" {
				without = verdict.Held
			}
			c.Expected = without
			if accepted, ok := b[c.Attack][c.Profile]; ok {
				seen[c.Attack+" "+c.Profile] = true
				c.Expected = accepted
				if accepted == without && accepted == c.Verdict.Outcome {
					m.Stale = append(m.Stale, fmt.Sprintf("%s under %s is %s as expected without the entry; strike it", c.Attack, c.Profile, report.Word(accepted)))
				} else if accepted != c.Verdict.Outcome {
					m.Stale = append(m.Stale, fmt.Sprintf("%s under %s is %s, and no longer %s; strike the entry or change it", c.Attack, c.Profile, report.Word(c.Verdict.Outcome), report.Word(accepted)))
				}
			}
		}
	}
	m.Stale = append(m.Stale, b.unused(m, seen)...)
}

// unused are entries about cells of this matrix that make no sense. What was not played is nobody's fault.
func (b baseline) unused(m *report.Matrix, seen map[string]bool) (stale []string) {
	for _, a := range m.Attacks {
		for _, p := range m.Profiles {
			if _, ok := b[a.ID][p.Name]; ok && !seen[a.ID+" "+p.Name] {
				stale = append(stale, fmt.Sprintf("%s makes no sense under %s; strike the entry", a.ID, p.Name))
			}
		}
	}
	return stale
}

// writeBaseline prints what would have to be accepted for the matrix to pass.
func writeBaseline(w io.Writer, m report.Matrix) error {
	fmt.Fprintln(w, "# Known results, accepted: attack, profile, outcome. An entry that no longer holds fails the run.")
	none := true
	for i, a := range m.Attacks {
		first := true
		for _, c := range m.Cells[i] {
			expected := c.Expected
			if expected == "" {
				expected = verdict.Held
			}
			if !c.Applicable || c.Verdict.Outcome == expected {
				continue
			}
			if first {
				fmt.Fprintf(w, "%s: # %s\n", a.ID, report.Clean(a.Title))
				first, none = false, false
			}
			fmt.Fprintf(w, "  %q: %s\n", c.Profile, c.Verdict.Outcome)
		}
	}
	if none {
		fmt.Fprintln(w, "{}")
	}
	return nil
}
