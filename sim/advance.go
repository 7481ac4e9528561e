package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"thiefbox/sim/fapi"
)

// signedInAdvance plays the minute somebody sat at the client's keyboard. He cannot take the keys
// along, but he has them sign what he will need when he is gone: proofs for the record the doctor has
// open, with the token in the client's memory, and assertions in the client's name.
func (w *World) signedInAdvance() ([]byte, error) {
	token, err := w.tokenInMemory()
	if err != nil {
		return nil, err
	}
	now, record, d := w.Clock.Now(), fhirBase+"/Patient/"+w.patient, w.dice.Fork("signed in advance")
	api := strings.TrimSuffix(fhirBase, "/fhir") // nonces go by origin
	signed := map[string]string{"token": token, "url": record}
	for use, p := range map[string]fapi.Proof{
		"proof-later":  {HTM: http.MethodGet, HTU: record, IAT: now.Add(30 * time.Second).Unix(), ATH: fapi.Hash(token)},
		"proof-no-ath": {HTM: http.MethodGet, HTU: record, IAT: now.Unix()},
		// Whoever sits at the client also has the nonces it was given.
		"proof-other-nonce": {HTM: http.MethodGet, HTU: record, IAT: now.Add(30 * time.Second).Unix(), ATH: fapi.Hash(token), Nonce: w.ehr.NonceOf(issuer)},
		"proof-old-nonce":   {HTM: http.MethodGet, HTU: record, IAT: now.Add(4 * time.Minute).Unix(), ATH: fapi.Hash(token), Nonce: w.ehr.NonceOf(api)},
		"proof-tomorrow":    {HTM: http.MethodGet, HTU: record, IAT: now.Add(24 * time.Hour).Unix(), ATH: fapi.Hash(token)},
	} {
		// A name for a jti: drawn from the dice, it would depend on the order of a map.
		p.JTI = fapi.Hash(use + d.Fork(use).ID())
		if signed[use], err = p.Sign(w.proofKey(webEHR)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(w.assertionsInAdvance(signed, now))
}

func (w *World) assertionsInAdvance(signed map[string]string, now time.Time) map[string]string {
	c := w.credentials(webEHR, issuer)
	audience := issuer
	if c.AssertionAudience == "token_endpoint" {
		audience = issuer + "/token"
	}
	long := fapi.NewAssertion(c.ClientID, audience, now, 365*24*time.Hour, "in-advance-long")
	future := fapi.NewAssertion(c.ClientID, audience, now.Add(time.Hour), time.Minute, "in-advance-future")
	key := w.authKey(webEHR)
	if key == nil {
		return signed
	}
	w.requestInAdvance(signed, c, now, key)
	for use, a := range map[string]fapi.Assertion{"assertion-long": long, "assertion-future": future} {
		if s, err := a.Sign(key, c.AssertionTyp); err == nil {
			signed[use] = s
		}
	}
	return signed
}

// requestInAdvance is a request as the client would make it, but that he knows the verifier and that it is good
// for a year. Another never expires, and a third does not say when it begins to be valid.
func (w *World) requestInAdvance(signed map[string]string, c fapi.Credentials, now time.Time, key *fapi.Key) {
	verifier := fapi.Hash("a verifier for later")
	long := fapi.RequestObject{
		Issuer: c.ClientID, Audience: fapi.Audience{Values: []string{issuer}}, JTI: "request-in-advance",
		IssuedAt: now.Unix(), NotPrior: now.Unix(), Expires: now.Add(365 * 24 * time.Hour).Unix(),
		Parameters: map[string][]string{
			"response_type": {"code"}, "client_id": {c.ClientID}, "redirect_uri": {c.RedirectURI}, "scope": {scopeClinician},
			"state": {"in-advance"}, "nonce": {"in-advance"}, "response_mode": {"jwt"},
			"code_challenge": {fapi.Hash(verifier)}, "code_challenge_method": {"S256"},
		},
	}
	endless, undated := long, long
	endless.Expires = 0
	undated.NotPrior, undated.Expires = 0, now.Add(time.Hour).Unix()
	for use, object := range map[string]fapi.RequestObject{"request-long": long, "request-endless": endless, "request-undated": undated} {
		if s, err := object.Sign(key, fapi.TypRequest); err == nil {
			signed[use], signed["request-verifier"] = s, verifier
		}
	}
}

func (w *World) tokenInMemory() (string, error) {
	var sessions []struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.ehr.Database(), &sessions); err != nil {
		return "", err
	}
	if len(sessions) == 0 {
		return "", fmt.Errorf("the EHR has no session, so no token to sign for")
	}
	return sessions[0].AccessToken, nil
}
