package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

// In these the thief is a doctor who opens his own app on a patient of his own. Nothing is stolen.
func outOfContext(id, variant, title, story string, question func(g Ground, patient string) string) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story,
		Reads: []string{"SMART App Launch 2.2, Patient-specific scopes", "FAPI 2.0 SP 5.3.4-4", "RFC 9700 s2.3"},
		Has:   []event.Asset{event.OwnClient},
		Run: func(ctx context.Context, g Ground) error {
			a, err := ownApp(ctx, g)
			if err != nil {
				return err
			}
			t, err := a.signIn(ctx, "openid launch/patient patient/*.rs", g.Target().FHIRBase)
			if err != nil {
				return err
			}
			_, err = a.read(ctx, g.Target().FHIRBase+question(g, stranger(g)), t)
			return err
		},
	})
}

var _ = outOfContext("SM-02", "by-its-number", "An app opened on one patient reads another",
	"The thief opens his app on one of his own patients, and his token says so. Then he asks for somebody else's record by its number. An API that takes a scope for one "+
		"patient for a scope for any has forgotten whose the token is.",
	func(_ Ground, patient string) string { return "/Patient/" + patient })

var _ = outOfContext("SM-02/search", "by-a-search", "An app opened on one patient searches for another's results",
	"As before, with a search: measurements of a patient who is not the one his app was opened on.",
	func(_ Ground, patient string) string { return "/Observation?patient=" + url.QueryEscape(patient) })
