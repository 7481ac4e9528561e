package fhirmock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/sim/control"
)

// find sends an honest search in somebody's name.
func (w *world) find(sub, target string) map[string]any {
	w.tb.Helper()
	w.forget()
	try := w.honest("GET", target)
	try.claims.Subject = sub
	rec := try.send()
	wantStatus(w.tb, rec, 200)
	wantHeaders(w.tb, rec)
	wantValid(w.tb, rec)
	return decode(w.tb, rec)
}

// entries checks the shape of a searchset and returns the ids in it.
func entries(tb interface {
	Helper()
	Fatalf(string, ...any)
}, bundle map[string]any) []string {
	tb.Helper()
	if bundle["resourceType"] != "Bundle" || bundle["type"] != "searchset" {
		tb.Fatalf("expected a searchset, got %v", bundle)
	}
	list, there := bundle["entry"].([]any)
	if there && len(list) == 0 {
		tb.Fatalf("expected no empty array")
	}
	var ids []string
	for _, e := range list {
		entry := e.(map[string]any)
		resource := entry["resource"].(map[string]any)
		name := resource["resourceType"].(string) + "/" + resource["id"].(string)
		if entry["fullUrl"] != testBase+"/"+name || entry["search"].(map[string]any)["mode"] != "match" {
			tb.Fatalf("expected fullUrl and search.mode of %s, got %v", name, entry)
		}
		ids = append(ids, name)
	}
	return ids
}

func link(bundle map[string]any, relation string) string {
	for _, l := range bundle["link"].([]any) {
		if l := l.(map[string]any); l["relation"] == relation {
			return l["url"].(string)
		}
	}
	return ""
}

func TestSearch(t *testing.T) {
	w := newWorld(t, strictest(t))
	p01 := Everybody().Patients()[0]
	const fnr = "urn:oid:2.16.578.1.12.4.1.4.1"
	for target, want := range map[string]int{
		"/Patient":                              7,
		"/Patient?_id=p01":                      1,
		"/Patient?_id=p01,p02,p01":              2,
		"/Patient?_id=p01&_id=p02":              0, // and, not or
		"/Patient?_id=p40":                      0, // not his
		"/Patient?_id=nobody":                   0,
		"/Patient?_format=json":                 7,
		"/Patient?identifier=" + p01.NationalID: 1,
		"/Patient?identifier=" + url.QueryEscape(fnr+"|"+p01.NationalID):           1,
		"/Patient?identifier=" + url.QueryEscape("|"+p01.NationalID):               0, // no system
		"/Patient?identifier=" + url.QueryEscape("urn:oid:9|"+p01.NationalID):      0,
		"/Patient?general-practitioner=berg":                                       7,
		"/Patient?general-practitioner=Practitioner/dal":                           0, // hers are not his
		"/Patient?organization=granfjelldal&gender=" + p01.Gender + "&_id=p01":     1,
		"/Condition?patient=p01":                                                   3,
		"/Condition?patient=Patient/p01":                                           3,
		"/Condition?subject=" + url.QueryEscape(testBase+"/Patient/p01"):           3,
		"/Condition?subject=Practitioner/p01":                                      0,
		"/Condition?subject=Group/p01":                                             0,
		"/Condition?patient=p01,p02":                                               6,
		"/Condition?patient=p01,p40":                                               3,
		"/Condition?patient.identifier=" + url.QueryEscape(fnr+"|"+p01.NationalID): 3,
		"/Condition?patient=p01&category=nothing":                                  0,
		"/Observation?patient=p01&category=laboratory":                             3,
		"/Observation?patient=p01&category=laboratory,vital-signs":                 6,
		"/Observation?patient=p01&category=laboratory&category=vital-signs":        0,
		"/Observation?patient=p01&code=http://loinc.org%7C85354-9":                 1,
		"/MedicationRequest?patient=p01":                                           3,
		"/AllergyIntolerance?patient=p01":                                          2,
		"/Encounter?patient=p03&class=IMP":                                         1,
		"/DocumentReference?patient=p03":                                           4,
		"/DocumentReference?patient=p03&type=18842-5":                              1,
		"/Condition?identifier=cond-p01-1":                                         1,
		"/Practitioner":                                                            8,
		"/Practitioner?identifier=565500111":                                       1,
		"/Organization?_id=fjordheim":                                              1,
	} {
		t.Run(target, func(t *testing.T) {
			b := w.find("berg", target)
			if ids := entries(t, b); len(ids) != want || b["total"] != float64(want) {
				t.Errorf("expected %d, got total %v with %v", want, b["total"], ids)
			}
			self, err := url.Parse(link(b, "self"))
			asked, _ := url.Parse(testBase + target)
			if err != nil || self.Path != asked.Path || self.Query().Encode() != asked.Query().Encode() {
				t.Errorf("expected the self link to repeat the search, got %s", self)
			}
		})
	}
}

