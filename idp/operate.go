package idp

import (
	"context"
	"maps"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// What an operator does to a server while it runs: he withdraws what was given out, closes the door on
// a client or a key, changes a client's keys, and puts one client under a rule before all are. None of it
// is a control: like a withdrawn token, a closed client is a fact about the world and not a check one
// could leave out. The rules themselves are changed through party.Policy.

// operations is all that operators have decided. It is replaced, never changed, so that a request reads
// it without a lock; a server nobody has touched has none.
type operations struct {
	clients map[string]*Client     // those whose registration was changed; nil for one that was withdrawn
	closed  map[string]bool        // clients
	denied  map[string]bool        // thumbprints of keys for proofs, and of certificates
	duties  map[string]control.Set // further controls by client
}

// Selection names tokens. Empty fields do not narrow it down; a selection of nothing selects nothing.
type Selection struct {
	Token   string // jti of an access token, and with it all that its grant gave out
	Client  string
	Subject string
	Key     string // thumbprint that access tokens are bound to
}

func (sel Selection) matches(g *grant, t *fapi.AccessToken) bool {
	if sel == (Selection{}) {
		return false
	}
	if (sel.Token != "" || sel.Key != "") && t == nil {
		return false
	}
	return (sel.Token == "" || sel.Token == t.JTI) && (sel.Key == "" || sel.Key == t.JKT()) &&
		(sel.Client == "" || sel.Client == g.client.ID) && (sel.Subject == "" || sel.Subject == g.subject())
}

// Revoke withdraws the grants behind the selected tokens, and so every token of theirs, and returns how
// many tokens that were. It ends what introspection says of them; an API that never asks goes on taking
// them until they expire.
func (s *Server) Revoke(ctx context.Context, sel Selection) int {
	now, hit := s.now(), map[*grant]bool{}
	s.accessTokens.each(now, func(h *held) bool {
		hit[h.grant] = hit[h.grant] || sel.matches(h.grant, h.issued().claims)
		return false
	})
	s.refreshTokens.each(now, func(t *refreshToken) bool { hit[t.grant] = hit[t.grant] || sel.matches(t.grant, nil); return false })
	n := 0
	n += s.accessTokens.each(now, func(h *held) bool { return hit[h.grant] })
	n += s.refreshTokens.each(now, func(t *refreshToken) bool { return hit[t.grant] })
	for g := range hit {
		if hit[g] {
			g.withdraw()
		}
	}
	if sel.Subject != "" {
		// Whoever holds her cookie would otherwise come by fresh tokens without her password.
		s.sessions.each(now, func(x *session) bool { return x.user != nil && x.user.Subject == sel.Subject })
	}
	s.party.Tell(ctx, event.Withdrawn{Type: "grants", ID: sel.String(), Owner: sel.Client})
	s.settle(ctx)
	return n
}

// String says what was selected.
func (sel Selection) String() string {
	text := ""
	for _, part := range []struct{ name, value string }{{"token", sel.Token}, {"client", sel.Client}, {"subject", sel.Subject}, {"key", sel.Key}} {
		if part.value != "" {
			if text != "" {
				text += ", "
			}
			text += part.name + " " + part.value
		}
	}
	return text
}

// Disable closes the door on a client: it can no longer authenticate. Tokens it holds live on.
func (s *Server) Disable(client string) { s.decide(func(o *operations) { o.closed[client] = true }) }

// Enable opens it again.
func (s *Server) Enable(client string) { s.decide(func(o *operations) { delete(o.closed, client) }) }

// Deny refuses proofs by a key, and connections with a certificate, whoever comes with them: by jkt or x5t#S256.
func (s *Server) Deny(thumbprint string) {
	s.decide(func(o *operations) { o.denied[thumbprint] = true })
}

// Admit takes proofs by the key again.
func (s *Server) Admit(thumbprint string) {
	s.decide(func(o *operations) { delete(o.denied, thumbprint) })
}

// Oblige puts one client under further controls, as if they were on for all; Release lifts that. It
// reaches the rules about how a client authenticates and asks, and what its tokens are bound to.
func (s *Server) Oblige(client string, controls ...*control.Control) {
	s.decide(func(o *operations) { o.duties[client] = o.duties[client].With(controls...) })
}

// Release takes controls off one client that Oblige put it under.
func (s *Server) Release(client string, controls ...*control.Control) {
	s.decide(func(o *operations) { o.duties[client] = o.duties[client].Without(controls...) })
}

// SetKeys replaces the keys a client authenticates with, and those it may use in proofs if it has
// registered any. It reports whether there is such a client.
func (s *Server) SetKeys(client string, keys []fapi.Public, thumbprints []string) bool {
	known := s.client(client)
	if known == nil {
		return false
	}
	changed := *known
	changed.Keys = slices.Clone(keys)
	if len(changed.DPoPKeys) > 0 && len(thumbprints) > 0 {
		changed.DPoPKeys = slices.Clone(thumbprints)
	}
	s.operate(func(o *operations) { o.clients[client] = &changed })
	s.keepClient(client)
	s.settle(context.Background())
	return true
}

func (s *Server) operate(change func(*operations)) {
	s.operating.Lock()
	defer s.operating.Unlock()
	next := &operations{clients: map[string]*Client{}, closed: map[string]bool{}, denied: map[string]bool{}, duties: map[string]control.Set{}}
	if o := s.operations.Load(); o != nil {
		next = &operations{clients: maps.Clone(o.clients), closed: maps.Clone(o.closed), denied: maps.Clone(o.denied), duties: maps.Clone(o.duties)}
	}
	change(next)
	s.operations.Store(next)
}

// client finds a client as it is registered at present; nil if nobody is under that id.
func (s *Server) client(id string) *Client {
	if o := s.operations.Load(); o != nil {
		if c, changed := o.clients[id]; changed {
			return c
		}
	}
	return s.clients[id]
}

// isClosed refuses a client that an operator has disabled.
func (s *Server) isClosed(c *Client) error {
	if o := s.operations.Load(); o != nil && o.closed[c.ID] {
		return newFault(answerClient, "expected a client in service, got "+c.ID+", which an operator has disabled")
	}
	return nil
}

// isDenied refuses a key that an operator has put on the list.
func (s *Server) isDenied(p *proof) error {
	if o := s.operations.Load(); o != nil && p != nil && o.denied[p.thumbprint()] {
		return newFault(answerProof, "expected a key in good standing, got "+p.thumbprint()+", which an operator has denied")
	}
	return nil
}

// isDeniedCertificate refuses a certificate whose thumbprint is on that list.
func (s *Server) isDeniedCertificate(c *presented) error {
	if o := s.operations.Load(); o != nil && c != nil && o.denied[c.thumbprint] {
		return newFault(answerClient, "expected a certificate in good standing, got "+c.thumbprint+", which an operator has denied")
	}
	return nil
}

// wishes are the controls that a client has registered for, whatever the profile says of all.
func (c *Client) wishes() control.Set {
	var s control.Set
	if c.DPoPBound {
		s = s.With(control.ASSenderConstrained) // RFC 9449 s5.2
	}
	if c.RequireSignedRequest {
		s = s.With(control.ASRequestSigned) // RFC 9101 s10.5
	}
	if len(c.ResponseModes) > 0 {
		s = s.With(control.ASResponseSigned) // FAPI 2.0 MS 5.3.3
	}
	return s
}

// enforceOn runs guards under the profile in force and what one client was put under besides.
func enforceOn[R any](ctx context.Context, s *Server, client string, r *R, guards []control.Guard[R]) error {
	profile := s.party.Policy.Profile()
	if o := s.operations.Load(); o != nil {
		if duties, any := o.duties[client]; any {
			profile = profile.With(duties.Controls()...)
		}
		if c := o.clients[client]; c != nil {
			profile = profile.With(c.wishes().Controls()...)
		}
	}
	return party.EnforceUnder(ctx, s.party, profile, r, guards)
}
