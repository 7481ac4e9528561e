package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"

	"thiefbox/sim/report"
)

// page is where text goes, and how wide it is; 0 leaves lines whole.
type page struct {
	io.Writer
	width int
}

const (
	usualWidth = 80
	widestRead = 100 // longer lines tire the eye
)

// page is standard output. Only a terminal has a width: in a pipe a sentence stays on its line.
func (a *app) page() page {
	if a.plainTerminal() || !a.env.IsTerminal(a.env.Stdout) {
		return page{a.out, 0}
	}
	return page{a.out, min(a.columns(), widestRead)}
}

func (a *app) columns() int {
	if w := a.env.Width(); w > 0 {
		return w
	}
	return usualWidth
}

// report writes one of the texts of the report package: for a person at a terminal with columns and
// colour, for anybody else as plain sentences.
func (a *app) report(verbose bool, write func(io.Writer, report.TextOptions) error) error {
	opt := report.TextOptions{Verbose: verbose, Plain: a.plainTerminal() || !a.env.IsTerminal(a.env.Stdout)}
	if opt.Plain {
		return write(a.out, opt)
	}
	opt.Width = a.columns()
	if a.theme != "mono" && a.env.Getenv("NO_COLOR") == "" { // https://no-color.org
		return write(a.out, opt)
	}
	var b bytes.Buffer
	if err := write(&b, opt); err != nil {
		return err
	}
	_, err := a.out.WriteString(ansi.Strip(b.String()))
	return err
}

// table writes rows in columns, two spaces apart. The last column takes what it needs.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// prose writes a paragraph, each line after indent, broken at words if the page has a width.
func prose(w page, indent, text string) {
	if w.width > 20 {
		text = ansi.Wordwrap(text, w.width-len(indent), " ")
	}
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(w, strings.TrimRight(indent+line, " "))
	}
}

// section writes a heading and the lines under it; nothing if there are no lines.
func section(w page, heading string, lines ...string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(w, "\n"+heading)
	for _, l := range lines {
		prose(w, "  ", l)
	}
}

// document writes v as indented JSON.
func document(w io.Writer, v any) error { return report.WriteJSON(w, v) }
