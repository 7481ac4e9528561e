package fhirmock

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// hook is a subscriber's site: what came, and how it answers.
type hook struct {
	came   []string
	bodies []string
	header http.Header
	status int
	then   func()
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.came, h.header = append(h.came, r.Method+" "+r.URL.String()), r.Header
	body, _ := io.ReadAll(r.Body)
	h.bodies = append(h.bodies, string(body))
	if h.then != nil {
		h.then()
	}
	w := httptest.NewRecorder()
	w.WriteHeader(h.status)
	return w.Result(), nil
}

const site = "https://inbox.test"

// hooked is a world in which the site of every client is the same.
func hooked(tb testing.TB, p control.Profile) (*world, *hook) {
	w, h := newWorld(tb, p), &hook{status: http.StatusOK}
	for _, node := range []*API{w.a, w.b} {
		node.Hooks = Hooks{HTTP: &http.Client{Transport: h}, Sites: func(string) []string { return []string{site} }}
	}
	return w, h
}

func asking(criteria, payload string) string {
	s := map[string]any{"resourceType": "Subscription", "status": "requested", "reason": "results", "criteria": criteria,
		"channel": map[string]any{"type": "rest-hook", "endpoint": site + "/in?key=1", "header": []string{"X-Key: secret"}}}
	if payload != "" {
		s["channel"].(map[string]any)["payload"] = payload
	}
	b, _ := json.Marshal(s)
	return string(b)
}

