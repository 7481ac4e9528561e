package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var _ = register("C-01", Technique{
	Variant: "redeemed-without-credentials",
	Title:   "An intercepted code is redeemed by somebody who names the client",
	Story: "The answer to a clinician's sign-in never reaches the EHR: an app of the thief's on the same device has caught it. He takes the code to " +
		"the token endpoint himself and says that he is the EHR, whose client_id anybody knows.",
	Reads:    []string{"RFC 9700 s4.5", "RFC 7636 s1", "FAPI 2.0 SP 5.3.2.1-6"},
	Evidence: "A token request without client authentication for a code that is still fresh, and no request of the client's for it.",
	Needs:    []event.Vantage{event.FrontHeld},
	Run: func(ctx context.Context, g Ground) error {
		code, err := heldCode(g)
		if err != nil {
			return err
		}
		return redeemAs(ctx, g, fapi.Credentials{ClientID: g.Target().ClientID}, code)
	},
})

var _ = register("C-01/secret", Technique{
	Variant: "redeemed-with-the-old-secret",
	Title:   "An intercepted code is redeemed with the client's old secret",
	Story: "As when the thief only names the EHR, but he has found its shared secret in a repository and authenticates with that. He does not have " +
		"the verifier, which never left the EHR.",
	Reads:    []string{"RFC 9700 s4.5", "RFC 7636 s1", "RFC 9700 s2.5"},
	Evidence: "The client authenticates from an address, or by a method, that is not its own; a code without its verifier.",
	Needs:    []event.Vantage{event.FrontHeld}, Has: []event.Asset{event.ClientSecret},
	Run: func(ctx context.Context, g Ground) error {
		code, err := heldCode(g)
		if err != nil {
			return err
		}
		var c fapi.Credentials
		if err := stolenJSON(g, event.ClientSecret, &c); err != nil {
			return err
		}
		return redeemAs(ctx, g, c, code)
	},
})

// redeemAs redeems a code of the honest client's with credentials and no verifier, and reads a record.
func redeemAs(ctx context.Context, g Ground, c fapi.Credentials, code string) error {
	a, err := newApp(ctx, g, c)
	if err != nil {
		return err
	}
	t, err := a.redeem(ctx, code, authorization{redirect: g.Target().ClientCallback}, g.Target().FHIRBase)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, record(g, stranger(g)), t)
	return err
}

// Where a code is found after the client has used it. On the wire there is no difference.
func foundCode(id, variant, title, story string, reads []string, needs []event.Vantage, has []event.Asset, find func(g Ground) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Needs: needs, Has: has,
		Evidence: "A code that is redeemed a second time, in another sign-in: the server refuses and withdraws what the first one yielded.",
		Run: func(ctx context.Context, g Ground) error {
			code, err := find(g)
			if err != nil {
				return err
			}
			own, err := beginSignIn(ctx, g)
			if err != nil {
				return err
			}
			_, err = g.Browser().Visit(ctx, withCode(own, code), "")
			return err
		},
	})
}

var _ = foundCode("T-07", "in-the-history", "A code from a browser's history",
	"A clinician's browser remembers the address it came back to after sign-in, with the code in it. The thief reads her history at a shared "+
		"workstation and puts the code into a sign-in of his own.",
	[]string{"RFC 9700 s4.3"}, nil, []event.Asset{event.BrowserHistory},
	func(g Ground) (string, error) {
		var visited []string
		if err := json.Unmarshal(g.Stolen(event.BrowserHistory), &visited); err != nil {
			return "", fmt.Errorf("the browser's history: %w", err)
		}
		for _, u := range visited {
			if code := answerOf(u).Get("code"); code != "" && strings.HasPrefix(u, g.Target().ClientCallback) {
				return code, nil
			}
		}
		return "", fmt.Errorf("the browser's history holds no answer to a sign-in")
	})

var _ = foundCode("C-13", "in-a-referer", "A code told to another site by the page it arrived at",
	"The page that a clinician came back to after sign-in had something of the thief's in it, and her browser told his site the page's address, "+
		"with the code. The EHR has used it by then; he tries it in a sign-in of his own.",
	[]string{"RFC 9700 s4.2.1"}, []event.Vantage{event.FrontResponse}, nil,
	func(g Ground) (string, error) {
		for _, m := range newestFirst(g.Overheard(event.FrontResponse)) {
			if code := answerOf(m.URL).Get("code"); code != "" {
				return code, nil
			}
		}
		return "", fmt.Errorf("no authorization response was seen")
	})
