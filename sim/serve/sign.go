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
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Signatures for people on curl or Postman, with the key of a registered client: a DPoP proof for one
// request, or a client assertion. The parameters come as a form or as a JSON object; the answer is the
// bare JWT, or a JSON object to those who accept JSON.

// serveProof signs a DPoP proof (RFC 9449 s4.2). Parameters: client; url, that of the request; method,
// by default what is usual at the URL; token, the access token it goes with; nonce, by default the
// latest that was offered, "none" for none.
func (i *Issuer) serveProof(w http.ResponseWriter, r *http.Request) {
	p, client, err := i.readSigning(w, r, "client", "url", "method", "token", "nonce")
	if err == nil && p["url"] == "" {
		err = errors.New("expected url, that of the request the proof goes with, got none")
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	method := strings.ToUpper(firstOf(p["method"], i.usualMethod(p["url"])))
	proof := fapi.NewProof(method, p["url"], p["token"], i.tenant.clock.Now(), i.tenant.dice.ID())
	switch p["nonce"] {
	case "":
		proof.Nonce = i.offeredNonce()
	case "none":
	default:
		proof.Nonce = p["nonce"]
	}
	signed, err := proof.Sign(client.Key)
	i.sendSigned(w, r, signed, err, map[string]string{"proof": signed, "jkt": client.Key.Thumbprint()})
}

// usualMethod: FHIR is read, everything else that takes a proof is posted to.
func (i *Issuer) usualMethod(rawURL string) string {
	if strings.HasPrefix(rawURL, i.FHIR+"/") {
		return http.MethodGet
	}
	return http.MethodPost
}

// offeredNonce is the latest nonce in an answer of the issuer or its API.
func (i *Issuer) offeredNonce() (nonce string) {
	j := i.tenant.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	ours := map[int]bool{} // exchanges at this origin
	for _, e := range j.events {
		switch b := e.Body.(type) {
		case event.Request:
			ours[e.Exchange] = strings.HasPrefix(b.Message.URL, i.URL+"/")
		case event.Response:
			if ours[e.Exchange] {
				nonce = firstOf(b.Message.Header.Get("DPoP-Nonce"), nonce)
			}
		}
	}
	return nonce
}

// assertionLife is short enough for every profile.
const assertionLife = 10 * time.Second

// serveAssertion signs a client assertion as the issuer's profile has it. Parameters: client; audience,
// by default the issuer.
func (i *Issuer) serveAssertion(w http.ResponseWriter, r *http.Request) {
	p, client, err := i.readSigning(w, r, "client", "audience")
	if err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	now, d := i.tenant.clock.Now(), i.tenant.policy.Profile().Dialect
	typ := firstOf(d.AssertionTyp, control.AssertionTypNew)
	signed, err := fapi.NewAssertion(client.ID, firstOf(p["audience"], i.URL), now, assertionLife, i.tenant.dice.ID()).Sign(client.Key, typ)
	i.sendSigned(w, r, signed, err, map[string]string{"client_assertion": signed, "client_assertion_type": fapi.AssertionType})
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
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
	case wants(r, "application/json"):
		answerJSON(w, http.StatusOK, all)
	default:
		write(w, http.StatusOK, "application/jwt", []byte(jwt))
	}
}
