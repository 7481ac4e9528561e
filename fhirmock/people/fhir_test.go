package people

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The structure of FHIR R4 as far as these records use it, written down from the specification and
// apart from the code that writes them.
var required = map[string][]string{
	"Patient":             {"identifier", "name", "gender", "birthDate"},
	"Practitioner":        {"identifier", "name"},
	"Organization":        {"identifier", "name"},
	"Condition":           {"clinicalStatus", "verificationStatus", "category", "code", "subject"},
	"MedicationRequest":   {"status", "intent", "medicationCodeableConcept", "subject", "requester"},
	"AllergyIntolerance":  {"clinicalStatus", "verificationStatus", "patient", "code", "category"},
	"Observation":         {"status", "category", "code", "subject", "effectiveDateTime"},
	"Encounter":           {"status", "class", "subject", "period"},
	"DocumentReference":   {"status", "type", "content", "subject"},
	"MedicationStatement": {"status", "medicationCodeableConcept", "subject"},
	"Binary":              {"contentType", "data", "securityContext"},
}

// bound lists the required bindings: element to permitted codes.
var bound = map[string]string{
	"Patient.gender":                        "male female other unknown",
	"Condition.clinicalStatus":              "active recurrence relapse inactive remission resolved",
	"Condition.verificationStatus":          "unconfirmed provisional differential confirmed refuted entered-in-error",
	"MedicationRequest.status":              "active on-hold cancelled completed entered-in-error stopped draft unknown",
	"MedicationStatement.status":            "active completed entered-in-error intended stopped on-hold unknown not-taken",
	"MedicationRequest.intent":              "proposal plan order original-order reflex-order filler-order instance-order option",
	"AllergyIntolerance.type":               "allergy intolerance",
	"AllergyIntolerance.category":           "food medication environment biologic",
	"AllergyIntolerance.criticality":        "low high unable-to-assess",
	"AllergyIntolerance.clinicalStatus":     "active inactive resolved",
	"AllergyIntolerance.verificationStatus": "unconfirmed confirmed refuted entered-in-error",
	"AllergyIntolerance.reaction.severity":  "mild moderate severe",
	"Observation.status":                    "registered preliminary final amended corrected cancelled entered-in-error unknown",
	"Observation.category":                  "social-history vital-signs imaging laboratory procedure survey exam therapy activity",
	"Encounter.status":                      "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
	"Encounter.class":                       "AMB EMER FLD HH IMP ACUTE NONAC OBSENC PRENC SS VR",
	"DocumentReference.status":              "current superseded entered-in-error",
	"DocumentReference.docStatus":           "preliminary final amended entered-in-error",
}

// targets lists what each reference may point to.
var targets = map[string]string{
	"Patient.generalPractitioner": "Practitioner", "Patient.managingOrganization": "Organization",
	"Condition.subject": "Patient", "Condition.encounter": "Encounter", "Condition.recorder": "Practitioner",
	"MedicationRequest.subject": "Patient", "MedicationRequest.requester": "Practitioner", "MedicationRequest.reasonReference": "Condition",
	"AllergyIntolerance.patient": "Patient", "AllergyIntolerance.recorder": "Practitioner",
	"Observation.subject": "Patient", "Observation.encounter": "Encounter", "Observation.performer": "Practitioner",
	"MedicationStatement.subject": "Patient", "MedicationStatement.informationSource": "Patient",
	"Encounter.subject": "Patient", "Encounter.participant.individual": "Practitioner", "Encounter.serviceProvider": "Organization",
	"DocumentReference.subject": "Patient", "DocumentReference.author": "Practitioner Organization", "DocumentReference.custodian": "Organization",
	"DocumentReference.context.encounter": "Encounter", "Binary.securityContext": "Patient",
}

func TestRecordsAreFHIR(t *testing.T) {
	for resourceType, elements := range required {
		records := Everybody().Records(resourceType)
		if len(records) == 0 {
			t.Errorf("no %s", resourceType)
		}
		for _, r := range records {
			var m map[string]any
			if err := json.Unmarshal(r.Append(nil, "canary-0123456789abcdef"), &m); err != nil {
				t.Fatalf("%s/%s: %v", resourceType, r.ID, err)
			}
			for _, e := range append(elements, "resourceType", "id", "meta", "text") {
				if m[e] == nil && (e != "text" || resourceType != "Binary") {
					t.Errorf("%s/%s has no %s", resourceType, r.ID, e)
				}
			}
			c := checker{t: t, record: r, where: resourceType + "/" + r.ID}
			c.value(resourceType, m)
		}
	}
}

type checker struct {
	t      *testing.T
	record *Record
	where  string
}

