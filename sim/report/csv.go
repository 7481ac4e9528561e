package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// WriteMatrixCSV writes a cell a line, with a heading (RFC 4180).
func WriteMatrixCSV(w io.Writer, m Matrix) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	rows := [][]string{{"attack", "family", "title", "attacker_model", "profile", "applicable", "outcome", "stopped_by", "expected", "surprise", "reason"}}
	for i, a := range m.Attacks {
		family, _, _ := strings.Cut(a.ID, "-")
		for _, cell := range m.Cells[i] {
			rows = append(rows, []string{
				a.ID, family, a.Title, strings.Join(a.Model, " "), cell.Profile, strconv.FormatBool(cell.Applicable), string(cell.Verdict.Outcome),
				cell.Verdict.StoppedBy, string(cell.Expected), strconv.FormatBool(cell.Surprise()), cell.Verdict.Reason,
			})
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// harmless keeps a spreadsheet from taking text for a formula.
func harmless(s string) string {
	if s = Clean(s); s != "" && strings.ContainsAny(s[:1], "=+-@") {
		return "'" + s
	}
	return s
}
