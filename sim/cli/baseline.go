package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"thiefbox/attacker"
	"thiefbox/sim/profile"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// baseline accepts known results, a cell an entry. It goes before the reviewed matrix. Where neither has a
// word, as under a person's own profile, an attack is expected to be held. An entry that says what would be
// expected without it, or names a cell that is not there, is stale.
type baseline profile.Baseline

func readBaseline(file string) (baseline, error) { return readBaselineOf(file, ids(attacker.All())) }

// readBaselineOf reads one over other things than attacks.
func readBaselineOf(file string, ids []string) (baseline, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("`thiefbox matrix --format baseline` prints one.", "--baseline: %w", err)
	}
	b, err := profile.ParseBaseline(file, data, ids, nearest)
	if e := (*profile.Error)(nil); errors.As(err, &e) {
		return nil, usage(e.Hint, "%w", err)
	}
	return baseline(b), err
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
			if entry, ok := b[c.Attack][c.Profile]; ok {
				accepted := verdict.Outcome(entry)
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
	return append(stale, b.mistyped(m)...)
}

// mistyped are entries about a profile that was not played, and whose name nearly is one of ours. Any other
// that was not played is somebody's own.
func (b baseline) mistyped(m *report.Matrix) (stale []string) {
	played := profileNames()
	for _, p := range m.Profiles {
		played = append(played, p.Name)
	}
	for _, attack := range slices.Sorted(maps.Keys(b)) {
		for _, name := range slices.Sorted(maps.Keys(b[attack])) {
			near := slices.IndexFunc(played, func(p string) bool { return distance(fold(name), fold(p)) <= 2 })
			if near >= 0 && !slices.Contains(played, name) {
				stale = append(stale, fmt.Sprintf("%s under %s: no profile is called that; did you mean %s?", attack, name, played[near]))
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
