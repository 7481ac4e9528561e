package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"thiefbox/sim/client"
	"thiefbox/sim/event"
)

// An emergency: the doctor opens the record of somebody she does not treat, and says why; somebody else reads in the log
// of accesses that she did. Only worlds whose scene asks for a reviewer have one.

var accessReview = system{
	id: "access-review", name: "Access Review", key: "review", scope: client.AuditScope, grants: []string{"client_credentials"},
}

const emergencyReason = "brought in unconscious, no next of kin"

func (w *World) buildReviewer() error {
	if !w.scene.Reviewed {
		return nil
	}
	var err error
	w.reviewer, err = client.NewReviewer(client.SupplierConfig{
		Party: w.party("review", 0), HTTP: w.Net.Client("review"), FHIRBase: fhirBase,
		Registration: client.Registration{Credentials: w.credentials(accessReview, issuer), Key: w.authKey(accessReview)},
		DPoPKey:      w.proofKey(accessReview),
	})
	return err
}

// openInEmergency has the doctor break the glass.
func (w *World) openInEmergency(ctx context.Context) {
	patient := population().unknown
	w.step(ctx, w.doctor.id, "opens the record of patient "+patient+" in an emergency: "+emergencyReason)
	w.report(ctx, "a clinician opens a record in an emergency", w.breakGlass(ctx, patient))
}

func (w *World) breakGlass(ctx context.Context, patient string) error {
	page, err := w.doctor.Visit(ctx, ehrURL+"/emergency?patient="+patient, "")
	if err != nil {
		return err
	}
	if page, err = w.doctor.Fill(ctx, page, "emergency", url.Values{"reason": {emergencyReason}}); err != nil {
		return err
	}
	marked := bytes.Contains(page.Body, []byte(`id="broken-glass"`))
	if page.Status != http.StatusOK || !marked || !bytes.Contains(page.Body, []byte(w.canary(patient))) {
		return fmt.Errorf("expected the record of %s, marked as opened in an emergency, got status %d (marked: %t)", patient, page.Status, marked)
	}
	return nil
}

// emergencyRoom is an evening of it.
func emergencyRoom(w *World, ctx context.Context) {
	w.openInEmergency(ctx)
	w.Clock.Advance(20 * time.Minute)
	w.review(ctx)
}

// review has somebody go through the emergencies, and find hers.
func (w *World) review(ctx context.Context) {
	w.step(ctx, "review", "looks in the log of accesses for records that were opened in an emergency")
	w.report(ctx, "a reviewer finds the emergency in the log", w.findEmergency(ctx))
}

func (w *World) findEmergency(ctx context.Context) error {
	found, err := w.reviewer.Emergencies(ctx)
	if err != nil {
		return err
	}
	for _, e := range found {
		if e.Patient == "Patient/"+population().unknown && strings.HasSuffix(e.Who, "/"+w.doctor.subject) && e.Reason == emergencyReason {
			return nil
		}
	}
	return fmt.Errorf("expected %s with %q among the emergencies, got %d others", w.doctor.id, emergencyReason, len(found))
}

// sceneActors are those whom the scene has brought.
func (w *World) sceneActors(actors []event.Actor) []event.Actor {
	if w.scene.AppThere {
		actors = append(actors, event.Actor{ID: "chart", Name: "Growth chart app", Role: event.RoleClient, Hosts: []string{"chart.thiefbox.test"}, Names: []string{growthChart.id}})
	}
	if w.scene.Reviewed {
		actors = append(actors, event.Actor{ID: "review", Name: "Access review", Role: event.RoleClient, Names: []string{accessReview.id}})
	}
	if w.scene.Subscribed {
		actors = append(actors, event.Actor{ID: "inbox", Name: "Result inbox", Role: event.RoleClient, Hosts: []string{"inbox.thiefbox.test"}, Names: []string{resultInbox.id}})
	}
	if w.writesResults() {
		actors = append(actors, event.Actor{ID: "labsystem", Name: "Laboratory system", Role: event.RoleClient, Names: []string{laboratorySystem.id}})
	}
	if w.scene.Portal {
		actors = append(actors, portalActor())
	}
	if w.scene.Reminders {
		for i := range actors {
			if a := &actors[i]; a.ID == thief {
				a.Names = append(a.Names, reminderService.id) // he runs it
			}
		}
	}
	return actors
}
