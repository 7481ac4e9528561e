package report

import (
	"fmt"
	"html"
	"strings"
)

const (
	laneWidth = 180 // of the longest name: the authorization server
	rowHeight = 34
	svgTop    = 46
)

// SVG draws a telling as a sequence diagram. Its colours come from the page it stands in, and its words
// say everything that they do.
func (t Telling) SVG() string {
	at := map[string]int{}
	for i, l := range t.Lanes {
		at[l.ID] = laneWidth/2 + i*laneWidth
	}
	width, height := max(len(t.Lanes), 3)*laneWidth, svgTop+len(t.Steps)*rowHeight+16
	var b strings.Builder
	fmt.Fprintf(&b, `<svg role="img" viewBox="0 0 %d %d" width="%d" height="%d" xmlns="http://www.w3.org/2000/svg">`, width, height, width, height)
	fmt.Fprintf(&b, `<title>%s</title>`, html.EscapeString(t.Attack+" under "+list(t.Profiles)+": the messages of the attack"))
	for _, l := range t.Lanes {
		fmt.Fprintf(&b, `<text class="lane" x="%d" y="18">%s</text><line class="life" x1="%d" y1="28" x2="%d" y2="%d"/>`,
			at[l.ID], html.EscapeString(cut(l.Name, 24)), at[l.ID], at[l.ID], height-6)
	}
	for i, s := range t.Steps {
		b.WriteString(stepSVG(s, at, svgTop+i*rowHeight+rowHeight/2, width))
	}
	b.WriteString("</svg>")
	return b.String()
}

func stepSVG(s Step, at map[string]int, y, width int) string {
	label := s.Label
	if s.Outcome != "" {
		label += " " + s.Outcome
	}
	class := "step " + strings.ToLower(s.Outcome)
	x1, from := at[s.From]
	x2, to := at[s.To]
	if !from || !to {
		return fmt.Sprintf(`<text class="%s note" x="%d" y="%d">%s</text>`, class, width/2, y+4, html.EscapeString(cut(s.Sentence, width/8)))
	}
	if s.Kind == StepResponse {
		class += " answer"
	}
	middle := (x1 + x2) / 2
	if x1 == x2 {
		return fmt.Sprintf(`<g class="%s"><path d="M%d %d h24 v10 h-20"/><text x="%d" y="%d" class="self">%s</text></g>`, class, x1, y-4, x1+30, y+2, html.EscapeString(cut(label, 40)))
	}
	tip, back := x2, 7
	if x2 < x1 {
		back = -7
	}
	return fmt.Sprintf(`<g class="%s"><line x1="%d" y1="%d" x2="%d" y2="%d"/><path class="tip" d="M%d %d l%d -4 v8 z"/><text x="%d" y="%d">%s</text></g>`,
		class, x1, y, x2, y, tip, y, -back, middle, y-5, html.EscapeString(cut(label, max(20, abs(x2-x1)/7))))
}

func abs(n int) int { return max(n, -n) }
