package idp

import (
	"bytes"
	_ "embed"
	"html"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// The pages are written out by hand: there are three, of text in fixed places, and two of them are shown
// in every sign-in. Markup goes in through raw, everything else through text, which escapes for element
// content and quoted attributes alike. No attribute holds a URL, a style or a script that came from
// outside.
type page struct{ bytes.Buffer }

func (p *page) raw(s string) *page { p.WriteString(s); return p }

func (p *page) text(s string) *page {
	if strings.ContainsAny(s, `<>&'"`) {
		s = html.EscapeString(s)
	}
	p.WriteString(s)
	return p
}

//go:embed style.css
var style string

// pages are those that have been sent: what is in their buffers was copied by whoever it was written to.
var pages = sync.Pool{New: func() any { return &page{} }}

func newPage(title string) *page {
	p := pages.Get().(*page)
	p.Reset()
	p.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	p.raw("<title>").text(title).raw(" – thiefbox</title>\n<style>\n").raw(style).raw("</style>\n</head>\n<body>\n<main>\n")
	return p
}

// send ends the page. It must not be touched afterwards.
func (p *page) send(w http.ResponseWriter, status int) {
	p.raw("<footer>A simulation: the people, the records and the sign-in are made up. Never type a real password here.</footer>\n</main>\n</body>\n</html>\n")
	maps.Copy(w.Header(), pageHeader)
	w.WriteHeader(status)
	_, _ = w.Write(p.Bytes()) // the browser may have gone; there is nobody to tell
	pages.Put(p)
}

// form begins a form of an interaction.
func (p *page) form(id, action, interaction string) *page {
	p.raw(`<form id="`).text(id).raw(`" method="post" action="`).text(action)
	return p.raw("\">\n<input type=\"hidden\" name=\"interaction\" value=\"").text(interaction).raw("\">\n")
}
