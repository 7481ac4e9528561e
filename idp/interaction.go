package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Between the authorization request and its answer lies an interaction: the pages one browser is shown
// for one request. It is tied to the browser by a cookie of its own, so that no other site can press
// the buttons; the session says who has signed in there. Neither is a control: without them the
// server could not tell two people apart.

// interaction is one request in one browser.
type interaction struct {
	*arrival
	id      string
	browser string // value of its cookie
	began   time.Time
	// agreed is the session that the consent page was shown to. If somebody else signs in meanwhile in
	// another tab, the page is shown anew.
	agreed atomic.Pointer[session]
	// launchJudged is the session that the launch was found to be for, and picked whose record was chosen.
	launchJudged atomic.Pointer[session]
	picked       atomic.Pointer[picked]
}

const sessionCookie = "thiefbox-session"

// interact begins an interaction, or answers at once where no page is needed: because the client asked for
// none (prompt, OIDC Core s3.1.2.1), or because of the settings (Automatic).
func (s *Server) interact(w http.ResponseWriter, r *http.Request, a *arrival) {
	i := &interaction{arrival: a, id: s.party.Dice.Token(), browser: s.party.Dice.Token(), began: a.now}
	who := s.automatically(w, i, s.sessionOf(r))
	s.interactions.add(digestOf(i.id), i, a.now, a.now.Add(s.lifetimes().Interaction))
	if slices.Contains(a.prompt, "none") {
		s.answerSilently(w, r, i, who)
		return
	}
	if s.settings.Load().Automatic.Consent && i.due(who) == "" && who.user.Group != "" && !s.contextDue(i, who) {
		s.allow(w, r, i, who)
		return
	}
	s.setCookie(w, i.cookie(), i.browser, s.lifetimes().Interaction)
	s.showNext(w, r, i, who)
}

// answerSilently answers without a page: with a code if the person is signed in as she should be and has
// agreed before, else with what is missing (OIDC Core s3.1.2.6).
func (s *Server) answerSilently(w http.ResponseWriter, r *http.Request, i *interaction, who *session) {
	code := i.due(who)
	if code == "" && s.contextDue(i, who) {
		code = "interaction_required"
	}
	if code == "" && !who.hasAgreed(i.request) {
		code = "consent_required"
	}
	if code == "" {
		s.allow(w, r, i, who)
		return
	}
	s.interactions.remove(digestOf(i.id))
	s.sendBack(w, r, i.request, url.Values{"error": {code}, "error_description": {"no page was to be shown, and one is needed"}})
}

// showNext shows the page that is due.
func (s *Server) showNext(w http.ResponseWriter, r *http.Request, i *interaction, who *session) {
	if i.due(who) != "" {
		s.showSignIn(w, http.StatusOK, i, "")
		return
	}
	if err := s.judgeLaunch(r.Context(), i, who); err != nil {
		if s.finish(w, r, i) {
			s.refuseAuthorization(w, r, i.arrival, err)
		}
		return
	}
	if s.contextDue(i, who) {
		s.showPicker(w, i, who, "")
		return
	}
	s.showConsent(w, i, who)
}

// interactionAt reads what a page was asked for or sent, and finds the interaction it belongs to. Where there is
// none, the page has been answered and ok is false.
func (s *Server) interactionAt(w http.ResponseWriter, r *http.Request) (f form, i *interaction, ok bool) {
	var err error
	if r.Method == http.MethodPost {
		f, err = postForm(r)
	} else {
		f, err = parseForm(r.URL.RawQuery)
	}
	if err == nil {
		i, err = s.interactionOf(r, f)
	}
	if err != nil {
		s.refusePage(w, r, err)
		return nil, nil, false
	}
	return f, i, true
}

// interactionOf finds the interaction a page belongs to, if it is this browser's.
func (s *Server) interactionOf(r *http.Request, f form) (*interaction, error) {
	id := f.get("interaction")
	i, ok := s.interactions.get(digestOf(id), s.now())
	if !ok {
		return nil, goneInteraction("expected an interaction that is under way, got " + quoteOrNothing(id))
	}
	cookie, err := r.Cookie(i.cookie())
	if err != nil || !equalSecrets(cookie.Value, i.browser) {
		return nil, goneInteraction("expected the cookie " + i.cookie() + " of the browser that began the interaction")
	}
	return i, nil
}

func goneInteraction(detail string) *fault {
	return faultOf(http.StatusBadRequest, "invalid_request", "this sign-in is over or belongs to another browser; go back to the application and start again", detail).because("RFC 6749 s4.1.1",
		"start the sign-in at the client again: a page that was sent twice, and cookies that are not kept, are the usual causes")
}

// cookie is the name of its cookie. Each interaction has its own, so that two tabs do not get into
// each other's way.
func (i *interaction) cookie() string { return "thiefbox-interaction-" + i.id[:8] }

// sessionOf returns who has signed in at this browser, or nil.
func (s *Server) sessionOf(r *http.Request) *session {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	who, _ := s.sessions.get(digestOf(cookie.Value), s.now())
	return who
}

// cookiePath is where the pages are.
func (s *Server) cookiePath() string {
	if s.connect {
		return s.path + "/"
	}
	return s.path + pathAuthorize
}

// setCookie sends a cookie to the pages alone. A life of zero is the browser's session, a negative one
// takes the cookie away.
func (s *Server) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: s.cookiePath(), MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: strings.HasPrefix(s.issuer, "https:"), SameSite: http.SameSiteLaxMode,
	})
}
