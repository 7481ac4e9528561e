package idp

import (
	"net/http"
	"slices"
)

// Automatic says which sign-ins need no pages, so that a test can run without a person or a script. Only people
// with a Group, who are there for tests, are signed in so. The zero value is nobody.
type Automatic struct {
	// ByHint signs in the person that login_hint names.
	ByHint bool
	// As is the username of whoever is signed in where no hint names anybody else; empty for nobody.
	As string
	// Consent agrees in her name.
	Consent bool
}

// automatically signs in whom the settings name, and returns her session; else the one there was. A client
// that asked for no pages at all (prompt none) is told the truth instead.
func (s *Server) automatically(w http.ResponseWriter, i *interaction, who *session) *session {
	if slices.Contains(i.prompt, "none") || i.due(who) == "" {
		return who
	}
	automatic := s.settings.Load().Automatic
	username := automatic.As
	if automatic.ByHint && i.loginHint != "" {
		username = s.usernameOf(i.loginHint)
	}
	user := s.users[username]
	if user == nil || user.Group == "" || i.subject != "" && user.Subject != i.subject {
		return who
	}
	return s.begin(w, user, i.rank)
}

func (s *Server) usernameOf(hint string) string {
	if s.users[hint] != nil {
		return hint
	}
	for _, u := range s.users {
		if u.answersTo(hint) {
			return u.Username
		}
	}
	return ""
}

// begin opens a session under a fresh cookie, so that nobody can prepare one for somebody else.
func (s *Server) begin(w http.ResponseWriter, user *User, rank int) *session {
	cookie, now := s.party.Dice.Token(), s.now()
	who := &session{user: user, at: now, rank: rank, key: digestOf(cookie)}
	s.sessions.add(who.key, who, now, now.Add(s.lifetimes().Session))
	s.setCookie(w, sessionCookie, cookie, 0)
	return who
}