func TestSearchByPost(t *testing.T) {
	w := newWorld(t, strictest(t))
	try := w.honest("POST", "/Observation/_search?category=laboratory")
	try.form = url.Values{"patient": {"p01"}}
	rec := try.send()
	wantStatus(t, rec, 200)
	b := decode(t, rec)
	if ids := entries(t, b); len(ids) != 3 {
		t.Errorf("expected form and query together to find 3, got %v", ids)
	}
	if got := link(b, "self"); got != testBase+"/Observation?category=laboratory&patient=p01" {
		t.Errorf("self link: %s", got)
	}
	if a := w.accesses(); len(a) != 1 || a[0].Resource != "Observation?category=laboratory&patient=p01" || !slices.Equal(a[0].Patients, []string{"p01"}) {
		t.Errorf("access: %+v", a)
	}
}

func TestSearchParametersThatCannotBeHonoured(t *testing.T) {
	w := newWorld(t, strictest(t))
	for _, target := range []string{
		"/Patient?nome=x", "/Patient?patient=p01", "/Patient?family:above=x", "/Condition?patient:Group=p01",
		"/Observation?_include=Observation:colour", "/Observation?_sort=colour", "/Observation?_count=-1",
		"/Observation?_count=many", "/Observation?_page=%21", "/Observation?patient=", "/Observation?patient=p01,",
		"/Observation?_id=", "/AllergyIntolerance?subject=p01", "/Observation?=x", "/Patient/p01?colour=true",
	} {
		t.Run(target, func(t *testing.T) {
			w.forget()
			try := w.honest("GET", target)
			rec := try.send()
			wantStatus(t, rec, 400)
			wantOutcome(t, rec)
			if w.refusedBy() != "malformed" {
				t.Errorf("expected a refusal that is no control's, got %q", w.refusedBy())
			}
		})
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSEntitlementFind, control.RSEntitlementPage, control.RSEntitlementCount, control.RSLabelSearch))
	var all []string
	target, pages := "/Observation?_count=100", 0
	for target != "" {
		b := w.find("berg", target)
		all = append(all, entries(t, b)...)
		if b["total"] != 244.0 {
			t.Fatalf("expected total 244 on every page, got %v", b["total"])
		}
		target = strings.TrimPrefix(link(b, "next"), testBase)
		pages++
	}
	slices.Sort(all)
	if pages != 3 || len(slices.Compact(all)) != 244 {
		t.Errorf("expected 244 different records on 3 pages, got %d on %d", len(slices.Compact(all)), pages)
	}
	if got := len(entries(t, w.find("berg", "/Observation"))); got != 50 {
		t.Errorf("expected a page of 50, got %d", got)
	}
	if got := len(entries(t, w.find("berg", "/Observation?_count=100000"))); got != 244 {
		t.Errorf("expected the largest page to hold 244, got %d", got)
	}
	b := w.find("berg", "/Observation?_count=0")
	if len(entries(t, b)) != 0 || link(b, "next") != "" {
		t.Errorf("expected a count alone, got %v", b)
	}
	all = entries(t, w.find("berg", "/Observation?_count=250"))
	_, last, _ := strings.Cut(all[len(all)-1], "/")
	if got := w.find("berg", "/Observation?_page="+query.Mark{ID: last}.For(w.records.blind, "ehr berg")); len(entries(t, got)) != 0 {
		t.Error("expected nothing behind the end")
	}
}

