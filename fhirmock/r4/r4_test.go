package r4

import (
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *Node {
	t.Helper()
	n, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return n
}

func TestParseKeepsWhatWasWritten(t *testing.T) {
	for _, text := range []string{
		`{"b":1.50,"a":[true,false,null],"é":"\"\n"}`, `[]`, `{}`, `-0.10e+5`, `"å ø \u0001"`, `"\\ud83d"`,
	} {
		if got := string(parse(t, text).Append(nil)); got != text {
			t.Errorf("expected %s, got %s", text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	many := `{` + strings.Repeat(`"a":1,`, 1) + `"b":2}`
	if _, err := Parse([]byte(many)); err != nil {
		t.Error(err)
	}
	var wide strings.Builder
	for i := range maxMembers + 1 {
		wide.WriteString(`"` + strings.Repeat("x", i+1) + `":1,`)
	}
	for name, text := range map[string]string{
		"a member twice":            `{"a":1,"a":2}`,
		"twice by way of an escape": `{"a":1,"\u0061":2}`,
		"too deep":                  strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"very deep":                 strings.Repeat("[", 1<<20),
		"too wide":                  `{` + strings.TrimSuffix(wide.String(), ",") + `}`,
		"not UTF-8":                 "\"\xff\"",
		"half a character":          `{"a":"x\ud83d"}`,
		"another half":              `"\ude00\ud83d"`,
		"half, and half a name":     `{"\uD800":1}`,
		"cut short":                 `{"a":`,
		"two values":                `{} {}`,
		"nothing":                   ``,
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: expected an error", name)
		}
	}
}

// Wrong by one thing: each row is a good resource with one mistake.
func TestValidate(t *testing.T) {
	good := `{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Organization","id":"o","name":"x"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},` +
		`"extension":[{"url":"urn:x","valueString":"y"}],"name":[{"family":"x","_family":{"extension":[{"url":"urn:x","valueCode":"y"}]},"given":["a",null],"_given":[null,{"id":"g"}]}],` +
		`"gender":"female","birthDate":"1985-03","deceasedBoolean":false,"managingOrganization":{"reference":"#o"},"contact":[{"gender":"male"}],"multipleBirthInteger":2}`
	if issues := Validate(parse(t, good)); len(issues) > 0 {
		t.Fatalf("expected no issues, got %v", issues)
	}
	for _, c := range []struct{ from, to, code, place string }{
		{`"gender":"female"`, `"gender":"woman"`, "code-invalid", "Patient.gender"},
		{`"gender":"male"`, `"gender":"man"`, "code-invalid", "Patient.contact[0].gender"},
		{`"gender":"female"`, `"gender":["female"]`, "structure", "Patient.gender"},
		{`"contact":[{"gender":"male"}]`, `"contact":{"gender":"male"}`, "structure", "Patient.contact"},
		{`"contact":[{"gender":"male"}]`, `"contact":[]`, "structure", "Patient.contact"},
		{`"contact":[{"gender":"male"}]`, `"contact":[{}]`, "structure", "Patient.contact[0]"},
		{`"contact":[{"gender":"male"}]`, `"contact":[null]`, "structure", "Patient.contact[0]"},
		{`"birthDate":"1985-03"`, `"birthDate":"1985-13"`, "value", "Patient.birthDate"},
		{`"birthDate":"1985-03"`, `"birthDate":"0000"`, "value", "Patient.birthDate"},
		{`"valueString":"y"`, `"valueDecimal":1e999999999`, "value", "Patient.extension[0].valueDecimal"},
		{`"valueString":"y"`, `"valueDecimal":0.1e-999999999`, "value", "Patient.extension[0].valueDecimal"},
		{`"birthDate":"1985-03"`, `"birthDate":"1985-02-29"`, "value", "Patient.birthDate"},
		{`"birthDate":"1985-03"`, `"birthDate":"1985-03-01T00:00:00Z"`, "value", "Patient.birthDate"},
		{`"deceasedBoolean":false`, `"deceasedBoolean":"false"`, "structure", "Patient.deceasedBoolean"},
		{`"deceasedBoolean":false`, `"deceasedBoolean":false,"deceasedDateTime":"2020"`, "structure", "Patient.deceasedDateTime"},
		{`"deceasedBoolean":false`, `"deceasedString":"no"`, "structure", "Patient.deceasedString"},
		{`"deceasedBoolean":false`, `"deceased":false`, "structure", "Patient.deceased"},
		{`"multipleBirthInteger":2`, `"multipleBirthInteger":2.0`, "value", "Patient.multipleBirthInteger"},
		{`"multipleBirthInteger":2`, `"multipleBirthInteger":2147483648`, "value", "Patient.multipleBirthInteger"},
		{`"#o"`, `"#p"`, "invariant", "Patient.managingOrganization.reference"},
		{`"#o"`, `"Patient/p"`, "value", "Patient.managingOrganization.reference"},
		{`"#o"`, `"Organization/a b"`, "value", "Patient.managingOrganization.reference"},
		{`"id":"o",`, ``, "required", "Patient.contained[0].id"},
		{`"name":"x"`, `"name":"x","contained":[{"resourceType":"Organization","id":"z"}]`, "invariant", "Patient.contained[0].contained"},
		{`"resourceType":"Organization"`, `"resourceType":"Clinic"`, "structure", "Patient.contained[0]"},
		{`"valueString":"y"`, `"valueString":"y","extension":[{"url":"urn:z","valueString":"q"}]`, "invariant", "Patient.extension[0]"},
		{`"url":"urn:x","valueString":"y"`, `"valueString":"y"`, "required", "Patient.extension[0].url"},
		{`"given":["a",null]`, `"given":["a",null,"b"]`, "structure", "Patient.name[0].given"},
		{`"given":["a",null]`, `"given":[null,"a"]`, "structure", "Patient.name[0].given[0]"},
		{`"_family":{`, `"_family":{"value":"z",`, "structure", "Patient.name[0].family.value"},
		{`"status":"generated"`, `"status":"made"`, "code-invalid", "Patient.text.status"},
		{`x</div>`, `x`, "value", "Patient.text.div"},
		{`"family":"x"`, `"family":" "`, "value", "Patient.name[0].family"},
		{`"id":"a"`, `"id":"a_b"`, "value", "Patient.id"},
		{`"id":"a"`, `"id":"a","colour":"red"`, "structure", "Patient.colour"},
		{`"resourceType":"Patient"`, `"resourceType":"Person2"`, "structure", "Person2"},
		{`"resourceType":"Patient"`, `"resourceType":"HumanName"`, "structure", "HumanName"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if text == good {
			t.Fatalf("%s does not occur", c.from)
		}
		issues := Validate(parse(t, text))
		if !slices.ContainsFunc(issues, func(i Issue) bool { return i.Code == c.code && i.Expression == c.place }) {
			t.Errorf("%s: expected %s at %s, got %v", c.to, c.code, c.place, issues)
		}
	}
}

func TestIssuesAreBounded(t *testing.T) {
	n := parse(t, `{"resourceType":"Patient","name":[`+strings.TrimSuffix(strings.Repeat(`{"x":1},`, 1000), ",")+`]}`)
	if got := len(Validate(n)); got != maxIssues {
		t.Errorf("expected %d issues, got %d", maxIssues, got)
	}
}

func TestSearchDefinitions(t *testing.T) {
	for _, c := range []struct{ resource, name, kind, path string }{
		{"Observation", "date", "date", "effectiveDateTime"}, {"Observation", "value-quantity", "quantity", "valueQuantity"},
		{"Condition", "patient", "reference", "subject"}, {"Patient", "email", "token", "telecom"}, {"Binary", "_id", "token", "id"},
		{"Patient", "_lastUpdated", "date", "meta.lastUpdated"}, {"AuditEvent", "patient", "reference", "agent.who"},
	} {
		p := ParamNamed(c.resource, c.name)
		if p == nil || p.Type != c.kind || !strings.HasPrefix(p.URL, "http://hl7.org/") ||
			!slices.ContainsFunc(p.Paths, func(path Path) bool { return strings.Join(path.Names, ".") == c.path }) {
			t.Errorf("%s %s: got %+v", c.resource, c.name, p)
		}
	}
	if ParamNamed("Patient", "colour") != nil || len(Compartment("Practitioner")) != 0 || !slices.Contains(Compartment("Condition"), "asserter") {
		t.Error("expected what HL7 defines and no more")
	}
}

func FuzzParseAndValidate(f *testing.F) {
	for _, s := range []string{`{"resourceType":"Patient"}`, `{"resourceType":"Observation","status":"final","_status":null}`, `[[[`, `{"a":"\ud800"}`, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","text":{"div":"<div"}}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			return
		}
		Validate(n)
		again, err := Parse(n.Append(nil))
		if err != nil || string(again.Append(nil)) != string(n.Append(nil)) {
			t.Fatalf("%q does not survive: %v", data, err)
		}
	})
}
