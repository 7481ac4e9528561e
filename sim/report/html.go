package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
	"thiefbox/sim/worth"
)

// Page is one page with everything: the matrix, each attack with its diagrams and checks, and what the
// controls are worth. It needs no network, prints, and works with the keyboard alone.
type Page struct {
	Matrix     Matrix
	Album      *Album            // what was told of the runs; nil for nothing
	Catalogues []worth.Catalogue // may be empty
}

//go:embed html/page.tmpl
var pageTemplate string

//go:embed html/page.css
var pageCSS string

//go:embed html/page.js
var pageJS string

// parsed is the template, parsed when a page is first wanted.
var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{
		"word": func(c Cell) string { return tableWord(c, true) },
		"class": func(c Cell) string {
			if !c.Applicable {
				return "none"
			}
			return string(c.Verdict.Outcome)
		},
		"outcome":  Word,
		"svg":      func(t Telling) template.HTML { return template.HTML(t.SVG()) }, // built by us, every text escaped
		"list":     list,
		"percent":  percent,
		"demand":   demand,
		"join":     func(ids []string) string { return strings.Join(ids, ", ") },
		"anchor":   anchor,
		"heading":  FamilyHeading,
		"attacker": AttackerWords,
		"joints":   joints,
		"names":    func(all []string) string { return strings.Join(all, "\n") },
		"sentence": func(s string) string { return Sentence(Clean(s)) },
		"clause":   controlClause,
		"sets":     func(sets [][]string) [][]string { return sets[:min(len(sets), mostSets)] },
		"missed":   missed,
		"done":     func(c worth.Catalogue) int { return len(c.Attacks) + len(c.Chains) },
		"share":    func(v float64) string { return fmt.Sprintf("%.1f", v) },
	}).Parse(pageTemplate)
})

// missed are the controls that make a difference.
func missed(all []worth.Worth) (out []worth.Worth) {
	for _, w := range all {
		if len(w.Alone)+len(w.Pairs) > 0 || w.Share != 0 {
			out = append(out, w)
		}
	}
	return out
}

func controlClause(id string) string {
	c, err := control.Lookup(id)
	if err != nil {
		return ""
	}
	return c.Clause
}

// anchor makes an id into one that stands in an address.
func anchor(id string) string { return strings.NewReplacer("/", "_", " ", "_").Replace(id) }

// joints lets a long name break after its dashes and pluses, where a column is narrow.
func joints(name string) template.HTML {
	return template.HTML(strings.NewReplacer("-", "-<wbr>", "+", "+<wbr>").Replace(template.HTMLEscapeString(name)))
}

// pageRow is an attack of the page, under its family.
type pageRow struct {
	Attack   Attack
	Cells    []Cell
	Told     template.HTML
	Ablated  []pageAblation
	Surprise bool
}

// pageAblation is what becomes of an attack without controls, under profiles for which it is the same.
type pageAblation struct {
	Profiles []string
	worth.Ablation
}

type pageFamily struct {
	Name string
	Rows []pageRow
}

// WriteHTML writes the page.
func WriteHTML(w io.Writer, p Page) error {
	t, err := parsed()
	if err != nil {
		return err
	}
	tally := map[verdict.Outcome]int{}
	for _, row := range p.Matrix.Cells {
		for _, c := range row {
			if c.Applicable {
				tally[c.Verdict.Outcome]++
			}
		}
	}
	if p.Album == nil {
		p.Album = NewAlbum()
	}
	if err := p.Album.close(); err != nil {
		return err
	}
	r := &p.Album.rounds
	return t.Execute(w, map[string]any{
		"Matrix": p.Matrix, "Families": p.families(), "Rounds": r.all, "Glossary": r.glossary(), "Catalogues": p.Catalogues, "Surprises": p.Matrix.Surprises(),
		"Columns":  len(p.Matrix.Profiles) + 1,
		"Breached": tally[verdict.Breached], "Held": tally[verdict.Held], "Void": tally[verdict.Void],
		"CSS": template.CSS(pageCSS), "JS": template.JS(pageJS), // ours, embedded in the program
	})
}

func (p Page) families() (out []pageFamily) {
	for i, a := range p.Matrix.Attacks {
		row := pageRow{Attack: a, Cells: p.Matrix.Cells[i], Told: p.Album.told[a.ID]}
		for _, c := range row.Cells {
			row.Surprise = row.Surprise || c.Surprise()
		}
		for _, c := range p.Catalogues {
			for _, x := range slices.Concat(c.Attacks, c.Chains) {
				if x.Attack == a.ID {
					row.Ablated = append(row.Ablated, pageAblation{[]string{c.Profile}, x})
				}
			}
		}
		row.Ablated = sameAblations(row.Ablated)
		name := FamilyOf(a.ID)
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, pageFamily{Name: name})
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, row)
	}
	return out
}
