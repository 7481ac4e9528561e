package idp

import (
	"net/http"
	"net/url"
	"slices"
)

// The sign-in page.

func (s *Server) serveSignInPage(w http.ResponseWriter, r *http.Request) {
	_, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	s.showSignIn(w, http.StatusOK, i, "")
}

// serveSignIn takes the answer. The redirect lets the person reload the next page without sending
// the password again.
func (s *Server) serveSignIn(w http.ResponseWriter, r *http.Request) {
	f, i, ok := s.interactionAt(w, r)
	if !ok {
		return
	}
	user := s.personOf(f)
	if user == nil {
		safe := "The user name or the password is wrong."
		if s.levels[i.rank].Code { // which the page asks for then
			safe = "The user name, the password or the code is wrong."
		}
		wrong := s.answerTo(r, faultOf(http.StatusForbidden, "access_denied", safe,
			"expected a person's username, password and code, got a wrong one for "+quoteOrNothing(firstOf(f.get("person"), f.get("username")))).
			because("OIDC Core s3.1.2.3", "pick a test person from the list, or take the user name and the password of one who is registered"))
		s.showSignIn(w, wrong.Status, i, wrong.Safe)
		return
	}
	if refused := s.unfit(i, user, f); refused != nil {
		if s.finish(w, r, i) {
			s.refuseAuthorization(w, r, i.arrival, refused)
		}
		return
	}
	s.begin(w, user, s.rankReached(i, user, f))
	redirect(w, s.path+pathConsent+"?"+url.Values{"interaction": {i.id}}.Encode())
}

// personOf finds who signs in: by name and password, or by being picked from the list.
func (s *Server) personOf(f form) *User {
	if picked := s.users[f.get("person")]; picked != nil && picked.Group != "" {
		return picked
	}
	user := s.users[f.get("username")]
	if user == nil || !user.knows(f.get("password"), f.get("code")) {
		return nil
	}
	return user
}

// knows tells whether a password is hers, and a code if one is given.
func (u *User) knows(password, code string) bool {
	wantPassword, wantCode := u.Password, u.Code
	if u.Secrets != nil {
		wantPassword, wantCode = u.Secrets()
	}
	return equalSecrets(password, wantPassword) && (code == "" || equalSecrets(code, wantCode))
}

// rankReached is the level of a sign-in. Picking a test person from the list is as good as was asked for.
func (s *Server) rankReached(i *interaction, user *User, f form) int {
	if !s.levels[i.rank].Code || f.get("person") != "" || f.get("code") != "" {
		return i.rank
	}
	return 0
}

// unfit is why a person who has proven who she is will not do for this request (OIDC Core s3.1.2.1,
// id_token_hint; s5.5.1.1).
func (s *Server) unfit(i *interaction, user *User, f form) error {
	if i.subject != "" && user.Subject != i.subject {
		return faultOf(http.StatusForbidden, "login_required", "somebody else signed in than was asked for",
			"expected the person "+i.subject+", got "+user.Subject)
	}
	if i.acrEssential && s.rankReached(i, user, f) < i.rank {
		return unmet("expected a sign-in with a code, got one without")
	}
	return nil
}

// userGroup is a heading of the list of test people.
type userGroup struct {
	Name  string
	Users []*User
}

func (s *Server) list(u *User) {
	if u.Group == "" {
		return
	}
	i := slices.IndexFunc(s.listed, func(g userGroup) bool { return g.Name == u.Group })
	if i < 0 {
		i, s.listed = len(s.listed), append(s.listed, userGroup{Name: u.Group})
	}
	s.listed[i].Users = append(s.listed[i].Users, u)
}

func (s *Server) showSignIn(w http.ResponseWriter, status int, i *interaction, problem string) {
	p := newPage("Sign in").raw("<h1>Sign in to continue to ").text(i.shown.displayName()).raw("</h1>\n")
	username := `<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required`
	if problem != "" {
		p.raw(`<p role="alert" id="problem">`).text(problem).raw("</p>\n")
	}
	if len(s.listed) > 0 {
		p.form("pick-person", s.path+pathSignIn, i.id).people(s.listed, i.loginHint)
		p.raw("<button type=\"submit\" id=\"pick\">Sign in as this person</button>\n</form>\n<h2>Or with user name and password</h2>\n")
	} else {
		username += " autofocus"
	}
	if problem != "" {
		username += ` aria-describedby="problem"`
	}
	p.form("sign-in", s.path+pathSignIn, i.id)
	p.raw("<label for=\"username\">User name</label>\n").raw(username)
	if i.loginHint != "" {
		p.raw(` value="`).text(i.loginHint).raw(`"`)
	}
	p.raw(`>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
`)
	if s.levels[i.rank].Code {
		p.raw(`<label for="code">Code of the key card</label>
<input id="code" name="code" autocomplete="one-time-code" inputmode="numeric"`)
		if i.acrEssential {
			p.raw(" required")
		}
		p.raw(">\n")
	}
	p.raw(`<button type="submit" id="submit">Sign in</button>
</form>
`).send(w, status)
}

// people lists the test people by group.
func (p *page) people(groups []userGroup, hint string) {
	p.raw("<label for=\"person\">Test person</label>\n<select id=\"person\" name=\"person\" autofocus>\n")
	for _, g := range groups {
		p.raw(`<optgroup label="`).text(g.Name).raw("\">\n")
		for _, u := range g.Users {
			p.raw(`<option value="`).text(u.Username).raw(`"`)
			if hint != "" && u.answersTo(hint) {
				p.raw(" selected")
			}
			p.raw(">").text(firstOf(u.Name, u.Username)).raw(" (").text(u.Username).raw(")</option>\n")
		}
		p.raw("</optgroup>\n")
	}
	p.raw("</select>\n")
}

// displayName is what people know the client by.
func (c *Client) displayName() string { return firstOf(c.Name, c.ID) }
