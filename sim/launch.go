package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/client"
	"thiefbox/sim/clock"
	"thiefbox/sim/directory"
	"thiefbox/sim/fapi"
)

// The growth chart: an app that clinicians open from their EHR on a patient's record, or by itself (SMART App Launch).
// Only worlds whose scene asks for it have it. It was set up for two EHRs, of which the second is the thief's, as apps are
// that every clinic buys.

const (
	chartURL  = "https://chart.thiefbox.test"
	rogueFHIR = rogueIssuer + "/fhir" // the API of the clinic whose authorization server the thief runs
	addedType = "Encounter"
)

var growthChart = system{
	id: "growth-chart", name: "Growth Chart", key: "chart", redirectURI: chartURL + "/callback",
	scope: client.LaunchScope + " launch/patient launch/encounter", grants: []string{"authorization_code", "refresh_token"},
}

// systems are the clients of this world.
func (w *World) systems() []system {
	all := []system{webEHR, cloudSupplier, oldSupplier, w.ownApp()}
	if w.scene.AppThere {
		all = append(all, growthChart)
	}
	if w.scene.Reviewed {
		all = append(all, accessReview)
	}
	if w.scene.Subscribed {
		all = append(all, resultInbox)
	}
	if w.writesResults() {
		all = append(all, w.laboratoryNow())
	}
	if w.scene.Portal {
		all = append(all, portal)
	}
	if w.scene.Reminders {
		all = append(all, reminderService)
	}
	if w.hasOwnSystem() {
		all = append(all, ownSystem)
	}
	return all
}

// apps are those that can be opened from the EHR.
func (w *World) apps() []client.LaunchableApp {
	if !w.scene.AppThere {
		return nil
	}
	return []client.LaunchableApp{{ID: growthChart.id, Name: growthChart.name, URL: chartURL + "/launch"}}
}

func (w *World) buildChart() error {
	if !w.scene.AppThere {
		return nil
	}
	app, err := client.NewSMARTApp(client.SMARTConfig{
		EHRConfig: client.EHRConfig{
			Party: w.party("chart", 0), Name: growthChart.name, URL: chartURL, HTTP: w.Net.Client("chart"), DPoPKey: w.proofKey(growthChart), Memo: w.stock.memo,
			Issuers: []client.Registration{
				{Credentials: w.credentials(growthChart, issuer), Key: w.authKey(growthChart)},
				{Credentials: w.credentials(growthChart, rogueIssuer), Key: w.authKey(growthChart)},
			},
		},
		Servers: []client.SMARTServer{{FHIRBase: fhirBase, Issuer: issuer}, {FHIRBase: rogueFHIR, Issuer: rogueIssuer}},
	})
	if err != nil {
		return err
	}
	w.Net.Serve("chart.thiefbox.test", "chart", app)
	return nil
}

// patientDirectory is the same in all worlds: who treats whom does not change.
var patientDirectory = sync.OnceValue(func() *directory.Directory {
	return directory.New(fhirmock.Everybody(), population().callers)
})

// added says since when the API has what it did not always have.
func (w *World) added() map[string]time.Time {
	if !w.scene.TypeAdded {
		return nil
	}
	return map[string]time.Time{addedType: clock.Epoch.Add(30 * time.Minute)}
}

// openApp has the doctor open the app from the EHR, on the record of her patient.
func (w *World) openApp(ctx context.Context) {
	w.step(ctx, w.doctor.id, "opens the growth chart from the EHR, on the record of patient "+w.patient)
	w.report(ctx, "a clinician opens an app on her patient's record", w.chartShows(ctx, ehrURL+"/launch?app="+growthChart.id+"&patient="+w.patient, w.patient))
}

// openAppByItself has her open it from a bookmark: she picks the patient herself.
func (w *World) openAppByItself(ctx context.Context) {
	w.step(ctx, w.doctor.id, "opens the growth chart by itself, and picks patient "+w.doctor.rights[0])
	w.report(ctx, "a clinician opens an app by itself, and picks a patient", w.chartShows(ctx, chartURL+"/launch?iss="+fhirBase, w.doctor.rights[0]))
}

func (w *World) chartShows(ctx context.Context, link, patient string) error {
	page, err := w.doctor.Visit(ctx, link, "")
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK || !bytes.Contains(page.Body, []byte(w.canary(patient))) {
		return fmt.Errorf("expected the chart of %s, got status %d at %s without it", patient, page.Status, fapi.WithoutQuery(page.URL))
	}
	return nil
}
