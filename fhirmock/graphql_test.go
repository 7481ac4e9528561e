package fhirmock

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

const graphType = "application/graphql"

func (w *world) graph(question string, changes ...func(*try)) *httptest.ResponseRecorder {
	w.tb.Helper()
	return w.write("POST", "/$graphql", graphType, question, changes...)
}

// A query comes in the address, as itself, as JSON, and as the parameters of an operation, and is answered as plain JSON.
func TestHowAGraphQLQueryComes(t *testing.T) {
	const query, named = `{ Patient(id: "p01") { id } }`, `query a($id: ID!) { Patient(id: $id) { id } } query b { __typename }`
	vars := url.Values{"query": {named}, "operationName": {"a"}, "variables": {`{"id":"p01"}`}}
	for name, c := range map[string]struct{ method, target, kind, body string }{
		"address":    {"GET", "/$graphql?" + url.Values{"query": {query}}.Encode(), "", ""},
		"variables":  {"GET", "/$graphql?" + vars.Encode(), "", ""},
		"text":       {"POST", "/$graphql", graphType, query},
		"JSON":       {"POST", "/$graphql", "application/json", `{"query":"query a($id: ID!) { Patient(id: $id) { id } }","operationName":null,"variables":{"id":"p01"}}`},
		"Parameters": {"POST", "/$graphql", fhirType, `{"resourceType":"Parameters","parameter":[{"name":"query","valueString":"{ Patient(id: \"p01\") { id } }"}]}`},
	} {
		rec := newWorld(t, strictest(t)).write(c.method, c.target, c.kind, c.body)
		if wantStatus(t, rec, 200); rec.Header().Get("Content-Type") != "application/json" || rec.Body.String() != `{"data":{"Patient":{"id":"p01"}}}` {
			t.Errorf("%s: got %s %s", name, rec.Header().Get("Content-Type"), rec.Body)
		}
	}
	rec := newWorld(t, strictest(t)).write("POST", "/Patient/p01/$graphql", graphType, `{ id ConditionList(_reference: patient, _count: 1) { id } }`)
	if wantStatus(t, rec, 200); rec.Body.String() != `{"data":{"id":"p01","ConditionList":[{"id":"cond-p01-1"}]}}` {
		t.Errorf("of an instance: got %s", rec.Body)
	}
}

// What is refused says so as GraphQL has it, with an OperationOutcome beside the message (R4 graphql, "Error Handling").
func TestRefusedGraphQL(t *testing.T) {
	for name, c := range map[string]struct {
		method, target, kind, body string
		status                     int
		says                       string
	}{
		"a mistake":        {"POST", "/$graphql", graphType, `{ Patient(id: "p01") { birthdate } }`, 400, "did you mean birthDate"},
		"no query":         {"GET", "/$graphql", "", "", 400, "expected a GraphQL query"},
		"a parameter":      {"GET", "/$graphql?query={__typename}&name=x", "", "", 400, `parameter \"name\"`},
		"twice":            {"GET", "/$graphql?query={__typename}&query={__typename}", "", "", 400, "once"},
		"variables":        {"GET", "/$graphql?query={__typename}&variables={", "", "", 400, "variables"},
		"other JSON":       {"POST", "/$graphql", "application/json", `{"quarry":"{ __typename }"}`, 400, "expected an object with query"},
		"a list":           {"POST", "/$graphql", "application/json", `[{"query":"{ __typename }"}]`, 400, "expected an object with query"},
		"another resource": {"POST", "/$graphql", fhirType, `{"resourceType":"Patient"}`, 400, "expected an object with query"},
		"a form":           {"POST", "/$graphql", formType, "query={__typename}", 415, "application/fhir+json"},
		"too long":         {"POST", "/$graphql", graphType, strings.Repeat(" ", 5*65536), 413, "too long"},
		"a stranger's":     {"POST", "/$graphql", graphType, `{ Patient(id: "p40") { id } }`, 404, "there is no such record"},
		"nobody's":         {"POST", "/$graphql", graphType, `{ Patient(id: "p99") { id } }`, 404, "there is no such record"},
	} {
		rec := newWorld(t, strictest(t)).write(c.method, c.target, c.kind, c.body)
		if body := rec.Body.String(); rec.Code != c.status || !strings.HasPrefix(body, `{"data":null,"errors":[{"message":"`) || !strings.Contains(body, `"extensions":{"resource":{"resourceType":"OperationOutcome"`) ||
			!strings.Contains(body, c.says) || rec.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s", name, rec.Code, body)
		}
	}
	w := newWorld(t, strictest(t))
	rec := w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p01/$graphql?query={id}"}}]}`)
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), "expected an interaction of REST") {
		t.Errorf("in a batch: got %s", rec.Body)
	}
}

