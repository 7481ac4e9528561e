package drill

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestFieldsAreExplained: each field of a drill's file, and each fact of its conditions, says what it means; nothing is
// explained that is not there.
func TestFieldsAreExplained(t *testing.T) {
	seen := map[string]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ.NumField() == 0 {
			return
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, inline, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if name != "" {
				seen[typ.Name()+"."+name] = true
			}
			if name != "" || inline != "" {
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[File]())
	for name := range factNames {
		seen["facts."+name] = true
	}
	for part, fields := range fieldTexts() {
		for field, text := range fields {
			if part == "API" && (field == "with" || field == "without") {
				continue // of what it inlines
			}
			if !seen[part+"."+field] || text == "" {
				t.Errorf("%s.%s is explained and not there, or has no text", part, field)
			}
			delete(seen, part+"."+field)
		}
	}
	for left := range seen {
		t.Errorf("%s is not explained", left)
	}
}

// TestSchema: it is JSON, closed, and knows what a field can say.
func TestSchema(t *testing.T) {
	b, err := json.Marshal(Schema(Vocabulary{Techniques: []string{"D-01"}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"additionalProperties":false`, `"enum":["D-01"]`, `"fapi2-dpop"`, `"rs/dpop-jti"`, `"no-nonce"`, `"required":["kind","count"]`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("expected the schema to hold %s", want)
		}
	}
}
