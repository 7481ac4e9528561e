package client

import (
	"fmt"
	"net/url"
	"time"

	"thiefbox/sim/fapi"
)

// requestLifetime is how long the client's request objects are good: it pushes each at once.
const requestLifetime = 5 * time.Minute

// signRequest puts an authorization request into a request object (RFC 9101 s4; FAPI 2.0 MS 5.3.2), signed with
// the key the client authenticates with. Nothing stands beside it.
func (p *protocol) signRequest(f *flow, request url.Values) (url.Values, error) {
	if f.reg.Key == nil {
		return nil, fmt.Errorf("registration at %s: expected a key to sign requests with, got none", f.reg.Issuer)
	}
	now := p.party.Clock.Now()
	object, err := fapi.RequestObject{
		Issuer: f.reg.ClientID, Audience: fapi.Audience{Values: []string{f.at.Issuer}}, JTI: p.party.Dice.ID(),
		IssuedAt: now.Unix(), NotPrior: now.Unix(), Expires: now.Add(requestLifetime).Unix(), Parameters: request,
	}.Sign(f.reg.Key, fapi.TypRequest)
	if err != nil {
		return nil, fmt.Errorf("signing a request object: %w", err)
	}
	return url.Values{"request": {object}}, nil
}
