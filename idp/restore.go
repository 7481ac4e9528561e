package idp

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// restore reads back what a Keeper has kept, and has it told of every change from then on.
func (s *Server) restore(k Keeper) error {
	if k == nil {
		return nil
	}
	s.ledger = newLedger(k)
	s.ledger.quiet = true
	s.watchStores()
	now, kept, expired := s.now(), map[string][]Change{}, []Change{}
	err := k.Kept(func(c Change) error {
		if !c.Expires.IsZero() && !now.Before(c.Expires) {
			expired = append(expired, Change{Kind: c.Kind, Key: c.Key})
			return nil
		}
		kept[c.Kind] = append(kept[c.Kind], c)
		return nil
	})
	if err != nil {
		return err
	}
	b := &reader{s: s, now: now, grants: map[string]*grant{}, withdrawn: map[string]bool{}}
	for _, kind := range []struct { // clients first: the others name them
		name string
		read func(Change) error
	}{
		{keptClients, b.client}, {keptDecisions, b.decisions}, {keptWithdrawn, b.withdrawal}, {keptSeen, b.sight}, {keptLaunches, b.launch}, {keptRequests, b.request},
		{keptCodes, b.code}, {keptRefresh, b.refresh}, {keptAccess, b.access}, {keptSessions, b.session},
	} {
		for _, c := range kept[kind.name] {
			if err := kind.read(c); err != nil {
				return fmt.Errorf("a kept %s record cannot be read: %w", kind.name, err)
			}
		}
	}
	s.ledger.mu.Lock()
	s.ledger.quiet = false
	s.ledger.mu.Unlock()
	if len(expired) == 0 {
		return nil
	}
	return k.Keep(expired)
}

