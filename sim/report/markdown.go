package report

import (
	"io"
	"strings"

	"thiefbox/sim/verdict"
)

// WriteMatrixMarkdown writes a table, and below it what is not as expected.
func WriteMatrixMarkdown(w io.Writer, m Matrix) error {
	p := &page{w: w, opt: TextOptions{Plain: true}}
	head, rule := "| attack | |", "|---|---|"
	for _, profile := range m.Profiles {
		head, rule = head+" "+inCell(profile.Name)+" |", rule+"---|"
	}
	p.line("%s", head)
	p.line("%s", rule)
	for i, a := range m.Attacks {
		row := "| " + inCell(a.ID) + " | " + inCell(a.Title) + " |"
		for _, c := range m.Cells[i] {
			word := tableWord(c, true)
			if c.Applicable && c.Verdict.Outcome == verdict.Held {
				word += " `" + c.Verdict.StoppedBy + "`"
			}
			row += " " + strings.ReplaceAll(word, Leak, "**"+Leak+"**") + " |"
		}
		p.line("%s", row)
	}
	p.line("")
	p.matrixSummary(m)
	return p.err
}

// inCell is text that ends no cell and begins no markup.
func inCell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`").Replace(Clean(s))
}
