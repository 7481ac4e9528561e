package profile

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"thiefbox/sim/control"
)

// The JSON Schemas (2020-12) of the files that are read here, for editors that complete and check YAML. They
// are read off what Parse, ParseWeights and ParseBaseline accept.

const dialectOfSchemas = "https://json-schema.org/draft/2020-12/schema"

// Schema describes a profile.
func Schema() map[string]any {
	names, index := fields()
	dialect, needed := map[string]any{}, []string{}
	for _, name := range names {
		dialect[name] = fieldSchema(name, reflect.TypeFor[control.Dialect]().Field(index[name]).Type)
		if required(name) {
			needed = append(needed, name)
		}
	}
	var bases []string
	for _, p := range control.Profiles() {
		bases = append(bases, p.Name)
	}
	controls := map[string]any{"type": "array", "uniqueItems": true, "items": map[string]any{"enum": controlIDs()}}
	return map[string]any{
		"$schema": dialectOfSchemas, "title": "a security profile of thiefbox", "type": "object", "additionalProperties": false,
		"properties": map[string]any{
			"name": line("what results are listed under"), "title": line("what it is"),
			"base":     map[string]any{"enum": bases, "description": "the named profile it begins from"},
			"dialect":  object(dialect, "how honest parties speak; what is not said is as in the base"),
			"controls": object(map[string]any{"on": controls, "off": controls}, "checks beyond those of the base, and without them"),
		},
		"anyOf": []any{
			map[string]any{"required": []string{"base"}},
			map[string]any{"required": []string{"dialect"}, "properties": map[string]any{"dialect": map[string]any{"required": needed}}},
		},
	}
}

func fieldSchema(name string, t reflect.Type) map[string]any {
	switch {
	case t == durationType:
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`, "description": "a span of time: 90s, 10m, 1h"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.String:
		return map[string]any{"enum": choices(name)}
	}
	return map[string]any{"type": "integer", "minimum": 0}
}

func line(about string) map[string]any {
	return map[string]any{"type": "string", "pattern": `\S`, "description": about}
}

func object(properties map[string]any, about string) map[string]any {
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "description": about}
}

// WeightsSchema describes weights for the attacks of the given ids.
func WeightsSchema(attacks []string) map[string]any {
	number := map[string]any{"type": "number", "minimum": 0, "maximum": 1e9}
	weights := map[string]any{}
	for _, id := range attacks {
		weights[id], weights[family(id)] = number, number
	}
	return map[string]any{
		"$schema": dialectOfSchemas, "title": "how common ways to steal are", "type": "object", "additionalProperties": false,
		"required": []string{"weights"},
		"properties": map[string]any{
			"weights": object(weights, "an attack or a family, in any unit; a family is divided among its attacks that are not named themselves"),
			"rest":    number, "concentration": number,
		},
	}
}

// BaselineSchema describes a baseline over the attacks of the given ids.
func BaselineSchema(attacks []string) map[string]any {
	row := map[string]any{"type": "object", "additionalProperties": map[string]any{"enum": Outcomes}, "description": "outcomes by profile"}
	rows := map[string]any{}
	for _, id := range attacks {
		rows[id] = row
	}
	s := object(rows, "known results: attack, profile, outcome")
	s["$schema"], s["title"] = dialectOfSchemas, "results that are accepted"
	return s
}

func family(id string) string {
	f, _, _ := strings.Cut(id, "-")
	return f
}

// WriteWeights prints the weights that go without saying, each attack like any other, in the form that
// ParseWeights reads: a family a line. about says what a family is.
func WriteWeights(w io.Writer, attacks []string, concentration float64, about func(family string) string) error {
	var b strings.Builder
	b.WriteString("# How common ways to steal are, in any unit, for `thiefbox risk --weights FILE`. This is what goes without\n" +
		"# saying: each attack like any other. A family is divided among its attacks that are not named themselves.\nweights:\n")
	var order []string
	count := map[string]int{}
	for _, id := range attacks {
		f := family(id)
		if count[f]++; count[f] == 1 {
			order = append(order, f)
		}
	}
	for _, f := range order {
		fmt.Fprintf(&b, "  %-3s %-3d # %s\n", f+":", count[f], about(f))
	}
	b.WriteString("  # " + attacks[0] + ": 0.5   an attack by itself\n")
	fmt.Fprintf(&b, "rest: 0           # each attack that is in neither\nconcentration: %g # how sure you are: the smaller, the wider the intervals\n", concentration)
	_, err := io.WriteString(w, b.String())
	return err
}
