package sim

import (
	"context"

	"thiefbox/sim/client"
)

// A laboratory's system is the one honest client that writes into records in its own name. Only worlds whose scene asks
// for it have it.

var laboratorySystem = system{
	id: "lab-system", name: "Laboratory System", key: "labsystem", scope: client.ReportScope, grants: []string{"client_credentials"},
}

// laboratoryNow is the laboratory's system as this scene has it registered: who amends a result is shown it.
func (w *World) laboratoryNow() system {
	s := laboratorySystem
	if w.scene.Amended {
		s.scope += " " + client.AmendScope
	}
	return s
}

// writesResults tells whether a scene has a laboratory.
func (w *World) writesResults() bool {
	return w.scene.Reported || w.scene.Amended || w.scene.Subscribed
}

func (w *World) buildLaboratory() error {
	if !w.writesResults() {
		return nil
	}
	var err error
	w.laboratory, err = client.NewLaboratory(client.SupplierConfig{
		Party: w.party("labsystem", 0), HTTP: w.Net.Client("labsystem"), FHIRBase: fhirBase,
		Registration: client.Registration{Credentials: w.credentials(laboratorySystem, issuer), Key: w.authKey(laboratorySystem)},
		DPoPKey:      w.proofKey(laboratorySystem),
	})
	return err
}

// reportResult has the laboratory write a result, and correct it.
func (w *World) reportResult(ctx context.Context) {
	w.step(ctx, "labsystem", "reports a result of patient "+w.patient+", and corrects it, in its own name")
	w.report(ctx, "a laboratory reports a result and corrects it", w.reportAndCorrect(ctx))
}

func (w *World) reportAndCorrect(ctx context.Context) error {
	potassium := client.Result{Patient: w.patient, LOINC: "2823-3", Name: "Potassium [Moles/volume] in Serum or Plasma", Value: "4.1", Unit: "mmol/L", Status: "final"}
	id, err := w.laboratory.Report(ctx, potassium)
	if err != nil {
		return err
	}
	potassium.Value, potassium.Status = "4.3", "corrected"
	return w.laboratory.Correct(ctx, id, potassium)
}

// amendResult has the laboratory say of a result that stands in a record already that it is another now.
func (w *World) amendResult(ctx context.Context) {
	w.step(ctx, "labsystem", "amends a result of patient "+w.patient+", in its own name")
	w.report(ctx, "a laboratory amends a result", w.laboratory.Amend(ctx, population().amended))
}

// reportHeld has it write another one, which gets lost: it will try again.
func reportHeld(w *World, ctx context.Context) {
	w.step(ctx, "labsystem", "reports another result; the request gets lost on the way")
	_ = w.reportAndCorrect(ctx)
}
