package fhirmock

import (
	"net/http"

	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// A narrative is made to be shown as it is, by clients that this API does not know. FHIR says what may stand in one
// (txt-1), and many servers store whatever is well-formed. The invariant is a control for that reason; $validate tells of
// it whether or not it is on.

// narrativeGuards judge what a narrative holds that is about to be stored. Resources without one are not asked about.
var narrativeGuards = []control.Guard[visit]{
	{Control: control.RSNarrative, Check: checkNarrative, Answer: activeNarrative},
}

var activeNarrative = control.Answer{Status: http.StatusUnprocessableEntity, Code: "invariant",
	Safe: "a narrative holds formatting, links and images: no scripts, forms, frames or objects, and no attributes of events (txt-1)"}

// checkNarrative: FHIR R4 narrative, txt-1.
func checkNarrative(v *visit) (string, error) {
	for _, issue := range r4.ActiveNarratives(v.written) {
		return issue.Expression, control.Expected(issue.Expression, "formatting, links and images (txt-1)", issue.Text)
	}
	return v.written.Resource() + ".text", nil
}

// Holds asks about what a resource holds that is about to be stored.
func (d *door) Holds(n *r4.Node) error {
	if !r4.HasNarrative(n) {
		return nil
	}
	d.v.written = n
	return party.Enforce(d.ctx, d.v.api.Party, d.v, narrativeGuards)
}
