package attacker

import "context"

var _ = register("SM-09", Technique{
	Title: "A clinician's app is opened on the thief's patient",
	Story: "The thief opens an app from the EHR on a patient of his own and signs in, but keeps the answer to himself. He sends it to a clinician as a link. If the app takes it, it is open in " +
		"her browser in his name and on his patient, and what she writes down goes there.",
	Reads:    []string{"SMART App Launch 2.2, state", "RFC 9700 s4.7", "FAPI 2.0 SP 5.3.3.1-12"},
	Evidence: "At the app, an answer to a launch that this browser did not begin.",
	Scene:    Scene{AppThere: true},
	Run: func(ctx context.Context, g Ground) error {
		page, err := ownLaunch(ctx, g, g.Target().AppCallback)
		if err != nil {
			return err
		}
		return g.Lure(page.URL)
	},
})
