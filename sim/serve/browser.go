package serve

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"strings"
)

// What is text in a terminal is a page in a browser: the same words, with lines that wrap on a phone, colours that
// follow the reader's, and links. Of the addresses in a text only this server's own are links: others may have come
// in a request, and nobody is led there.

const textStyle = `:root { color-scheme: light dark; font: .85rem/1.5 ui-monospace, monospace; }
body { background: Canvas; color: CanvasText; margin: 0 auto; padding: 1.25rem; max-width: 110ch; }
h1 { font-size: 1.2rem; margin: 0 0 1rem; }
p { margin: 0; min-height: 1.5em; white-space: pre-wrap; overflow-wrap: anywhere; padding-left: 4ch; text-indent: -4ch; }
a { color: LinkText; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`

// textPolicy lets the page load nothing, run nothing and send nothing.
var textPolicy = func() string {
	sum := sha256.Sum256([]byte(textStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// show writes a text: to a browser as a page, to everybody else as it is.
func (s *Server) show(w http.ResponseWriter, r *http.Request, title, text string) {
	w.Header().Add("Vary", "Accept")
	if !wants(r, "text/html") {
		write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(text))
		return
	}
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
		html.EscapeString(title) + " – thiefbox</title>\n<style>" + textStyle + "</style>\n</head>\n<body>\n<main>\n<h1>" + html.EscapeString(title) + "</h1>\n")
	for line := range strings.Lines(text) {
		b.WriteString("<p>")
		s.link(&b, strings.TrimRight(line, "\n"))
		b.WriteString("</p>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	w.Header().Set("Content-Security-Policy", textPolicy)
	write(w, http.StatusOK, "text/html; charset=utf-8", []byte(b.String()))
}

// link writes a line, with links to this server's addresses.
func (s *Server) link(b *strings.Builder, line string) {
	for line != "" {
		start := strings.Index(line, "http")
		if start < 0 {
			break
		}
		end := start + strings.IndexAny(line[start:]+" ", " \t,;'\"<>()")
		b.WriteString(html.EscapeString(line[:start]))
		address := html.EscapeString(line[start:end])
		if s.isOwn(line[start:end]) {
			b.WriteString("<a href=\"" + address + "\">" + address + "</a>")
		} else {
			b.WriteString(address)
		}
		line = line[end:]
	}
	b.WriteString(html.EscapeString(line))
}

// isOwn tells whether an address is of one of this server's origins. One with a query was somebody's request.
func (s *Server) isOwn(address string) bool {
	if strings.Contains(address, "?") {
		return false
	}
	for _, origin := range s.origins {
		if rest, ok := strings.CutPrefix(address, origin); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
