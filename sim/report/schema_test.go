package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"thiefbox/sim/clause"
	"thiefbox/sim/control"
	"thiefbox/sim/worth"
)

// What is written fits its schema.
func TestDocumentsFitTheirSchemas(t *testing.T) {
	run := breached()
	for name, write := range map[string]func(*bytes.Buffer) error{
		"run":     func(b *bytes.Buffer) error { return WriteRunJSON(b, []Run{run, held()}, JSONOptions{Events: true}) },
		"history": func(b *bytes.Buffer) error { return WriteHistoryJSON(b, []Run{run}) },
		"matrix":  func(b *bytes.Buffer) error { return WriteMatrixJSON(b, aMatrix()) },
		"peel":    func(b *bytes.Buffer) error { return WritePeelJSON(b, Peel{Layers: []Layer{{}}}) },
		"ablation": func(b *bytes.Buffer) error {
			return WriteAblationJSON(b, []worth.Catalogue{worth.Across(control.Profile{}, []worth.Map{{Attack: "T-01"}}, nil)})
		},
		"order": func(b *bytes.Buffer) error {
			return WriteOrderJSON(b, worth.Order(control.Profile{}, []worth.Map{{Attack: "T-01"}}, nil))
		},
		"risk": func(b *bytes.Buffer) error {
			return WriteRiskJSON(b, worth.Compare(worth.Side{}, worth.Side{}, nil, worth.RiskOptions{}))
		},
		"coverage": func(b *bytes.Buffer) error {
			docs, _ := clause.Documents()
			return WriteCoverageJSON(b, worth.Cover("p", docs, nil, nil))
		},
	} {
		var b, s bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(name, err)
		}
		if err := WriteSchema(&s, name); err != nil {
			t.Fatal(err)
		}
		if wrong := fits(name, b.Bytes(), s.Bytes()); wrong != nil {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	if err := WriteSchema(&bytes.Buffer{}, "nothing"); err == nil || !strings.Contains(err.Error(), "matrix") {
		t.Errorf("expected to be told what there is, got %v", err)
	}
}

// fits holds a document against a schema.
func fits(name string, document, schema []byte) error {
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	d, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, s); err != nil {
		return err
	}
	compiled, err := c.Compile(name)
	if err != nil {
		return err
	}
	return compiled.Validate(d)
}
