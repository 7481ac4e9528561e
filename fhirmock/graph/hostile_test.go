package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// doubling is a chain of fragments, each of which spreads the next one twice under other names: a text of some hundred
// bytes that selects millions of fields.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{ Patient(id: example) { ...f0 } }`)
	for i := range n {
		fmt.Fprintf(&b, ` fragment f%d on Patient { a: managingOrganization { resource { ... on Organization { id } } } PatientList(_reference: link) { ...f%d } other: PatientList(_reference: link) { ...f%d } }`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, ` fragment f%d on Patient { id }`, n)
	return b.String()
}

func repeated(n int, each func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(each(i) + " ")
	}
	return b.String()
}

// What costs too much, or is none of GraphQL or R4, is refused in words, however it is hidden, and before anything is
// looked at.
func TestHostileQueries(t *testing.T) {
	v := exampleView(t)
	for name, c := range map[string]struct{ question, says string }{
		"nothing":              {``, "expected a GraphQL query"},
		"no text":              {`{`, "cannot be read at line 1"},
		"other bytes":          {"{ Patient(id: \"\xff\") { id } }", "UTF-8"},
		"too long":             {`{ Patient(id: "` + strings.Repeat("x", MaxQuery) + `") { id } }`, "at most 65536 bytes"},
		"10,000 names":         {`{` + repeated(5000, func(i int) string { return fmt.Sprintf("a%d:id", i) }) + `}`, "words and marks"},
		"2,001 names":          {`{ Patient(id: example) {` + repeated(2001, func(i int) string { return fmt.Sprintf("a%d:id", i) }) + `} }`, "at most 2000 fields"},
		"200 reads":            {`{` + repeated(200, func(i int) string { return fmt.Sprintf("a%d:Patient(id:p%d){id}", i, i) }) + `}`, "at most 100 places"},
		"deep":                 {strings.Repeat(`{ Patient(id: example) `, 1) + strings.Repeat(`{ link { other { resource(type: Patient) `, 10) + `{ id }` + strings.Repeat(` } } }`, 10) + `}`, "at most 20 levels"},
		"very deep":            {strings.Repeat("{a", 5000) + strings.Repeat("}", 5000), "nesting"},
		"deep values":          {`{ Patient(id: ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `) { id } }`, "nesting"},
		"doubling fragments":   {doubling(18), "most"},
		"a circle":             {`{ Patient(id: example) { ...a } } fragment a on Patient { name { ...b } } fragment b on HumanName { ...c } fragment c on HumanName { ...b }`, "spreads itself"},
		"a circle of one":      {`{ Patient(id: example) { ...a } } fragment a on Patient { ...a }`, "spreads itself"},
		"no such fragment":     {`{ Patient(id: example) { ...a } }`, "expected a fragment"},
		"a fragment twice":     {`{ Patient(id: example) { ...a } } fragment a on Patient { id } fragment a on Patient { id }`, "each fragment once"},
		"no such type":         {`{ Patient(id: example) { ... on Patent { id } } }`, "type of FHIR R4"},
		"no such meta":         {`{ __types { name } }`, "expected __schema"},
		"no member of it":      {`{ __schema { kind } }`, "member of __Schema"},
		"arguments of it":      {`{ __schema { types(first: 1) { name } } }`, "includeDeprecated"},
		"meta below":           {`{ Patient(id: example) { __schema { types { name } } } }`, "__schema"},
		"a mutation":           {`mutation { PatientDelete(id: example) }`, "got a mutation"},
		"a subscription":       {`subscription { Patient(id: example) { id } }`, "got a subscription"},
		"two operations":       {`query a { Patient(id: example) { id } } query b { Patient(id: example) { id } }`, "operationName"},
		"no such field":        {`{ Patient(id: example) { birthdate } }`, "did you mean birthDate"},
		"no such element":      {`{ Patient(id: example) { name { famly } } }`, "did you mean family"},
		"no type has it":       {`{ ObservationList { subject { resource { nosuch } } } }`, "nosuch"},
		"nothing below":        {`{ Patient(id: example) { name } }`, "selection"},
		"something below":      {`{ Patient(id: example) { id { x } } }`, "nothing to be selected"},
		"arguments of an id":   {`{ Patient(id: example) { id(x: 1) } }`, "no arguments"},
		"no such root":         {`{ Patent(id: example) { id } }`, "did you mean Patient"},
		"a type not served":    {`{ Basic(id: example) { id } }`, "served"},
		"no id":                {`{ Patient { id } }`, "argument id"},
		"conflict":             {`{ a: Patient(id: example) { id } a: Patient(id: other) { id } }`, "give one another name"},
		"fhirpath":             {`{ Patient(id: example) { name(fhirpath: "use = 'official'") { given } } }`, "fhirpath is not supported"},
		"_filter":              {`{ PatientList(_filter: "name eq x") { id } }`, "_filter is not supported"},
		"_include":             {`{ PatientList(_include: "*") { id } }`, "not supported"},
		"an empty list":        {`{ PatientList(_id: []) { id } }`, "expected a value"},
		"an object":            {`{ PatientList(_id: {a: 1}) { id } }`, "expected a value"},
		"nested lists":         {`{ PatientList(_id: [["a"]]) { id } }`, "expected a value"},
		"a negative count":     {`{ PatientList(_count: -1) { id } }`, "whole number"},
		"257 values":           {`{ PatientList(_id: [` + repeated(257, func(i int) string { return fmt.Sprint("a", i) }) + `]) { id } }`, "at most 256"},
		"unknown directive":    {`{ Patient(id: example) @defer { id } }`, "@include"},
		"directive arguments":  {`{ Patient(id: example) { id @include } }`, "@include(if"},
		"a path of slice":      {`{ Patient(id: example) { name @slice(path: "use.lower()") { given } } }`, "@slice"},
		"two for one":          {`{ Patient(id: example) { name @flatten { family @singleton } } }`, "one value under family"},
		"an unknown variable":  {`{ Patient(id: $id) { id } }`, "$id"},
		"a variable missing":   {`query($id: ID!) { Patient(id: $id) { id } }`, "$id: expected a value of ID!"},
		"reference elsewhere":  {`{ Observation(id: f001) { performer { resource { ... on Practitioner { id } } } } }`, "missing"},
		"a wrong reference":    {`{ Patient(id: example) { ConditionList(_reference: encounter) { id } } }`, "leads to Patient"},
		"id with a reference":  {`{ Patient(id: example) { ConditionList(_reference: patient, _id: c1) { id } } }`, "not with _reference"},
		"cursor below":         {`{ Patient(id: example) { ConditionConnection(_reference: patient, _cursor: "x") { count } } }`, "not with _reference"},
		"a made-up cursor":     {`{ PatientConnection(_cursor: "eyJ0IjoiUGF0aWVudCIsInAiOiJfaW5jbHVkZT0qIn0") { count } }`, "out of an answer"},
		"cursor of another":    {`{ PatientConnection(_cursor: "` + cursor{"Condition", "", 0}.String() + `") { count } }`, "out of an answer"},
		"cursor and condition": {`{ PatientConnection(_cursor: "` + cursor{"Patient", "", 0}.String() + `", name: x) { count } }`, "no other argument"},
	} {
		got, err := ask(v, &open{}, c.question)
		if err == nil || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 1000 {
			t.Errorf("%s: expected a refusal that says %q, got %.200s %v", name, c.says, got, err)
		}
	}
}

// FuzzGraph reads queries: what is refused is refused by a typed error with a code; what is answered is JSON.
func FuzzGraph(f *testing.F) {
	for _, seed := range []string{
		`{ Patient(id: example) { id name(use: official, _count: 1) @flatten { given @first family @singleton } } }`,
		`query q($a: [ID!] = ["c1"], $b: Boolean!) { ConditionList(_id: $a, _sort: "-_id") { id @skip(if: $b) subject { resource(optional: true) { ... on Patient { active } } } } }`,
		`{ PatientConnection(_count: 2) { count next edges { mode resource { ...p } } } } fragment p on Patient { ObservationList(_reference: subject) { valueQuantity { value } } contained { id } }`,
		`{ Patient(id: """p01""") { name @slice(path: "$index") { text } __typename } }`, `mutation { a }`, `{ __typename __type(name: "Patient") { fields { name type { name } } } }`, `{a(b:{c:[1.5e3,null,$d]})@e{...f}}`,
	} {
		f.Add(seed, `{"b":true,"d":"x"}`, true)
		f.Add(seed, `null`, false)
	}
	v := exampleView(f)
	f.Fuzz(func(t *testing.T, question, vars string, whole bool) {
		a := Ask{Query: question}
		if n, err := r4.Parse([]byte(vars)); err == nil {
			a.Variables = n
		}
		resourceType, id := "Patient", "example"
		if whole {
			resourceType, id = "", ""
		}
		out, err := Run(source(v, &open{}), a, resourceType, id)
		var p *query.Problem
		switch {
		case errors.As(err, &p):
			if p.Status < 400 || p.Status >= 500 || p.Code == "" || len(p.Text) > 2000 {
				t.Fatalf("expected a short refusal with a code, got %d %q %.100s", p.Status, p.Code, p.Text)
			}
		case errors.Is(err, errMissing):
		case err != nil:
			t.Fatalf("expected a typed refusal, got %T: %v", err, err)
		default:
			if !json.Valid(out.Data) {
				t.Fatalf("expected JSON, got %.200s", out.Data)
			}
		}
	})
}
