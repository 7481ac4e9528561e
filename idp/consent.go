package idp

import (
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/party"
)

// The consent page: who asks for what (SP 5.3.2.2-13), and the answer, which is where a code is made.

func (s *Server) serveConsentPage(w http.ResponseWriter, r *http.Request) {
	i, err := s.pageInteraction(r)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	s.showNext(w, i, s.sessionOf(r))
}

func (s *Server) serveConsent(w http.ResponseWriter, r *http.Request) {
	f, err := postForm(r)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	i, err := s.interactionOf(r, f)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	who := s.sessionOf(r)
	if i.needsSignIn(who) || who != i.agreed.Load() {
		s.showNext(w, i, who)
		return
	}
	switch decision := f.get("decision"); decision {
	case "allow":
		s.allow(w, r, i, who)
	case "deny":
		s.deny(w, r, i)
	default:
		s.refusePage(w, r, malformed("expected the decision allow or deny, got %s", quoteOrNothing(decision)))
	}
}

// allow issues the code. An interaction is answered once; a request_uri leads to one code only, however
// many browsers it was opened in.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, i *interaction, who *session) {
	if !s.finish(w, r, i) {
		return
	}
	if i.pushed {
		if err := party.Enforce(r.Context(), s.party, i.request, requestOnce); err != nil {
			s.refusePage(w, r, err)
			return
		}
	}
	s.sendBack(w, i.request, url.Values{"code": {s.issueCode(r.Context(), i.request, who)}})
}

func (s *Server) deny(w http.ResponseWriter, r *http.Request, i *interaction) {
	if s.finish(w, r, i) {
		s.sendBack(w, i.request, url.Values{"error": {"access_denied"}, "error_description": {"the person said no"}})
	}
}

// finish ends the interaction. A second answer, from a double click, finds it gone.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, i *interaction) bool {
	if !s.interactions.remove(digestOf(i.id)) {
		s.refusePage(w, r, goneInteraction("expected an interaction that is under way, got one that was answered"))
		return false
	}
	s.setCookie(w, i.cookie(), "", -1e9)
	return true
}

type consentPage struct {
	Action, SwitchUser, Interaction, Client, User string
	Scopes                                        []scopeLine
}

func (s *Server) showConsent(w http.ResponseWriter, i *interaction, who *session) {
	i.agreed.Store(who)
	writePage(w, http.StatusOK, "consent", consentPage{
		Action: s.path + pathConsent, SwitchUser: s.path + pathSignIn + "?" + url.Values{"interaction": {i.id}}.Encode(),
		Interaction: i.id, Client: i.shown.displayName(), User: firstOf(who.user.Name, who.user.Username),
		Scopes: describe(strings.Fields(string(i.scope))),
	})
}