func (s *Server) watchStores() {
	l := s.ledger
	watch(l, s.requests, keptRequests, func(q *request) *remembered { return &q.remembered }, recordOfRequest)
	watch(l, s.launches, keptLaunches, func(x *launched) *remembered { return &x.remembered }, recordOfLaunch)
	watch(l, s.sessions, keptSessions, func(x *session) *remembered { return &x.remembered }, s.recordOfSession)
	watch(l, s.codes, keptCodes, func(c *code) *remembered { return &c.remembered }, s.recordOfCode)
	watch(l, s.refreshTokens, keptRefresh, func(t *refreshToken) *remembered { return &t.remembered }, s.recordOfRefresh)
	watch(l, s.accessTokens, keptAccess, nil, s.recordOfAccess)
	s.seen.watch = func(k sighting, expires time.Time, gone, urgent bool) {
		key := string(binary.BigEndian.AppendUint64(nil, uint64(k)))
		if !gone {
			l.put(keptSeen, key, expires, func() any { return true })
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dropLocked(keptSeen, key, urgent)
	}
}

// reader turns records into what they were.
type reader struct {
	s         *Server
	now       time.Time
	grants    map[string]*grant
	withdrawn map[string]bool
}

func (b *reader) client(c Change) error {
	var r clientRecord
	if err := json.Unmarshal(c.Value, &r); err != nil {
		return err
	}
	if r.Gone {
		b.s.operate(func(o *operations) { o.clients[c.Key] = nil })
		return nil
	}
	var m ClientMetadata
	if err := json.Unmarshal(r.Metadata, &m); err != nil {
		return err
	}
	client, err := m.Client(r.Secret)
	if err == nil {
		err = b.s.prepareKeys(&client)
	}
	if err != nil {
		return err
	}
	client.DPoPKeys, client.Organisation, client.Tenancy, client.RecordElements = r.DPoPKeys, r.Organisation, r.Tenancy, r.Elements
	b.s.operate(func(o *operations) { o.clients[c.Key] = &client })
	if len(r.Token) == len(digest{}) {
		b.s.registered.tokens[c.Key] = digest(r.Token)
		b.s.registered.count++
	}
	return nil
}

func (b *reader) withdrawal(c Change) error {
	b.withdrawn[c.Key] = true
	return nil
}

func (b *reader) sight(c Change) error {
	if len(c.Key) >= 8 { // some are kept as whole digests, by earlier versions
		var key digest
		copy(key[:], c.Key)
		b.s.seen.add(key, b.now, c.Expires)
	}
	return nil
}

func digestIn(c Change) (digest, bool) {
	if len(c.Key) != len(digest{}) {
		return digest{}, false
	}
	return digest([]byte(c.Key)), true
}

// grant finds or makes the grant of a record; nil if its client or its person is no more.
func (b *reader) grant(r grantRecord) *grant {
	if g, known := b.grants[r.ID]; known {
		return g
	}
	client, user := b.s.client(r.Client), b.s.users[r.User]
	if client == nil {
		client = &Client{ID: r.Client} // a token for it still stands, or was adopted for nobody
	}
	var g *grant
	if r.User == "" || user != nil {
		g = &grant{client: client, user: user, scope: r.Scope, details: b.s.detailsOf(r.Details), resources: r.Resources, authTime: r.AuthTime, acr: r.ACR, amr: r.AMR, sid: r.SID, claims: r.Claims, launch: r.Launch}
		copy(g.online[:], r.Online)
		g.withdrawn.Store(r.Withdrawn || b.withdrawn[r.ID])
		g.kept.Store(&keptGrant{b.s.ledger, r.ID, b.s.longest(b.now)})
	}
	b.grants[r.ID] = g
	return g
}

func (b *reader) launch(c Change) error {
	var r launchRecord
	err := json.Unmarshal(c.Value, &r)
	if key, ok := digestIn(c); err == nil && ok {
		l := &launched{Launch: r.Launch, by: r.By, at: r.At, lifetime: r.Lifetime, key: key}
		l.spent.Store(r.Spent)
		b.s.launches.add(key, l, b.now, c.Expires)
	}
	return err
}

func (b *reader) request(c Change) error {
	var r requestRecord
	err := json.Unmarshal(c.Value, &r)
	if key, ok := digestIn(c); err == nil && ok {
		if client := b.s.client(r.Client); client != nil && r.Rank < len(b.s.levels) {
			b.s.requests.add(key, r.request(b.s, client), b.now, c.Expires)
		}
	}
	return err
}

func (b *reader) code(c Change) error {
	var r codeRecord
	err := json.Unmarshal(c.Value, &r)
	if key, ok := digestIn(c); err == nil && ok {
		if g := b.grant(r.Grant); g != nil {
			b.s.codes.add(key, r.code(g), b.now, c.Expires)
		}
	}
	return err
}

func (b *reader) refresh(c Change) error {
	var r refreshRecord
	err := json.Unmarshal(c.Value, &r)
	if key, ok := digestIn(c); err == nil && ok {
		if g := b.grant(r.Grant); g != nil {
			t := &refreshToken{grant: g, retry: r.Retry}
			t.replaced.Store(r.Replaced)
			b.s.refreshTokens.add(key, t, b.now, c.Expires)
		}
	}
	return err
}

func (b *reader) access(c Change) error {
	var r accessRecord
	err := json.Unmarshal(c.Value, &r)
	if key, ok := digestIn(c); err == nil && ok {
		if g := b.grant(r.Grant); g != nil {
			r.Claims.ScopeList, r.Claims.More = r.ScopeList, r.More
			b.s.holdToken(key, issued{g, &r.Claims}, b.now, c.Expires)
		}
	}
	return err
}

func (b *reader) session(c Change) error {
	var r sessionRecord
	err := json.Unmarshal(c.Value, &r)
	key, ok := digestIn(c)
	if user := b.s.users[r.User]; err == nil && ok && user != nil && r.Rank < len(b.s.levels) {
		who := &session{user: user, at: r.At, rank: r.Rank, key: key, agreed: r.Agreed}
		for _, one := range r.Grants {
			if g := b.grant(one); g != nil {
				who.grants = append(who.grants, g)
			}
		}
		b.s.sessions.add(key, who, b.now, c.Expires)
	}
	return err
}
