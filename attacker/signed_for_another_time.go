package attacker

import (
	"context"
	"time"

	"thiefbox/sim/event"
)

// A proof that the client's key signed while the thief sat at its keyboard, used at a time that is not its own.
func signedForAnotherTime(id, variant, title, story string, reads []string, evidence, beyond string, wait time.Duration, which func(advance) string) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Evidence: evidence, Beyond: beyond,
		Has: []event.Asset{event.Signed}, Against: []Trait{ProofBound},
		Run: func(ctx context.Context, g Ground) error {
			a, err := signedInAdvance(g)
			if err != nil {
				return err
			}
			if wait > 0 {
				g.Wait(wait)
			}
			_, err = send(g, withToken(get(ctx, a.URL), "DPoP", a.Token, which(a)))
			return err
		},
	})
}

var _ = signedForAnotherTime("D-21/future", "proof-of-tomorrow", "A proof that is dated tomorrow, used today",
	"For one minute the thief sits at the client's keyboard. He has it sign a proof that is dated a day ahead, and tries whether the API looks "+
		"at the date at all: then one proof will do for as long as the token does.",
	[]string{"RFC 9449 s4.3-11", "OIDF conformance suite, dpop-negative-tests"},
	"Proofs dated ahead by more than any clock is wrong.", "", 0,
	func(a advance) string { return a.ProofTomorrow })

var _ = signedForAnotherTime("D-22/old", "old-nonce", "Proofs made in advance, with a nonce that was good then",
	"As with proofs made in advance, but each bears the nonce that the API itself had given the client at that moment. The thief uses it when its "+
		"date has come, minutes later. A nonce that never grows old stops nobody.",
	[]string{"RFC 9449 s4.3-10, s8, s9"},
	"Proofs with a nonce that the API has replaced long ago, from a new address.",
	"Server nonces are optional in FAPI 2.0: an API that asks for none does not look at the one that came.", 4*time.Minute,
	func(a advance) string { return a.ProofOldNonce })
