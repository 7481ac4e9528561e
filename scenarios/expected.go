package scenarios

import (
	_ "embed"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

//go:embed expected.yaml
var expectedFile []byte

// expectation is one cell of the reviewed matrix: the outcome, and if it is held, by what.
type expectation struct {
	outcome   verdict.Outcome
	stoppedBy string
}

var expected = sync.OnceValues(func() (map[string]map[string]expectation, error) { return parseExpected(expectedFile) })

// StoppedBy is the control that people have agreed holds an attack under a profile; empty if it is
// breached, or the reviewed matrix does not have the cell.
func StoppedBy(attackID, profile string) string {
	m, err := expected()
	if err != nil {
		return ""
	}
	return m[attackID][profile].stoppedBy
}

// Expected is the outcome people have agreed on for an attack under a profile; empty if the reviewed
// matrix does not have the cell.
func Expected(attackID, profile string) verdict.Outcome {
	m, err := expected()
	if err != nil {
		return "" // a test reads the file; a broken one never gets this far
	}
	return m[attackID][profile].outcome
}

// parseExpected reads the reviewed matrix: attack, then profile, then "breached" or "held by <control>".
func parseExpected(data []byte) (map[string]map[string]expectation, error) {
	var file map[string]map[string]string
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("the reviewed matrix: %w", err)
	}
	out := map[string]map[string]expectation{}
	for attack, row := range file {
		out[attack] = map[string]expectation{}
		for profile, text := range row {
			e, err := parseExpectation(text)
			if err != nil {
				return nil, fmt.Errorf("the reviewed matrix, %s under %s: %w", attack, profile, err)
			}
			out[attack][profile] = e
		}
	}
	return out, nil
}

func parseExpectation(text string) (expectation, error) {
	if text == string(verdict.Breached) {
		return expectation{outcome: verdict.Breached}, nil
	}
	if by, ok := strings.CutPrefix(text, "held by "); ok && by != "" {
		return expectation{verdict.Held, by}, nil
	}
	return expectation{}, fmt.Errorf("expected %q or %q, got %q", "breached", "held by <control>", text)
}

// ExpectedText writes results as the reviewed matrix would, for a person to read and compare.
func ExpectedText(m report.Matrix) []byte {
	var b strings.Builder
	b.WriteString("# The reviewed matrix: what each attack does under each profile. A fresh run that differs is a surprise,\n" +
		"# and a surprise is looked into, never typed over. Cells left out are not applicable.\n")
	rows := make([]int, len(m.Attacks))
	for i := range rows {
		rows[i] = i
	}
	sort.Slice(rows, func(i, j int) bool { return m.Attacks[rows[i]].ID < m.Attacks[rows[j]].ID })
	for _, i := range rows {
		fmt.Fprintf(&b, "\n%s: # %s\n", m.Attacks[i].ID, m.Attacks[i].Name)
		for _, c := range m.Cells[i] {
			if !c.Applicable {
				continue
			}
			text := string(c.Verdict.Outcome)
			if c.Verdict.Outcome == verdict.Held {
				text = "held by " + c.Verdict.StoppedBy
			}
			fmt.Fprintf(&b, "  %s: %s\n", c.Profile, text)
		}
	}
	return []byte(b.String())
}
