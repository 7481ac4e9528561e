package fhirmock

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// p08 is dal's patient, at granfjelldal; bakke and haug treat her at the hospital.
var (
	herself = as("p08", "patient/*.cruds")
	shutOut = as("bakke", "user/*.cruds")
	another = as("dal", "user/*.cruds")
)

const (
	toBakke = `"type":"deny","actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"reference":"Practitioner/bakke"}}]`
	hers    = "0198f2c4-2222-4222-8222-222222222222"
)

func consentTo(provision string, members ...string) string {
	return `{"resourceType":"Consent","id":"` + hers + `","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},` +
		`"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/p08"},` + strings.Join(append(members, ""), ",") +
		`"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},"provision":{` + provision + `}}`
}

// consentWorld is one in which p08 has said so, before anything else.
func consentWorld(t *testing.T, provision string, off ...*control.Control) *world {
	w := labelWorld(t, append(off, controlsThatCount...)...)
	w.a.Callers["p08"], w.b.Callers["p08"] = Caller{Patient: "p08"}, Caller{Patient: "p08"}
	if provision != "" {
		wantStatus(t, w.write("PUT", "/Consent/"+hers, fhirType, consentTo(provision), herself), 201)
	}
	return w
}

// By whatever way, to whom she has closed it, her record is as if it were not there, and to all others as before.
func TestEveryWayAsksForConsent(t *testing.T) {
	for name, c := range map[string]struct{ method, target, body, shows string }{
		"read":            {"GET", "/Patient/p08", "", `"id":"p08"`},
		"vread":           {"GET", "/Condition/cond-p08-1/_history/1", "", "cond-p08-1"},
		"history":         {"GET", "/Condition/_history?_count=250", "", "cond-p08-1"},
		"search":          {"GET", "/Condition?_count=250", "", "cond-p08-1"},
		"count":           {"GET", "/Condition?patient=p08&_summary=count", "", `"total":3`},
		"include":         {"GET", "/Consent?patient=p08&_include=Consent:patient", "", `"resourceType":"Patient"`},
		"revinclude":      {"GET", "/Consent?patient=p08&_revinclude=Provenance:target&_include=Consent:patient", "", `"resourceType":"Patient"`},
		"by professional": {"GET", "/Practitioner?_id=dal&_revinclude=Patient:general-practitioner", "", `"id":"p08"`},
		"chain":           {"GET", "/Consent?patient.birthdate=gt1900", "", hers},
		"has":             {"GET", "/Practitioner?_has:Patient:general-practitioner:_id=p08", "", `"id":"dal"`},
		"everything":      {"GET", "/Patient/p08/$everything", "", "cond-p08-1"},
		"compartment":     {"GET", "/Patient/p08/Condition", "", "cond-p08-1"},
		"reference":       {"POST", "/Observation", strings.Replace(note("p03", "x"), "{", `{"encounter":{"reference":"Encounter/enc-p08-1"},`, 1), "enc-p08-1"},
		"condition":       {"PUT", "/Observation?_id=obs-p08-1", note("p08", "x"), "p08"},
		"create":          {"POST", "/Observation", note("p08", "x"), `"reference":"Patient/p08"`},
		"update":          {"PUT", "/Observation/obs-p08-1", strings.Replace(note("p08", "x"), "{", `{"id":"obs-p08-1",`, 1), `"reference":"Patient/p08"`},
		"batch":           {"POST", "/", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p08"}}]}`, `"birthDate"`},
	} {
		ask := func(w *world, whom func(*try)) string {
			kind := ""
			if c.body != "" {
				kind = fhirType
			}
			rec := w.write(c.method, c.target, kind, c.body, whom)
			if rec.Code >= 400 {
				return ""
			}
			return rec.Body.String()
		}
		if text := ask(consentWorld(t, toBakke), shutOut); strings.Contains(text, c.shows) {
			t.Errorf("%s: it came out: %s", name, text)
		}
		if text := ask(consentWorld(t, toBakke, control.RSConsent), shutOut); !strings.Contains(text, c.shows) {
			t.Errorf("%s: without the control expected it, got %s", name, text)
		}
		if name == "reference" { // p03 is none of dal's
			continue
		}
		if text := ask(consentWorld(t, toBakke), another); !strings.Contains(text, c.shows) {
			t.Errorf("%s: expected it for her general practitioner, got %s", name, text)
		}
	}
}

func TestWhoIsShutOut(t *testing.T) {
	const at = "/Condition/cond-p08-1"
	actor := func(reference string) string {
		return strings.Replace(toBakke, `{"reference":"Practitioner/bakke"}`, reference, 1)
	}
	class := `"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]`
	for name, c := range map[string]struct {
		provision, target string
		who               func(*try)
		open              bool
	}{
		"he":                           {toBakke, at, shutOut, false},
		"a colleague":                  {toBakke, at, as("haug", "user/*.rs"), true},
		"her general practitioner":     {toBakke, at, another, true},
		"she":                          {`"type":"deny"`, at, herself, true},
		"everybody":                    {`"type":"deny"`, at, another, false},
		"nested, as R4 has it":         {`"provision":[{` + toBakke + `}]`, at, shutOut, false},
		"whoever works there":          {actor(`{"reference":"Organization/fjordheim"}`), at, shutOut, false},
		"whoever works elsewhere":      {actor(`{"reference":"Organization/fjordheim"}`), at, another, true},
		"the system of a place":        {actor(`{"reference":"Organization/granfjelldal"}`), at, as("clinic", "system/*.rs"), false},
		"he, by his number":            {actor(`{"identifier":{"system":"urn:oid:2.16.578.1.12.4.1.4.4","value":"565500171"}}`), at, shutOut, false},
		"another number":               {actor(`{"identifier":{"system":"urn:oid:2.16.578.1.12.4.1.4.4","value":"565500181"}}`), at, shutOut, true},
		"from diagnoses":               {toBakke + "," + class, at, shutOut, false},
		"from diagnoses, her name":     {toBakke + "," + class, "/Patient/p08", shutOut, true},
		"from nothing, he may read it": {toBakke, "/Consent/" + hers, shutOut, true},
	} {
		w := consentWorld(t, c.provision)
		w.a.Callers["haug"] = Caller{Practitioner: "haug"}
		for _, node := range []*API{w.a, w.b} { // what one node has stored the other asks about
			w.b.Callers = w.a.Callers
			first := w.a
			w.a = node
			rec := w.write("GET", c.target, "", "", c.who)
			w.a = first
			if (rec.Code == 200) != c.open {
				t.Errorf("%s: expected open %t, got %d: %s", name, c.open, rec.Code, rec.Body)
			}
			if !c.open && w.refusedBy() != control.RSConsent.ID {
				t.Errorf("%s: got refused by %q", name, w.refusedBy())
			}
		}
	}
}

// What she has said, she can take back.
func TestConsentIsTakenBack(t *testing.T) {
	w := consentWorld(t, toBakke)
	read := func() int { return w.write("GET", "/Patient/p08", "", "", shutOut).Code }
	for n, say := range []func() *httptest.ResponseRecorder{
		func() *httptest.ResponseRecorder {
			return w.write("PUT", "/Consent/"+hers, fhirType, strings.Replace(consentTo(toBakke), "active", "inactive", 1), herself)
		},
		func() *httptest.ResponseRecorder {
			return w.write("PUT", "/Consent/"+hers, fhirType, consentTo(toBakke), herself)
		},
		func() *httptest.ResponseRecorder { return w.write("DELETE", "/Consent/"+hers, "", "", herself) },
	} {
		if rec := say(); rec.Code >= 400 {
			t.Fatalf("expected her to be heard, got %d: %s", rec.Code, rec.Body)
		}
		if want := []int{200, 404, 200}[n]; read() != want {
			t.Errorf("after %d: expected %d, got %d", n, want, read())
		}
	}
}

func TestWhoWritesConsents(t *testing.T) {
	const custodian = `"organization":[{"reference":"Organization/granfjelldal"}]`
	clinic := func(t *try) {
		t.claims.Subject, t.claims.ClientID, t.claims.Scope = "clinic", "clinic", "system/*.cruds"
	}
	open := strings.Replace(consentTo(toBakke), `"type":"deny"`, `"type":"permit"`, 1)
	toClinic := strings.Replace(toBakke, "Practitioner/bakke", "Organization/granfjelldal", 1)
	put := func(text string) func(*world, func(*try)) *httptest.ResponseRecorder {
		return func(w *world, who func(*try)) *httptest.ResponseRecorder {
			return w.write("PUT", "/Consent/"+hers, fhirType, text, who)
		}
	}
	for name, c := range map[string]struct {
		stands string // "" for nothing
		do     func(*world, func(*try)) *httptest.ResponseRecorder
		who    func(*try)
		ok     bool
	}{
		"he opens it":                        {consentTo(toBakke), put(open), shutOut, false},
		"he withdraws it":                    {consentTo(toBakke), put(strings.Replace(consentTo(toBakke), "active", "inactive", 1)), shutOut, false},
		"he says that it is somebody else's": {consentTo(toBakke), put(strings.Replace(consentTo(toBakke), "p08", "p03", 1)), shutOut, false},
		"he takes himself out": {consentTo(toBakke), func(w *world, who func(*try)) *httptest.ResponseRecorder {
			return w.write("PATCH", "/Consent/"+hers, patchType, `[{"op":"remove","path":"/provision"}]`, who)
		}, shutOut, false},
		"he deletes it": {consentTo(toBakke), func(w *world, who func(*try)) *httptest.ResponseRecorder {
			return w.write("DELETE", "/Consent/"+hers, "", "", who)
		}, shutOut, false},
		"he deletes whichever fits": {consentTo(toBakke), func(w *world, who func(*try)) *httptest.ResponseRecorder {
			return w.write("DELETE", "/Consent?patient=p08", "", "", who)
		}, shutOut, false},
		"in a transaction": {consentTo(toBakke), func(w *world, who func(*try)) *httptest.ResponseRecorder {
			return w.write("POST", "/", fhirType, fmt.Sprintf(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Consent/%s"},"resource":%s}]}`, hers, open), who)
		}, shutOut, false},
		"another doctor opens it to him":        {consentTo(toBakke), put(open), another, false},
		"a doctor shuts a colleague out":        {"", put(consentTo(toBakke)), another, false},
		"a doctor notes that she agrees":        {"", put(open), another, true},
		"she opens it":                          {consentTo(toBakke), put(open), herself, true},
		"her clinic, which she has named":       {consentTo(toBakke, custodian), put(open), clinic, true},
		"her clinic, which she has not":         {consentTo(toBakke), put(consentTo(toBakke, custodian)), clinic, false},
		"her clinic, for the first time":        {"", put(consentTo(toBakke, custodian)), clinic, false},
		"her clinic, which it is about":         {consentTo(toClinic, custodian), put(open), clinic, false},
		"a doctor of the clinic that she named": {consentTo(toBakke, custodian), put(open), another, false},
	} {
		for _, off := range [][]*control.Control{nil, {control.RSConsentAuthor}} {
			w := consentWorld(t, "", off...)
			if c.stands != "" {
				wantStatus(t, w.write("PUT", "/Consent/"+hers, fhirType, c.stands, herself), 201)
			}
			rec := c.do(w, c.who)
			if ok := rec.Code < 400; ok != (c.ok || off != nil) {
				t.Errorf("%s without %v: expected ok %t, got %d by %q: %s", name, off, c.ok, rec.Code, w.refusedBy(), rec.Body)
			}
			if by := w.refusedBy(); off == nil && !c.ok && by != control.RSConsentAuthor.ID {
				t.Errorf("%s: got refused by %q", name, by)
			}
		}
	}
}

// What is to be gone through for each record has an end.
func TestConsentIsNotEndless(t *testing.T) {
	w := consentWorld(t, "")
	for n, status := range map[int]int{100: 201, 300: 422} {
		long := strings.Repeat(`{`+toBakke+`},`, n)
		rec := w.write("PUT", "/Consent/0198f2c4-2222-4222-8222-"+fmt.Sprintf("%012d", n), fhirType,
			strings.Replace(consentTo(`"provision":[`+strings.TrimSuffix(long, ",")+`]`), hers, "0198f2c4-2222-4222-8222-"+fmt.Sprintf("%012d", n), 1), herself)
		wantStatus(t, rec, status)
	}
}

// An emergency goes before what she has closed, unless she has thought of that.
func TestConsentAndEmergencies(t *testing.T) {
	for provision, status := range map[string]int{
		toBakke: 200,
		toBakke + `,"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"BTG"}]`: 404,
	} {
		w := consentWorld(t, provision)
		in := emergency(w, as("bakke", "user/*.rs"))
		wantStatus(t, w.write("GET", "/Patient/p08", "", "", in), status)
		wantStatus(t, w.write("GET", "/Condition/cond-p08-1", "", "", emergency(w, as("bakke", "user/*.rs"), func(t *try) { t.claims.ACR = "" })), 401)
	}
	w := consentWorld(t, toBakke)
	in := func() func(*try) { return emergency(w, as("bakke", "user/*.cruds")) }
	wantStatus(t, w.write("GET", "/Patient/p08", "", "", in()), 200)
	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p08", "x"), in()), 404)
	wantStatus(t, w.write("GET", "/Patient/p10", "", "", in()), 404) // the sign-in was for p08
	rec := w.write("GET", "/AuditEvent?patient=p08&_count=250", "", "", as("auditor", "system/AuditEvent.rs"))
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), `"BTG"`) {
		t.Errorf("expected the emergency in the log, got %s", rec.Body)
	}
}

// Records of a town are counted by kinds, and what a Consent says of some of a kind is kept: among all of a panel, so many
// fewer are counted as fewer of hers are shown.
func TestConsentIsCountedInATown(t *testing.T) {
	p, doctor, patient := townsmen(), "", ""
	for _, one := range p.Practitioners() {
		for _, id := range p.Entitled(Caller{Practitioner: one.ID}) {
			if strings.HasPrefix(id, "t") && doctor == "" {
				doctor, patient = one.ID, id
			}
		}
	}
	w := worldOver(t, strictest(t).Without(controlsThatCount...), p, NewRecords(p))
	w.a.Callers[patient], w.a.Callers[doctor] = Caller{Patient: patient}, Caller{Practitioner: doctor}
	for _, kind := range []string{"Condition", "Observation"} {
		all, before := counted(t, w, doctor, kind), shown(t, w, doctor, kind, patient)
		for name, more := range map[string]string{
			"all": "", "diagnoses": `,"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]`,
			"years":      `,"dataPeriod":{"end":"2024"}`,
			"restricted": `,"securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]`,
		} {
			text := strings.ReplaceAll(consentTo(strings.Replace(toBakke, "Practitioner/bakke", "Practitioner/"+doctor, 1)+more), "p08", patient)
			if rec := w.write("PUT", "/Consent/"+hers, fhirType, text, as(patient, "patient/*.cruds")); rec.Code >= 300 {
				t.Fatalf("%s: got %d: %s", name, rec.Code, rec.Body)
			}
			fewer, after := counted(t, w, doctor, kind), shown(t, w, doctor, kind, patient)
			if all-fewer != before-after {
				t.Errorf("%s: expected %d of %s fewer than %d, got %d", name, before-after, kind, all, fewer)
			}
			if closed := after == 0; closed != (name == "all" || name == "diagnoses" && kind == "Condition") {
				t.Errorf("%s: got %d of %d of %s", name, after, before, kind)
			}
			if name == "years" && (after == before || after == 0) {
				t.Errorf("expected the Consent to part her %d of %s, got %d", before, kind, after)
			}
		}
		wantStatus(t, w.write("DELETE", "/Consent/"+hers, "", "", as(patient, "patient/*.cruds")), 204)
	}
}

// shown is how many records of a patient there are on all pages.
func shown(t *testing.T, w *world, doctor, kind, patient string) (n int) {
	t.Helper()
	for at := []string{"/" + kind + "?_count=100&patient=" + patient}; len(at) > 0; at = at[1:] {
		rec := w.write("GET", at[0], "", "", as(doctor, "user/*.rs"))
		wantStatus(t, rec, 200)
		n += strings.Count(rec.Body.String(), `"resourceType":"`+kind+`"`)
		at = append(at, next(rec)...)
	}
	return n
}

// counted is how many records a search says that there are.
func counted(t *testing.T, w *world, doctor, kind string) int {
	t.Helper()
	rec := w.write("GET", "/"+kind+"?_summary=count", "", "", as(doctor, "user/*.rs"))
	wantStatus(t, rec, 200)
	n, _ := decode(t, rec)["total"].(float64)
	return int(n)
}

// An export of a list that she is on leaves her out, even one that was begun before she said so.
func TestConsentClosesExports(t *testing.T) {
	const list = "0198f2c4-3333-4333-8333-333333333333"
	w := consentWorld(t, "")
	wantStatus(t, w.write("PUT", "/Group/"+list, fhirType, `{"resourceType":"Group","id":"`+list+`","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p03"}},{"entity":{"reference":"Patient/p08"}}]}`, shutOut), 201)
	scope := "user/*.rs"
	begin := func() *httptest.ResponseRecorder {
		return w.export("bakke", "/Group/"+list+"/$export?_type=Patient,Condition", scope)
	}
	before := w.fetch("bakke", scope, begin())
	if strings.Count(before["Patient"], "\n") != 2 {
		t.Fatalf("expected both of them, got %s", before["Patient"])
	}
	begun := begin()
	wantStatus(t, w.write("PUT", "/Consent/"+hers, fhirType, consentTo(toBakke), herself), 201)
	for name, files := range map[string]map[string]string{"begun before": w.fetch("bakke", scope, begun), "begun after": w.fetch("bakke", scope, begin())} {
		if text := files["Patient"] + files["Condition"]; strings.Contains(text, "p08") || !strings.Contains(text, "cond-p03-1") {
			t.Errorf("%s: expected p03 alone, got %s", name, text)
		}
	}
}
