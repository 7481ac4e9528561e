package client

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A clinician may have to open the record of somebody she does not treat. The EHR asks her why, and for her key card: she
// signs in again, strongly and at once, whatever session she has (RFC 9470), and what she says goes to the API with each
// request about that patient, in the header Purpose-Of-Use. Whether that opens anything, and for how long, is the API's
// to say; what it opens so, it marks, and the page says it too.

const (
	headerPurpose = "Purpose-Of-Use"
	breaksGlass   = "BTG" // v3-ActReason
	mostReason    = 500   // bytes, as the API has it
)

// glass is what somebody has said to break it.
type glass struct{ patient, reason string }

// strongest is the sign-in that it takes.
var strongest = url.Values{"acr_values": {"loa-high"}, "max_age": {"0"}}

// purposeFor is what a request about a patient is said to be for; empty for treatment, which goes without saying.
func (s *session) purposeFor(patient string) string {
	if s.glass == nil || s.glass.patient != patient {
		return ""
	}
	return mime.FormatMediaType(breaksGlass, map[string]string{"reason": s.glass.reason})
}

// emergency asks whom it is about and why, and has her sign in: GET and POST /emergency.
func (e *EHR) emergency(w http.ResponseWriter, r *http.Request) error {
	s := e.session(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if r.Method != http.MethodPost {
		e.askWhy(w, s, http.StatusOK, r.URL.Query().Get("patient"), "")
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return malformed("emergency: %v", err)
	}
	g := &glass{strings.TrimSpace(r.PostForm.Get("patient")), strings.TrimSpace(r.PostForm.Get("reason"))}
	switch {
	case !validID(g.patient):
		e.askWhy(w, s, http.StatusBadRequest, "", "Say whose record it is, by its number.")
	case !plainWords(g.reason):
		e.askWhy(w, s, http.StatusBadRequest, g.patient, "Say why, in one line of at most 500 letters.")
	default:
		return e.beginFlow(w, r, &flow{reg: s.reg, scope: SignInScope, extra: strongest, returnTo: "/patients/" + g.patient, glass: g})
	}
	return nil
}

// plainWords tells whether a reason can be sent: a header takes one line.
func plainWords(s string) bool {
	return s != "" && len(s) <= mostReason && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// askWhy shows the form. To sign in is to leave for the authorization server, which the page's policy must allow: a
// browser holds a form's redirects to it too.
func (e *EHR) askWhy(w http.ResponseWriter, s *session, status int, patient, problem string) {
	p := e.newPage("Emergency").raw("<nav><a href=\"/patients\">Patients</a></nav>\n<h1>Open a record in an emergency</h1>\n")
	if problem != "" {
		p.raw("<p role=\"alert\" id=\"problem\">").text(problem).raw("</p>\n")
	}
	p.emergencyForm(patient)
	allowLeaving(w, s)
	p.send(w, status)
}

func (p *page) emergencyForm(patient string) {
	p.raw("<p>You sign in with your key card for it. That you opened the record, when and why is written down, and somebody reads it.</p>\n")
	p.raw("<form id=\"emergency\" method=\"post\" action=\"/emergency\">\n<p><label>Record number <input name=\"patient\" required maxlength=\"64\" value=\"").text(patient)
	p.raw("\"></label></p>\n<p><label>Why <input name=\"reason\" required maxlength=\"500\"></label></p>\n<p><button type=\"submit\">Sign in and open</button></p>\n</form>\n")
}

func allowLeaving(w http.ResponseWriter, s *session) {
	if to, err := url.Parse(s.at.AuthorizationEndpoint); err == nil {
		policy := strings.Replace(secureHeaders.Get("Content-Security-Policy"), "form-action 'self'", "form-action 'self' "+to.Scheme+"://"+to.Host, 1)
		w.Header().Set("Content-Security-Policy", policy)
	}
}

// notOpened is what becomes of a record that an API did not open: she signs in better where that helps, and is told of
// the way out where there is none such among hers, or the time is over that it was open for.
func (e *EHR) notOpened(w http.ResponseWriter, r *http.Request, s *session, patient string, err error) error {
	f := failureOf(recordFailure(err))
	if asked := stepUpOf(err); asked != nil {
		if s.purposeFor(patient) == "" {
			return e.stepUp(w, r, s, asked, err)
		}
		f.safe = "The record was open for an emergency, and the time for that is over."
	} else if f.status != http.StatusNotFound {
		return f
	}
	e.tell(r.Context(), f)
	allowLeaving(w, s)
	p := e.newPage("Not possible").raw("<h1>Not possible</h1>\n<p id=\"reason\">").text(f.safe).raw("</p>\n<p><a href=\"/patients\">Patients</a></p>\n<h2>Is it an emergency?</h2>\n")
	p.emergencyForm(patient)
	p.send(w, f.status)
	return nil
}

// openedBehindGlass says what everybody at the screen must know.
func (p *page) openedBehindGlass(s *session) {
	p.raw("<p id=\"broken-glass\" role=\"note\"><strong>Opened in an emergency</strong>: ").text(s.glass.reason).raw(". This is written down, and somebody reads it.</p>\n")
}
