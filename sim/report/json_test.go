package report

import (
	"encoding/json"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

// The documents are kept as goldens: a member that disappears or changes its meaning needs a new
// number in the schema.
func TestDocuments(t *testing.T) {
	kept := held()
	kept.ID, kept.Started = "r0007", monday
	tests := []struct {
		golden, schema string
		write          func(*strings.Builder) error
	}{
		{"run.json", SchemaRun, func(b *strings.Builder) error { return WriteRunJSON(b, []Run{kept}, JSONOptions{}) }},
		{"run-events.json", SchemaRun, func(b *strings.Builder) error { return WriteRunJSON(b, []Run{breached()}, JSONOptions{Events: true}) }},
		{"run-none.json", SchemaRun, func(b *strings.Builder) error { return WriteRunJSON(b, nil, JSONOptions{}) }},
		{"matrix.json", SchemaMatrix, func(b *strings.Builder) error { return WriteMatrixJSON(b, aMatrix()) }},
		{"peel.json", SchemaPeel, func(b *strings.Builder) error {
			return WritePeelJSON(b, Peel{Attack: held().Attack, Profile: "hardened", Seed: 42, Layers: []Layer{{Verdict: held().Verdict}}})
		}},
		{"history.json", SchemaHistory, func(b *strings.Builder) error { return WriteHistoryJSON(b, []Run{kept}) }},
	}
	for _, tt := range tests {
		got := text(t, tt.write)
		golden(t, tt.golden, got)
		noSecrets(t, got)
		var document struct {
			Schema string `json:"schema"`
		}
		if err := json.Unmarshal([]byte(got), &document); err != nil || document.Schema != tt.schema {
			t.Errorf("%s: expected the schema %s, got %q, %v", tt.golden, tt.schema, document.Schema, err)
		}
		if strings.Contains(got, ": null") && tt.golden != "run-events.json" {
			t.Errorf("%s: expected no null where a program wants a list", tt.golden)
		}
	}
}

func TestHistoryHasNoSteps(t *testing.T) {
	d := Document(Run{Recording: event.Recording{}}, JSONOptions{Events: true})
	if d.Steps != nil || d.Events != nil {
		t.Errorf("expected neither steps nor events, got %+v", d)
	}
	got := text(t, func(b *strings.Builder) error { return WriteHistoryJSON(b, []Run{held()}) })
	if strings.Contains(got, "steps") {
		t.Errorf("expected no steps, got %s", got)
	}
}

func TestSurprisesAreCounted(t *testing.T) {
	if n := aMatrix().Surprises(); n != 2 {
		t.Errorf("expected 2, got %d", n)
	}
	kept := held()
	kept.Expected = "breached"
	if !Document(kept, JSONOptions{}).Surprise {
		t.Error("expected a surprise")
	}
}
