package profile

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"thiefbox/sim/control"
)

// What can be read fits the schema, and what is refused does not.
func TestSchemas(t *testing.T) {
	attacks := []string{"T-01", "T-04", "D-04"}
	var weights bytes.Buffer
	if err := WriteWeights(&weights, attacks, 30, func(f string) string { return "family " + f }); err != nil {
		t.Fatal(err)
	}
	good := map[string][]string{
		"profile":  {"base: fapi2-dpop\nname: ours\ndialect: {access_token_lifetime: 1m30s}\ncontrols: {off: [rs/dpop-jti]}\n"},
		"weights":  {weights.String(), "weights: {T: 4, D-04: 0.5}\nrest: 1\n"},
		"baseline": {"D-04: {fapi2-dpop: breached, ours: held}\n"},
	}
	for _, p := range control.Profiles() {
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		good["profile"] = append(good["profile"], b.String())
	}
	bad := map[string][]string{
		"profile": {"name: ours\n", "base: fapi3\n", "base: legacy\nbse: 1\n", "base: legacy\ndialect: {pkce: 1}\n", "base: legacy\ncontrols: {on: [rs/nothing]}\n",
			"dialect: {client_auth: private_key_jwt}\n", "base: legacy\ndialect: {access_token_lifetime: soon}\n"},
		"weights":  {"rest: 1\n", "weights: {Q: 1}\n", "weights: {T: -1}\n", "weights: {T: many}\n"},
		"baseline": {"D-99: {legacy: held}\n", "D-04: held\n", "D-04: {legacy: leak}\n"},
	}
	parse := map[string]func(string) error{
		"profile":  func(s string) error { _, err := Parse("p.yaml", []byte(s), first); return err },
		"weights":  func(s string) error { _, err := ParseWeights("w.yaml", []byte(s), attacks, first); return err },
		"baseline": func(s string) error { _, err := ParseBaseline("b.yaml", []byte(s), attacks, first); return err },
	}
	for name, schema := range map[string]map[string]any{"profile": Schema(), "weights": WeightsSchema(attacks), "baseline": BaselineSchema(attacks)} {
		s := compiled(t, name, schema)
		for i, text := range append(good[name], bad[name]...) {
			wanted := i < len(good[name])
			if err := parse[name](text); (err == nil) != wanted {
				t.Errorf("%s: expected %t from the parser, got %v for\n%s", name, wanted, err, text)
			}
			if err := s.Validate(value(t, text)); (err == nil) != wanted {
				t.Errorf("%s: expected %t from the schema, got %v for\n%s", name, wanted, err, text)
			}
		}
	}
}

func compiled(t *testing.T, name string, schema map[string]any) *jsonschema.Schema {
	t.Helper()
	b, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value is a YAML document as a schema sees it.
func value(t *testing.T, text string) any {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Weights that the program prints are those it would take anyway.
func TestPrintedWeightsAreAllAlike(t *testing.T) {
	attacks := []string{"T-01", "T-04", "D-04"}
	var b strings.Builder
	if err := WriteWeights(&b, attacks, 30, func(string) string { return "x" }); err != nil {
		t.Fatal(err)
	}
	w, err := ParseWeights("w.yaml", []byte(b.String()), attacks, first)
	if err != nil || w.Concentration != 30 {
		t.Fatalf("got %+v, %v from\n%s", w, err, b.String())
	}
	for _, id := range attacks {
		if w.ByAttack[id] != 1 {
			t.Errorf("%s: expected 1, got %g", id, w.ByAttack[id])
		}
	}
}

// A baseline is read strictly, and its mistakes have a place.
func TestParseBaseline(t *testing.T) {
	for _, text := range []string{"", "# none\n\n", "{}"} {
		if b, err := ParseBaseline("b.yaml", []byte(text), []string{"T-01"}, first); err != nil || len(b) != 0 {
			t.Errorf("%q: expected nothing accepted, got %v, %v", text, b, err)
		}
	}
	for text, want := range map[string]string{
		"D-99: {legacy: held}":               `b.yaml:1:1: no key of the file is called "D-99"`,
		"T-01:\n  legacy: leak":              "b.yaml:2:11: T-01 under legacy: expected breached",
		"T-01:\n  legacy: [held]":            "b.yaml:2:11: T-01.legacy: expected one line",
		"T-01: held":                         "b.yaml:1:7: T-01: expected keys with values",
		"T-01: {a: held}\nT-01: {b: held}":   "b.yaml:2:1: ",
		"T-01: {legacy: held, legacy: held}": "b.yaml:1:22: ",
	} {
		if _, err := ParseBaseline("b.yaml", []byte(text), []string{"T-01"}, first); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected an error with %q, got %v", text, want, err)
		}
	}
}