func noteOn(patient string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"text":"note"},"subject":{"reference":"Patient/%s"}}`, patient)
}

// whoIs is somebody with a token of all scopes for people.
func whoIs(subject, client string) func(*try) {
	return func(t *try) {
		t.claims.Subject, t.claims.ClientID, t.claims.Scope = subject, client, "user/*.cruds"
	}
}

func (w *world) subscribe(criteria, payload string, opts ...func(*try)) string {
	w.tb.Helper()
	rec := w.write("POST", "/Subscription", fhirType, asking(criteria, payload), opts...)
	wantStatus(w.tb, rec, 201)
	var s struct{ ID, Status string }
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil || s.Status != "active" {
		w.tb.Fatalf("expected a subscription that is active, got %s", rec.Body)
	}
	return s.ID
}

func (w *world) statusOf(id string, opts ...func(*try)) string {
	w.tb.Helper()
	rec := w.write("GET", "/Subscription/"+id, "", "", opts...)
	var s struct{ Status, Error string }
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil {
		w.tb.Fatal(err)
	}
	return strings.TrimSpace(s.Status + " " + s.Error)
}

func TestSubscribersAreSentWhatMeetsTheirCriteria(t *testing.T) {
	w, h := hooked(t, strictest(t))
	w.subscribe("Observation?status=final", fhirType, whoIs("bakke", "ehr"))
	w.subscribe("Observation?status=amended", "", whoIs("bakke", "ehr"))
	wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other")), 201)
	if len(h.came) != 1 || !strings.HasPrefix(h.came[0], "PUT "+site+"/in/Observation/") || !strings.HasSuffix(h.came[0], "?key=1") ||
		!strings.Contains(h.bodies[0], `"text":"note"`) || h.header.Get("X-Key") != "secret" || h.header.Get("Content-Type") != fhirType {
		t.Fatalf("expected the record, got %v %v %v", h.came, h.bodies, h.header)
	}
	bundle := `{"resourceType":"Bundle","type":"%s","entry":[{"request":{"method":"POST","url":"Observation"},"resource":%s},` +
		`{"request":{"method":"PUT","url":"Observation/obs-p03-1"},"resource":{"resourceType":"Observation","id":"obs-p03-1","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p03"}}}]}`
	for _, kind := range []string{"batch", "transaction"} {
		h.came = nil
		wantStatus(t, w.write("POST", "", fhirType, fmt.Sprintf(bundle, kind, noteOn("p03")), whoIs("bakke", "other")), 200)
		if len(h.came) != 2 || !strings.HasPrefix(h.came[0]+h.came[1], "P") || !strings.Contains(h.came[0]+h.came[1], "POST "+site+"/in?key=1") {
			t.Errorf("%s: expected a record and an empty notice, got %v", kind, h.came)
		}
	}
	h.came = nil
	wantStatus(t, w.write("DELETE", "/Observation/obs-p03-2", "", "", whoIs("bakke", "other")), 204)
	if len(h.came) != 0 {
		t.Errorf("expected nothing to be sent of a deletion, got %v", h.came)
	}
}

// Whatever somebody may not open is not sent to him, and neither is a notice that it is there.
func TestSubscribersAreSentWhatTheyMaySee(t *testing.T) {
	lunds := ""
	for _, id := range Everybody().Entitled(Caller{Practitioner: "lund"}) {
		if !Everybody().May(Caller{Practitioner: "bakke"}, id) {
			lunds = id
		}
	}
	for name, c := range map[string]struct {
		off     *control.Control
		patient string
		label   string
		scope   fapi.Scope
	}{
		"a stranger's record": {control.RSEntitlementNotify, lunds, "", "user/*.cruds"},
		"a labelled record":   {control.RSLabelSearch, "p03", "V", "user/*.cruds"},
		"beyond the scope":    {control.RSScopeQuery, "p03", "", "user/Subscription.c user/Observation.rs?status=amended"},
	} {
		for _, payload := range []string{"", fhirType} {
			for _, off := range []*control.Control{nil, c.off} {
				p := strictest(t)
				if off != nil {
					p = p.Without(off)
				}
				w, h := hooked(t, p)
				me := whoIs("bakke", "ehr")
				narrow := func(t *try) { whoIs("bakke", "ehr")(t); t.claims.Scope = c.scope }
				id := w.subscribe("Observation", payload, narrow)
				text := noteOn(c.patient)
				if c.label != "" {
					text = strings.Replace(text, "{", `{"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"`+c.label+`"}]},`, 1)
				}
				writer := whoIs(map[string]string{"p03": "bakke", lunds: "lund"}[c.patient], "other")
				wantStatus(t, w.write("POST", "/Observation", fhirType, text, writer, func(t *try) { t.claims.Scope += " conf/V" }), 201)
				if sent := len(h.came) > 0; sent != (off != nil) {
					t.Errorf("%s, payload %q, without %v: sent %v (%v)", name, payload, off, h.came, w.rulings())
				}
				if got := w.statusOf(id, me); got != "active" {
					t.Errorf("%s: expected a subscription that tells nothing, got %q", name, got)
				}
			}
		}
	}
}

func TestASubscriptionIsItsOwners(t *testing.T) {
	for _, off := range []*control.Control{nil, control.RSSubscriptionOwner} {
		p := strictest(t)
		want := 404
		if off != nil {
			p, want = p.Without(off), 200
		}
		w, _ := hooked(t, p)
		id := w.subscribe("Observation", "", whoIs("bakke", "ehr"))
		other := whoIs("lund", "ehr")
		wantStatus(t, w.write("GET", "/Subscription/"+id, "", "", other), want)
		wantStatus(t, w.write("GET", "/Subscription/"+id+"/_history", "", "", other), want)
		found := w.write("GET", "/Subscription?status=active", "", "", other).Body.String()
		if strings.Contains(found, id) != (off != nil) || strings.Contains(found, `"total":0`) != (off == nil) {
			t.Errorf("without %v, a search of another's: %s", off, found)
		}
		wantStatus(t, w.write("PUT", "/Subscription/"+id, fhirType, strings.Replace(asking("Observation", ""), "{", `{"id":"`+id+`",`, 1), other), want)
		wantStatus(t, w.write("GET", "/Subscription/"+id, "", "", whoIs("bakke", "ehr")), 200)
	}
}

