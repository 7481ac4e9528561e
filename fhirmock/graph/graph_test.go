package graph

import (
	"errors"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

const base = "https://fhir.test/fhir"

// open is a door that lets everybody through but to what is closed, and counts by which ways.
type open struct {
	closed func(store.Way, *store.Record) bool // may be nil
	asked  map[store.Way]int
}

func (o *open) Opens(w store.Way, r *store.Record) (bool, error) {
	if o.asked != nil {
		o.asked[w]++
	}
	return o.closed == nil || !o.closed(w, r), nil
}

var errMissing = errors.New("missing")

// example is R4's patient of the examples on the page about GraphQL, and an observation and a note about him.
var example = []string{
	`{"resourceType":"Patient","id":"example","identifier":[{"use":"usual","system":"urn:oid:1.2.36.146.595.217.0.1","value":"12345"}],"active":true,` +
		`"name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]},{"use":"maiden","family":"Windsor","given":["Peter","James"]}],` +
		`"birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://x/time","valueDateTime":"1974-12-25T14:35:45-05:00"}]},` +
		`"contained":[{"resourceType":"Practitioner","id":"doc","name":[{"family":"Careful"}]}],"generalPractitioner":[{"reference":"#doc"},{"reference":"Practitioner/p"}]}`,
	`{"resourceType":"Practitioner","id":"p","name":[{"family":"Outside"}]}`,
	`{"resourceType":"Observation","id":"f001","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"15074-8"}]},"subject":{"reference":"Patient/example"},` +
		`"performer":[{"reference":"Practitioner/p"},{"reference":"https://elsewhere.test/Practitioner/p"}],"valueQuantity":{"value":6.30,"unit":"mmol/l"}}`,
	`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"a, b"},"subject":{"reference":"Patient/example"}}`,
	`{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"subject":{"reference":"Patient/example"}}`,
}

func exampleView(t testing.TB) store.View {
	t.Helper()
	s := store.New(people.Everybody().Base())
	err := s.Update(func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }, func(tx *store.Tx) error {
		for _, text := range example {
			n, err := r4.Parse([]byte(text))
			if err != nil {
				return err
			}
			tx.Put(n, "PUT")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.View()
}

func source(v store.View, d store.Door) Source {
	return Source{View: v, Door: d, Enters: func(bool, string) error { return nil }, Turns: func(query.Link) error { return nil }, Missed: func() {}, More: func(int) error { return nil }, Missing: func() error { return errMissing },
		Canary: func(*store.Record) string { return "canary" }, Query: query.Context{Base: base}}
}

// ask asks of the system; of an instance if the question begins with its name.
func ask(v store.View, d store.Door, question string, vars ...string) (string, error) {
	resourceType, id := "", ""
	if ref, rest, is := strings.Cut(question, " "); is && strings.Contains(ref, "/") {
		resourceType, id, _ = strings.Cut(ref, "/")
		question = rest
	}
	a := Ask{Query: question}
	if len(vars) > 0 {
		n, err := r4.Parse([]byte(vars[0]))
		if err != nil {
			return "", err
		}
		a.Variables = n
	}
	out, err := Run(source(v, d), a, resourceType, id)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(out.Data), `{"data":`), "}"), nil
}

// What the page on GraphQL of R4 shows, and what it says.
func TestExamplesOfTheSpecification(t *testing.T) {
	v := exampleView(t)
	for question, want := range map[string]string{
		`Patient/example { name { text given family } }`:                                                              `{"name":[{"given":["Peter","James"],"family":"Chalmers"},{"given":["Jim"]},{"given":["Peter","James"],"family":"Windsor"}]}`,
		`Observation/f001 { valueQuantity { value unit } }`:                                                           `{"valueQuantity":{"value":6.30,"unit":"mmol/l"}}`,
		`Patient/example { birthDate _birthDate { extension {valueDateTime} }}`:                                       `{"birthDate":"1974-12-25","_birthDate":{"extension":[{"valueDateTime":"1974-12-25T14:35:45-05:00"}]}}`,
		`Patient/example { name(use: official) { given } }`:                                                           `{"name":[{"given":["Peter","James"]}]}`,
		`Patient/example { name(given: "Jim") { use } }`:                                                              `{"name":[{"use":"usual"}]}`,
		`Patient/example { name(_offset: 1, _count: 1) { use } }`:                                                     `{"name":[{"use":"usual"}]}`,
		`Observation/f001 { subject { reference, resource {... on Patient {active}} } }`:                              `{"subject":{"reference":"Patient/example","resource":{"active":true}}}`,
		`Observation/f001 { subject { resource {active} } }`:                                                          `{"subject":{"resource":{"active":true}}}`,
		`Observation/f001 { subject { resource(type : Patient) { birthDate } resource(type : Device) { id } } }`:      "",
		`Observation/f001 { subject { resource(type : Patient) { birthDate } resource(type : Group) { quantity } } }`: `{"subject":{"resource":{"birthDate":"1974-12-25"}}}`,
		`{ Patient(id: example) { id, active } }`:                                                                     `{"Patient":{"id":"example","active":true}}`,
		`{ ConditionList(clinical_status: active, patient: example) { id } }`:                                         `{"ConditionList":[{"id":"c1"}]}`,
		`{ ConditionList(_id: ["c1", c2, nosuch], _sort: "-_id") { id } }`:                                            `{"ConditionList":[{"id":"c2"},{"id":"c1"}]}`,
		`Patient/example { ConditionList(_reference: patient, clinical_status: resolved) { id } }`:                    `{"ConditionList":[{"id":"c2"}]}`,
		`Patient/example { identifier @flatten { system value } active name @flatten { text given family } }`: `{"system":["urn:oid:1.2.36.146.595.217.0.1"],"value":["12345"],"active":true,` +
			`"given":["Peter","James","Jim","Peter","James"],"family":["Chalmers","Windsor"]}`,
		`Patient/example { name @flatten { given @first family } }`: `{"given":["Peter","Jim","Peter"],"family":["Chalmers","Windsor"]}`,
		`Patient/example { identifier @flatten { system @singleton value @singleton } name @flatten @first { text given family @singleton } }`: `{"system":"urn:oid:1.2.36.146.595.217.0.1","value":"12345",` +
			`"given":["Peter","James"],"family":"Chalmers"}`,
		`Patient/example { name @flatten @slice(path: "use") { given family @singleton } }`: `{"given.official":["Peter","James"],"family.official":"Chalmers","given.usual":["Jim"],` +
			`"given.maiden":["Peter","James"],"family.maiden":"Windsor"}`,
		`Patient/example { name @slice(path: "$index") @flatten {given @first @singleton} }`: `{"given.0":"Peter","given.1":"Jim","given.2":"Peter"}`,
	} {
		got, err := ask(v, &open{}, question)
		if want == "" {
			if err == nil {
				t.Errorf("%s: expected a refusal, got %s", question, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: expected\n%s\ngot\n%s %v", question, want, got, err)
		}
	}
}

// What GraphQL itself has: names, fragments, variables, directives, the name of a type.
func TestLanguage(t *testing.T) {
	v := exampleView(t)
	for _, c := range []struct{ question, vars, want string }{
		{`{ a: Patient(id: example) { born: birthDate } b: Patient(id: example) { id } }`, `{}`, `{"a":{"born":"1974-12-25"},"b":{"id":"example"}}`},
		{`query q($id: ID!, $no: Boolean = false) { Patient(id: $id) { id @include(if: $no) active @skip(if: $no) } }`, `{"id":"example"}`, `{"Patient":{"active":true}}`},
		{`query($code: [token]) { ConditionList(clinical_status: $code) { id } }`, `{"code":["active","resolved"]}`, ``},
		{`{ Patient(id: example) { ...p ...p } } fragment p on Patient { name { ...n } name { family } } fragment n on HumanName { use }`, `{}`,
			`{"Patient":{"name":[{"use":"official","family":"Chalmers"},{"use":"usual"},{"use":"maiden","family":"Windsor"}]}}`},
		{`{ __typename Patient(id: example) { __typename resourceType name(_count: 1) { __typename } contact { __typename } } }`, `null`,
			`{"__typename":"Query","Patient":{"__typename":"Patient","resourceType":"Patient","name":[{"__typename":"HumanName"}]}}`},
		{`{ Patient(id: example) { generalPractitioner { resource { ... on Practitioner { name { family } } } } contained { ... on Practitioner { id } } } }`, `{}`,
			`{"Patient":{"generalPractitioner":[{"resource":{"name":[{"family":"Careful"}]}},{"resource":{"name":[{"family":"Outside"}]}}],"contained":[{"id":"doc"}]}}`},
		{`{ Observation(id: f001) { performer { resource(optional: true) { ... on Practitioner { id } } } } }`, `{}`, `{"Observation":{"performer":[{"resource":{"id":"p"}},{}]}}`},
		{`{ ConditionList(code_x: a) { id } }`, `{}`, ``},
		{`{ Practitioner(id: p) { ObservationConnection(_reference: performer) { count edges { mode resource { id subject { resource { ... on Patient { active } } } } } } } }`, `{}`,
			`{"Practitioner":{"ObservationConnection":{"count":1,"edges":[{"mode":"match","resource":{"id":"f001","subject":{"resource":{"active":true}}}}]}}}`},
	} {
		got, err := ask(v, &open{}, c.question, c.vars)
		switch {
		case c.want == "" && strings.Contains(c.question, "code_x"):
			if err == nil || !strings.Contains(err.Error(), "search parameter") {
				t.Errorf("%s: expected a refusal, got %s %v", c.question, got, err)
			}
		case c.want == "":
			if err != nil || !strings.Contains(got, `"c1"`) || !strings.Contains(got, `"c2"`) {
				t.Errorf("%s: got %s %v", c.question, got, err)
			}
		case err != nil || got != c.want:
			t.Errorf("%s: expected\n%s\ngot\n%s %v", c.question, c.want, got, err)
		}
	}
}

// Pages go on to the end, forwards, by what the last one said.
func TestPages(t *testing.T) {
	v := store.New(people.Everybody().Base()).View()
	question, seen := `{ PatientConnection(_count: 15, _sort: "_id") { count offset pagesize next first edges { resource { id } } } }`, 0
	for range 3 {
		got, err := ask(v, &open{}, question)
		if err != nil {
			t.Fatal(err)
		}
		n, err := r4.Parse([]byte(got))
		if err != nil {
			t.Fatal(err)
		}
		page := n.Get("PatientConnection")
		if total := page.Get("count").Text; total != "40" || page.Get("offset").Text != whole(seen).Text || page.Get("pagesize").Text != "15" || page.String("first") == "" {
			t.Errorf("expected a page from %d of 40, got %s", seen, got)
		}
		seen += len(page.List("edges"))
		question = `{ PatientConnection(_cursor: "` + page.String("next") + `") { count offset pagesize next first edges { resource { id } } } }`
		if page.String("next") == "" {
			break
		}
	}
	if seen != 40 {
		t.Errorf("expected 40 patients, got %d", seen)
	}
}

// A list is whole or an error, and a door that is closed leaves out, ends a reference that must be followed, and makes a
// record that is named missing.
func TestListsAndDoors(t *testing.T) {
	v := store.New(people.Everybody().Base()).View()
	var many []*store.Record
	for i := range longestList + 1 {
		id := "c" + whole(i).Text
		many = append(many, store.Prerendered("Condition", id, "", time.Time{}, []byte(`{"resourceType":"Condition","id":"`+id+`"}`), people.CanaryMark))
	}
	for _, count := range []string{"", "(_count: 1000)"} {
		if _, err := ask(store.New(store.NewBase(many)).View(), &open{}, `{ ConditionList`+count+` { id } }`); err == nil || !strings.Contains(err.Error(), "ConditionConnection") {
			t.Errorf("expected too many for a list, got %v", err)
		}
	}
	if got, err := ask(v, &open{}, `{ ObservationList(_count: 2) { id } }`); err != nil || strings.Count(got, `"id"`) != 2 {
		t.Errorf("expected the first two, got %s %v", got, err)
	}
	strangers := &open{asked: map[store.Way]int{}, closed: func(_ store.Way, r *store.Record) bool { return r.Type == "Patient" }}
	for question, want := range map[string]string{
		`{ Patient(id: p01) { id } }`:                               "missing",
		`{ Patient(id: p99) { id } }`:                               "missing",
		`{ PatientList { id } }`:                                    `{"PatientList":[]}`,
		`{ PatientConnection { count edges { resource { id } } } }`: `{"PatientConnection":{"count":0,"edges":[]}}`,
		`{ ConditionList(_count: 1, patient: p01) { subject { resource { ... on Patient { id } } } } }`:                          "missing",
		`{ ConditionList(_count: 1, patient: p01) { subject { resource(optional: true) { ... on Patient { id } } } } }`:          `{"ConditionList":[{"subject":{}}]}`,
		`{ Practitioner(id: berg) { PatientList(_reference: general_practitioner) { id } } }`:                                    `{"Practitioner":{"PatientList":[]}}`,
		`{ Practitioner(id: berg) { PatientConnection(_reference: general_practitioner) { count edges { resource { id } } } } }`: `{"Practitioner":{"PatientConnection":{"count":0,"edges":[]}}}`,
	} {
		got, err := ask(v, strangers, question)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: expected %s, got %s", question, want, got)
		}
	}
	for way, n := range strangers.asked {
		if way != store.AsGraph && way != store.AsGraphLink && way != store.AsGraphMatch && way != store.AsGraphCount {
			t.Errorf("expected the ways of GraphQL alone, got %s %d times", way, n)
		}
	}
}
