package idp

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// A client reads, replaces and withdraws its registration (RFC 7592), with the token it was given for it.

func (s *Server) serveRegistration(w http.ResponseWriter, r *http.Request) {
	c, token, err := s.managed(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, s.describe(c, token))
}

// managed is the client that a request is about, and the token it showed.
func (s *Server) managed(r *http.Request) (*Client, string, error) {
	if s.registration == nil {
		return nil, "", faultOf(http.StatusNotFound, "not_found", "no such endpoint", "this server registers nobody")
	}
	by := &registrant{s: s, token: bearerOf(r), id: strings.TrimPrefix(s.pathBelowIssuer(r.URL.Path), pathRegistration)}
	if err := party.Enforce(r.Context(), s.party, by, managementGuards); err != nil {
		return nil, "", err
	}
	c := s.client(by.id)
	if c == nil { // RFC 7592 s2.1: it is not to be told apart from a wrong token
		return nil, "", newFault(answerToken, "expected the id of a registered client, got "+quoteOrNothing(by.id))
	}
	return c, by.token, nil
}

func (s *Server) serveReplaceRegistration(w http.ResponseWriter, r *http.Request) {
	m, err := readMetadata(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	was, token, err := s.managed(r)
	if err == nil && m.ClientID != was.ID {
		err = invalidMetadata("expected client_id to be %q, got %q", was.ID, m.ClientID) // RFC 7592 s2.2
	}
	var c Client
	if err == nil {
		c, err = s.admit(m, was.ID, was.Scope)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if was.Secret != "" {
		c.Secret = was.Secret // a secret is not the client's to choose
	}
	c.RecordElements = was.RecordElements
	c.DPoPKeys, c.Organisation, c.Tenancy, c.API, c.Downstream = was.DPoPKeys, was.Organisation, was.Tenancy, was.API, was.Downstream
	s.operate(func(o *operations) { o.clients[c.ID] = &c })
	s.keepClient(c.ID)
	s.party.Tell(r.Context(), event.Issued{Type: "registration", ID: c.ID, Client: c.ID, Scope: string(c.Scope)})
	writeJSON(w, http.StatusOK, s.describe(&c, token))
}

// serveWithdrawRegistration ends a client and all that it was given (RFC 7592 s2.3).
func (s *Server) serveWithdrawRegistration(w http.ResponseWriter, r *http.Request) {
	c, _, err := s.managed(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.Revoke(r.Context(), Selection{Client: c.ID})
	s.Unregister(c.ID)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// Register adds a client to a running server, or replaces the one of that id.
func (s *Server) Register(c Client) error {
	if err := s.Lend(c); err != nil {
		return err
	}
	s.keepClient(c.ID)
	return s.ledger.settle()
}

// Lend is Register for a client that somebody else remembers: a Keeper does not.
func (s *Server) Lend(c Client) error {
	if err := c.validate(); err != nil {
		return err
	}
	if err := s.prepareKeys(&c); err != nil {
		return err
	}
	s.operate(func(o *operations) { o.clients[c.ID] = &c })
	return nil
}

// OrganisationOf is the number of the organisation that a client acts for; empty for none.
func (s *Server) OrganisationOf(client string) string {
	if c := s.client(client); c != nil {
		return c.Organisation
	}
	return ""
}

// RedirectURIsOf are those that are registered for a client.
func (s *Server) RedirectURIsOf(client string) []string {
	if c := s.client(client); c != nil {
		return slices.Clone(c.RedirectURIs)
	}
	return nil
}

// Unregister takes a client out of a running server. Its tokens live on until they are revoked.
func (s *Server) Unregister(id string) {
	s.registered.mu.Lock()
	if _, selfMade := s.registered.tokens[id]; selfMade {
		delete(s.registered.tokens, id)
		s.registered.count = max(0, s.registered.count-1)
	}
	s.registered.mu.Unlock()
	s.operate(func(o *operations) { o.clients[id] = nil })
	s.keepClient(id)
	s.settle(context.Background())
}

// Registered are the registrations of the server, by id.
func (s *Server) Registered() []ClientMetadata {
	all := maps.Clone(s.clients)
	if o := s.operations.Load(); o != nil {
		maps.Copy(all, o.clients)
	}
	out := []ClientMetadata{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if c := all[id]; c != nil {
			out = append(out, metadataOf(c))
		}
	}
	return out
}
