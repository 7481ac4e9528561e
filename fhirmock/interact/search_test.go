package interact

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// What is searched here is put there first, so that each row shows what it finds.
func TestSearchParameters(t *testing.T) {
	e := engine(people.Everybody().Base())
	for _, id := range []string{"Patient/ada", "Patient/bo", "Encounter/e", "Observation/o", "Observation/q"} {
		kind, name, _ := strings.Cut(id, "/")
		do(t, e, &open{}, "PUT", id, `{"resourceType":"`+kind+`","id":"`+name+`",`+records[id]+`}`)
	}
	for target, want := range map[string]string{
		"Patient?family=odegard":                                                                    "Patient/ada", // without accents, by its beginning
		"Patient?family=gard":                                                                       "",
		"Patient?family=hansen&_id=ada,bo":                                                          "Patient/bo", // a part of it
		"Patient?family=Bo+Berg+%20Hansen&_id=ada,bo":                                               "Patient/bo",
		"Patient?family:exact=Hansen&_id=ada,bo":                                                    "",
		"Patient?family:contains=gard":                                                              "Patient/ada",
		"Patient?family:exact=Ødegård":                                                              "Patient/ada",
		"Patient?family:exact=ødegård":                                                              "",
		"Patient?name=mai&_id=ada,bo":                                                               "Patient/ada",
		"Patient?birthdate=1985&_id=ada,bo":                                                         "Patient/ada",
		"Patient?birthdate=ge1985-03-12&_id=ada,bo&_sort=-birthdate":                                "Patient/bo Patient/ada",
		"Patient?birthdate=gt1985-03-12&_id=ada,bo":                                                 "Patient/bo",
		"Patient?birthdate=lt1990&_id=ada,bo":                                                       "Patient/ada",
		"Patient?birthdate=ne1990&_id=ada,bo":                                                       "Patient/ada",
		"Patient?birthdate=sa1989&_id=ada,bo":                                                       "Patient/bo",
		"Patient?birthdate=eb1990&_id=ada,bo":                                                       "Patient/ada",
		"Patient?deceased=true":                                                                     "Patient/bo",
		"Patient?phone=99":                                                                          "Patient/ada",
		"Patient?email=99":                                                                          "",
		"Patient?active:not=true&_id=ada,bo":                                                        "Patient/bo",
		"Patient?general-practitioner:missing=true":                                                 "Patient/bo",
		"Patient?general-practitioner.name=stødig&_id=ada,bo":                                       "Patient/ada",
		"Patient?_has:Observation:patient:code=1-8":                                                 "Patient/ada",
		"Patient?_has:Encounter:patient:_has:Observation:encounter:status=final&_id=ada,bo":         "Patient/ada",
		"Patient?_id=ada&_contained=false&_containedType=container":                                 "Patient/ada",
		"Patient?link=Patient/ada&_include=Patient:link":                                            "Patient/bo Patient/ada*",
		"Observation?code=http://loinc.org|1-8":                                                     "Observation/o",
		"Observation?code=http://loinc.org|&patient=ada":                                            "Observation/o",
		"Observation?code=|1-8":                                                                     "",
		"Observation?code:text=cotton":                                                              "Observation/o",
		"Observation?status=final,amended&patient=ada":                                              "Observation/o Observation/q",
		"Observation?status:not=final&patient=ada":                                                  "Observation/q",
		"Observation?value-quantity=5.4&patient=ada":                                                "Observation/o",
		"Observation?value-quantity=5&patient=ada":                                                  "Observation/o", // 4.5 to 5.5
		"Observation?value-quantity=5.0&patient=ada":                                                "",
		"Observation?value-quantity=gt5|http://unitsofmeasure.org|mmol/L&patient=ada":               "Observation/o",
		"Observation?value-quantity=gt5||mg&patient=ada":                                            "",
		"Observation?value-string=HØY":                                                              "Observation/q",
		"Observation?date=2026-01&patient=ada":                                                      "Observation/o",
		"Observation?date=gt2026-03&patient=ada":                                                    "Observation/q", // it has no end
		"Observation?date=ap2026-01-03&patient=ada":                                                 "Observation/o",
		"Observation?patient=ada&_sort=-date,_id":                                                   "Observation/q Observation/o",
		"Observation?patient=ada&_sort=status":                                                      "Observation/q Observation/o",
		"Observation?_tag=urn:t|x":                                                                  "Observation/q",
		"Observation?_profile=http://hl7.org/fhir/StructureDefinition/vitalsigns":                   "Observation/q",
		"Observation?_profile:below=http://hl7.org/fhir":                                            "Observation/q",
		"Observation?_lastUpdated=gt2026-11-23T08:00:00Z":                                           "Observation/o Observation/q",
		"Observation?subject:Patient=ada&encounter.class=AMB":                                       "Observation/o",
		"Observation?subject:Patient.birthdate=1985-03-12":                                          "Observation/o Observation/q",
		"Observation?encounter=e&_include=Observation:encounter&_include:iterate=Encounter:patient": "Observation/o Encounter/e* Patient/ada*",
		"Observation?_id=q&_include=*":                                                              "Observation/q Observation/o* Patient/ada*",
		"Encounter?date=2026-01-02&patient=ada":                                                     "",            // it contains that day, but is not within it
		"Encounter?date=ge2026-01-02&patient=ada":                                                   "Encounter/e", // and part of it is later
		"Encounter?patient=ada&_revinclude=Observation:encounter":                                   "Encounter/e Observation/o*",
		"Encounter?patient=ada&_revinclude=Observation:*":                                           "Encounter/e Observation/o*",
		"Encounter?patient=ada&_revinclude=*":                                                       "Encounter/e Observation/o*",
		"Encounter?patient=ada&_revinclude=Observation:encounter&_revinclude:iterate=Observation:has-member": "Encounter/e Observation/o* Observation/q*",
	} {
		target = strings.NewReplacer("|", "%7C", "Ø", "%C3%98", "ø", "%C3%B8", "å", "%C3%A5").Replace(target)
		if got := strings.Join(names(do(t, e, &open{}, "GET", target, "")), " "); got != want {
			t.Errorf("%s: expected %q, got %q", target, want, got)
		}
	}
}

