package fhirmock

import (
	"fmt"
	"strings"
	"testing"

	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
)

func allergyWith(narrative string) string {
	return fmt.Sprintf(`{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p01"},"code":{"text":"x"},"text":{"status":"additional","div":%q}}`,
		`<div xmlns="http://www.w3.org/1999/xhtml">`+narrative+`</div>`)
}

const scripted = `see <script src="https://evil.test/x.js"></script>`

// By every way of writing, a narrative with a script in it is refused, and nothing is stored; one that formats is not.
func TestNarrativesThatAreStored(t *testing.T) {
	put := func(id, narrative string) string {
		return strings.Replace(allergyWith(narrative), "{", `{"id":"`+id+`",`, 1)
	}
	bundle := func(kind, narrative string) string {
		return `{"resourceType":"Bundle","type":"` + kind + `","entry":[{"resource":` + allergyWith(narrative) + `,"request":{"method":"POST","url":"AllergyIntolerance"}}]}`
	}
	ways := map[string]func(w *world, id, narrative string) string{
		"create": func(w *world, _, narrative string) string {
			return w.write("POST", "/AllergyIntolerance", fhirType, allergyWith(narrative)).Body.String()
		},
		"update": func(w *world, id, narrative string) string {
			return w.write("PUT", "/AllergyIntolerance/"+id, fhirType, put(id, narrative)).Body.String()
		},
		"patch": func(w *world, id, narrative string) string {
			patch := fmt.Sprintf(`[{"op":"replace","path":"/text/div","value":%q}]`, `<div xmlns="http://www.w3.org/1999/xhtml">`+narrative+`</div>`)
			return w.write("PATCH", "/AllergyIntolerance/"+id, patchType, patch).Body.String()
		},
		"batch": func(w *world, _, narrative string) string {
			return w.write("POST", "", fhirType, bundle("batch", narrative)).Body.String()
		},
		"transaction": func(w *world, _, narrative string) string {
			return w.write("POST", "", fhirType, bundle("transaction", narrative)).Body.String()
		},
	}
	for name, way := range ways {
		for _, off := range [][]*control.Control{nil, {control.RSNarrative}} {
			w := newWorld(t, strictest(t).Without(off...))
			id := created(t, w.write("POST", "/AllergyIntolerance", fhirType, allergyWith("see <b>the letter</b>")))
			said := way(w, id, scripted)
			by := w.refusedBy()
			stored := strings.Contains(w.write("GET", "/AllergyIntolerance?patient=p01", "", "").Body.String(), "evil.test")
			if off == nil && (by != control.RSNarrative.ID || stored || !strings.Contains(said, `"invariant"`)) {
				t.Errorf("%s: expected %s to refuse, got %q, stored %t: %s", name, control.RSNarrative, by, stored, said)
			}
			if off != nil && (by != "" || !stored) {
				t.Errorf("%s without the control: expected it to be stored, got %q: %s", name, by, said)
			}
			if said := way(w, id, "see <i>the letter</i>"); w.refusedBy() != "" {
				t.Errorf("%s: expected formatting to be taken, got %s", name, said)
			}
		}
	}
}

// A validator tells of the invariant whether or not the API insists on it.
func TestValidateTellsOfNarratives(t *testing.T) {
	for _, p := range []control.Profile{strictest(t), strictest(t).Without(control.RSNarrative)} {
		rec := newWorld(t, p).write("POST", "/AllergyIntolerance/$validate", fhirType, allergyWith(scripted))
		wantStatus(t, rec, 200)
		if body := rec.Body.String(); !strings.Contains(body, "AllergyIntolerance.text.div") || !strings.Contains(body, "txt-1") {
			t.Errorf("expected the place and the invariant, got %s", body)
		}
	}
}

// A resource without a narrative is not asked about, and what the population has passes.
func TestNarrativesOfThePopulation(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p01", "x")), 201)
	for _, r := range w.rulings() {
		if r.Control == control.RSNarrative.ID {
			t.Errorf("expected no ruling on a narrative that is not there, got %+v", r)
		}
	}
	for _, kind := range []string{"Patient", "Condition", "DocumentReference", "Observation", "AllergyIntolerance"} {
		n, err := r4.Parse(w.write("GET", "/"+kind+"?patient=p01&_count=50", "", "").Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range n.List("entry") {
			if bad := r4.ActiveNarratives(e.Get("resource")); len(bad) > 0 {
				t.Errorf("%s: %+v", kind, bad)
			}
		}
	}
}
