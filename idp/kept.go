package idp

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"thiefbox/sim/fapi"
)

// The records of a Keeper. Clients and people are named, not copied: what the configuration says of them today
// holds. A grant stands in each record of what grew out of it, under one id.

const (
	keptRequests  = "request"
	keptSessions  = "session"
	keptCodes     = "code"
	keptRefresh   = "refresh"
	keptAccess    = "access"
	keptSeen      = "seen"
	keptWithdrawn = "withdrawn" // grants, by id
	keptClients   = "client"
	keptLaunches  = "launch"
)

type grantRecord struct {
	ID        string         `json:"id"`
	Client    string         `json:"client"`
	User      string         `json:"user,omitempty"` // her user name
	Scope     fapi.Scope     `json:"scope,omitempty"`
	Details   []detailRecord `json:"details,omitempty"`
	Resources []string       `json:"resources,omitempty"`
	AuthTime  time.Time      `json:"auth_time,omitzero"`
	ACR       string         `json:"acr,omitempty"`
	AMR       []string       `json:"amr,omitempty"`
	SID       string         `json:"sid,omitempty"`
	Claims    claimsRequest  `json:"claims,omitzero"`
	Launch    *fapi.Launch   `json:"launch,omitempty"`
	Online    []byte         `json:"online,omitempty"` // of a session
	Withdrawn bool           `json:"withdrawn,omitempty"`
}

// keptGrant is a grant's place in a ledger.
type keptGrant struct {
	l       *ledger
	id      string
	expires time.Time
}

// withdraw ends a grant and all that grew out of it, and reports whether it was standing until now.
func (g *grant) withdraw() bool {
	if !g.withdrawn.CompareAndSwap(false, true) {
		return false
	}
	if k := g.kept.Load(); k != nil {
		k.l.put(keptWithdrawn, k.id, k.expires, func() any { return true })
	}
	return true
}

// longest is how long a withdrawn grant has to be remembered: no token of it lives longer.
func (s *Server) longest(now time.Time) time.Time {
	return now.Add(s.lifetimes().Refresh + s.accessTokenLifetime() + s.lifetimes().Session + keep)
}

func (s *Server) grantRecord(g *grant) grantRecord {
	k := g.kept.Load()
	if k == nil {
		// One writer at a time comes here. Who withdraws the grant meanwhile finds this, or is seen below.
		k = &keptGrant{s.ledger, s.party.Dice.ID(), s.longest(s.now())}
		g.kept.Store(k)
	}
	r := grantRecord{
		ID: k.id, Client: g.client.ID, Scope: g.scope, Details: recordsOfDetails(g.details), Resources: g.resources, AuthTime: g.authTime, ACR: g.acr, AMR: g.amr, SID: g.sid,
		Claims: g.claims, Launch: g.launch, Withdrawn: g.withdrawn.Load(),
	}
	if g.online != (digest{}) {
		r.Online = g.online[:]
	}
	if g.user != nil {
		r.User = g.user.Username
	}
	return r
}

// detailRecord is an authorization detail. One of a type that the server no longer knows is left out.
type detailRecord struct {
	Type string          `json:"type"`
	Text json.RawMessage `json:"text"`
}

func recordsOfDetails(details []detail) (out []detailRecord) {
	for _, d := range details {
		out = append(out, detailRecord{d.kind.Name, d.text})
	}
	return out
}

func (s *Server) detailsOf(records []detailRecord) (out []detail) {
	for _, r := range records {
		if kind := s.detailTypes[r.Type]; kind != nil {
			out = append(out, detail{kind, r.Text})
		}
	}
	return out
}

type requestRecord struct {
	Client       string         `json:"client"`
	RedirectURI  string         `json:"redirect_uri,omitempty"`
	ResponseType string         `json:"response_type,omitempty"`
	State        string         `json:"state,omitempty"`
	Nonce        string         `json:"nonce,omitempty"`
	Scope        fapi.Scope     `json:"scope,omitempty"`
	Details      []detailRecord `json:"details,omitempty"`
	Resources    []string       `json:"resources,omitempty"`
	Challenge    string         `json:"challenge,omitempty"`
	Method       string         `json:"method,omitempty"`
	JKT          string         `json:"jkt,omitempty"`
	Prompt       []string       `json:"prompt,omitempty"`
	MaxAge       time.Duration  `json:"max_age"`
	ACR          []string       `json:"acr,omitempty"`
	ACREssential bool           `json:"acr_essential,omitempty"`
	Rank         int            `json:"rank,omitempty"`
	LoginHint    string         `json:"login_hint,omitempty"`
	Subject      string         `json:"subject,omitempty"`
	Claims       claimsRequest  `json:"claims,omitzero"`
	Signed       bool           `json:"signed,omitempty"`
	MustSign     bool           `json:"must_sign,omitempty"`
	Pushed       bool           `json:"pushed,omitempty"`
	Expires      time.Time      `json:"expires,omitzero"`
	Spent        bool           `json:"spent,omitempty"`
	Aud          string         `json:"aud,omitempty"`
	Stray        string         `json:"stray,omitempty"`
	Launch       []byte         `json:"launch,omitempty"` // what it is known by
	Asked        time.Time      `json:"asked,omitzero"`
}

func recordOfRequest(q *request) any {
	var launch []byte
	if q.launch != nil {
		launch = q.launch.key[:]
	}
	return requestRecord{
		q.client.ID, q.redirectURI, q.responseType, q.state, q.nonce, q.scope, recordsOfDetails(q.details), q.resources, q.challenge, q.method, q.jkt,
		q.prompt, q.maxAge, q.acr, q.acrEssential, q.rank, q.loginHint, q.subject, q.claims,
		q.signed, q.mustSign, q.pushed, q.expires, q.spent.Load(),
		q.aud, q.stray, launch, q.asked,
	}
}

