package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// Signatures for people on curl or Postman, with the key of a registered client: a DPoP proof for one
// request, or a client assertion. The parameters come as a form or as a JSON object; the answer is the
// bare JWT, or a JSON object to those who accept JSON.

// serveProof signs a DPoP proof (RFC 9449 s4.2). Parameters: client; url, that of the request; method,
// by default what is usual at the URL, or with a token; token, the access token it goes with; nonce, by default a
// good one, "none" for none; mistake, the name of what is to be wrong with it.
func (i *Issuer) serveProof(w http.ResponseWriter, r *http.Request) {
	p, client, err := i.readSigning(w, r, "client", "url", "method", "token", "nonce", "mistake")
	if err != nil {
		badInput(w, err)
		return
	}
	signed, m, err := i.proofFor(client, firstOf(p["method"], i.usualMethod(p["url"], p["token"])), p["url"], p["token"], p["nonce"], p["mistake"])
	i.sendSigned(w, r, signed, err, map[string]string{"proof": signed, "jkt": client.Key.Thumbprint(), "refused_by": m.Control})
}

// proofFor signs a proof, and says what mistake it has: none if the name of the mistake is empty.
func (i *Issuer) proofFor(client *Client, method, rawURL, token, nonce, wrong string) (string, *mistake, error) {
	if rawURL == "" {
		return "", &mistake{}, errors.New("expected url, that of the request the proof goes with, got none")
	}
	m, err := findMistake(inProof, wrong)
	if err != nil {
		return "", &mistake{}, err
	}
	d := &draft{
		header: fapi.Header{Typ: fapi.TypProof, JWK: client.Key.BareJWK()}, key: client.Key, public: client.Key.Public(), dice: i.tenant.dice, signing: signProperly,
		claims: map[string]any{
			"jti": i.tenant.dice.ID(), "htm": strings.ToUpper(firstOf(method, http.MethodGet)), "htu": fapi.WithoutQuery(rawURL), "iat": i.tenant.clock.Now().Unix(),
		},
	}
	if token != "" {
		d.claims["ath"] = fapi.Hash(token)
	}
	if nonce = firstOf(nonce, i.as.Nonces()[0]); nonce != "" && nonce != "none" {
		d.claims["nonce"] = nonce
	}
	m.spoil(d)
	signed, err := d.sign()
	return signed, m, err
}

// usualMethod: FHIR is read, and so is an API of one's own, to which a token goes along; everything else that takes a
// proof is posted to.
func (i *Issuer) usualMethod(rawURL, token string) string {
	if token != "" || strings.HasPrefix(rawURL, i.FHIR+"/") {
		return http.MethodGet
	}
	return http.MethodPost
}

// assertionLife is short enough for every profile.
const assertionLife = 10 * time.Second

// serveAssertion signs a client assertion as the issuer's profile has it. Parameters: client; audience,
// by default the issuer; mistake, the name of what is to be wrong with it.
func (i *Issuer) serveAssertion(w http.ResponseWriter, r *http.Request) {
	p, client, err := i.readSigning(w, r, "client", "audience", "mistake")
	if err != nil {
		badInput(w, err)
		return
	}
	m, err := findMistake(inAssertion, p["mistake"])
	if err != nil {
		badInput(w, err)
		return
	}
	now := i.tenant.clock.Now().Unix()
	d := &draft{
		header: fapi.Header{Typ: firstOf(i.tenant.policy.Profile().Dialect.AssertionTyp, control.AssertionTypNew), Kid: client.Key.ID},
		key:    client.Key, public: client.Key.Public(), dice: i.tenant.dice, signing: signProperly,
		claims: map[string]any{
			"iss": client.ID, "sub": client.ID, "aud": firstOf(p["audience"], i.URL), "iat": now, "nbf": now,
			"exp": now + int64(assertionLife.Seconds()), "jti": i.tenant.dice.ID(),
		},
	}
	m.spoil(d)
	signed, err := d.sign()
	i.sendSigned(w, r, signed, err, map[string]string{"client_assertion": signed, "client_assertion_type": fapi.AssertionType, "refused_by": m.Control})
}

// readSigning reads the parameters and finds the client. An unknown parameter is most likely a slip of
// the pen.
func (i *Issuer) readSigning(w http.ResponseWriter, r *http.Request, known ...string) (map[string]string, *Client, error) {
	p, err := readParameters(w, r)
	if err != nil {
		return nil, nil, err
	}
	for name := range p {
		if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+name+" ") {
			return nil, nil, fmt.Errorf("expected the parameters %s, got %q", strings.Join(known, ", "), name)
		}
	}
	client := i.Client(p["client"])
	if client == nil || client.Key == nil {
		return nil, nil, fmt.Errorf("expected client to be one that has a key, such as %s, got %q", i.tenant.clients[0].ID, p["client"])
	}
	return p, client, nil
}

func readParameters(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxKept))
	if err != nil {
		return nil, err
	}
	p := map[string]string{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(body, &p); err != nil {
			return nil, fmt.Errorf("expected a JSON object of strings: %w", err)
		}
		return p, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("expected a form or a JSON object: %w", err)
	}
	for name, values := range form {
		p[name] = values[0]
	}
	return p, nil
}

func (i *Issuer) sendSigned(w http.ResponseWriter, r *http.Request, jwt string, err error, all map[string]string) {
	switch {
	case err != nil:
		badInput(w, err)
	case wants(r, "application/json"):
		answerJSON(w, http.StatusOK, all)
	default:
		write(w, http.StatusOK, "application/jwt", []byte(jwt))
	}
}
