package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
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
		return fmt.Errorf("expected to be signed in at the EHR, got status %d at %s", page.Status, fapi.WithoutQuery(page.URL))
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

// confidential has the doctor open what takes a strong sign-in. Where the API asks for one, the EHR has her make
// it, and she ends up at the page she wanted.
func (w *World) confidential(ctx context.Context) {
	w.step(ctx, w.doctor.id, "opens the documents of patient "+w.patient)
	w.report(ctx, "a clinician reads confidential documents", w.openDocuments(ctx))
}

func (w *World) openDocuments(ctx context.Context) error {
	page, err := w.doctor.Visit(ctx, ehrURL+"/patients/"+w.patient+"/documents", "")
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK || !bytes.Contains(page.Body, []byte(w.canary(w.patient))) {
		return fmt.Errorf("expected the documents of %s, got status %d without them", w.patient, page.Status)
	}
	return nil
}

// supplierSync is the multi-tenant supplier fetching, in its own name, the record of a patient of each
// clinic it serves.
func (w *World) supplierSync(ctx context.Context) {
	patients := w.onePatientOfEachClinic("supplier")
	w.step(ctx, "supplier", "fetches a record for each clinic it serves, in its own name: patients "+strings.Join(patients, ", "))
	w.report(ctx, "a supplier fetches records for its clinics", w.supplier.Sync(ctx, patients))
}

// supplierExport is the same supplier fetching all its patients in bulk.
func (w *World) supplierExport(ctx context.Context) {
	w.step(ctx, "supplier", "exports the patients of the clinics it serves, in its own name")
	w.report(ctx, "a supplier exports the patients of its clinics", w.supplier.Export(ctx))
}

// supplierList is the same supplier going through its patients page by page.
func (w *World) supplierList(ctx context.Context) {
	w.step(ctx, "supplier", "goes through its patients page by page, in its own name")
	n, err := w.supplier.List(ctx)
	if mine := len(w.onePatientOfEachClinic("supplier")); err == nil && n < mine {
		err = fmt.Errorf("expected some patients of each of %d clinics, got %d in all", mine, n)
	}
	w.report(ctx, "a supplier lists its patients", err)
}

// supplierLookUp is the same supplier looking one of its patients up, by a form.
func (w *World) supplierLookUp(ctx context.Context) {
	patient := w.onePatientOfEachClinic("supplier")[0]
	w.step(ctx, "supplier", "looks up patient "+patient+" by a form, in its own name")
	n, err := w.supplier.LookUp(ctx, patient)
	if err == nil && n != 1 {
		err = fmt.Errorf("expected one patient, got %d", n)
	}
	w.report(ctx, "a supplier looks a patient up", err)
}

func (w *World) onePatientOfEachClinic(supplier string) (patients []string) {
	seen := map[string]bool{}
	mine := w.people.Entitled(fhirmock.Caller{Organization: supplier})
	for _, p := range w.people.Patients() {
		if slices.Contains(mine, p.ID) && !seen[p.Clinic] {
			seen[p.Clinic] = true
			patients = append(patients, p.ID)
		}
	}
	return patients
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
