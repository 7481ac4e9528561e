package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("J-08", Technique{
	Variant: "other-api",
	Title:   "A token for one API opens another",
	Story: "The thief's app is registered for the laboratory's API, where little can be learnt. It gets a token for that API, quite legally, " +
		"and presents it to the FHIR API, with a fresh proof of its own.",
	Reads:  []string{"RFC 9068 s4", "RFC 9700 s2.3, s4.10.2"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: "FAPI 2.0 SP has no clause on the audience of access tokens; RFC 9068 and RFC 9700 have. An API that checks it stops this.",
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signIn(ctx, "openid user/*.rs", g.Target().LabBase)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, stranger(g)), t)
		return err
	},
})

var _ = register("J-09", Technique{
	Variant: "other-scope",
	Title:   "A token for observations reads diagnoses",
	Story:   "The thief's app was granted observations. It asks for a patient's diagnoses with that token.",
	Reads:   []string{"FAPI 2.0 SP 5.3.4-4", "RFC 6750 s3.1"},
	Has:     []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signIn(ctx, "openid user/Observation.rs", g.Target().FHIRBase)
		if err != nil {
			return err
		}
		return a.readCondition(ctx, t)
	},
})

var _ = register("SM-07", Technique{
	Variant: "machine-access",
	Title:   "An app for people helps itself to machine access",
	Story: "The thief's app is registered for sign-in by people. It asks for a token in its own name, with a scope for machines that covers " +
		"every patient.",
	Reads: []string{"RFC 6749 s5.2", "SMART App Launch, backend services"},
	Has:   []event.Asset{event.OwnClient},
	Run: func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		form := url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase}}
		t, err := a.token(ctx, form, nil)
		if err != nil {
			return err
		}
		return a.readCondition(ctx, t)
	},
})
