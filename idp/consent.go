package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/party"
)

// The consent page: who asks for what (SP 5.3.2.2-13), and the answer, which is where a code is made.

func (s *Server) serveConsentPage(w http.ResponseWriter, r *http.Request) {
	_, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	s.showNext(w, r, i, s.sessionOf(r))
}

func (s *Server) serveConsent(w http.ResponseWriter, r *http.Request) {
	f, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	who := s.sessionOf(r)
	if i.due(who) != "" || who != i.agreed.Load() || s.contextDue(i, who) {
		s.showNext(w, r, i, who)
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
	if err := s.judgeLaunch(r.Context(), i, who); err != nil {
		s.refuseAuthorization(w, r, i.arrival, err)
		return
	}
	if i.pushed {
		if err := party.Enforce(r.Context(), s.party, i.request, requestOnce); err != nil {
			s.refusePage(w, r, err)
			return
		}
	}
	if i.launch != nil {
		if err := party.Enforce(r.Context(), s.party, &launchUse{i.launch, who.user}, launchOnce); err != nil {
			s.refuseAuthorization(w, r, i.arrival, err)
			return
		}
	}
	g := s.grantOf(i, who)
	if i.responseType == responseToken {
		answer, err := s.tokenAnswer(r.Context(), g)
		if err != nil {
			s.refusePage(w, r, err)
			return
		}
		s.sendBack(w, r, i.request, answer)
		return
	}
	s.sendBack(w, r, i.request, url.Values{"code": {s.issueCode(r.Context(), i.request, g)}})
}

func (s *Server) deny(w http.ResponseWriter, r *http.Request, i *interaction) {
	if s.finish(w, r, i) {
		s.sendBack(w, r, i.request, url.Values{"error": {"access_denied"}, "error_description": {"the person said no"}})
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

func (s *Server) showConsent(w http.ResponseWriter, i *interaction, who *session) {
	i.agreed.Store(who)
	client, switchUser := i.shown.displayName(), s.path+pathSignIn+"?"+url.Values{"interaction": {i.id}}.Encode()
	p := newPage("Allow access").raw("<h1>").text(client).raw(" asks for access</h1>\n")
	p.raw("<p>You are signed in as <strong>").text(firstOf(who.user.Name, who.user.Username))
	p.raw(`</strong>. <a href="`).text(switchUser).raw("\">Not you?</a></p>\n")
	s.sayWhose(p, i, who)
	p.scopes(client, slices.Concat(describe(strings.Fields(string(i.scope))), describeDetails(i.details), i.describeClaims()))
	p.form("consent", s.path+pathConsent, i.id)
	p.raw(`<button type="submit" id="allow" name="decision" value="allow">Allow</button>
<button type="submit" id="deny" name="decision" value="deny">Deny</button>
</form>
`).send(w, http.StatusOK)
}

func (p *page) scopes(client string, lines []scopeLine) {
	if len(lines) == 0 {
		p.raw("<p>It asks for no particular scope.</p>\n")
		return
	}
	p.raw("<p>If you allow it, ").text(client).raw(" will:</p>\n<ul>\n")
	for _, line := range lines {
		p.raw("<li>")
		if line.Text != "" {
			p.text(line.Text).raw(" ")
		}
		p.raw("<code>").text(line.Value).raw("</code></li>\n")
	}
	p.raw("</ul>\n")
}
