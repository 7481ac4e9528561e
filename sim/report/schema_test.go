package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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
		"list":    func(b *bytes.Buffer) error { return WriteListJSON(b, aMatrix().Attacks, aMatrix().Profiles) },
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
		var document any
		var schema map[string]any
		if json.Unmarshal(b.Bytes(), &document) != nil || json.Unmarshal(s.Bytes(), &schema) != nil {
			t.Fatalf("%s: expected JSON", name)
		}
		if wrong := misfit(document, schema, schema, name); wrong != "" {
			t.Error(wrong)
		}
	}
	if err := WriteSchema(&bytes.Buffer{}, "nothing"); err == nil || !strings.Contains(err.Error(), "matrix") {
		t.Errorf("expected to be told what there is, got %v", err)
	}
}

// misfit checks the parts of JSON Schema that WriteSchema uses.
func misfit(v any, s, root map[string]any, at string) string {
	if ref, ok := s["$ref"].(string); ok {
		s = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if c, ok := s["const"]; ok && c != v {
		return fmt.Sprintf("%s: expected %v, got %v", at, c, v)
	}
	kind := ""
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; s["type"] == "integer" && v == float64(int64(v)) {
			kind = "integer"
		}
	case []any:
		kind = "array"
		for i, x := range v {
			if items, ok := s["items"].(map[string]any); ok {
				if wrong := misfit(x, items, root, fmt.Sprintf("%s[%d]", at, i)); wrong != "" {
					return wrong
				}
			}
		}
	case map[string]any:
		kind = "object"
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, there := v[name.(string)]; !there {
				return fmt.Sprintf("%s lacks %s", at, name)
			}
		}
		properties, _ := s["properties"].(map[string]any)
		for name, x := range v {
			if p, ok := properties[name].(map[string]any); ok {
				if wrong := misfit(x, p, root, at+"."+name); wrong != "" {
					return wrong
				}
			}
		}
	default:
		kind = "null"
	}
	if want, ok := s["type"]; ok && want != kind {
		return fmt.Sprintf("%s: expected %v, got %s", at, want, kind)
	}
	return ""
}
