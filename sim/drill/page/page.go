// Package page is how what belongs to a drill is printed: the report of one that was played, the guide to one that will
// be. A Page is sections in order; it is written as Markdown and as HTML, and says the same in both. What stands in it is
// for its maker; nothing here knows a drill.
package page

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Page is a page to print. The marking stands at its head and at its foot.
type Page struct {
	Marking, Title string
	Sections       []Section
}

// Section is a part of a page: paragraphs, a list, a table.
type Section struct {
	Title string
	Chart string // in HTML only: SVG
	Notes []string
	Items []string
	Head  []string
	Rows  [][]string
	None  string // is said where there is neither a list nor a table
}

// Formats are the ways a page can be written.
func Formats() []string { return []string{"md", "html"} }

// Write writes the page in a format.
func (p Page) Write(w io.Writer, format string) error {
	text := ""
	switch format {
	case "md":
		text = p.markdown()
	case "html":
		text = p.html()
	default:
		return fmt.Errorf("expected one of %s, got %q", strings.Join(Formats(), ", "), format)
	}
	_, err := io.WriteString(w, text)
	return err
}

func (p Page) markdown() string {
	var b strings.Builder
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;") // some of it is in the players' words
	fmt.Fprintf(&b, "**%s**\n\n# %s\n", p.Marking, cell.Replace(p.Title))
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", cell.Replace(s.Title))
		for _, n := range s.Notes {
			fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(cell.Replace(n)))
		}
		for _, i := range s.Items {
			fmt.Fprintf(&b, "- %s\n", cell.Replace(i))
		}
		if len(s.Rows) > 0 {
			if len(s.Items) > 0 {
				b.WriteString("\n") // else the table is the last item's
			}
			fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(s.Head, " | "), strings.Repeat(" --- |", len(s.Head)))
			for _, row := range s.Rows {
				for i, c := range row {
					if i == 0 {
						b.WriteString("|")
					}
					b.WriteString(" " + cell.Replace(c) + " |")
				}
				b.WriteString("\n")
			}
		}
	}
	fmt.Fprintf(&b, "\n**%s**\n", p.Marking)
	return b.String()
}

// style is all the page needs: it loads nothing from anywhere.
const style = `:root{color-scheme:light dark}body{background:#fff;font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
.wide{overflow-x:auto}svg{width:100%;height:auto;margin:.5rem 0}
.mark{background:#fff3cd;border:1px solid #b58900;padding:.5rem;font-weight:bold;text-align:center}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}td,th{border-color:#444}.mark{color:#222}}
:focus-visible{outline:3px solid #06c}
@media print{:root{color-scheme:light}body{background:#fff;color:#000;font-size:10pt;margin:0;padding:0;max-width:none}td,th{border-color:#999}.mark{color:#000}
.wide{overflow:visible}thead{display:table-header-group}tr,figure,li{break-inside:avoid}h2{break-after:avoid}}`

// html is one file that loads nothing, to read and to print.
func (p Page) html() string {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>%s</title><style>%s</style>\n<body><main><p class=\"mark\">%s</p><h1>%s</h1>\n",
		esc(p.Title), style, esc(p.Marking), esc(p.Title))
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "<h2>%s</h2>\n", esc(s.Title))
		for _, n := range s.Notes {
			fmt.Fprintf(&b, "<p>%s</p>\n", esc(n))
		}
		b.WriteString(s.Chart)
		if len(s.Items) > 0 {
			b.WriteString("<ul>\n")
			for _, i := range s.Items {
				fmt.Fprintf(&b, "<li>%s</li>\n", esc(i))
			}
			b.WriteString("</ul>\n")
		}
		if len(s.Rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table><thead><tr>", esc(s.Title))
		for _, h := range s.Head {
			fmt.Fprintf(&b, "<th scope=\"col\">%s</th>", esc(h))
		}
		b.WriteString("</tr></thead>\n<tbody>")
		for _, row := range s.Rows {
			b.WriteString("<tr>")
			for _, c := range row {
				fmt.Fprintf(&b, "<td>%s</td>", esc(c))
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</tbody></table></div>\n")
	}
	fmt.Fprintf(&b, "<p class=\"mark\">%s</p></main></body></html>\n", esc(p.Marking))
	return b.String()
}
