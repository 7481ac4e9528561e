package tui

import (
	"fmt"
	"net/url"
	"strings"
)

func (s *trafficScreen) body(t theme, w, h int) []string {
	if s.first {
		shown, more := s.at.from(s.pasted(w-4), h-2)
		return pane{title: "What to paste where", lines: indent(" ", shown), foot: more, focused: true}.draw(t, w, h)
	}
	n := s.rowsIn(h)
	title := "Requests"
	for issuer := range s.seen {
		if len(s.seen) == 1 {
			title += " at " + clean(issuer)
		}
	}
	p := pane{title: title, focused: true, foot: moreOf(len(s.shown), n)}
	if !s.narrow.empty() {
		p.right = "filter: " + clean(s.narrow.text)
	}
	from, to := s.list.shown(len(s.shown), n)
	for i := from; i < to; i++ {
		p.lines = append(p.lines, s.row(t, s.shown[i], i == s.list.cursor, w-2))
	}
	if len(s.shown) == 0 {
		p.lines = []string{"   nothing yet" + map[bool]string{false: " that passes the filter", true: "; tab shows what to paste"}[s.narrow.empty()]}
	}
	if h-n-2 < 4 {
		return p.draw(t, w, h)
	}
	return above(p.draw(t, w, n+2), pane{title: "Selected", lines: indent(" ", s.detail(w-4))}.draw(t, w, h-n-2))
}

// rowsIn is how many requests are shown in a body of this height.
func (s *trafficScreen) rowsIn(h int) int {
	if h < 18 {
		return max(h-2, 1)
	}
	return h - 4 - 7
}

func (s *trafficScreen) row(t theme, c call, selected bool, w int) string {
	by := c.refusedBy()
	word := wordPass
	if by != "" {
		word = wordFail
	}
	issuer := ""
	if len(s.seen) > 1 {
		issuer = pad(cut(clean(c.issuer), 12), 13)
	}
	text := fmt.Sprintf("%s %s%s %s", c.at.Format("15:04:05"), issuer, pad(cut(sender(c), 18), 18), pad(clean(c.Request.Message.Method), 5))
	path := strings.TrimPrefix(pathOf(c.Request.Message.URL), "/"+c.issuer) // which one stands beside it, or above
	room := w - 3 - width(text) - 1 - 11
	if by != "" {
		room -= min(26, width(by)) + 1
	}
	text += " " + fit(path, max(room, 8)) + " " + statusOf(c)
	mark := "   "
	if selected {
		mark, text = " > ", t.strong.Render(text)
	}
	return cut(mark+text+" "+t.word(word)+" "+t.odd.Render(clean(by)), w)
}

// sender is the client that a request names, or the address of one that names none.
func sender(c call) string {
	_, address, found := strings.Cut(c.Request.From, " at ")
	if found {
		return clean(address)
	}
	return clean(c.Request.From)
}

// pathOf is what a request asks for, without the server's address.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return clean(raw)
	}
	return clean(u.RequestURI())
}

// detail is more about the selected request: who, what, and why it was refused.
func (s *trafficScreen) detail(w int) []string {
	c, ok := s.current()
	if !ok {
		return nil
	}
	lines := wrap(c.Request.From+" to "+c.Request.To+": "+c.Request.Message.Method+" "+c.Request.Message.URL, w)
	lines = lines[:min(len(lines), 2)]
	if why := c.why(); why != "" {
		return append(lines, wrap("refused by "+why, w)...)
	}
	asked := 0
	for _, r := range c.Rulings {
		if r.Outcome == "pass" {
			asked++
		}
	}
	lines = append(lines, count(asked, "check")+" passed")
	for _, one := range c.Issued {
		lines = append(lines, cut(clean(fmt.Sprintf("issued: %s to %s", one.Type, one.Client)), w))
	}
	for _, one := range c.Access {
		lines = append(lines, cut(clean("served "+one.Interaction+" "+one.Resource+" for "+one.Subject+" by way of "+one.Client), w))
	}
	return lines
}

// pasted is the first screen, in lines of a width. A line that is too long goes on below, deeper: secrets and
// paths are there to be read. Copied with y, lines are whole.
func (s *trafficScreen) pasted(w int) []string {
	var out []string
	for _, l := range strings.Split(strings.TrimRight(s.src.First, "\n"), "\n") {
		out = append(out, goOn(l, w)...)
	}
	return out
}

// goOn folds a line, at a space where there is one not too far back, and sets what goes on apart.
func goOn(s string, w int) (lines []string) {
	const deeper = "      "
	s, before := clean(s), ""
	for width(before+s) > w && w > 2*len(deeper) {
		head, rest := breakAt(s, w-width(before))
		if at := strings.LastIndexByte(head, ' '); at > len(head)/2 {
			head, rest = head[:at], s[at+1:]
		}
		lines = append(lines, before+head)
		s, before = rest, deeper
	}
	return append(lines, before+s)
}
