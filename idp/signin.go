package idp

import (
	"net/http"
	"net/url"
	"slices"
)

// The sign-in page.

func (s *Server) serveSignInPage(w http.ResponseWriter, r *http.Request) {
	i, err := s.pageInteraction(r)
	if err != nil {
		s.refusePage(w, r, err)
		return
	}
	s.showSignIn(w, http.StatusOK, i, "")
}

// pageInteraction finds the interaction of a page from its URL.
func (s *Server) pageInteraction(r *http.Request) (*interaction, error) {
	f, err := parseForm(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	return s.interactionOf(r, f)
}

// serveSignIn takes the answer. A session gets a fresh cookie at each sign-in, so that nobody can
// prepare one for somebody else. The redirect lets the person reload the next page without sending
// the password again.
func (s *Server) serveSignIn(w http.ResponseWriter, r *http.Request) {
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
	user := s.personOf(f)
	if user == nil {
		wrong := s.answerTo(r, &fault{http.StatusForbidden, "access_denied", "The user name or the password is wrong.",
			"expected a person's username and password, got a wrong one for " + quoteOrNothing(firstOf(f.get("person"), f.get("username")))})
		s.showSignIn(w, wrong.Status, i, wrong.Safe)
		return
	}
	cookie, now := s.party.Dice.Token(), s.now()
	s.sessions.add(digestOf(cookie), &session{user, now}, now, now.Add(sessionLifetime))
	s.setCookie(w, sessionCookie, cookie, 0)
	redirect(w, s.path+pathConsent+"?"+url.Values{"interaction": {i.id}}.Encode())
}

// personOf finds who signs in: by name and password, or by being picked from the list.
func (s *Server) personOf(f form) *User {
	if picked := s.users[f.get("person")]; picked != nil && picked.Group != "" {
		return picked
	}
	user := s.users[f.get("username")]
	if user == nil || !equalSecrets(f.get("password"), user.Password) {
		return nil
	}
	return user
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
		p.form("pick-person", s.path+pathSignIn, i.id).people(s.listed)
		p.raw("<button type=\"submit\" id=\"pick\">Sign in as this person</button>\n</form>\n<h2>Or with user name and password</h2>\n")
	} else {
		username += " autofocus"
	}
	if problem != "" {
		username += ` aria-describedby="problem"`
	}
	p.form("sign-in", s.path+pathSignIn, i.id)
	p.raw("<label for=\"username\">User name</label>\n").raw(username)
	p.raw(`>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>
`).send(w, status)
}

// people lists the test people by group.
func (p *page) people(groups []userGroup) {
	p.raw("<label for=\"person\">Test person</label>\n<select id=\"person\" name=\"person\" autofocus>\n")
	for _, g := range groups {
		p.raw(`<optgroup label="`).text(g.Name).raw("\">\n")
		for _, u := range g.Users {
			p.raw(`<option value="`).text(u.Username).raw(`">`).text(firstOf(u.Name, u.Username)).raw(" (").text(u.Username).raw(")</option>\n")
		}
		p.raw("</optgroup>\n")
	}
	p.raw("</select>\n")
}

// displayName is what people know the client by.
func (c *Client) displayName() string { return firstOf(c.Name, c.ID) }
