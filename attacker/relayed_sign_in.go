package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("E-03", Technique{
	Title: "A relayed sign-in page",
	Story: "A clinician follows a link to a page that looks like her sign-in, and types her user name and password. It is the thief's, and passes on " +
		"what she types while she types it. He is signed in at the EHR as her before she wonders why the page is empty.",
	Reads:    []string{"FAPI 2.0 Attacker Model, outside", "NIST SP 800-63B s5.2.5", "WebAuthn Level 2 s13"},
	Evidence: "A sign-in from the address of a hosting provider, with the right password at the first try; nothing else.",
	Has:      []event.Asset{event.Password},
	Beyond: "How a person proves who she is lies outside FAPI 2.0: to the server this is she. A credential that is bound to the site it was made for, " +
		"as in WebAuthn, cannot be relayed.",
	Run: func(ctx context.Context, g Ground) error {
		var typed struct{ Username, Password string }
		if err := stolenJSON(g, event.Password, &typed); err != nil {
			return err
		}
		c, err := newCrawler(g)
		if err != nil {
			return err
		}
		page, err := c.open(ctx, g.Target().ClientLogin+url.QueryEscape(g.Target().Issuer))
		if err != nil {
			return err
		}
		signIn := url.Values{"username": {typed.Username}, "password": {typed.Password}}
		if page, err = c.submit(ctx, page, "sign-in", signIn); err != nil {
			return err
		}
		if _, err = c.submit(ctx, page, "consent", url.Values{"decision": {"allow"}}); err != nil {
			return err
		}
		_, err = c.open(ctx, g.Target().ClientRecord+stranger(g))
		return err
	},
})
