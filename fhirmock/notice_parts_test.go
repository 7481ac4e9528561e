package fhirmock

import (
	"encoding/json"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// Who is shown some elements of a record is sent those, and nothing that the others decide.
func TestNoticesOfSomeElements(t *testing.T) {
	for criteria, want := range map[string]string{"Patient?": "some", "Patient?family:missing=false": "some", "Patient?birthdate=lt2100": ""} {
		for _, off := range []*control.Control{nil, control.RSElements} {
			p := strictest(t)
			if off != nil {
				p, want = p.Without(off), "all"
			}
			w, h := hooked(t, p)
			w.subscribe(criteria, fhirType, whoIs("berg", "ehr"), func(t *try) {
				t.claims.Scope, t.claims.Details = "user/Subscription.c", json.RawMessage(nameOnly)
			})
			wantStatus(t, w.write("PATCH", "/Patient/p01", patchType, `[{"op":"add","path":"/language","value":"nb"}]`, whoIs("berg", "other")), 200)
			got := ""
			switch sent := strings.Join(h.bodies, ""); {
			case strings.Contains(sent, `"birthDate"`):
				got = "all"
			case strings.Contains(sent, `"family"`):
				got = "some"
			}
			if got != want {
				t.Errorf("%s, without %v: expected %q, got %q: %v", criteria, off, want, got, h.bodies)
			}
		}
	}
}

// A patient who has shut somebody out is not sent about either.
func TestNoticesKeepToConsents(t *testing.T) {
	for _, off := range []*control.Control{nil, control.RSConsent} {
		p := strictest(t)
		if off != nil {
			p = p.Without(off)
		}
		w, h := hooked(t, p)
		w.subscribe("Observation", "", whoIs("bakke", "ehr"))
		denied := `{"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},` +
			`"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/p03"},"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},` +
			`"provision":{"type":"deny","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"reference":"Practitioner/bakke"}}]}}`
		wantStatus(t, w.write("POST", "/Consent", fhirType, denied, whoIs("p03", "app"), func(t *try) { t.claims.Scope = "patient/*.cruds" }), 201)
		wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("p03", "app"), func(t *try) { t.claims.Scope = "patient/*.cruds" }), 201)
		if sent := len(h.came) > 0; sent != (off != nil) {
			t.Errorf("without %v: sent %v", off, h.came)
		}
	}
}
