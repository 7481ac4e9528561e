package attacker

import (
	"context"
	"net/url"
	"strings"
)

var _ = register("SM-06", Technique{
	Title: "The link says which patient, and the app believes it",
	Story: "The thief, who is a doctor, opens an app from the EHR on a patient of his own. Before he lets his browser go on, he adds to the address that opens it which patient it is to " +
		"show: another one. An app that takes the patient from there, and not from the answer to its own question, asks the API for a stranger's record.",
	Reads:    []string{"SMART App Launch 2.2, launch context", "SMART App Launch 2.2, Patient-specific scopes"},
	Evidence: "A launch with a parameter of nobody's; at the API, a token for one patient with another patient's record.",
	Scene:    Scene{AppThere: true},
	Run: func(ctx context.Context, g Ground) error {
		launch, _, _ := strings.Cut(g.Target().AppLaunch, "?")
		page, err := ownLaunch(ctx, g, launch)
		if err != nil {
			return err
		}
		_, err = g.Browser().Visit(ctx, page.URL+"&patient="+url.QueryEscape(stranger(g)), "")
		return err
	},
})
