package idp

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// The pages: HTML without JavaScript, for a person with any browser, and with forms whose ids are
// stable ("sign-in", "consent") for whoever drives one. How they are written is in markup.go.

// pagePolicy lets a page run nothing, load nothing but its own style, and be framed by nobody
// (BCP s4.16). It has no form-action: browsers apply that to redirects too, and these forms end in a
// redirect to a client, and to wherever the client goes from there.
var pagePolicy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; base-uri 'none'; frame-ancestors 'none'"

// Dress gives a page of the same house the style of these: what goes into its head, and its content security policy.
func Dress() (head, policy string) { return "<style>\n" + style + "</style>\n", pagePolicy }

func styleHash() string {
	sum := sha256.Sum256([]byte("\n" + style)) // of all that stands between the tags
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

// refusePage shows an error to the person, who can do nothing about it but go back.
func (s *Server) refusePage(w http.ResponseWriter, r *http.Request, err error) {
	a := s.answerTo(r, err)
	p := newPage("Cannot continue").raw("<h1>This request cannot continue</h1>\n<p role=\"alert\" id=\"refusal\">").text(a.Safe)
	p.raw("</p>\n<p>Error <code>").text(a.Code).raw("</code>. ")
	if s.reasons == "" {
		p.raw("The reason is in the event log of the server.</p>\n").send(w, a.Status)
		return
	}
	p.raw(`<a id="why" href="`).text(s.reasons).raw("\">Why, and what to do</a></p>\n").send(w, a.Status)
}
