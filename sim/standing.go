package sim

import (
	"encoding/json"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/clock"
	"thiefbox/sim/fapi"
)

// What stands in the records when a scene begins, and is nowhere else: the population is the same in all worlds.

// resource is a FHIR resource as it is sent.
type resource map[string]any

func reference(to string) resource { return resource{"reference": to} }

// stand enters what the scene wants there.
func (w *World) stand(records *fhirmock.Records) error {
	var all []resource
	if w.scene.Confided {
		all = append(all, w.confided())
	}
	if w.scene.Blocked {
		all = append(all, w.closes())
	}
	for _, r := range all {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := records.Enter(clock.Epoch.AddDate(0, -2, 0).Add(9*time.Hour), text); err != nil {
			return err
		}
	}
	return nil
}

// blocker is the patient of the thief's who has closed her record to him, in a scene with one: the last, who is in no other.
func (w *World) blocker() string {
	if !w.scene.Blocked {
		return ""
	}
	mine := w.people.Entitled(fhirmock.Caller{Practitioner: w.mallory.subject})
	return mine[len(mine)-1]
}

// closes is the Consent by which she did.
func (w *World) closes() resource {
	const hl7 = "http://terminology.hl7.org/CodeSystem/"
	code := func(system, code string) resource {
		return resource{"coding": []resource{{"system": system, "code": code}}}
	}
	patient := w.blocker()
	return resource{
		"resourceType": "Consent", "id": "cons-" + patient + "-1", "status": "active",
		"meta":     resource{"security": []resource{{"system": hl7 + "v3-ActReason", "code": "HTEST"}}},
		"scope":    code(hl7+"consentscope", "patient-privacy"),
		"category": []resource{code("http://loinc.org", "59284-0")},
		"patient":  reference("Patient/" + patient), "performer": []resource{reference("Patient/" + patient)},
		"dateTime":   clock.Epoch.AddDate(0, -2, 0).Format(time.DateOnly),
		"policyRule": code(hl7+"v3-ActCode", "OPTIN"),
		"provision": resource{"provision": []resource{{"type": "deny", "actor": []resource{{
			"role": code(hl7+"v3-ParticipationType", "IRCP"), "reference": reference("Practitioner/" + w.mallory.subject),
		}}}}},
	}
}

// confided is a diagnosis that a patient has told her general practitioner in confidence. It has a canary of its own: the
// thief treats her too, and all else in her chart is his to read.
func (w *World) confided() resource {
	patient := w.mallory.rights[0]
	return resource{
		"resourceType": "Condition", "id": "cond-" + patient + "-confided",
		"meta": resource{"security": []resource{
			{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"},
			{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"},
		}},
		"clinicalStatus": resource{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}}},
		"code":           resource{"text": "Violence at home, told in confidence (" + w.confidence() + ")"},
		"subject":        reference("Patient/" + patient), "recorder": reference("Practitioner/" + w.practitionerOf(patient)),
	}
}

// confidence is the mark of what is confided.
func (w *World) confidence() string { return "canary-" + w.dice.Fork("confided").ID()[:16] }

// inConfidence is what must not leak besides, by its mark: of a patient whom the thief treats, and not his to read.
func (w *World) inConfidence() map[string]string {
	if !w.scene.Confided {
		return nil
	}
	return map[string]string{w.confidence(): w.mallory.rights[0] + " (very restricted)"}
}

func (w *World) practitionerOf(patient string) string {
	for _, p := range w.people.Patients() {
		if p.ID == patient {
			return p.GP
		}
	}
	return ""
}

// ownApp is the thief's, as it is registered in this scene.
func (w *World) ownApp() system {
	s := locumHelper
	if w.scene.OwnScope != "" {
		s.scope += fapi.Scope(" " + w.scene.OwnScope)
	}
	return s
}
