package attacker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"thiefbox/sim/event"
)

var _ = register("C-03", Technique{
	Title: "An authorization code is redeemed twice",
	Story: "The thief reads a whole token request in the log of the server's proxy, after the client got its tokens with it, and sends it " +
		"again, byte for byte.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.2-9", "RFC 6749 s4.1.2", "OIDF conformance suite, attempt-reuse-authorization-code-after-one-second"},
	Needs: []event.Vantage{event.TokenLog}, Has: []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		m, _, err := tokenRequest(g, event.TokenLog, "authorization_code")
		if err != nil {
			return err
		}
		return sendAndUse(ctx, g, m)
	},
})

var _ = register("C-03/race", Technique{
	Variant: "at-the-same-instant",
	Title:   "An authorization code is redeemed twice at the same instant",
	Story: "A clinician signs in, and the thief sees the EHR's token request at the server's proxy while it is on its way. He sends the same request at the same " +
		"moment: a server that looks whether a code was used, and notes it down a little later, finds it unused both times.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.2-9", "RFC 6749 s4.1.2", "RFC 9700 s4.5"},
	Needs: []event.Vantage{event.TokenPassing}, Has: []event.Asset{event.DPoPKey},
	Evidence: "A code that is redeemed twice within a moment, from two addresses.",
	Run: func(ctx context.Context, g Ground) (err error) {
		sent, done := 0, false
		g.AtOnce(func() {
			err = g.Lure(g.Target().ClientLogin + g.Target().Issuer)
			done = true
		}, func() {
			for ; !done; g.Wait(time.Millisecond) {
				// The first may be sent back for a nonce: every one that passes is worth a try.
				for _, m := range g.Overheard(event.TokenPassing)[sent:] {
					sent++
					if tried := sendAndUse(ctx, g, m); tried != nil && !errors.Is(tried, ErrStopped) {
						err = tried
					}
				}
			}
		})
		if err == nil && sent == 0 {
			err = fmt.Errorf("no token request was overheard at %s", event.TokenPassing)
		}
		return err
	},
})

var _ = register("C-04", Technique{
	Variant: "late",
	Title:   "A code is redeemed long after it was issued",
	Story: "The answer to a sign-in never reached the EHR. Ten minutes later the thief finds it, with the token request that would have " +
		"followed, and has the EHR's keys from a backup: everything he sends is right and fresh, but for the age of the code.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.1-11", "OIDF conformance suite, ensure-token-endpoint-fails-with-expired-auth-code"},
	Needs: []event.Vantage{event.TokenHeld}, Has: []event.Asset{event.ClientKey, event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		a, err := victimsApp(ctx, g)
		if err != nil {
			return err
		}
		g.Wait(10 * time.Minute) // the one thing wrong
		return redeemHeld(ctx, g, a)
	},
})

var _ = register("C-05", Technique{
	Variant: "other-client",
	Title:   "A code is redeemed by another client",
	Story: "A token request never arrives, and the thief has it: the code, and the verifier that belongs to it. He redeems the code with " +
		"the credentials of his own app.",
	Reads: []string{"RFC 6749 s4.1.3", "OIDF conformance suite, ensure-authorization-code-is-bound-to-client"},
	Needs: []event.Vantage{event.TokenHeld}, Has: []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		return redeemHeld(ctx, g, a)
	},
})

var _ = register("C-04/as-found", Technique{
	Variant: "as-found",
	Title:   "A token request is sent as it was found, an hour later",
	Story: "A token request never arrived. An hour later the thief finds it and sends it, byte for byte; the EHR's key for proofs he has from a " +
		"backup, so that the tokens would serve him.",
	Reads: []string{"FAPI 2.0 SP 5.3.2.1-11", "RFC 9449 s8, s11.2"},
	Needs: []event.Vantage{event.TokenHeld}, Has: []event.Asset{event.DPoPKey},
	Run: func(ctx context.Context, g Ground) error {
		m, _, err := tokenRequest(g, event.TokenHeld, "authorization_code")
		if err != nil {
			return err
		}
		g.Wait(hour)
		return sendAndUse(ctx, g, m)
	},
})

// victimsApp is the honest client, keys and all.
func victimsApp(ctx context.Context, g Ground) (*app, error) {
	c, err := victimsCredentials(g)
	if err != nil {
		return nil, err
	}
	if err := addVictimsKey(g, &c); err != nil {
		return nil, err
	}
	return newApp(ctx, g, c)
}

// redeemHeld redeems the code of a token request that never arrived, as app a, and reads a record.
func redeemHeld(ctx context.Context, g Ground, a *app) error {
	_, form, err := tokenRequest(g, event.TokenHeld, "authorization_code")
	if err != nil {
		return err
	}
	for _, credential := range []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"} {
		form.Del(credential)
	}
	t, err := a.token(ctx, form, nil)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}

// sendAndUse sends a token request as it was found, and reads a record with what comes back, with the key
// that the victim's tokens are bound to. If that key belongs to a certificate, the request goes out with it.
func sendAndUse(ctx context.Context, g Ground, found event.Message) error {
	a, err := withVictimsKey(ctx, g)
	if err != nil {
		return err
	}
	ans, err := a.send(again(ctx, found))
	if err != nil {
		return err
	}
	t, err := readToken(ans)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}
