package attacker

import (
	"context"
	"fmt"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// A forged assertion names the honest client; each row spoils one thing.
func forgedAssertion(id, variant, title, story string, reads []string, has []event.Asset,
	forge func(ctx context.Context, g Ground, a fapi.Assertion, typ string) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Has: has, Needs: []event.Vantage{event.TokenLog}, Against: []Trait{KeyAuth},
		Run: func(ctx context.Context, g Ground) error {
			_, form, err := tokenRequest(g, event.TokenLog, "authorization_code")
			if err != nil {
				return err
			}
			// What the client itself writes: a forger copies the audience and the type from the log.
			seen, err := fapi.ParseJWT(form.Get("client_assertion"))
			if err != nil {
				return err
			}
			var honest fapi.Assertion
			if err := seen.Claims(&honest); err != nil {
				return err
			}
			a := fapi.NewAssertion(g.Target().ClientID, "", g.Now(), 10*time.Second, g.Random())
			a.Audience = honest.Audience
			forged, err := forge(ctx, g, a, seen.Header.Typ)
			if err != nil {
				return err
			}
			return actAsClient(ctx, g, forged)
		},
	})
}

var _ = forgedAssertion("K-05", "alg-none", "A client assertion with alg none",
	"The thief writes a client assertion in the EHR's name, with no algorithm and no signature.",
	[]string{"FAPI 2.0 SP 5.4.1-3", "RFC 8725 s2.1"}, nil,
	func(_ context.Context, _ Ground, a fapi.Assertion, typ string) (string, error) {
		return fapi.ForgeUnsigned(fapi.Header{Typ: typ}, a)
	})

var _ = forgedAssertion("K-05/public-key", "public-key-as-secret", "A client assertion signed with the client's public key as a shared secret",
	"The thief writes a client assertion in the EHR's name with the algorithm HS256, for which a careless library takes the EHR's public key as the secret.",
	[]string{"FAPI 2.0 SP 5.4.1-2", "RFC 8725 s2.1"}, nil,
	func(_ context.Context, g Ground, a fapi.Assertion, typ string) (string, error) {
		key, err := clientsKey(g)
		if err != nil {
			return "", err
		}
		return fapi.ForgeHMAC(fapi.Header{Typ: typ, Kid: key.ID}, a, *key)
	})

var _ = forgedAssertion("K-05/client-id", "client-id-as-secret", "A client assertion signed with the client's name as a shared secret",
	"As with the public key, but the secret is the EHR's client_id: what a server tries that takes a client without a secret for one whose secret is its name.",
	[]string{"FAPI 2.0 SP 5.4.1-2", "RFC 8725 s2.1, s3.5"}, nil,
	func(_ context.Context, g Ground, a fapi.Assertion, typ string) (string, error) {
		return fapi.ForgeHMACWith(fapi.Header{Typ: typ}, a, []byte(g.Target().ClientID))
	})

// clientsKey is the public key that the honest client's assertions are verified with.
func clientsKey(g Ground) (*fapi.Public, error) {
	key, err := fapi.ParsePublic(g.Target().ClientKey)
	if err != nil {
		return nil, fmt.Errorf("the honest client's public key: %w", err)
	}
	return key, nil
}

var _ = forgedAssertion("K-05/signature", "own-key", "A client assertion signed by the thief",
	"The thief writes a client assertion in the EHR's name and signs it with a key of his own.",
	[]string{"FAPI 2.0 SP 5.3.2.1-6"}, nil,
	func(ctx context.Context, g Ground, a fapi.Assertion, typ string) (string, error) {
		return a.Sign(g.Key("assertion"), typ)
	})

var _ = forgedAssertion("K-06", "other-subject", "One client's key vouches for another",
	"The thief has an app of his own, honestly registered. He signs an assertion that is issued by his app, as it says, and is about the EHR.",
	[]string{"OIDC Core s9", "OIDF conformance suite, ensure-client-assertion-with-no-sub-fails"}, []event.Asset{event.OwnClient},
	func(ctx context.Context, g Ground, a fapi.Assertion, typ string) (string, error) {
		own, err := ownApp(ctx, g)
		if err != nil {
			return "", err
		}
		a.Issuer = own.creds.ClientID // the one thing wrong: issuer and subject are two clients
		return a.Sign(own.auth, typ)
	})

var _ = forgedAssertion("K-10", "other-client-id", "One client authenticates, and the form names another",
	"The thief's app signs an assertion about itself, and it is right in every way. The form that it comes with names the EHR. A server that checks the "+
		"one and believes the other takes him for the EHR.",
	[]string{"RFC 7521 s4.2", "OIDF conformance suite, ensure-client-id-in-token-endpoint"}, []event.Asset{event.OwnClient},
	func(ctx context.Context, g Ground, a fapi.Assertion, typ string) (string, error) {
		own, err := ownApp(ctx, g)
		if err != nil {
			return "", err
		}
		a.Issuer, a.Subject = own.creds.ClientID, own.creds.ClientID // actAsClient's form names the honest client
		return a.Sign(own.auth, typ)
	})
