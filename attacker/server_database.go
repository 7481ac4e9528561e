package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("E-08", Technique{
	Title: "The authorization server's database leaks",
	Story: "A copy of the authorization server's database is for sale. It holds refresh tokens as they were issued, and what each client " +
		"authenticates with: its secret, or its public key. The thief refreshes a clinician's token as the EHR.",
	Reads:    []string{"FAPI 2.0 Attacker Model, outside", "FAPI 2.0 SP 5.3.2.1-6", "RFC 9700 s4.14"},
	Evidence: "A refresh token used from a new address, by a client that authenticates with what it gave up years ago or with nothing.",
	Has:      []event.Asset{event.ServerDatabase},
	Run: func(ctx context.Context, g Ground) error {
		var leak struct {
			RefreshTokens []string         `json:"refresh_tokens"`
			Client        fapi.Credentials `json:"client"`
		}
		if err := stolenJSON(g, event.ServerDatabase, &leak); err != nil {
			return err
		}
		if len(leak.RefreshTokens) == 0 {
			return fmt.Errorf("the leaked database holds no refresh token")
		}
		a, err := newApp(ctx, g, leak.Client)
		if err != nil {
			return err
		}
		return a.refresh(ctx, leak.RefreshTokens[0], url.Values{}, nil)
	},
})