// Whatever a query asks for, and however, it is what a read would show: with that one control off, and all others on,
// strangers come out by each of the ways, and labelled records do not.
func TestEveryWayThroughAQueryAsks(t *testing.T) {
	for name, c := range map[string]struct{ question, shows string }{
		"by id":     {`{ Patient(id: "p40") { id } }`, `"p40"`},
		"list":      {`{ PatientList { id } }`, `"p40"`},
		"page":      {`{ PatientConnection { edges { resource { id } } } }`, `"p40"`},
		"by number": {`{ ConditionList(patient: "p40") { id } }`, `"cond-p40-1"`},
		"count":     {`{ PatientConnection(_id: "p40") { count } }`, `"count":1`},
		"backwards": {`{ Practitioner(id: "foss") { PatientList(_reference: general_practitioner) { id } } }`, `"p40"`},
		"there and back": {`{ Patient(id: "p01") { generalPractitioner { resource { ... on Practitioner { PatientList(_reference: general_practitioner) { managingOrganization { resource { ` +
			`... on Organization { PatientConnection(_reference: organization) { count edges { resource { id generalPractitioner { reference } } } } } } } } } } } } }`, `Practitioner/dal`},
	} {
		w := newWorld(t, strictest(t))
		if rec := w.graph(c.question); strings.Contains(rec.Body.String(), c.shows) || w.refusedBy() != control.RSEntitlementGraph.ID {
			t.Errorf("%s: expected nothing of strangers, by %s, got %s by %q", name, control.RSEntitlementGraph, rec.Body, w.refusedBy())
		}
		w = newWorld(t, strictest(t).Without(control.RSEntitlementGraph))
		if rec := w.graph(c.question); !strings.Contains(rec.Body.String(), c.shows) {
			t.Errorf("%s: without the control expected %s, got %s", name, c.shows, rec.Body)
		}
	}
	system := as("clinic", "system/*.rs")
	const label = `{ ConditionList(patient: "p04") { id } ConditionConnection(patient: "p04", _security: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R") { count } }`
	if rec := labelWorld(t, control.RSEntitlementGraph).graph(label, system); strings.Contains(rec.Body.String(), "cond-p04-3") || !strings.Contains(rec.Body.String(), `"count":0`) {
		t.Errorf("a restricted record came out: %s", rec.Body)
	}
	if rec := labelWorld(t, control.RSLabelRead).graph(label, system); !strings.Contains(rec.Body.String(), "cond-p04-3") || !strings.Contains(rec.Body.String(), `"count":1`) {
		t.Errorf("without %s expected the restricted record, got %s", control.RSLabelRead, rec.Body)
	}
}

// The scope, the sign-in, the patient of a launch and the log of accesses hold in a query as they do elsewhere, whatever is
// there: what is refused by type is refused for records that do not exist too.
func TestWhatElseAQueryIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		question, scope string
		status          int
		by              *control.Control
	}{
		"scope of a read":      {`{ Condition(id: "none") { id } }`, "user/Patient.rs", 403, control.RSScope},
		"scope of a search":    {`{ Patient(id: "p01") { ConditionList(_reference: patient) { id } } }`, "user/Patient.rs user/Condition.r", 403, control.RSScope},
		"scope of a link":      {`{ ConditionList(patient: "p01", _count: 1) { subject { resource { ... on Patient { id } } } } }`, "user/Condition.rs", 404, control.RSScope},
		"scope with a query":   {`{ Observation(id: "obs-p01-1") { id } }`, "user/Observation.rs?category=nosuch", 404, control.RSScopeQuery},
		"patient of a launch":  {`{ Patient(id: "p02") { id } }`, "patient/*.rs", 404, control.RSPatientContext},
		"sign-in":              {`{ DocumentReference(id: "none") { id } }`, "user/*.rs", 401, control.RSStepUp},
		"sign-in for a search": {`{ Patient(id: "p01") { DocumentReferenceList(_reference: patient) { id } } }`, "user/*.rs", 401, control.RSStepUp},
	} {
		w := newWorld(t, strictest(t))
		w.a.StepUps = []StepUp{{Type: "DocumentReference", ACR: []string{"loa-high"}}}
		rec := w.graph(c.question, func(t *try) {
			scope(c.scope)(t)
			t.claims.ACR, t.claims.Patient = "low", "p01"
		})
		if rec.Code != c.status || w.refusedBy() != c.by.ID || !strings.HasPrefix(rec.Body.String(), `{"data":null`) {
			t.Errorf("%s: expected %d by %s, got %d by %q: %s", name, c.status, c.by, rec.Code, w.refusedBy(), rec.Body)
		}
	}
	w := newWorld(t, strictest(t))
	w.graph(`{ Patient(id: "p01") { id } }`)
	if rec := w.graph(`{ AuditEventList { id } }`); rec.Body.String() != `{"data":{"AuditEventList":[]}}` {
		t.Errorf("expected nothing of the log for a doctor, got %s", rec.Body)
	}
	w.graph(`{ ConditionList(patient: "p40") { id } }`)
	if rec := w.graph(`{ AuditEventConnection(patient: "p40") { count } }`, as("auditor", "system/AuditEvent.rs")); rec.Body.String() != `{"data":{"AuditEventConnection":{"count":1}}}` {
		t.Errorf("expected whom a query was about in the log, though nothing was found, got %s", rec.Body)
	}
	rec := w.graph(`{ AuditEventList(patient: "p01") { subtype { code } entity { query description what { reference } } } }`, as("auditor", "system/AuditEvent.rs"))
	if body := rec.Body.String(); !strings.Contains(body, `"description":"$graphql"`) || !strings.Contains(body, `"reference":"Patient/p01"`) || !strings.Contains(body, `"code":"operation"`) {
		t.Errorf("expected the query in the log, got %s", body)
	}
}