var records = map[string]string{
	"Patient/ada": `"name":[{"family":"Ødegård","given":["Ada","Mai"]}],"birthDate":"1985-03-12","telecom":[{"system":"phone","value":"99"},{"system":"email","value":"a@b"}],"generalPractitioner":[{"reference":"Practitioner/berg"}],"active":true`,
	"Patient/bo":  `"name":[{"family":"Bo Berg-Hansen"}],"birthDate":"1990","deceasedDateTime":"2020-01-01","link":[{"other":{"reference":"Patient/ada"},"type":"seealso"}]`,
	"Encounter/e": `"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-01-01T10:00:00Z","end":"2026-01-03T10:00:00Z"}`,
	"Observation/o": `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1-8","display":"Cotton wool"}]},"subject":{"reference":"Patient/ada"},"encounter":{"reference":"Encounter/e"},` +
		`"effectiveDateTime":"2026-01-02","valueQuantity":{"value":5.4,"system":"http://unitsofmeasure.org","code":"mmol/L"}`,
	"Observation/q": `"meta":{"tag":[{"system":"urn:t","code":"x"}],"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns"]},"status":"amended","code":{"text":"other"},"subject":{"reference":"Patient/ada"},` +
		`"effectivePeriod":{"start":"2026-02-01"},"valueString":"Høy","hasMember":[{"reference":"Observation/o"}]`,
}

