package report

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// DocumentKind is a kind of JSON document: the schema it names, what it is, and the type that is written.
type DocumentKind struct {
	Schema, About string
	Of            reflect.Type
}

// documents are those that this package writes.
var documents = []DocumentKind{
	{SchemaRun, "Runs of attacks: `run --json`, `replay --json`. Secrets are replaced by names.", reflect.TypeFor[runsDocument]()},
	{SchemaMatrix, "Attacks by profiles: `matrix --json`.", reflect.TypeFor[matrixDocument]()},
	{SchemaPeel, "An attack without what stopped it, layer by layer: `peel --json`.", reflect.TypeFor[peelDocument]()},
	{SchemaHistory, "Runs that were kept: `history --json`.", reflect.TypeFor[runsDocument]()},
	{SchemaAblation, "What controls are worth, a catalogue for each profile: `ablate --json`.", reflect.TypeFor[ablationDocument]()},
	{SchemaOrder, "What to deploy next, and whom it breaks: `order --json`.", reflect.TypeFor[orderDocument]()},
	{SchemaRisk, "What is left of the ways to steal: `risk --json`. Shares are from 0 to 1.", reflect.TypeFor[riskDocument]()},
	{SchemaCoverage, "What the specifications ask and what touches it: `coverage --json`.", reflect.TypeFor[coverageDocument]()},
	{SchemaDetect, "Which detection rules fire for attacks and on honest days: `detect --json`. An alarm is a run in which a rule fired.", reflect.TypeFor[detectDocument]()},
	{SchemaInventory, "What is served where, how sensitive it is, and which controls rule there: `inventory --json`.", reflect.TypeFor[Inventory]()},
	{SchemaProbe, "The thief let loose on somebody's own API: `probe --json`. A status is 0 where no answer came.", reflect.TypeFor[probeDocument]()},
}

// SchemaNames are the documents, without their numbers: "matrix". more are those that others write.
func SchemaNames(more ...DocumentKind) (names []string) {
	for _, d := range slices.Concat(documents, more) {
		names = append(names, schemaName(d.Schema))
	}
	return names
}

func schemaName(schema string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(schema, "thiefbox."), "/")
	return name
}

// WriteSchema writes the JSON Schema (2020-12) of a document, read off the types that are written, so
// that it cannot say anything else. Members may be added under the same number.
func WriteSchema(w io.Writer, name string, more ...DocumentKind) error {
	for _, d := range slices.Concat(documents, more) {
		if schemaName(d.Schema) != name {
			continue
		}
		defs := map[string]any{}
		s := schemaOf(d.Of, defs)
		s["$schema"], s["title"], s["description"] = "https://json-schema.org/draft/2020-12/schema", d.Schema, d.About
		s["properties"].(map[string]any)["schema"] = map[string]any{"const": d.Schema}
		if len(defs) > 0 {
			s["$defs"] = defs
		}
		return writeJSON(w, s)
	}
	return fmt.Errorf("no document is called %q; there are %s", name, list(SchemaNames(more...)))
}

// schemaOf describes a type; named structs go into defs.
func schemaOf(t reflect.Type, defs map[string]any) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return schemaOf(t.Elem(), defs)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return map[string]any{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() {
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": reference(t.Elem(), defs)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": reference(t.Elem(), defs)}
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		members(t, defs, properties, &required)
		return map[string]any{"type": "object", "properties": properties, "required": required}
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

func reference(t reflect.Type, defs map[string]any) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return schemaOf(t, defs)
	}
	if defs[t.Name()] == nil {
		defs[t.Name()] = true // for a type that holds itself
		defs[t.Name()] = schemaOf(t, defs)
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}
}

// members adds the fields of a struct as encoding/json writes them, embedded ones in place.
func members(t reflect.Type, defs, properties map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
			continue
		case f.Anonymous && name == "":
			members(f.Type, defs, properties, required)
			continue
		case name == "":
			name = f.Name
		}
		properties[name] = reference(f.Type, defs)
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
}
