package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief signs in at the EHR through his own server, which says, in one way or another, that he is
// the clinician. Each row is one lie about the ID token.
func falseIDToken(id, variant, title, story string, reads []string, has []event.Asset,
	make func(ctx context.Context, g Ground, ro *rogue) (func() (string, error), error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Has: has,
		Needs: []event.Vantage{event.RogueAS, event.APILog},
		Run: func(ctx context.Context, g Ground) error {
			ro := newRogue(g)
			lie, err := make(ctx, g, ro)
			if err != nil {
				return err
			}
			var failed error
			ro.token = func(url.Values) fapi.TokenResponse {
				idToken, err := lie()
				if err != nil {
					failed = err
				}
				return fapi.TokenResponse{AccessToken: "none-that-matters", TokenType: tokenTypeSeen(g), ExpiresIn: 300, IDToken: idToken}
			}
			ro.open()
			if err := signInAtRogue(ctx, g); err != nil {
				return err
			}
			return failed
		},
	})
}

// tokenTypeSeen is how the honest client's tokens are presented: what it will take from a server.
func tokenTypeSeen(g Ground) string {
	if l, err := stolenRequest(g, event.APILog, ""); err == nil {
		return l.scheme
	}
	return "Bearer"
}

// victimsSubject reads whose token was seen in the log.
func victimsSubject(g Ground) (string, error) {
	l, err := stolenRequest(g, event.APILog, "")
	if err != nil {
		return "", err
	}
	t, err := fapi.ParseJWT(l.token)
	if err != nil {
		return "", err
	}
	var claims fapi.AccessToken
	return claims.Subject, t.Claims(&claims)
}

var _ = falseIDToken("X-07", "forged", "A forged ID token",
	"His server hands the EHR an ID token in the honest server's name about the clinician, signed with some key.",
	[]string{"OIDC Core s3.1.3.7-6"}, nil,
	func(_ context.Context, g Ground, ro *rogue) (func() (string, error), error) {
		subject, err := victimsSubject(g)
		return func() (string, error) {
			return ro.idTokenClaims(g.Target().Issuer, subject, g.Target().ClientID).Sign(g.Key("some key"))
		}, err
	})

var _ = falseIDToken("X-07/issuer", "other-issuer", "One server vouches for another's users",
	"His server hands the EHR an ID token in the honest server's name about the clinician, properly signed with its own key.",
	[]string{"OIDC Core s3.1.3.7-2", "OIDF conformance suite, invalid-iss"}, nil,
	func(_ context.Context, g Ground, ro *rogue) (func() (string, error), error) {
		subject, err := victimsSubject(g)
		return func() (string, error) {
			return ro.idTokenClaims(g.Target().Issuer, subject, g.Target().ClientID).Sign(g.Key("rogue"))
		}, err
	})

var _ = falseIDToken("X-07/old", "replayed", "An ID token from another sign-in",
	"The clinician once signed in at an app of the thief's, so he has an ID token about her, for that app and from that day. His server "+
		"publishes the honest server's keys as its own and hands the EHR that ID token.",
	[]string{"OIDC Core s3.1.3.7-3, -9, -11", "OIDF conformance suite, invalid-aud, invalid-nonce"}, []event.Asset{event.OwnClient},
	func(ctx context.Context, g Ground, ro *rogue) (func() (string, error), error) {
		idToken, err := ro.idTokenOfVictim(ctx)
		g.Wait(hour)
		return func() (string, error) { return idToken, nil }, err
	})

var _ = falseIDToken("J-11", "access-token", "An access token in place of an ID token",
	"The thief has a clinician's access token from a log. His server hands it to the EHR where an ID token belongs, and publishes the honest server's "+
		"keys as its own: the signature is right, and the name in it is hers.",
	[]string{"RFC 8725 s2.8", "RFC 9700 s4.15", "OIDC Core s3.1.3.7-3"}, nil,
	func(ctx context.Context, g Ground, ro *rogue) (func() (string, error), error) {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return nil, err
		}
		err = ro.publishHonestKeys(ctx)
		return func() (string, error) { return l.token, nil }, err
	})

// publishHonestKeys makes the rogue publish the honest server's keys as its own.
func (ro *rogue) publishHonestKeys(ctx context.Context) error {
	a, err := newApp(ctx, ro.g, noCredentials)
	if err != nil {
		return err
	}
	keys, err := send(ro.g, get(ctx, a.meta.JWKSURI))
	if err != nil {
		return err
	}
	ro.keys, err = fapi.ParseJWKS(keys.body)
	return err
}

// lastNonce is the nonce of the newest authorization request at the rogue.
func (ro *rogue) lastNonce() string { return ro.lastRequest().Get("nonce") }

// idTokenOfVictim has the clinician sign in at the thief's own app, which is honestly registered, and
// makes the rogue publish the honest server's keys.
func (ro *rogue) idTokenOfVictim(ctx context.Context) (string, error) {
	a, err := ownApp(ctx, ro.g)
	if err != nil {
		return "", err
	}
	keys, err := send(ro.g, get(ctx, a.meta.JWKSURI))
	if err != nil {
		return "", err
	}
	if ro.keys, err = fapi.ParseJWKS(keys.body); err != nil {
		return "", err
	}
	z, err := a.authorize(ctx, "openid", "", nil)
	if err != nil {
		return "", err
	}
	s := newSite(ro.g)
	if err := ro.g.Lure(z.url); err != nil {
		return "", err
	}
	code := s.code()
	if code == "" {
		return "", fmt.Errorf("the clinician did not sign in at the thief's app")
	}
	t, err := a.redeem(ctx, code, z, "")
	return t.IDToken, err
}
