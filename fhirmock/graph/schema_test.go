package graph

import (
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// theSchema is what tools ask when they begin: all there is of every type.
const theSchema = `query { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...whole } directives { name description locations args { ...arg } } } }
fragment whole on __Type { kind name description fields(includeDeprecated: true) { name description args { ...arg } type { ...ref } isDeprecated deprecationReason } inputFields { ...arg }
  interfaces { ...ref } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...ref } }
fragment arg on __InputValue { name description type { ...ref } defaultValue }
fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`

func asked(t testing.TB, question string) *r4.Node {
	t.Helper()
	got, err := ask(store.New(people.Everybody().Base()).View(), &open{}, question)
	if err != nil {
		t.Fatal(err)
	}
	n, err := r4.Parse([]byte(got))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Each type that is named anywhere in the schema is described in it, once, and each search that it offers is one that a
// query can make.
func TestTheSchema(t *testing.T) {
	v := store.New(people.Everybody().Base()).View()
	schema := asked(t, theSchema).Get("__schema")
	known := map[string]bool{}
	for _, of := range schema.List("types") {
		if known[of.String("name")] {
			t.Errorf("%s stands there twice", of.String("name"))
		}
		known[of.String("name")] = true
	}
	named := func(of *r4.Node) string {
		for of.Get("ofType") != nil && of.Get("ofType").Kind == r4.Object {
			of = of.Get("ofType")
		}
		return of.String("name")
	}
	for _, of := range schema.List("types") {
		for _, f := range of.List("fields") {
			if f.Kind == r4.Null { // a type without fields
				continue
			}
			if !known[named(f.Get("type"))] {
				t.Errorf("%s.%s is of type %s, which is not described", of.String("name"), f.String("name"), named(f.Get("type")))
			}
			for _, arg := range f.List("args") {
				if !known[named(arg.Get("type"))] {
					t.Errorf("%s.%s(%s) is of type %s, which is not described", of.String("name"), f.String("name"), arg.String("name"), named(arg.Get("type")))
				}
			}
			if kind, paged, ok := searched(f.String("name")); ok && of.String("name") == rootType && !paged {
				for _, arg := range f.List("args") {
					name, given := arg.String("name"), `"1"`
					if name == "_count" {
						given = "1"
					}
					_, err := ask(v, &open{}, `{ `+kind+`List(`+name+`: `+given+`) { id } }`)
					if p, is := err.(*query.Problem); is && p.Code != "value" && name != "_sort" {
						t.Errorf("%sList(%s) is in the schema and refused: %v", kind, name, err)
					}
				}
			}
		}
	}
	for _, kind := range query.Types {
		if !known[kind] || !known[kind+"Connection"] || !known[kind+"Edge"] {
			t.Errorf("%s is not described", kind)
		}
	}
}

func TestTypesByName(t *testing.T) {
	for question, want := range map[string]string{
		`{ __type(name: "Nothing") { name } }`:                                         `{"__type":null}`,
		`{ __type(name: "ElementBase") { kind name fields { name } } }`:                `{"__type":{"kind":"OBJECT","name":"ElementBase","fields":[{"name":"id"},{"name":"_id"},{"name":"extension"}]}}`,
		`{ __type(name: "PatientContact") { name __typename interfaces { name } } }`:   `{"__type":{"name":"PatientContact","__typename":"__Type","interfaces":[]}}`,
		`{ __type(name: "Patient_Condition_reference") { kind enumValues { name } } }`: `{"__type":{"kind":"ENUM","enumValues":[{"name":"asserter"},{"name":"evidence_detail"},{"name":"patient"},{"name":"subject"}]}}`,
		`{ a: __type(name: "ID") { kind } Patient(id: "p01") { id } }`:                 `{"a":{"kind":"SCALAR"},"Patient":{"id":"p01"}}`,
		`{ __type(name: "PatientEdge") { fields { name type { name } } } }`: `{"__type":{"fields":[{"name":"mode","type":{"name":"code"}},{"name":"score","type":{"name":"decimal"}},` +
			`{"name":"resource","type":{"name":"Patient"}}]}}`,
	} {
		got, err := ask(store.New(people.Everybody().Base()).View(), &open{}, question)
		if err != nil || got != want {
			t.Errorf("%s: expected\n%s\ngot\n%s %v", question, want, got, err)
		}
	}
	deep := `{ __type(name: "Patient") { ` + strings.Repeat(`fields { type { ofType { `, 5) + "name" + strings.Repeat(` } } }`, 5) + ` } }`
	if _, err := ask(store.View{}, &open{}, deep); err == nil || !strings.Contains(err.Error(), "values") {
		t.Errorf("expected a question that unfolds for ever to be refused, got %v", err)
	}
}

func BenchmarkSchema(b *testing.B) {
	v := store.New(people.Everybody().Base()).View()
	b.ReportAllocs()
	for b.Loop() {
		descriptions.latest = nil
		if _, err := ask(v, &open{}, theSchema); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	v := store.New(people.Everybody().Base()).View()
	for name, question := range map[string]string{
		"one":  `{ Patient(id: "p01") { id name { given family } birthDate } }`,
		"page": `{ Patient(id: "p01") { id name { given family } ObservationList(_reference: subject) { id code { text } valueQuantity { value unit } performer { resource { ... on Practitioner { name { family } } } } } } }`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ask(v, &open{}, question); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
