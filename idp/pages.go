package idp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"strings"
)

// The pages: HTML without JavaScript, for a person with any browser, and with forms whose ids are
// stable ("sign-in", "consent") for whoever drives one. Templates are parsed once.

//go:embed pages.html
var pageSource string

var pages = template.Must(template.New("").Parse(pageSource))

// pagePolicy lets a page run nothing, load nothing but its own style, and be framed by nobody
// (BCP s4.16). It has no form-action: browsers apply that to redirects too, and these forms end in a
// redirect to a client, and to wherever the client goes from there. Nor do pages send
// Strict-Transport-Security: on a laptop it would lock every other server on localhost to https.
var pagePolicy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; base-uri 'none'; frame-ancestors 'none'"

func styleHash() string {
	_, rest, _ := strings.Cut(pageSource, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// pageHeader is shared by all pages: its values are never changed in place.
var pageHeader = http.Header{
	"Content-Type":               {"text/html; charset=utf-8"},
	"Cache-Control":              {"no-store"},
	"Content-Security-Policy":    {pagePolicy},
	"X-Frame-Options":            {"DENY"}, // for browsers from before frame-ancestors
	"Referrer-Policy":            {"no-referrer"},
	"X-Content-Type-Options":     {"nosniff"},
	"Cross-Origin-Opener-Policy": {"same-origin"},
}

func writePage(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	page.Grow(4 << 10)
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		panic("idp: page " + name + ": " + err.Error())
	}
	maps.Copy(w.Header(), pageHeader)
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the browser may have gone; there is nobody to tell
}

// refusePage shows an error to the person, who can do nothing about it but go back.
func (s *Server) refusePage(w http.ResponseWriter, r *http.Request, err error) {
	a := s.answerTo(r, err)
	writePage(w, a.Status, "error", a)
}
