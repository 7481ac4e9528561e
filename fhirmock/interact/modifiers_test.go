package interact

import (
	"errors"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
)

var found = map[string]string{
	"Patient/ada": `"identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}],"text":"Medical record"},"system":"urn:mr","value":"17"}],"gender":"female"`,
	"Location/n":  `"name":"North","position":{"latitude":69.65,"longitude":18.96}`,
	"Location/s":  `"name":"South","position":{"latitude":59.91,"longitude":10.75}`,
	"Observation/bp": `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/ada"},"component":[` +
		`{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":150,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},` +
		`{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":90,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]`,
	"Observation/hb":        `"status":"preliminary","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-02-03","valueQuantity":{"value":13.4,"unit":"gram","system":"http://unitsofmeasure.org","code":"g/dL"}`,
	"Observation/st":        `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"41950-7"}]},"subject":{"reference":"Patient/ada"},"valueString":"Høy puls"`,
	"DocumentReference/new": `"status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"title":"x"}}],"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/old"}}]`,
	"DocumentReference/old": `"status":"superseded","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"title":"x"}}]`,
	"Group/g":               `"type":"person","actual":false,"characteristic":[{"code":{"coding":[{"code":"sex"}]},"valueCodeableConcept":{"coding":[{"code":"f"}]},"exclude":false},{"code":{"coding":[{"code":"old"}]},"valueBoolean":true,"exclude":false}]`,
}

// Composite and special parameters, and the modifiers beyond the usual ones.
func TestSearchModifiersAndComposites(t *testing.T) {
	e := engine(people.Everybody().Base())
	for _, id := range []string{"Patient/ada", "Location/n", "Location/s", "Observation/bp", "Observation/hb", "Observation/st", "DocumentReference/old", "DocumentReference/new", "Group/g"} {
		kind, name, _ := strings.Cut(id, "/")
		do(t, e, &open{}, "PUT", id, `{"resourceType":"`+kind+`","id":"`+name+`",`+found[id]+`}`)
	}
	for target, want := range map[string]string{
		"Observation?patient=ada&component-code-value-quantity=8480-6$gt140":                    "Observation/bp",
		"Observation?patient=ada&component-code-value-quantity=8462-4$gt140":                    "", // each is true, but not of one component
		"Observation?patient=ada&component-code=8462-4&component-value-quantity=gt140":          "Observation/bp",
		"Observation?patient=ada&combo-code-value-quantity=http://loinc.org|8462-4$90||mmHg":    "Observation/bp",
		"Observation?patient=ada&combo-code-value-quantity=718-7$lt14,8480-6$lt100":             "Observation/hb",
		"Observation?patient=ada&code-value-quantity=718-7$13.4|http://unitsofmeasure.org|g/dL": "Observation/hb",
		"Observation?patient=ada&code-value-quantity=718-7$13.4||gram":                          "Observation/hb", // a unit by what people call it
		"Observation?patient=ada&code-value-quantity=8480-6$150":                                "",               // that is a component
		"Observation?patient=ada&code-value-string=41950-7$hoy":                                 "Observation/st",
		"Patient?_has:Observation:patient:component-code-value-quantity=8480-6$gt140&_id=ada":   "Patient/ada",
		"DocumentReference?relationship=replaces$DocumentReference/old":                         "DocumentReference/new",
		"DocumentReference?relationship=appends$DocumentReference/old":                          "",
		"Group?characteristic-value=sex$f":                                                      "Group/g",
		"Group?characteristic-value=sex$true":                                                   "",
		"Location?near=69.6|19|20|km":                                                           "Location/n",
		"Location?near=69.6|19":                                                                 "Location/n",
		"Location?near=69.6|19|1|km":                                                            "",
		"Location?near=65|15|1000":                                                              "Location/n Location/s",
		"Location?near=60|10.75|10|[mi_i]":                                                      "Location/s",
		"Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|17":        "Patient/ada",
		"Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|17":        "",
		"Patient?identifier:text=medical":                                                       "Patient/ada",
		"Observation?patient=ada&status:in=http://hl7.org/fhir/ValueSet/observation-status":     "Observation/bp Observation/hb Observation/st",
		"Observation?patient=ada&status:not-in=http://hl7.org/fhir/ValueSet/observation-status": "",
		"Observation?patient=ada&status:not=final,amended":                                      "Observation/hb",
		"Observation?patient=ada&value-quantity:missing=true":                                   "Observation/bp Observation/st",
		"Observation?patient=ada&date:missing=true&status=final":                                "Observation/bp Observation/st",
		"Observation?patient=ada&_sort=status,-code":                                            "Observation/bp Observation/st Observation/hb",
		"Observation?patient=ada&_sort=date":                                                    "Observation/hb Observation/bp Observation/st", // without a value last
		"Observation?patient=ada&_sort=-date":                                                   "Observation/hb Observation/bp Observation/st",
	} {
		target = strings.NewReplacer("|", "%7C", "$", "%24", "[", "%5B", "]", "%5D").Replace(target)
		if got := strings.Join(names(do(t, e, &open{}, "GET", target, "")), " "); got != want {
			t.Errorf("%s: expected %q, got %q", target, want, got)
		}
	}
}