func TestASubscriptionEndsWithItsToken(t *testing.T) {
	for name, end := range map[string]func(*world){
		"revoked": func(w *world) {
			for _, one := range w.records.subscribers.byID {
				w.as.revoked[one.Token] = true
			}
		},
		"expired": func(w *world) { w.clock.Advance(2 * time.Hour) },
	} {
		for _, off := range []*control.Control{nil, control.RSSubscriptionToken} {
			p := strictest(t)
			if off != nil {
				p = p.Without(off)
			}
			w, h := hooked(t, p)
			id := w.subscribe("Observation", "", whoIs("bakke", "ehr"))
			end(w)
			wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other"), func(t *try) { t.claims.JTI = "fresh" }), 201)
			if sent := len(h.came) > 0; sent != (off != nil) {
				t.Errorf("%s, without %v: sent %v", name, off, h.came)
			}
			if got := w.statusOf(id, whoIs("bakke", "ehr"), func(t *try) { t.claims.JTI = "fresh" }); off == nil && !strings.HasPrefix(got, "error the access token") {
				t.Errorf("%s: expected an error that says why, got %q", name, got)
			}
		}
	}
}

func TestAnEndpointThatTakesNothing(t *testing.T) {
	w, h := hooked(t, strictest(t))
	id := w.subscribe("Observation", "", whoIs("bakke", "ehr"))
	h.status = 500
	wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other")), 201)
	if len(h.came) != 3 {
		t.Errorf("expected three tries, got %v", h.came)
	}
	if got := w.statusOf(id, whoIs("bakke", "ehr")); !strings.HasPrefix(got, "error the endpoint") || strings.Contains(got, "500") {
		t.Errorf("expected an error that tells nothing of who answered, got %q", got)
	}
	h.status = 200
	w.write("PUT", "/Subscription/"+id, fhirType, strings.Replace(asking("Observation", ""), "{", `{"id":"`+id+`",`, 1), whoIs("bakke", "ehr"))
	if got := w.statusOf(id, whoIs("bakke", "ehr")); got != "active" {
		t.Errorf("expected it to be active again, got %q", got)
	}
	// What is sent is written here again, and so sent: it ends all the same.
	depth := 0
	h.then = func() {
		depth++
		w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other"))
	}
	h.came = nil
	wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other")), 201)
	if depth > 2*mostNested {
		t.Errorf("expected an end, got %d", depth)
	}
}

