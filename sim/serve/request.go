package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"thiefbox/sim/fapi"
)

// Request objects and signed answers, for people on curl.

// requestLife is how long a request object that is signed here is good: long enough to paste it.
const requestLife = 10 * time.Minute

// serveRequest signs a request object (RFC 9101 s4) with the key of a client. Parameters: client; mistake, the name
// of what is to be wrong with it; typ, by default the right one, "none" for none; and those of the authorization
// request, whatever they are, which go into it as they come.
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
	m, err := findMistake(inRequest, p["mistake"])
	if err != nil {
		badInput(w, err)
		return
	}
	d := i.requestDraft(client, p)
	m.spoil(d)
	signed, err := d.sign()
	i.sendSigned(w, r, signed, err, map[string]string{"request": signed, "refused_by": m.Control})
}

// requestDraft is a request object with all that FAPI 2.0 MS 5.3.2 asks for.
func (i *Issuer) requestDraft(client *Client, p map[string]string) *draft {
	now := i.tenant.clock.Now()
	d := &draft{
		header: fapi.Header{Typ: firstOf(p["typ"], fapi.TypRequest), Kid: client.Key.ID}, key: client.Key, public: client.Key.Public(), dice: i.tenant.dice, signing: signProperly,
		claims: map[string]any{
			"iss": client.ID, "aud": i.URL, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(requestLife).Unix(), "jti": i.tenant.dice.ID(), "client_id": client.ID,
		},
	}
	if d.header.Typ == "none" {
		d.header.Typ = ""
	}
	for name, value := range p {
		switch name {
		case "client", "typ", "mistake":
		case "claims", "authorization_details", "max_age": // JSON in a request object, where a form has text (OIDC Core s6.1)
			if json.Valid([]byte(value)) {
				d.claims[name] = json.RawMessage(value)
				continue
			}
			d.claims[name] = value
		default:
			d.claims[name] = value
		}
	}
	return d
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
