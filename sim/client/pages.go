package client

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// The pages are written out by hand: there are four, of text in fixed places, and a page is shown at
// every step of every run. Markup goes in through raw, everything else through text, which escapes for
// element content and quoted attributes alike.
type page struct{ bytes.Buffer }

func (p *page) raw(s string) *page { p.WriteString(s); return p }

func (p *page) text(s string) *page {
	if strings.ContainsAny(s, `<>&'"`) {
		s = html.EscapeString(s)
	}
	p.WriteString(s)
	return p
}

// pages are those that have been sent: what is in their buffers was copied by whoever it was written to.
var pages = sync.Pool{New: func() any { return &page{} }}

func (e *EHR) newPage(title string) *page {
	p := pages.Get().(*page)
	p.Reset()
	p.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
	p.text(title).raw(" - ").text(e.name)
	p.raw("</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<header><p>").text(e.name)
	p.raw("</p><p><small>A simulation: every person and record is made up.</small></p></header>\n<main>\n")
	return p
}

// send ends the page. It must not be touched afterwards.
func (p *page) send(w http.ResponseWriter, status int) {
	p.raw("</main>\n</body>\n</html>\n")
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(p.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(p.Bytes()) // the person has left
	pages.Put(p)
}

// home shows who is signed in, and where one can sign in: GET /.
func (e *EHR) home(w http.ResponseWriter, r *http.Request) error {
	p := e.newPage("Welcome").raw("<h1>Welcome</h1>\n")
	if s := e.session(r); s != nil {
		p.signedIn(s)
		p.raw("<p><a href=\"/patients\">Patients</a></p>\n")
	}
	p.raw("<h2>Sign in</h2>\n<ul id=\"issuers\">\n")
	for _, reg := range e.issuers {
		p.raw("<li><a href=\"/login?issuer=").text(url.QueryEscape(reg.Issuer)).raw("\">Sign in with ").text(reg.Label).raw("</a></li>\n")
	}
	p.raw("</ul>\n").send(w, http.StatusOK)
	return nil
}

// signedIn says who is signed in, and offers to end it.
func (p *page) signedIn(s *session) {
	name := s.name
	if name == "" {
		name = s.subject
	}
	p.raw("<form id=\"logout\" method=\"post\" action=\"/logout\"><p>Signed in as <strong id=\"subject\">").text(name)
	p.raw("</strong> with ").text(s.reg.Label).raw(". <button type=\"submit\">Sign out</button></p></form>\n")
}

// patients shows whom the session has opened, and a field to open another: GET /patients.
func (e *EHR) patients(w http.ResponseWriter, r *http.Request) error {
	s := e.session(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if id := r.URL.Query().Get("id"); id != "" {
		http.Redirect(w, r, "/patients/"+url.PathEscape(id), http.StatusSeeOther)
		return nil
	}
	p := e.newPage("Patients")
	p.raw("<h1>Patients</h1>\n").signedIn(s)
	p.raw("<form id=\"find-patient\" method=\"get\" action=\"/patients\">\n<p><label>Record number <input name=\"id\" required maxlength=\"64\"></label> <button type=\"submit\">Open</button></p>\n</form>\n<p><a href=\"/emergency\">Emergency access</a></p>\n")
	if recent := s.recent(); len(recent) > 0 {
		p.raw("<h2>Opened lately</h2>\n<ul>\n")
		for _, id := range recent {
			p.raw("<li><a href=\"/patients/").text(id).raw("\">").text(id).raw("</a></li>\n")
		}
		p.raw("</ul>\n")
	}
	p.send(w, http.StatusOK)
	return nil
}

// patient shows a record: GET /patients/{id}, or its documents (stepup.go).
func (e *EHR) patient(w http.ResponseWriter, r *http.Request) error {
	s := e.session(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	id := strings.TrimPrefix(r.URL.Path, "/patients/")
	id, documents := strings.CutSuffix(id, "/documents")
	if !validID(id) {
		return malformed("patient: expected a FHIR id, got %q", id)
	}
	if documents {
		return e.documents(w, r, s, id)
	}
	api, err := e.apiOf(r)
	if err != nil {
		return err
	}
	all, err := e.record(r.Context(), s, api, id)
	if err != nil {
		return e.notOpened(w, r, s, id, err)
	}
	s.remember(id)
	patient := all.patient
	title := patient.title()
	p := e.newPage(title)
	p.raw("<nav><a href=\"/patients\">Patients</a></nav>\n<article id=\"record\">\n<h1>").text(title).raw("</h1>\n")
	if all.behind {
		p.openedBehindGlass(s)
	}
	if patient.birthDate != "" {
		p.raw("<p>Born <time>").text(patient.birthDate).raw("</time></p>\n")
	}
	p.resource(patient)
	for i := range all.sections {
		p.section(&all.sections[i])
	}
	p.raw("</article>\n<p><a href=\"/patients/").text(id).raw("/documents\">Documents</a></p>\n")
	p.apps(e.apps, id)
	p.send(w, http.StatusOK)
	return nil
}

func (p *page) section(s *section) {
	p.raw("<section>\n<h2>").text(s.title).raw("</h2>\n")
	switch {
	case s.note != "":
		p.raw("<p>").text(s.note).raw("</p>\n")
	case len(s.rows) == 0:
		p.raw("<p>Nothing recorded.</p>\n")
	default:
		p.raw("<ul>\n")
		for i := range s.rows {
			p.raw("<li>").resource(&s.rows[i])
			p.raw("</li>\n")
		}
		p.raw("</ul>\n")
	}
	p.raw("</section>\n")
}

func (p *page) resource(r *resource) {
	if r.shown != "" {
		p.raw("<div data-resource=\"").text(r.kind).raw("/").text(r.id).raw("\">").raw(r.shown).raw("</div>\n")
	} else {
		p.raw("<p data-resource=\"").text(r.kind).raw("/").text(r.id).raw("\">").text(r.narrative()).raw("</p>\n")
	}
	for _, x := range r.extensions {
		p.raw("<p><small>").text(x).raw("</small></p>\n")
	}
}

func (e *EHR) failurePage(w http.ResponseWriter, status int, text string) {
	p := e.newPage("Not possible")
	p.raw("<h1>Not possible</h1>\n<p id=\"reason\">").text(text).raw("</p>\n<p><a href=\"/\">Begin again</a></p>\n").send(w, status)
}

// secureHeaders: nothing of a page's address leaks to where its links go (BCP s4.2.4), and nothing
// else is loaded into it or put around it.
// The values are shared by all answers, and never changed in place.
var secureHeaders = http.Header{
	"Referrer-Policy":         {"no-referrer"},
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	"X-Content-Type-Options":  {"nosniff"},
	"X-Frame-Options":         {"DENY"},
	"Cache-Control":           {"no-store"},
}

func serveStyle(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(style))
	return nil
}

const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 0 auto; padding: 1rem }
header { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid }
h2 { font-size: 1.1rem; margin-bottom: 0 }
`

// session is the session of the browser, or nil.
func (e *EHR) session(r *http.Request) *session {
	return e.sessions.find(e.cookie(r, e.sessionCookie), e.protocol.party.Clock.Now())
}

func (e *EHR) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie that scripts cannot read. Lax, because the answer to a sign-in comes by a
// link from the authorization server's site.
func (e *EHR) setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Secure: e.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (e *EHR) dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: e.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
