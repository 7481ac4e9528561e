package tui

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// tokensText is what the tokens in the message say.
func (in *inspect) tokensText(t theme, x report.Exchange, w int) []string {
	at := in.current().request.At
	decoded := append(report.DecodeCertificate(x.Request, at), report.DecodeAt(x.Request.Message, at)...)
	if x.Response != nil {
		decoded = append(decoded, report.DecodeAt(*x.Response, at)...)
	}
	if len(decoded) == 0 {
		return []string{"no tokens in this message"}
	}
	var lines []string
	for i, d := range decoded {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, t.strong.Render(cut(clean(d.Name), w)))
		for _, note := range strings.Split(d.Note, "\n") {
			lines = append(lines, hang("  ", note, w)...)
		}
		if in.raw || d.Claims == "" {
			lines = append(lines, fold(d.Raw, w)...)
			continue
		}
		lines = append(lines, jsonLines(d.Header, w)...)
		lines = append(lines, jsonLines(d.Claims, w)...)
	}
	return lines
}

var shortArray = regexp.MustCompile(`\[\s+([^\[\]{}]*?)\s+\]`)

// jsonLines shows indented JSON without the braces and quotes that only a parser needs, and with its
// arrays on a line.
func jsonLines(text string, w int) []string {
	text = shortArray.ReplaceAllStringFunc(text, func(a string) string { return strings.Join(strings.Fields(a), " ") })
	var lines []string
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimRight(strings.TrimPrefix(l, "  "), ",")
		if strings.Trim(l, " {}") == "" {
			continue
		}
		lines = append(lines, fold("  "+strings.ReplaceAll(l, `"`, ""), w)...)
	}
	return lines
}

// rawText is the message as bytes crossed the network; long values are cut unless raw was asked for.
func (in *inspect) rawText(t theme, x report.Exchange, w int) []string {
	var lines []string
	for i, l := range strings.Split(httpText(x), "\n") {
		switch {
		case i == 0: // what was asked for is never cut
			for _, part := range fold(l, w) {
				lines = append(lines, t.strong.Render(part))
			}
		case in.raw:
			lines = append(lines, fold(l, w)...)
		default:
			lines = append(lines, cut(clean(l), w))
		}
	}
	return lines
}

// httpText is a request and its response as text.
func httpText(x report.Exchange) string {
	var b strings.Builder
	m := x.Request.Message
	fmt.Fprintf(&b, "%s %s   %s to %s\n", m.Method, m.URL, x.Request.From, x.Request.To)
	writeMessage(&b, m)
	switch {
	case x.Response != nil:
		fmt.Fprintf(&b, "\n\n%d   %s to %s\n", x.Response.Status, x.Request.To, x.Request.From)
		writeMessage(&b, *x.Response)
	case x.Lost != "":
		fmt.Fprintf(&b, "\n\nlost: %s", x.Lost)
	}
	return b.String()
}

// headerName is a header as its specification writes it, where Go's canonical form looks odd.
func headerName(canonical string) string {
	switch canonical {
	case "Dpop":
		return "DPoP"
	case "Dpop-Nonce":
		return "DPoP-Nonce"
	case "Www-Authenticate":
		return "WWW-Authenticate"
	}
	return canonical
}

func writeMessage(b *strings.Builder, m event.Message) {
	names := make([]string, 0, len(m.Header))
	for name := range m.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, v := range m.Header[name] {
			fmt.Fprintf(b, "%s: %s\n", headerName(name), v)
		}
	}
	if len(m.Body) > 0 {
		b.WriteString("\n")
		b.Write(m.Body)
	}
}
