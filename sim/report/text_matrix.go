package report

import (
	"fmt"
	"io"
	"strings"

	"thiefbox/sim/verdict"
)

// WriteMatrix writes attacks by profiles. On a terminal that is a table, in the words of the screens
// and with numbers for the profiles if it is a narrow one. With Plain or Verbose, or where not even that
// fits, it is a sentence an attack, which names what stopped it. Cells that differ from the reviewed
// matrix are listed at the end with their reason.
func WriteMatrix(w io.Writer, m Matrix, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	if table, ok := layOut(m, opt); ok {
		p.matrixTable(m, table)
	} else {
		p.matrixSentences(m)
	}
	p.matrixSummary(m)
	return p.err
}

// matrixSentences keeps an attack on a line: whoever greps for a profile, an outcome or a control finds
// the attack with it.
func (p *page) matrixSentences(m Matrix) {
	for i, a := range m.Attacks {
		var parts []string
		for _, c := range m.Cells[i] {
			word := c.Profile + " " + cellWord(c)
			if c.Applicable && c.Verdict.Outcome == verdict.Held {
				word += " by " + c.Verdict.StoppedBy
			}
			parts = append(parts, word)
		}
		p.entry("", 0, Clean(fmt.Sprintf("%s %s: %s.", a.ID, a.Title, strings.Join(parts, "; "))))
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

// matrixLayout is how wide the columns of a table are, and whether it must do with short words.
type matrixLayout struct {
	id, title int
	cells     []int
	short     bool
}

// layOut finds the widest table that fits; ok is false if none does, or none is wanted.
func layOut(m Matrix, opt TextOptions) (l matrixLayout, ok bool) {
	if opt.Plain || opt.Verbose {
		return l, false
	}
	longest := narrowest
	l.id = len("attack")
	for _, a := range m.Attacks {
		l.id, longest = max(l.id, columns(a.ID)), max(longest, columns(a.Title))
	}
	for _, l.short = range []bool{false, true} {
		l.cells = columnWidths(m, l.short)
		room := opt.Width - l.id - 2
		for _, w := range l.cells {
			room -= w + len(l.gap())
		}
		if l.title = longest; opt.Width > 0 {
			l.title = min(longest, room)
		}
		if l.title >= narrowest {
			return l, true
		}
	}
	return l, false
}

// gap is what stands between columns.
func (l matrixLayout) gap() string {
	if l.short {
		return " "
	}
	return "  "
}

func (p *page) matrixTable(m Matrix, l matrixLayout) {
	head := pad("attack", l.id+2+l.title)
	for j := range m.Profiles {
		head += l.gap() + pad(profileHead(m, j, l.short), l.cells[j])
	}
	p.line("%s", strings.TrimRight(head, " "))
	for i, a := range m.Attacks {
		row := pad(a.ID, l.id) + "  " + pad(cut(Clean(a.Title), l.title), l.title)
		for j, c := range m.Cells[i] {
			row += l.gap() + pad(p.paint(Word(c.Verdict.Outcome), tableWord(c, l.short)), l.cells[j])
		}
		p.line("%s", strings.TrimRight(row, " "))
	}
	p.line("")
	if l.short {
		p.legend(m)
	}
}

// legend says what the numbers and the short words stand for.
func (p *page) legend(m Matrix) {
	names := make([]string, len(m.Profiles))
	for j, profile := range m.Profiles {
		names[j] = profileHead(m, j, true) + " " + profile.Name
	}
	p.entry("", 0, strings.Join(names, ", ")+".")
	p.entry("", 0, Leak+": Breached. "+Stop+": Held. n/a: not applicable. !: not as expected. --verbose names what stopped each.")
	p.line("")
}

// profileHead is the name of a profile, or its number.
func profileHead(m Matrix, j int, short bool) string {
	if short {
		return itoa(j + 1)
	}
	return m.Profiles[j].Name
}

func tableWord(c Cell, short bool) string {
	if !short {
		return cellWord(c)
	}
	word := "n/a"
	if c.Applicable {
		word = map[verdict.Outcome]string{verdict.Breached: Leak, verdict.Held: Stop, verdict.Void: "VOID"}[c.Verdict.Outcome]
	}
	if c.Surprise() {
		word += "!"
	}
	return word
}

func columnWidths(m Matrix, short bool) []int {
	widths := make([]int, len(m.Profiles))
	for j := range m.Profiles {
		widths[j] = columns(profileHead(m, j, short))
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
	for _, s := range m.Stale {
		p.entry("", 0, "Stale in the baseline: "+Clean(s)+".")
	}
	switch {
	case len(surprises) > 0:
	case len(m.Stale) > 0:
		return
	case reviewed == 0:
		p.line("The reviewed matrix says nothing about these.")
		return
	case reviewed < runs:
		p.entry("", 0, fmt.Sprintf("All that the reviewed matrix speaks of is as expected: %s. Of %d it says nothing.", count(reviewed, "run"), runs-reviewed))
		return
	default:
		p.line("Everything is as expected.")
		return
	}
	p.line("%s not as expected:", count(len(surprises), "run"))
	for _, c := range surprises {
		p.entry("", 2, fmt.Sprintf("%s under %s is %s. %s", c.Attack, c.Profile, judgement(c.Verdict.Outcome, c.Expected), Sentence(Clean(c.Verdict.Reason))))
	}
}
