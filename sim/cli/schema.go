package cli

import (
	"reflect"

	"thiefbox/sim/report"
)

// schemaExplain is that of what `explain --json` prints.
const schemaExplain = "thiefbox.explain/1"

// written are what commands write as JSON beyond what the package report does.
var written = []report.DocumentKind{
	{Schema: report.SchemaList, About: "Scenarios, attacks, profiles and controls, those that were asked for: `list --json`.", Of: reflect.TypeFor[listing]()},
	{Schema: schemaExplain, About: "One attack, scenario, profile or control: `explain --json`. Lifetimes are in nanoseconds.", Of: reflect.TypeFor[explanation]()},
}

// explanation is what `explain --json` prints: one member, which says what kind of thing it is.
type explanation struct {
	Schema   string       `json:"schema"`
	Attack   *attackDoc   `json:"attack,omitempty"`
	Scenario *scenarioDoc `json:"scenario,omitempty"`
	Profile  *profileDoc  `json:"profile,omitempty"`
	Control  *stopsDoc    `json:"control,omitempty"`
}

// document describes what was named, but for an attack, which is played first.
func (s subject) document() explanation {
	doc := explanation{Schema: schemaExplain}
	switch {
	case s.scenario != nil:
		d := describeScenario(*s.scenario)
		doc.Scenario = &d
	case s.profile != nil:
		d := describeProfile(*s.profile)
		doc.Profile = &d
	default:
		d := describeStops(s.control)
		doc.Control = &d
	}
	return doc
}
