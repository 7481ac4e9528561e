package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// metadataLifetime is how long metadata is believed before it is asked for again.
const metadataLifetime = 24 * time.Hour

// provider is an authorization server as its metadata describes it. From the moment metadata is
// accepted, the issuer the client believes in is the one it names, and its endpoints are the only
// ones used (SP 5.3.3.1-10): that is why somebody must check it.
type provider struct {
	fapi.Metadata
	fetched time.Time

	mu       sync.Mutex
	keys     []fapi.Public
	keysAt   time.Time
	searched time.Time // when an unknown kid last led to a search
}

// providers caches metadata by the issuer it was asked of.
type providers struct {
	mu      sync.Mutex
	byAsked map[string]*provider
}

// discovered is metadata before it is believed.
type discovered struct {
	asked string
	*provider
}

var metadataGuards = []control.Guard[discovered]{
	{Control: control.ClientMetadataIssuer, Check: checkMetadataIssuer, Answer: signInFailed},
}

// checkMetadataIssuer: SP 5.3.3.1-11, RFC 8414 s3.3: identical, to the letter. Without it the client
// believes whatever name the document gives.
func checkMetadataIssuer(d *discovered) (string, error) {
	if d.Issuer == d.asked {
		return d.Issuer, nil
	}
	return d.Issuer, control.ExpectedFix("issuer of the metadata", d.asked, d.Issuer,
		"serve metadata with exactly the issuer identifier its URL was made from")
}

// discover returns the server of an issuer. It returns a *control.Refusal if its metadata is not
// believed.
func (p *protocol) discover(ctx context.Context, issuer string) (*provider, error) {
	now := p.party.Clock.Now()
	p.providers.mu.Lock()
	known := p.providers.byAsked[issuer]
	p.providers.mu.Unlock()
	if known != nil && now.Sub(known.fetched) < metadataLifetime {
		return known, nil
	}
	fresh, err := p.fetchMetadata(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("metadata of %s: %w", issuer, err)
	}
	fresh.fetched = now
	if err := party.Enforce(ctx, p.party, &discovered{issuer, fresh}, metadataGuards); err != nil {
		return nil, err
	}
	if p.party.Dialect().Certificates() {
		fresh.Metadata = fresh.PreferAliases()
	}
	p.providers.mu.Lock()
	defer p.providers.mu.Unlock()
	if p.providers.byAsked == nil {
		p.providers.byAsked = map[string]*provider{}
	}
	p.providers.byAsked[issuer] = fresh
	return fresh, nil
}

// fetchMetadata asks where OpenID Connect Discovery s4 puts metadata, then where RFC 8414 s3.1 does.
func (p *protocol) fetchMetadata(ctx context.Context, issuer string) (*provider, error) {
	rep, err := p.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	var missing *UpstreamError
	if errors.As(err, &missing) && missing.Status == http.StatusNotFound {
		var u *url.URL
		if u, err = url.Parse(issuer); err != nil {
			return nil, err
		}
		u.Path = "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.Path, "/")
		rep, err = p.get(ctx, u.String())
	}
	if err != nil {
		return nil, err
	}
	m, err := fapi.ParseMetadata(rep.body)
	if err != nil {
		return nil, err
	}
	return &provider{Metadata: m}, nil
}

// How long keys are believed without asking again, and how soon an unknown kid may make the client ask: whoever
// sends it tokens chooses the kid.
const (
	keysLifetime = time.Hour
	searchPause  = time.Minute
)

// verificationKeys returns the server's keys that may have made a signature with this kid and algorithm. An
// unknown kid is looked for once more, since servers rotate their keys.
func (p *protocol) verificationKeys(ctx context.Context, at *provider, kid, alg string) ([]fapi.Public, error) {
	at.mu.Lock()
	defer at.mu.Unlock() // while fetching too: others want the same answer
	now := p.party.Clock.Now()
	match := fapi.PickKeys(at.keys, kid, alg)
	if at.keys != nil && now.Sub(at.keysAt) < keysLifetime {
		if len(match) > 0 || now.Sub(at.searched) < searchPause {
			return match, nil
		}
		at.searched = now
	}
	keys, err := p.fetchKeys(ctx, at)
	if err != nil {
		return nil, err
	}
	at.keys, at.keysAt = keys, now
	return fapi.PickKeys(keys, kid, alg), nil
}

func (p *protocol) fetchKeys(ctx context.Context, at *provider) ([]fapi.Public, error) {
	if at.JWKSURI == "" {
		return nil, fmt.Errorf("metadata of %s names no jwks_uri", at.Issuer)
	}
	rep, err := p.get(ctx, at.JWKSURI)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", at.Issuer, err)
	}
	keys, err := fapi.ParseJWKS(rep.body)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", at.Issuer, err)
	}
	return keys, nil
}