// Bad input is refused, in bounds.
func TestSearchesThatAreTooMuch(t *testing.T) {
	e := engine(people.Everybody().Base())
	long := strings.TrimSuffix(strings.Repeat("a,", 10_000), ",")
	many := strings.TrimSuffix(strings.Repeat("status=a&", 100), "&")
	for target, code := range map[string]string{
		"Observation?code=" + long: "too-costly",
		"Observation?" + many:      "too-costly",
		"Observation?subject:Patient.link.link.link.link.link.link.name=x": "too-costly",
		"Observation?date=2026-13-01":                                      "value",
		"Observation?date=yesterday":                                       "value",
		"Observation?value-quantity=NaN":                                   "value",
		"Observation?value-quantity=5|x":                                   "value",
		"Observation?_sort=a,b":                                            "not-supported",
		"Observation?_include=Observation":                                 "value",
		"Observation?_summary=true&_elements=id":                           "invalid",
		"Observation?_has:Patient:x=1":                                     "value",
		"Observation?near=1":                                               "not-supported",
		"Observation?code:in=x":                                            "not-supported",
		"Observation?code=a%5Cb":                                           "value", // "xx\\xx is illegal"
		"Observation?code=a%5C":                                            "value",
		"Observation?_summary=text&_include=*":                             "invalid",
		"Observation?_contained=true":                                      "not-supported",
		"Observation?_contained=both":                                      "not-supported",
		"Observation?_containedType=all":                                   "value",
		"Observation?_page=x!":                                             "value",
	} {
		_, err := e.Do(&open{}, request(t, "GET", strings.ReplaceAll(target, "|", "%7C"), ""))
		var p *query.Problem
		if !errors.As(err, &p) || p.Code != code || p.Status != 400 {
			t.Errorf("%.60s: expected %s, got %v", target, code, err)
		}
	}
}

// Pages are stable: what is written meanwhile moves nothing.
func TestPagesAreStable(t *testing.T) {
	for _, sort := range []string{"", "&_sort=-date", "&_sort=code,-date"} {
		e := engine(people.Everybody().Base())
		var all []string
		target := "Observation?_count=37" + sort
		for n := 0; target != ""; n++ {
			b := do(t, e, &open{}, "GET", target, "")
			all = append(all, names(b)...)
			target = ""
			for _, l := range b.List("link") {
				if l.String("relation") == "next" {
					target = strings.TrimPrefix(l.String("url"), base+"/")
				}
			}
			if n == 2 {
				do(t, e, &open{}, "DELETE", all[0], "")
				do(t, e, &open{}, "DELETE", all[50], "")
			}
		}
		seen := map[string]bool{}
		for _, name := range all {
			if seen[name] {
				t.Fatalf("%s: %s came twice", sort, name)
			}
			seen[name] = true
		}
		if len(all) != 244 {
			t.Errorf("%s: expected 244 records, got %d", sort, len(all))
		}
	}
}

// Each record that a search touches is asked about, by the way it goes; a closed door closes every way.
func TestTheDoorIsAskedAboutEverything(t *testing.T) {
	for target, ways := range map[string][]store.Way{
		"Patient/p01":                                                     {store.AsRead},
		"Patient/p01/_history":                                            {store.AsRead, store.AsHistory},
		"Patient/_history":                                                {store.AsHistory},
		"Patient/p01/_history/1":                                          {store.AsVersion},
		"Patient/p01/$everything":                                         {store.AsEverything},
		"Condition?patient=p01":                                           {store.AsMatch, store.AsCount},
		"Condition?patient=p01&_total=none":                               {store.AsMatch},
		"Condition?patient=p01&_summary=count":                            {store.AsCount},
		"Condition?patient=p01&_include=Condition:patient":                {store.AsMatch, store.AsCount, store.AsInclude},
		"Encounter?patient=p01&_revinclude=Observation:encounter":         {store.AsMatch, store.AsCount, store.AsRevInclude},
		"Condition?patient.gender=male":                                   {store.AsChain, store.AsMatch, store.AsCount},
		"Patient?_has:Condition:patient:clinical-status=active":           {store.AsHas, store.AsMatch, store.AsCount},
		"Patient?_has:Condition:patient:encounter.class=AMB&_sort=family": {store.AsChain, store.AsHas, store.AsMatch, store.AsCount},
	} {
		e, g := engine(people.Everybody().Base()), &open{asked: map[store.Way]int{}}
		do(t, e, g, "GET", target, "")
		for _, w := range ways {
			if g.asked[w] == 0 {
				t.Errorf("%s: nobody asked about a %s", target, w)
			}
			delete(g.asked, w)
		}
		if len(g.asked) > 0 {
			t.Errorf("%s: also asked %v", target, g.asked)
		}
		for _, w := range ways {
			shut := &open{closed: func(way store.Way, r *store.Record) bool { return way == w && slices.Contains(r.Patients, "p01") }}
			res, err := e.Do(shut, request(t, "GET", target, ""))
			if err != nil {
				continue // a refusal
			}
			if w != store.AsChain && w != store.AsHas && w != store.AsRead && strings.Contains(string(res.Body), fmt.Sprintf("canary-%s", "p01")) && len(ways) == 1 {
				t.Errorf("%s: the door for %s was closed, and p01 came out all the same", target, w)
			}
		}
	}
}

