package serve

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"thiefbox/sim/fapi"
)

// Request objects and signed answers, for people on curl.

// requestLife is how long a request object that is signed here is good: long enough to paste it.
const requestLife = 10 * time.Minute

// serveRequest signs a request object (RFC 9101 s4) with the key of a client. Parameters: client; typ, by
// default the right one, "none" for none; and those of the authorization request, whatever they are, which
// go into it as they come.
func (i *Issuer) serveRequest(w http.ResponseWriter, r *http.Request) {
	p, err := readParameters(w, r)
	if err != nil {
		badInput(w, err)
		return
	}
	client := i.Client(p["client"])
	if client == nil || client.Key == nil {
		badInput(w, fmt.Errorf("expected client to be one that has a key, such as %s, got %q", i.tenant.clients[0].ID, p["client"]))
		return
	}
	typ := firstOf(p["typ"], fapi.TypRequest)
	if typ == "none" {
		typ = ""
	}
	now := i.tenant.clock.Now()
	object := fapi.RequestObject{
		Issuer: client.ID, Audience: fapi.Audience{Values: []string{i.URL}}, IssuedAt: now.Unix(), NotPrior: now.Unix(),
		Expires: now.Add(requestLife).Unix(), JTI: i.tenant.dice.ID(), Parameters: map[string][]string{"client_id": {client.ID}},
	}
	for name, value := range p {
		if name != "client" && name != "typ" {
			object.Parameters[name] = []string{value}
		}
	}
	signed, err := object.Sign(client.Key, typ)
	i.sendSigned(w, r, signed, err, map[string]string{"request": signed})
}

// readResponse opens a signed authorization response (JARM) if it is one of this issuer's.
func (i *Issuer) readResponse(compact string) (c fapi.AuthorizationResponse, err error) {
	t, err := fapi.ParseJWT(compact)
	if err != nil {
		return c, err
	}
	if err := t.CheckAlg([]string{i.tenant.key().Alg}); err != nil {
		return c, err
	}
	if err := t.VerifyTrustingAlg(i.tenant.key().Public().Key); err != nil { // the algorithm is the key's own
		return c, err
	}
	if err := t.Claims(&c); err != nil {
		return c, err
	}
	if c.Issuer != i.URL {
		return c, errors.New("the response is of another issuer")
	}
	return c, nil
}
