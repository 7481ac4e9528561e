package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"thiefbox/sim/event"
)

// journey is the doctor's morning: she signs in at the EHR and opens the record of one of her
// patients. It proves that the door opens for the right key; without it no attack result counts.
func (w *World) journey(ctx context.Context) {
	w.step(ctx, w.doctor.id, "signs in at the web EHR and opens the record of patient "+w.patient)
	w.report(ctx, "a clinician reads her patient's record", w.workday(ctx))
}

func (w *World) workday(ctx context.Context) error {
	page, err := w.doctor.Visit(ctx, ehrURL+"/login?issuer="+issuer, "")
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK {
		return fmt.Errorf("expected to be signed in at the EHR, got status %d at %s", page.Status, page.URL)
	}
	return w.openRecord(ctx)
}

func (w *World) openRecord(ctx context.Context) error {
	page, err := w.doctor.Visit(ctx, ehrURL+"/patients/"+w.patient, "")
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK || !bytes.Contains(page.Body, []byte(w.canary(w.patient))) {
		return fmt.Errorf("expected the record of %s, got status %d without it", w.patient, page.Status)
	}
	return nil
}

// supplierSync is the multi-tenant supplier fetching records for a clinic in its own name.
func (w *World) supplierSync(ctx context.Context) {
	w.step(ctx, "supplier", "fetches the record of patient "+w.patient+" for the clinic, in its own name")
	w.report(ctx, "a supplier fetches records for a clinic", w.supplier.Sync(ctx, []string{w.patient}))
}

// nightlyJob is the EHR's own work, with no person present.
func (w *World) nightlyJob(ctx context.Context) {
	w.step(ctx, "ehr", "does its nightly job in its own name")
	w.report(ctx, "the EHR's nightly job", w.ehr.Work(ctx))
}

func (w *World) step(ctx context.Context, actor, text string) {
	w.tell(ctx, event.Step{Actor: actor, Text: text})
}

func (w *World) report(ctx context.Context, name string, err error) {
	j := event.Journey{Name: name, OK: err == nil}
	if err != nil {
		j.Error = err.Error()
	}
	w.tell(ctx, j)
}