// value walks the JSON: nothing is empty, codes are of their value sets, references lead somewhere and
// never to another patient's record.
func (c *checker) value(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			c.t.Errorf("%s: %s is empty", c.where, path)
		}
		c.object(path, v)
		for name, child := range v {
			c.value(path+"."+name, child)
		}
	case []any:
		if len(v) == 0 {
			c.t.Errorf("%s: %s is an empty array", c.where, path)
		}
		for _, item := range v {
			c.value(path, item)
		}
	case string:
		c.text(path, v)
	case nil:
		c.t.Errorf("%s: %s is null", c.where, path)
	}
}

func (c *checker) text(path, s string) {
	if strings.TrimSpace(s) != s || s == "" {
		c.t.Errorf("%s: %s is %q", c.where, path, s)
	}
	if codes, ok := bound[path]; ok && !contains(codes, s) {
		c.t.Errorf("%s: %s: expected one of %s, got %s", c.where, path, codes, s)
	}
}

func contains(codes, s string) bool { return strings.Contains(" "+codes+" ", " "+s+" ") }

func (c *checker) object(path string, m map[string]any) {
	if ref, ok := m["reference"].(string); ok {
		c.reference(path, ref)
	}
	code, ok := m["code"].(string)
	if !ok {
		return
	}
	element := strings.TrimSuffix(path, ".coding")
	if codes, ok := bound[element]; ok && !contains(codes, code) {
		c.t.Errorf("%s: %s: expected one of %s, got %s", c.where, element, codes, code)
	}
	system, _ := m["system"].(string)
	if err := checkCode(system, code); err != nil {
		c.t.Errorf("%s: %s: %v", c.where, path, err)
	}
}

func (c *checker) reference(path, ref string) {
	resourceType, id, _ := strings.Cut(ref, "/")
	if want, ok := targets[path]; !ok || !contains(want, resourceType) {
		c.t.Errorf("%s: %s points to %s, expected %q", c.where, path, ref, want)
	}
	to := Everybody().Record(resourceType, id)
	if to == nil {
		c.t.Errorf("%s: %s leads nowhere", c.where, ref)
	} else if len(to.Patients) > 0 && !slices.Equal(to.Patients, c.record.Patients) && (path != "MedicationStatement.informationSource" || carers[c.record.Patients[0]] != id) {
		c.t.Errorf("%s: %s is another patient's", c.where, ref)
	}
}

var forms = map[string]*regexp.Regexp{
	sysICPC:  regexp.MustCompile(`^[A-Z]\d\d$`),
	sysICD10: regexp.MustCompile(`^[A-Z]\d\d(\.\d)?$`),
	sysATC:   regexp.MustCompile(`^[A-Z]\d\d[A-Z]{2}\d\d$`),
	sysUCUM:  regexp.MustCompile(`^(/min|kg|mm\[Hg\]|g/dL|umol/L|mg/L|mmol/mol|mmol/L|m\[IU\]/L|ug/L)$`),
}

// checkCode refuses a code that cannot exist in its system: LOINC and SNOMED CT have check digits.
func checkCode(system, code string) error {
	switch {
	case forms[system] != nil:
		if !forms[system].MatchString(code) {
			return fmt.Errorf("%q has not the form of a code of %s", code, system)
		}
	case system == sysLOINC:
		number, digit, ok := strings.Cut(code, "-")
		if !ok || luhn(number) != digit {
			return fmt.Errorf("LOINC %s: wrong check digit", code)
		}
	case system == sysSNOMED:
		if !verhoeff(code) {
			return fmt.Errorf("SNOMED CT %s: wrong check digit", code)
		}
	case system == "":
		return fmt.Errorf("%q has no system", code)
	}
	return nil
}

// luhn is the mod 10 check digit of LOINC.
func luhn(number string) string {
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

// verhoeff checks the last digit of a SNOMED CT identifier: the dihedral group of order ten.
func verhoeff(number string) bool {
	permutation := []string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
	multiply := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b)%5
		case b < 5:
			return 5 + (a-b+10)%5
		}
		return (a - b + 10) % 5
	}
	c := 0
	for i := range number {
		d := number[len(number)-1-i] - '0'
		c = multiply(c, int(permutation[i%8][d]-'0'))
	}
	return c == 0
}

func TestCheckDigitsOfTheTest(t *testing.T) {
	for code, want := range map[string]bool{"73211009": true, "22298006": true, "73211008": false, "22289006": false} {
		if verhoeff(code) != want {
			t.Errorf("SNOMED CT %s: expected %v", code, want)
		}
	}
	if luhn("4548") != "4" || luhn("2345") != "7" {
		t.Error("LOINC 4548-4 and 2345-7 are right")
	}
}