// Who allows it is answered without what is not understood, an order too, and the link says without what (R4 search,
// "Handling Errors").
func TestLenientSearches(t *testing.T) {
	e := engine(people.Everybody().Base())
	for asked, link := range map[string]string{
		"_sort=colour":                      "Patient?_count=2",
		"_sort=family,colour":               "Patient?_count=2",
		"colour=red&_sort=-family":          "Patient?_count=2&_sort=-family",
		"_sort=a,b,c,d,e&gender=male":       "Patient?_count=2&gender=male",
		"_content=x&name:exact=x&_type=x":   "Patient?_count=2&name%3Aexact=x",
		"_sort=family,gender,birthdate,_id": "Patient?_count=2&_sort=family%2Cgender%2Cbirthdate%2C_id",
	} {
		r := request(t, "GET", "Patient?_count=2&"+asked, "")
		r.Lenient = true
		res, err := e.Do(&open{}, r)
		if err != nil {
			t.Errorf("%s: %v", asked, err)
			continue
		}
		if want := `{"relation":"self","url":"` + base + "/" + link + `"}`; !strings.Contains(string(res.Body), want) {
			t.Errorf("%s: expected %s, got %.300s", asked, want, res.Body)
		}
	}
	for _, refused := range []string{"_query=x", "_count=x", "_sort=family,gender,birthdate,_id,active", "birthdate=x", "gender:above=x"} {
		r := request(t, "GET", "Patient?"+refused, "")
		r.Lenient = true
		if _, err := e.Do(&open{}, r); err == nil {
			t.Errorf("%s: expected a refusal all the same", refused)
		}
	}
}

// Elements are named of what is searched for, and not of what is drawn in (R4 search, "Elements").
func TestElementsOfWhatIsIncluded(t *testing.T) {
	e := engine(people.Everybody().Base())
	entries := do(t, e, &open{}, "GET", "Observation?patient=p01&_count=1&_include=Observation:patient&_elements=status", "").List("entry")
	if len(entries) != 2 {
		t.Fatalf("expected a match and a patient, got %d entries", len(entries))
	}
	match, drawn := entries[0].Get("resource"), entries[1].Get("resource")
	if match.Get("status") == nil || match.Get("subject") != nil || drawn.Get("name") == nil || strings.Contains(string(drawn.Append(nil)), "SUBSETTED") {
		t.Errorf("expected the match cut and the patient whole, got %s and %s", match.Append(nil), drawn.Append(nil))
	}
}

// A page goes on in the order that it was made in: in another its mark would be a place among all records, and tell how
// many of others' come before.
func TestAPageOfAnotherOrder(t *testing.T) {
	e := engine(people.Everybody().Base())
	next := func(target string) string {
		for _, l := range do(t, e, &open{}, "GET", target, "").List("link") {
			if l.String("relation") == "next" {
				return strings.TrimPrefix(l.String("url"), base+"/")
			}
		}
		t.Fatalf("%s: expected a further page", target)
		return ""
	}
	for target, change := range map[string][2]string{
		"Patient?_count=5":                  {"_count=5", "_count=5&_sort=_id"},
		"Patient?_count=5&_sort=_id":        {"&_sort=_id", ""},
		"Patient?_count=5&_sort=_id,gender": {"_sort=_id%2Cgender", "_sort=_id"},
	} {
		link := next(target)
		do(t, e, &open{}, "GET", link, "")
		changed := strings.Replace(link, change[0], change[1], 1)
		_, err := e.Do(&open{}, request(t, "GET", changed, ""))
		if p := (*query.Problem)(nil); changed == link || !errors.As(err, &p) || p.Expression != "http._page" {
			t.Errorf("%s: expected a refusal, got %v", changed, err)
		}
	}
}
