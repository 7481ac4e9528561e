package cli

import (
	"io"
	"reflect"
	"slices"

	"thiefbox/attacker"
	"thiefbox/sim/profile"
	"thiefbox/sim/report"
	"thiefbox/sim/worth"
)

// schemaExplain is that of what `explain --json` prints.
const schemaExplain = "thiefbox.explain/1"

// written are what commands write as JSON beyond what the package report does.
var written = slices.Concat([]report.DocumentKind{
	{Schema: report.SchemaList, About: "Scenarios, attacks, profiles and controls, those that were asked for: `list --json`.", Of: reflect.TypeFor[listing]()},
	{Schema: schemaExplain, About: "One attack, scenario, profile, control or try of probe: `explain --json`; all of these: `probe --list --json`. Lifetimes are in nanoseconds.", Of: reflect.TypeFor[explanation]()},
}, drillDocuments, lessonDocuments, rolloutDocuments)

// explanation is what `explain --json` prints: one member, which says what kind of thing it is.
type explanation struct {
	Schema   string       `json:"schema"`
	Attack   *attackDoc   `json:"attack,omitempty"`
	Scenario *scenarioDoc `json:"scenario,omitempty"`
	Profile  *profileDoc  `json:"profile,omitempty"`
	Control  *stopsDoc    `json:"control,omitempty"`
	// Unplayable is an entry of the catalogue of attacks that no attack plays.
	Unplayable *blockDoc `json:"unplayable,omitempty"`
	// Try is one of `probe`, and Tries are all of them: `probe --list --json`.
	Try   *tryDoc  `json:"try,omitempty"`
	Tries []tryDoc `json:"tries,omitempty"`
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
	case s.block != nil:
		d := describeBlock(*s.block)
		doc.Unplayable = &d
	case s.try != nil:
		d := describeTry(*s.try)
		doc.Try = &d
	default:
		d := describeStops(s.control)
		doc.Control = &d
	}
	return doc
}

// fileSchemas are those of the files that commands read, by the names `explain schema` knows them by.
var fileSchemas = []struct {
	name string
	of   func() map[string]any
}{
	{"profile-file", profile.Schema},
	{"weights-file", func() map[string]any { return profile.WeightsSchema(ids(waysToSteal())) }},
	{"baseline-file", func() map[string]any { return profile.BaselineSchema(ids(attacker.All())) }},
}

func ids(techniques []attacker.Technique) (out []string) {
	for _, t := range techniques {
		out = append(out, t.ID)
	}
	return out
}

// schemaNames are the documents that are written, and the files that are read.
func schemaNames() []string {
	names := report.SchemaNames(written...)
	for _, f := range fileSchemas {
		names = append(names, f.name)
	}
	return names
}

func writeSchema(w io.Writer, name string) error {
	for _, f := range fileSchemas {
		if f.name == name {
			return document(w, f.of())
		}
	}
	for _, known := range report.SchemaNames(written...) {
		if known == name {
			return report.WriteSchema(w, name, written...)
		}
	}
	return unknown(name, "schema", schemaNames(), "There are "+words(schemaNames(), "and")+".")
}

// writeWeights prints the weights that go without saying, to change.
func writeWeights(w io.Writer) error {
	return profile.WriteWeights(w, ids(waysToSteal()), worth.UsualConcentration, report.FamilyTitle)
}
