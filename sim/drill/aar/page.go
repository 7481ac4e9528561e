package aar

import (
	"fmt"
	"html"
	"strings"
)

func (r Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n# After-action report\n", r.Marking)
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;") // some of it is in the players' words
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "\n## %s\n\n", cell.Replace(s.title))
		for _, n := range s.notes {
			fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(cell.Replace(n)))
		}
		for _, i := range s.items {
			fmt.Fprintf(&b, "- %s\n", cell.Replace(i))
		}
		if len(s.rows) > 0 {
			if len(s.items) > 0 {
				b.WriteString("\n") // else the table is the last item's
			}
			fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(s.head, " | "), strings.Repeat(" --- |", len(s.head)))
			for _, row := range s.rows {
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
	fmt.Fprintf(&b, "\n**%s**\n", r.Marking)
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

func (r Report) html() string {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>%s: %s</title><style>%s</style>\n<body><main><p class=\"mark\">%s</p><h1>After-action report</h1>\n",
		esc(r.Drill), esc(r.Title), style, esc(r.Marking))
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "<h2>%s</h2>\n", esc(s.title))
		for _, n := range s.notes {
			fmt.Fprintf(&b, "<p>%s</p>\n", esc(n))
		}
		b.WriteString(s.chart)
		if len(s.items) > 0 {
			b.WriteString("<ul>\n")
			for _, i := range s.items {
				fmt.Fprintf(&b, "<li>%s</li>\n", esc(i))
			}
			b.WriteString("</ul>\n")
		}
		if len(s.rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table><thead><tr>", esc(s.title))
		for _, h := range s.head {
			fmt.Fprintf(&b, "<th scope=\"col\">%s</th>", esc(h))
		}
		b.WriteString("</tr></thead>\n<tbody>")
		for _, row := range s.rows {
			b.WriteString("<tr>")
			for _, c := range row {
				fmt.Fprintf(&b, "<td>%s</td>", esc(c))
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</tbody></table></div>\n")
	}
	fmt.Fprintf(&b, "<p class=\"mark\">%s</p></main></body></html>\n", esc(r.Marking))
	return b.String()
}
