package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// OwnWork is what the thief's app is for, and no theft: as the clinician that he is, he enters an allergy of a
// patient of his own, corrects it and reads the patient's record. It needs event.OwnClient. It shows what an honest
// app that writes leaves in the logs, and each attack that writes begins like it.
func OwnWork(ctx context.Context, g Ground) error {
	a, err := ownApp(ctx, g)
	if err != nil {
		return err
	}
	t, err := a.signIn(ctx, "openid user/AllergyIntolerance.cu user/*.rs", g.Target().FHIRBase)
	if err != nil {
		return err
	}
	all, mine := g.Target().FHIRBase+"/AllergyIntolerance", g.Target().OwnPatient
	entered, err := a.write(ctx, http.MethodPost, all, allergy(g, "", mine), t)
	if err != nil {
		return err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(entered.body, &made); err != nil || made.ID == "" {
		return fmt.Errorf("expected the allergy, got status %d and %q", entered.status, entered.body)
	}
	if _, err := a.write(ctx, http.MethodPut, all+"/"+made.ID, allergy(g, made.ID, mine), t); err != nil {
		return err
	}
	_, err = a.read(ctx, g.Target().FHIRBase+"/Patient/"+mine, t)
	return err
}
