package drill

import (
	_ "embed"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"thiefbox/sim/control"
)

//go:embed fields.yaml
var fieldsFile []byte

// fieldTexts are what fields mean, by type and name in the file, and under "facts" what conditions can ask for.
var fieldTexts = sync.OnceValue(func() map[string]map[string]string {
	var all map[string]map[string]string
	if err := yaml.UnmarshalWithOptions(fieldsFile, &all, yaml.Strict()); err != nil {
		panic("drill: " + err.Error()) // a test reads it
	}
	return all
})

// Vocabulary is what a drill's file can name that this package does not know.
type Vocabulary struct {
	Techniques, Vantages, Assets []string
	// Needs are the vantages and assets without which a technique cannot be tried.
	Needs map[string][]string
}

// Facts are what a condition can ask for, and what it means; those of a word have parentheses.
func Facts() (out []Choice) {
	for _, name := range factList() {
		word, _, _ := strings.Cut(name, "(")
		out = append(out, Choice{name, fieldTexts()["facts"][word]})
	}
	return out
}

// Schema is the JSON Schema (draft 2020-12) of a drill's file, for editors and other programs. Conditions, decisions and
// whatever names another part of the same file are for ParseFile to check.
func Schema(words Vocabulary) map[string]any {
	s := schemaOf(reflect.TypeFor[File](), words)
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "a drill"
	return s
}

// required are the fields without which a part makes no sense.
var required = map[string][]string{
	"File": {"id", "title", "duration", "brief", "world", "thief", "objectives", "hypotheses", "injects", "reference"}, "World": {"profile", "apis", "clients"},
	"API": {"kind", "count"}, "Kind": {"kind"}, "Thief": {"plan", "at"}, "Hears": {"vantage"}, "Objective": {"id", "text", "when", "by"}, "Hypothesis": {"id", "text"},
	"Inject": {"id", "channel", "from", "text"}, "Reply": {"id", "text"}, "Trap": {"when", "text"}, "Cue": {"do"}, "Obligation": {"id", "to", "within"},
}

const durationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

func schemaOf(t reflect.Type, words Vocabulary) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return map[string]any{"type": "string", "pattern": durationPattern}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), words)}
	case t.Kind() == reflect.Struct:
		s := map[string]any{"type": "object", "additionalProperties": false, "properties": properties(t, words)}
		if r := required[t.Name()]; r != nil {
			s["required"] = r
		}
		return s
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	case t.Kind() == reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0}
	}
	return map[string]any{"type": "string"}
}

// properties are the fields of a part of the file, those of what is inlined among them.
func properties(t reflect.Type, words Vocabulary) map[string]any {
	out := map[string]any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, inline, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if inline == "inline" {
			for name, p := range properties(f.Type, words) {
				out[name] = p
			}
			continue
		}
		if name == "" {
			continue
		}
		s := schemaOf(f.Type, words)
		if all := choices(t.Name(), name, words); all != nil {
			at := s
			if items, there := s["items"].(map[string]any); there {
				at = items
			}
			at["enum"] = all
		}
		s["description"] = fieldTexts()[t.Name()][name]
		out[name] = s
	}
	return out
}

// choices are what a field can say, where that is a list; nil where it is not.
func choices(part, field string, words Vocabulary) (out []string) {
	switch part + "." + field {
	case "File.country":
		return Countries()
	case "Kind.kind":
		return KindNames()
	case "World.profile":
		for _, p := range control.Profiles() {
			out = append(out, p.Name)
		}
	case "Change.with", "Change.without", "API.with", "API.without":
		for _, c := range control.All() {
			out = append(out, c.ID)
		}
	case "Inject.attach":
		return []string{attachTokens}
	case "Thief.plan":
		return words.Techniques
	case "Thief.has", "Thief.returns":
		return words.Assets
	case "Hears.vantage":
		return words.Vantages
	}
	return out
}

//go:embed skeleton.yaml
var skeleton []byte

// Skeleton is a drill to make one's own of. It is in order as it is.
func Skeleton() []byte { return slices.Clone(skeleton) }