// F-02: without the guard, leaving out the patient returns everybody.
func TestSearchYieldsOwnPatientsOnly(t *testing.T) {
	owners := func(ids []string) map[string]bool {
		out := map[string]bool{}
		for _, id := range ids {
			out[strings.Split(id, "-")[1]] = true
		}
		return out
	}
	w := newWorld(t, strictest(t))
	for sub, want := range map[string]int{"berg": 7, "bakke": 8, "p03": 1, "supplier": 14, "mallory": 0} {
		got := owners(entries(t, w.find(sub, "/Condition?_count=250")))
		if len(got) != want {
			t.Errorf("%s: expected the records of %d patients, got %v", sub, want, got)
		}
		asked := map[string]int{}
		for _, r := range w.rulings() {
			if r.Control == control.RSEntitlementFind.ID {
				asked[r.Control]++
			}
		}
		if asked[control.RSEntitlementFind.ID] != 40 {
			t.Errorf("%s: expected one ruling a patient, got %d", sub, asked[control.RSEntitlementFind.ID])
		}
		if a := w.accesses(); len(a) != 1 || len(a[0].Patients) != want {
			t.Errorf("%s: expected an access to %d patients, got %+v", sub, want, a)
		}
	}
	w = newWorld(t, strictest(t).Without(control.RSEntitlementFind))
	if got := owners(entries(t, w.find("mallory", "/Condition?_count=250"))); len(got) != 40 {
		t.Errorf("without the control: expected everybody, got %d", len(got))
	}
}

// A record that is not there and one that is not yours look alike.
func TestUnknownAndForbiddenLookAlike(t *testing.T) {
	w := newWorld(t, strictest(t))
	unknown, forbidden := w.honest("GET", "/Observation/obs-p99-1").send(), w.honest("GET", "/Observation/obs-p40-1").send()
	wantStatus(t, unknown, http.StatusNotFound)
	if unknown.Code != forbidden.Code || unknown.Body.String() != forbidden.Body.String() {
		t.Errorf("expected equal answers, got %s and %s", unknown.Body, forbidden.Body)
	}
	for name := range unknown.Header() {
		if unknown.Header().Get(name) != forbidden.Header().Get(name) {
			t.Errorf("header %s differs", name)
		}
	}
	foreign, nobody := w.find("berg", "/Observation?patient=p40"), w.find("berg", "/Observation?patient=p99")
	if foreign["total"] != nobody["total"] {
		t.Error("expected searches to look alike")
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{"patient=p01", "_id=p01,p02&_count=3&_offset=1", `code=a\,b|c`, "category=%7Claboratory", "patient=Patient/", "_count=99999999999999999999",
		"patient=p01;code=x", "%zz", "subject=" + testBase + "/Patient/p01", "_format=json", "_format=xml", "access_token=x", "identifier=|", "patient.identifier=urn:oid:1|2"} {
		f.Add(q)
	}
	w := newWorld(f, strictest(f).Without(control.RSDPoPJTI, control.RSDPoPJTIWindow, control.RSDPoPJTIShared, control.RSRate, control.RSMisses, control.RSVolume))
	get := w.honest("GET", "/Observation").longLived().request()
	post := w.honest("POST", "/Observation/_search").longLived()
	post.form = url.Values{}
	form := post.request()
	f.Fuzz(func(t *testing.T, query string) {
		w.forget()
		r := get.Clone(get.Context())
		r.URL.RawQuery = query
		checkSearchAnswer(t, w, r)
		r = form.Clone(form.Context())
		r.Body = http.NoBody
		if query != "" {
			r.Body = body(query)
		}
		checkSearchAnswer(t, w, r)
	})
}

func checkSearchAnswer(t *testing.T, w *world, r *http.Request) {
	t.Helper()
	rec := w.send(w.a, r)
	switch rec.Code {
	case 200:
		for _, id := range entries(t, decode(t, rec)) {
			if id > "Observation/obs-p07-9" {
				t.Fatalf("%s is not the caller's to see", id)
			}
		}
	case 400, 401, 406, 413: // 401: a query can hold an access token
		wantOutcome(t, rec)
	default:
		t.Fatalf("unexpected status %d: %s", rec.Code, rec.Body)
	}
}