func TestASubscriptionEnds(t *testing.T) {
	w, h := hooked(t, strictest(t))
	later := func(t *try) { t.claims.Expires = w.clock.Now().Add(24 * time.Hour).Unix() }
	end := w.clock.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	rec := w.write("POST", "/Subscription", fhirType, strings.Replace(asking("Observation", ""), "{", `{"end":"`+end+`",`, 1), whoIs("bakke", "ehr"), later)
	wantStatus(t, rec, 201)
	var s struct{ ID string }
	_ = json.Unmarshal(rec.Body.Bytes(), &s)
	w.clock.Advance(2 * time.Minute)
	wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("bakke", "other")), 201)
	if got := w.statusOf(s.ID, whoIs("bakke", "ehr")); got != "off" || len(h.came) != 0 {
		t.Errorf("expected it to be off, got %q and %v", got, h.came)
	}
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	w, _ := hooked(t, strictest(t))
	for want, spoil := range map[string][2]string{
		"expected a channel of type rest-hook":           {`"rest-hook"`, `"email"`},
		"expected criteria that begin with a type":       {`"Observation"`, `"Observations?x=1"`},
		"expected a condition on the record itself":      {`"Observation"`, `"Observation?patient.name=x"`},
		"nobody is notified":                             {`"Observation"`, `"AuditEvent?"`},
		"is not supported in a search for Observation":   {`"Observation"`, `"Observation?colour=red"`},
		"expected an https URL":                          {`"https://inbox.test/in?key=1"`, `"http://inbox.test/in"`},
		"expected an absolute https URL":                 {`"https://inbox.test/in?key=1"`, `"https://me:secret@inbox.test/"`},
		"expected an endpoint elsewhere":                 {`"https://inbox.test/in?key=1"`, `"` + testBase + `"`},
		"the endpoint is none that is registered":        {`"https://inbox.test/in?key=1"`, `"https://10.0.0.1/"`},
		"expected requested, or off":                     {`"requested"`, `"active"`},
		"expected a time to come":                        {`{`, `{"end":"2020-01-01T00:00:00Z",`},
		"expected a header as Name: value":               {`"X-Key: secret"`, `"X-Key"`},
		"which is this API's or the connection's to say": {`"X-Key: secret"`, `"Host: elsewhere"`},
		"expected application/fhir+json, or no payload":  {`"rest-hook"`, `"rest-hook","payload":"application/fhir+xml"`},
		"Subscription.criteria":                          {`"criteria":"Observation",`, ``},
	} {
		text := strings.Replace(asking("Observation", ""), spoil[0], spoil[1], 1)
		rec := w.write("POST", "/Subscription", fhirType, text, whoIs("bakke", "ehr"))
		if rec.Code/100 != 4 || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("expected %q, got %d %s", want, rec.Code, rec.Body)
		}
	}
	rec := w.write("POST", "/Subscription", fhirType, asking("Condition", ""), whoIs("bakke", "ehr"), func(t *try) { t.claims.Scope = "user/Subscription.c user/Observation.rs" })
	wantStatus(t, rec, 403)
	for range mostSubscriptions {
		w.subscribe("Observation", "", whoIs("bakke", "ehr"))
	}
	rec = w.write("POST", "/Subscription", fhirType, asking("Observation", ""), whoIs("bakke", "ehr"))
	if rec.Code != 422 || !strings.Contains(rec.Body.String(), "at most 32 subscriptions") {
		t.Errorf("expected that to be too many, got %d %s", rec.Code, rec.Body)
	}
	w.subscribe("Observation", "", whoIs("lund", "ehr"))
}

// The access stands in both logs, in the name of whoever subscribed.
func TestNoticesAreAccesses(t *testing.T) {
	w, _ := hooked(t, strictest(t))
	w.subscribe("Observation", fhirType, whoIs("bakke", "ehr"))
	wantStatus(t, w.write("POST", "/Observation", fhirType, noteOn("p03"), whoIs("lund", "other"), func(t *try) { t.claims.Subject = "bakke" }), 201)
	var told *event.Access
	for _, b := range w.log {
		if a, ok := b.(event.Access); ok && a.Interaction == "notify" {
			told = &a
		}
	}
	if told == nil || told.Subject != "bakke" || told.Client != "ehr" || len(told.Patients) != 1 || told.Patients[0] != "p03" {
		t.Errorf("expected an access by bakke, got %+v", told)
	}
	log := w.write("GET", "/AuditEvent?patient=p03", "", "", func(t *try) {
		t.claims.Subject, t.claims.ClientID, t.claims.Scope = "review", "review", "system/AuditEvent.rs"
	}).Body.String()
	if !strings.Contains(log, "inbox.test") || !strings.Contains(log, "operation") {
		t.Errorf("expected an AuditEvent of it, got %s", log)
	}
}

// What a write costs by how many wait for something of its type that it does not meet.
func BenchmarkWriteAmongSubscriptions(b *testing.B) {
	for _, n := range []int{0, 1, 32, 320} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, _ := hooked(b, strictest(b).Without(control.RSDPoPJTI, control.RSDPoPJTISpelling, control.RSDPoPJTIWindow, control.RSDPoPJTIShared, control.RSRate))
			for i := range n {
				w.subscribe("Observation?status=amended", fhirType, whoIs("bakke", fmt.Sprint("ehr", i/mostSubscriptions)))
			}
			text := noteOn("p03")
			for b.Loop() {
				w.write("POST", "/Observation", fhirType, text, whoIs("bakke", "other"))
			}
		})
	}
}