func (r *requestRecord) request(s *Server, c *Client) *request {
	q := &request{
		client: c, redirectURI: r.RedirectURI, responseType: r.ResponseType, state: r.State, nonce: r.Nonce, scope: r.Scope, details: s.detailsOf(r.Details),
		resources: r.Resources, challenge: r.Challenge, method: r.Method, jkt: r.JKT,
		demands: demands{prompt: r.Prompt, maxAge: r.MaxAge, acr: r.ACR, acrEssential: r.ACREssential, rank: r.Rank,
			loginHint: r.LoginHint, subject: r.Subject, claims: r.Claims},
		signed: r.Signed, mustSign: r.MustSign, pushed: r.Pushed, expires: r.Expires,
		aud: r.Aud, stray: r.Stray, asked: r.Asked,
	}
	if len(r.Launch) == len(digest{}) {
		q.launch, _ = s.launches.get(digest(r.Launch), s.now())
	}
	q.spent.Store(r.Spent)
	return q
}

type launchRecord struct {
	Launch
	By       string        `json:"by,omitempty"`
	At       time.Time     `json:"at"`
	Lifetime time.Duration `json:"lifetime"`
	Spent    bool          `json:"spent,omitempty"`
}

func recordOfLaunch(l *launched) any {
	return launchRecord{l.Launch, l.by, l.at, l.lifetime, l.spent.Load()}
}

type codeRecord struct {
	Grant       grantRecord   `json:"grant"`
	RedirectURI string        `json:"redirect_uri,omitempty"`
	Challenge   string        `json:"challenge,omitempty"`
	Method      string        `json:"method,omitempty"`
	Nonce       string        `json:"nonce,omitempty"`
	JKT         string        `json:"jkt,omitempty"`
	StateHash   string        `json:"s_hash,omitempty"`
	Issued      time.Time     `json:"issued"`
	Lifetime    time.Duration `json:"lifetime"`
	Spent       bool          `json:"spent,omitempty"`
}

func (s *Server) recordOfCode(c *code) any {
	return codeRecord{s.grantRecord(c.grant), c.redirectURI, c.challenge, c.method, c.nonce, c.jkt, c.stateHash, c.issued, c.lifetime, c.spent.Load()}
}

func (r *codeRecord) code(g *grant) *code {
	c := &code{grant: g, redirectURI: r.RedirectURI, challenge: r.Challenge, method: r.Method, nonce: r.Nonce, jkt: r.JKT, stateHash: r.StateHash, issued: r.Issued, lifetime: r.Lifetime}
	c.spent.Store(r.Spent)
	return c
}

type refreshRecord struct {
	Grant    grantRecord   `json:"grant"`
	Retry    time.Duration `json:"retry,omitempty"`
	Replaced int64         `json:"replaced,omitempty"`
}

func (s *Server) recordOfRefresh(t *refreshToken) any {
	return refreshRecord{s.grantRecord(t.grant), t.retry, t.replaced.Load()}
}

type accessRecord struct {
	Grant  grantRecord      `json:"grant"`
	Claims fapi.AccessToken `json:"claims"`
	// What the claims hold beside their own members.
	ScopeList bool            `json:"scope_list,omitempty"`
	More      json.RawMessage `json:"more,omitempty"`
}

func (s *Server) recordOfAccess(h *held) any {
	t := h.issued()
	return accessRecord{s.grantRecord(t.grant), *t.claims, t.claims.ScopeList, t.claims.More}
}

type sessionRecord struct {
	User   string                `json:"user"`
	At     time.Time             `json:"at"`
	Rank   int                   `json:"rank,omitempty"`
	Agreed map[string]fapi.Scope `json:"agreed,omitempty"`
	Grants []grantRecord         `json:"grants,omitempty"`
}

func (s *Server) recordOfSession(who *session) any {
	who.mu.Lock()
	defer who.mu.Unlock()
	r := sessionRecord{User: who.user.Username, At: who.at, Rank: who.rank, Agreed: maps.Clone(who.agreed)}
	for _, g := range who.grants {
		r.Grants = append(r.Grants, s.grantRecord(g))
	}
	return r
}

type clientRecord struct {
	Gone         bool            `json:"gone,omitempty"`
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	Secret       string          `json:"secret,omitempty"`
	DPoPKeys     []string        `json:"dpop_keys,omitempty"`
	Organisation string          `json:"organisation,omitempty"`
	Tenancy      Tenancy         `json:"tenancy,omitzero"`
	Elements     []string        `json:"record_elements,omitempty"`
	Token        []byte          `json:"token,omitempty"` // what its registration access token is known by
}

// keepClient keeps the registration of an id as it is now, or that there is none.
func (s *Server) keepClient(id string) {
	if s.ledger == nil {
		return
	}
	s.ledger.put(keptClients, id, time.Time{}, func() any {
		c := s.client(id)
		if c == nil {
			return clientRecord{Gone: true}
		}
		metadata, err := json.Marshal(metadataOf(c))
		if err != nil {
			panic(fmt.Sprintf("idp: the metadata of %s does not marshal: %v", id, err))
		}
		r := clientRecord{Metadata: metadata, Secret: c.Secret, DPoPKeys: c.DPoPKeys, Organisation: c.Organisation, Tenancy: c.Tenancy, Elements: c.RecordElements}
		s.registered.mu.Lock()
		defer s.registered.mu.Unlock()
		if token, there := s.registered.tokens[id]; there {
			r.Token = token[:]
		}
		return r
	})
}
