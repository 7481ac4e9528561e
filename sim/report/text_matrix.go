package report

import (
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/verdict"
)

// WriteMatrix writes attacks by profiles: a table, or with Plain a sentence an attack. Cells that
// differ from the reviewed matrix are listed at the end with their reason.
func WriteMatrix(w io.Writer, m Matrix, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	if opt.Plain {
		p.matrixSentences(m)
	} else {
		p.matrixTable(m)
	}
	p.matrixSummary(m)
	return p.err
}

func (p *page) matrixSentences(m Matrix) {
	for i, a := range m.Attacks {
		var parts []string
		for _, c := range m.Cells[i] {
			word := c.Profile + " " + cellWord(c)
			if c.Applicable && c.Verdict.Outcome == verdict.Held && p.opt.Verbose {
				word += " by " + c.Verdict.StoppedBy
			}
			parts = append(parts, word)
		}
		p.entry("", 0, fmt.Sprintf("%s %s: %s.", a.ID, a.Title, strings.Join(parts, "; ")))
	}
}

func cellWord(c Cell) string {
	if !c.Applicable {
		return notApplicable
	}
	if c.Surprise() {
		return Word(c.Verdict.Outcome) + " (!)"
	}
	return Word(c.Verdict.Outcome)
}

const narrowest = 16 // of the column with the titles

func (p *page) matrixTable(m Matrix) {
	id, title := len("attack"), narrowest
	for _, a := range m.Attacks {
		id, title = max(id, columns(a.ID)), max(title, columns(a.Title))
	}
	cells := 0
	short := false
	widths := columnWidths(m, false)
	for _, w := range widths {
		cells += w + 2
	}
	if p.opt.Width > 0 && id+2+narrowest+cells > p.opt.Width {
		short, cells = true, 0
		widths = columnWidths(m, true)
		for _, w := range widths {
			cells += w + 2
		}
	}
	if p.opt.Width > 0 {
		title = max(narrowest, min(title, p.opt.Width-id-2-cells))
	}
	head := pad("attack", id+2+title)
	for j, profile := range m.Profiles {
		head += "  " + pad(profile.Name, widths[j])
	}
	p.line("%s", strings.TrimRight(head, " "))
	for i, a := range m.Attacks {
		row := pad(a.ID, id) + "  " + pad(cut(a.Title, title), title)
		for j, c := range m.Cells[i] {
			word := tableWord(c, short)
			row += "  " + pad(p.paint(Word(c.Verdict.Outcome), word), widths[j])
		}
		p.line("%s", strings.TrimRight(row, " "))
	}
	if short {
		p.line("n/a: not applicable")
	}
	p.line("")
}

func tableWord(c Cell, short bool) string {
	if short && !c.Applicable {
		return "n/a"
	}
	return cellWord(c)
}

func columnWidths(m Matrix, short bool) []int {
	widths := make([]int, len(m.Profiles))
	for j, profile := range m.Profiles {
		widths[j] = columns(profile.Name)
		for i := range m.Attacks {
			widths[j] = max(widths[j], columns(tableWord(m.Cells[i][j], short)))
		}
	}
	return widths
}

func (p *page) matrixSummary(m Matrix) {
	runs, skipped, reviewed := 0, 0, 0
	var surprises []Cell
	tally := map[verdict.Outcome]int{}
	for _, row := range m.Cells {
		for _, c := range row {
			if !c.Applicable {
				skipped++
				continue
			}
			runs++
			tally[c.Verdict.Outcome]++
			if c.Expected != "" {
				reviewed++
			}
			if c.Surprise() {
				surprises = append(surprises, c)
			}
		}
	}
	p.entry("", 0, fmt.Sprintf("%s: %d Breached, %d Held, %d Void; %d not applicable. Seed %d.", count(runs, "run"),
		tally[verdict.Breached], tally[verdict.Held], tally[verdict.Void], skipped, m.Seed))
	switch {
	case len(surprises) > 0:
	case reviewed == 0:
		p.line("The reviewed matrix says nothing about these.")
		return
	default:
		p.line("Everything is as expected.")
		return
	}
	p.line("%s not as expected:", count(len(surprises), "run"))
	for _, c := range surprises {
		p.entry("", 2, fmt.Sprintf("%s under %s is %s. %s", c.Attack, c.Profile, judgement(c.Verdict.Outcome, c.Expected), Sentence(c.Verdict.Reason)))
	}
}
