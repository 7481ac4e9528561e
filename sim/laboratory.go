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

func (w *World) buildLaboratory() error {
	if !w.scene.Reported {
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

// reportHeld has it write another one, which gets lost: it will try again.
func reportHeld(w *World, ctx context.Context) {
	w.step(ctx, "labsystem", "reports another result; the request gets lost on the way")
	_ = w.reportAndCorrect(ctx)
}
