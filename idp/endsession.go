package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/event"
)

// Signing out (OpenID Connect RP-Initiated Logout 1.0). A client sends the person here, and says with an ID
// token whom it means. Where it does not, or means somebody else, she is asked: a stranger's link must not
// throw her out. She is sent on only to where the client has registered, to the letter, and nowhere at all if
// nobody says which client it is: this is no open redirector, under any profile.

// farewell is a page that asks whether to sign out.
type farewell struct {
	session *session
	next    string // where to then; empty for nowhere
}

// endSession is a request to sign somebody out.
type endSession struct {
	subject string // whom the client means, empty if it does not say
	next    string // where to then, with state; empty for nowhere
}

// readEndSession refuses what the person could not be sent away with. logout_hint and ui_locales change
// nothing.
func (s *Server) readEndSession(f form) (q endSession, err error) {
	clientID := f.get("client_id")
	if hint := f.get("id_token_hint"); hint != "" {
		claims, err := s.readHint(hint)
		if err != nil {
			return q, err
		}
		q.subject = claims.Subject
		switch {
		case clientID == "" && len(claims.Audience.Values) == 1:
			clientID = claims.Audience.Values[0]
		case !claims.Audience.Has(clientID):
			return q, malformed("expected id_token_hint to be for the client_id %q, got one for %s", clientID, audienceText(claims.Audience))
		}
	}
	client := s.client(clientID)
	if clientID != "" && client == nil {
		return q, malformed("expected the client_id of a registered client, got %q", clientID)
	}
	to := f.get("post_logout_redirect_uri")
	if to == "" {
		return q, nil
	}
	if client == nil {
		return q, malformed("expected client_id or id_token_hint with post_logout_redirect_uri, got neither")
	}
	if !slices.Contains(client.PostLogoutRedirectURIs, to) && !slices.Contains(client.PostLogoutRedirectURIs, withoutLoopbackPort(to)) {
		return q, malformed("expected a post_logout_redirect_uri of %s, which are %q, got %q", client.ID, client.PostLogoutRedirectURIs, to)
	}
	q.next = withState(to, f.get("state"))
	return q, nil
}

func withState(uri, state string) string {
	if state == "" {
		return uri
	}
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	return uri + separator + url.Values{"state": {state}}.Encode()
}

func (s *Server) serveEndSession(w http.ResponseWriter, r *http.Request) {
	f, err := frontForm(r)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	if id := f.get("farewell"); r.Method == http.MethodPost && id != "" {
		s.answerFarewell(w, r, id, f.get("decision"))
		return
	}
	q, err := s.readEndSession(f)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	who := s.sessionOf(r)
	switch {
	case who == nil:
		s.sayGoodbye(w, q.next)
	case q.subject == who.user.Subject:
		s.signOut(w, r, who)
		s.sayGoodbye(w, q.next)
	default:
		id, now := s.party.Dice.Token(), s.now()
		s.farewells.add(digestOf(id), &farewell{who, q.next}, now, now.Add(s.lifetimes().Interaction))
		s.askToSignOut(w, id, who)
	}
}

func (s *Server) askToSignOut(w http.ResponseWriter, id string, who *session) {
	p := newPage("Sign out").raw("<h1>Sign out?</h1>\n<p>You are signed in here as <strong>").text(firstOf(who.user.Name, who.user.Username))
	p.raw("</strong>.</p>\n<form id=\"sign-out\" method=\"post\" action=\"").text(s.path + pathEndSession)
	p.raw("\">\n<input type=\"hidden\" name=\"farewell\" value=\"").text(id)
	p.raw(`">
<button type="submit" id="leave" name="decision" value="sign-out">Sign out</button>
<button type="submit" id="stay" name="decision" value="stay">Stay signed in</button>
</form>
`).send(w, http.StatusOK)
}

// answerFarewell takes the answer of the page, which is good for the session it was shown to.
func (s *Server) answerFarewell(w http.ResponseWriter, r *http.Request, id, decision string) {
	key := digestOf(id)
	bye, ok := s.farewells.get(key, s.now())
	if who := s.sessionOf(r); !ok || who == nil || who != bye.session || !s.farewells.remove(key) {
		s.refusePage(w, r, malformed("expected the page of a session that is under way in this browser, got another"))
		return
	}
	if decision != "sign-out" {
		newPage("Still signed in").raw("<h1 id=\"still-signed-in\">You are still signed in</h1>\n<p>You can close this page.</p>\n").send(w, http.StatusOK)
		return
	}
	s.signOut(w, r, bye.session)
	s.sayGoodbye(w, bye.next)
}

// signOut ends a session here, and where the settings say so all that was allowed in it.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, who *session) {
	s.sessions.remove(who.key)
	s.setCookie(w, sessionCookie, "", -1e9)
	if !s.settings.Load().SignOutRevokes {
		return
	}
	for _, g := range who.end() {
		if g.withdraw() {
			s.party.Tell(r.Context(), event.Withdrawn{Type: "grant", ID: g.user.Subject, Owner: g.client.ID})
		}
	}
}

func (s *Server) sayGoodbye(w http.ResponseWriter, next string) {
	if next != "" {
		redirect(w, next)
		return
	}
	p := newPage("Signed out").raw("<h1 id=\"signed-out\">You are signed out</h1>\n")
	p.raw("<p>Applications that you opened before may still be open; sign out there too.</p>\n").send(w, http.StatusOK)
}