// A query asks as often as it reads and searches, and whoever guesses in one is counted.
func TestQueriesAreCounted(t *testing.T) {
	w := newWorld(t, strictest(t))
	many := "{"
	for i := range 60 {
		many += " a" + strings.Repeat("x", i) + `: Practitioner(id: "berg") { id }`
	}
	wantStatus(t, w.graph(many+"}"), 200)
	if rec := w.graph(many + "}"); rec.Code != http.StatusTooManyRequests || w.refusedBy() != control.RSRate.ID {
		t.Errorf("expected %s, got %d by %q", control.RSRate, rec.Code, w.refusedBy())
	}
	for name, guess := range map[string]string{
		"numbers": `{ PatientList(_id: ["p01", "p39", "p40"]) { id } }`,
		"one":     `{ PatientConnection(name: "Nobody") { count } b: PatientConnection(identifier: "13097248022") { edges { mode } } }`,
		"below":   `{ Practitioner(id: "foss") { PatientList(_reference: general_practitioner, identifier: ["01010112345", "02020212345"]) { id } } }`,
		"by id":   `{ Patient(id: "p40") { id } }`,
	} {
		w := newWorld(t, strictest(t))
		for range mostMisses {
			w.graph(guess)
		}
		if rec := w.graph(`{ Patient(id: "p01") { id } }`); rec.Code != http.StatusTooManyRequests || w.refusedBy() != control.RSMisses.ID || rec.Header().Get("Retry-After") == "" {
			t.Errorf("%s: expected %s, got %d by %q", name, control.RSMisses, rec.Code, w.refusedBy())
		}
	}
}

// Behind broken glass one patient is open, whom the address names.
func TestAQueryBehindBrokenGlass(t *testing.T) {
	emergency := func(w *world) func(*try) {
		return func(t *try) {
			t.claims.ACR, t.claims.AuthTime = "loa-high", w.clock.Now().Unix()
			t.touch = func(r *http.Request) { r.Header.Set(headerPurpose, inEmergency) }
		}
	}
	w := newWorld(t, strictest(t))
	rec := w.write("POST", "/Patient/p40/$graphql", graphType, `{ id ConditionList(_reference: patient, _count: 1) { id } }`, emergency(w))
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), "cond-p40-1") || rec.Header().Get(headerPurpose) != breaksGlass {
		t.Errorf("expected the record, and that the glass was broken, got %s", rec.Body)
	}
	w = newWorld(t, strictest(t))
	w.clock.Advance(time.Second)
	wantStatus(t, w.graph(`{ Patient(id: "p40") { id } }`, emergency(w)), 404)
}

// A cursor is a link to a further page: it is for whom it was made.
func TestACursorIsForWhomItWasMade(t *testing.T) {
	w := newWorld(t, strictest(t))
	_, after, _ := strings.Cut(w.graph(`{ ConditionConnection(_count: 1) { next } }`).Body.String(), `"next":"`)
	cursor, _, _ := strings.Cut(after, `"`)
	next := `{ ConditionConnection(_cursor: "` + cursor + `") { edges { resource { id } } } }`
	if rec := w.graph(next); rec.Code != 200 || !strings.Contains(rec.Body.String(), "cond-") {
		t.Errorf("expected the next page, got %d %s", rec.Code, rec.Body)
	}
	wantStatus(t, w.graph(next, func(t *try) { t.claims.Subject = "dal" }), 403)
	if by := w.refusedBy(); by != control.RSPageOwner.ID {
		t.Errorf("expected to be refused over the cursor, got %q", by)
	}
}

// A token for some elements of a record opens those in a query, and searches by no others.
func TestAQueryForSomeElements(t *testing.T) {
	some := func(t *try) { t.claims.Scope, t.claims.Details = "openid", json.RawMessage(nameOnly) }
	w := newWorld(t, strictest(t))
	rec := w.graph(`{ Patient(id: "p01") { id name { family } birthDate text { div } } PatientConnection(name: "Blomst") { count } }`, some)
	if body := rec.Body.String(); rec.Code != 200 || !strings.Contains(body, `"family":`) || strings.Contains(body, "birthDate") || strings.Contains(body, "div") {
		t.Errorf("expected a name and no more, got %d %s", rec.Code, body)
	}
	if rec = w.graph(`{ PatientList(birthdate: "ge1900") { id } }`, some); rec.Code != 403 || w.refusedBy() != control.RSElements.ID {
		t.Errorf("expected %s, got %d by %q: %s", control.RSElements, rec.Code, w.refusedBy(), rec.Body)
	}
	if rec = newWorld(t, strictest(t).Without(control.RSElements)).graph(`{ Patient(id: "p01") { birthDate } }`, some); !strings.Contains(rec.Body.String(), "birthDate") {
		t.Errorf("without the control expected all of it, got %s", rec.Body)
	}
}