// A search that cannot be honoured is refused with a reason. Leniency passes over parameters that are not known, but
// never over a modifier (R4 search, "Modifiers").
func TestSearchesThatAreRefused(t *testing.T) {
	e := engine(people.Everybody().Base())
	for target, lenient := range map[string]bool{
		"Observation?code:above=1":                                false,
		"Observation?code:below=1":                                false, // of which system?
		"Observation?code:below=http://loinc.org%7C1":             false,
		"Observation?component-code-value-quantity:missing=false": false,
		"Location?near:missing=true":                              false,
		"Observation?subject:Nothing=Patient/p01":                 false,
		"Observation?subject:contains=Patient/p01":                false,
		"Observation?patient:above=p01":                           false, // nobody is part of somebody
		"Observation?_profile:contains=x":                         false,
		"ServiceRequest?instantiates-canonical:identifier=x":      false,
		"ServiceRequest?instantiates-canonical:above=x":           false,
		"Observation?code:exact=1":                                false,
		"Observation?code:in=http://x":                            false,
		"Observation?code:in=a,b":                                 false,
		"Observation?date:not=2026":                               false,
		"Observation?date:exact=2026":                             false,
		"Observation?value-quantity:above=1":                      false,
		"Observation?patient:Practitioner=x":                      false,
		"Observation?patient:below=x":                             false,
		"Observation?code:of-type=a%7Cb%7Cc":                      false,
		"Observation?code-value-quantity:not=a%24b":               false,
		"Patient?identifier:of-type=a%7Cb":                        false,
		"Patient?family:in=x":                                     false,
		"Patient?family:missing=perhaps":                          false,
		"Patient?_id:contains=p":                                  false,
		"Observation?code-value-quantity=a":                       false,
		"Observation?code-value-quantity=a%24b":                   false,
		"Observation?code-value-quantity=%24":                     false,
		"Location?near=91%7C0":                                    false,
		"Location?near=1%7C1%7C1%7Cfurlong":                       false,
		"Location?near=NaN%7C1":                                   false,
		"Observation?date=0000":                                   false,
		"Patient?name=%FF%FE":                                     false,
		"Patient?_revinclude=*&_revinclude:iterate=*":             false,
		"Location?_sort=near":                                     true, // unsorted, then
		"Observation?_text=x":                                     true,
		"Observation?_content=x":                                  true,
		"Observation?_filter=x":                                   true,
		"Observation?_list=x":                                     true,
		"Observation?colour=red&patient.colour=blue":              true,
	} {
		r := request(t, "GET", target, "")
		var p *query.Problem
		if _, err := e.Do(&open{}, r); !errors.As(err, &p) || p.Status != 400 || p.Code == "" || p.Text == "" || !strings.HasPrefix(p.Expression, "http.") {
			t.Errorf("%s: expected 400, got %v", target, err)
		}
		r = request(t, "GET", target, "")
		r.Lenient = true
		res, err := e.Do(&open{}, r)
		if lenient != (err == nil) {
			t.Errorf("%s: expected it to be passed over %t, got %v", target, lenient, err)
		}
		if err == nil && strings.Contains(string(res.Body), "colour") {
			t.Errorf("%s: expected the self link to tell what was understood, got %.200s", target, res.Body)
		}
	}
}
