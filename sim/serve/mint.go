package serve

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Tokens to a test's own liking: right, or wrong in one named way, for the FHIR API here or for an API of
// one's own that trusts this issuer's keys, with a proof to match.

// Mint says what token is wanted. Everything has a default: a token for the first client in its own name,
// good for ten minutes at the FHIR API, bound to that client's key.
type Mint struct {
	// Client is the client the token is for, and whose key it is bound to.
	Client string `json:"client,omitempty"`
	// Subject is whom it speaks for: a test person, or anybody; empty for the client itself.
	Subject  string `json:"subject,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Audience string `json:"audience,omitempty"`
	// Lifetime of the token; 0 for ten minutes. Age is how long ago it was issued.
	Lifetime Duration `json:"lifetime,omitempty"`
	Age      Duration `json:"age,omitempty"`
	// Bearer leaves the token unbound. Thumbprint binds it to a key of one's own (a jkt).
	Bearer     bool   `json:"bearer,omitempty"`
	Thumbprint string `json:"jkt,omitempty"`
	// Claims are set as they are, over those above; null takes one away.
	Claims map[string]any `json:"claims,omitempty"`
	// Mistake is the name of what is wrong with the token.
	Mistake string `json:"mistake,omitempty"`
	// Proof is wanted too, for this request.
	Proof *MintProof `json:"proof,omitempty"`
}

// MintProof says what proof is wanted with a token.
type MintProof struct {
	Method string `json:"method,omitempty"` // GET if empty
	URL    string `json:"url"`
	// Nonce is by default a good one; "none" for none.
	Nonce   string `json:"nonce,omitempty"`
	Mistake string `json:"mistake,omitempty"`
}

// Minted is a token, and how to send it.
type Minted struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	// Authorization and Proof are the two headers to send: Authorization, and DPoP if it is not empty.
	Authorization string `json:"authorization"`
	Proof         string `json:"dpop,omitempty"`
	// RefusedBy names the control that refuses the request at an API that has it on; empty if nothing is
	// wrong, or no control here looks for it.
	RefusedBy string         `json:"refused_by,omitempty"`
	Claims    map[string]any `json:"claims"`
}

func (i *Issuer) serveMint(w http.ResponseWriter, r *http.Request) {
	var want Mint
	if err := readJSON(w, r, &want); err != nil {
		badInput(w, err)
		return
	}
	minted, err := i.Mint(want)
	if err != nil {
		badInput(w, err)
		return
	}
	answerJSON(w, http.StatusOK, minted)
}

const mintLifetime = 10 * time.Minute

// Mint makes an access token. The server takes it for one that it issued.
func (i *Issuer) Mint(want Mint) (Minted, error) {
	client := i.Client(firstOf(want.Client, "machine"))
	if client == nil {
		return Minted{}, fmt.Errorf("expected client to be one that is registered, such as %s, got %q", i.tenant.clients[0].ID, want.Client)
	}
	return i.mintFor(want, client, "")
}

// mintFor makes a token for a client whose key need not be registered. typ, if it is not empty, is the header's, and
// more are further mistakes.
func (i *Issuer) mintFor(want Mint, client *Client, typ string, more ...string) (Minted, error) {
	d, err := i.tokenDraft(want, client)
	if err != nil {
		return Minted{}, err
	}
	d.header.Typ = firstOf(typ, d.header.Typ)
	m := &mistake{}
	for _, name := range append([]string{want.Mistake}, more...) {
		found, err := findMistake(inToken, name)
		if err != nil {
			return Minted{}, err
		}
		found.spoil(d)
		if m.Control == "" {
			m = found
		}
	}
	token, err := d.sign()
	if err != nil {
		return Minted{}, err
	}
	i.adopt(token)
	out := Minted{AccessToken: token, TokenType: d.scheme, Authorization: d.scheme + " " + token, RefusedBy: m.Control, Claims: d.claims}
	if exp := moment(d.claims["exp"]); exp != 0 {
		out.ExpiresIn = exp - i.tenant.clock.Now().Unix()
	}
	if want.Proof == nil {
		return out, nil
	}
	if client.Key == nil {
		return Minted{}, fmt.Errorf("expected a client that has a key to sign the proof, got %s", client.ID)
	}
	p := want.Proof
	out.Proof, m, err = i.proofFor(client, p.Method, p.URL, token, p.Nonce, p.Mistake)
	out.RefusedBy = firstOf(out.RefusedBy, m.Control)
	return out, err
}

func (i *Issuer) tokenDraft(want Mint, client *Client) (*draft, error) {
	if want.Lifetime < 0 || want.Age < 0 {
		return nil, errors.New("expected lifetime and age to be positive")
	}
	if want.Lifetime == 0 {
		want.Lifetime = Duration(mintLifetime)
	}
	key := i.tenant.key()
	issued := i.tenant.clock.Now().Add(-time.Duration(want.Age)).Unix()
	d := &draft{
		header: fapi.Header{Typ: fapi.TypAccessToken, Kid: key.ID}, key: key, public: key.Public(), dice: i.tenant.dice, signing: signProperly, scheme: "Bearer",
		claims: map[string]any{
			"iss": i.URL, "sub": firstOf(want.Subject, client.ID), "aud": firstOf(want.Audience, i.FHIR), "client_id": client.ID,
			"scope": firstOf(want.Scope, client.Scope), "iat": issued, "exp": issued + int64(time.Duration(want.Lifetime).Seconds()), "jti": i.tenant.dice.ID(),
		},
	}
	jkt := want.Thumbprint
	if jkt == "" && client.Key != nil && i.tenant.policy.Profile().Dialect.Constraint == control.DPoP {
		jkt = client.Key.Thumbprint()
	}
	if jkt != "" && !want.Bearer {
		d.claims["cnf"] = map[string]string{"jkt": jkt}
		d.scheme = "DPoP"
	}
	maps.Copy(d.claims, want.Claims)
	maps.DeleteFunc(d.claims, func(_ string, v any) bool { return v == nil })
	return d, nil
}

// adopt makes a token known to introspection. One that cannot be read is nobody's.
func (i *Issuer) adopt(token string) {
	t, err := fapi.ParseJWT(token)
	var claims fapi.AccessToken
	if err == nil && t.Claims(&claims) == nil {
		i.as.Adopt(token, claims)
	}
}
