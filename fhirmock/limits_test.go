package fhirmock

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

const category = "http://terminology.hl7.org/CodeSystem/observation-category"

func onPatient(id string) func(*try) { return func(t *try) { t.claims.Patient = id } }

// named lists the resources of an answer that keep a condition, by name.
func named(tb testing.TB, rec *httptest.ResponseRecorder, keep func(*r4.Node) bool) []string {
	tb.Helper()
	wantStatus(tb, rec, 200)
	n, err := r4.Parse(rec.Body.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, e := range n.List("entry") {
		if r := e.Get("resource"); r != nil && keep(r) {
			out = append(out, r.Resource()+"/"+r.String("id"))
		}
	}
	slices.Sort(out)
	return out
}

func all(*r4.Node) bool { return true }

func isLab(n *r4.Node) bool {
	return slices.ContainsFunc(n.List("category"), func(c *r4.Node) bool {
		return slices.ContainsFunc(c.List("coding"), func(c *r4.Node) bool { return c.String("code") == "laboratory" })
	})
}

func is(n *r4.Node, types ...string) bool { return slices.Contains(types, n.Resource()) }

// whose tells whether a resource is p01's, and nobody else's.
func ofP01(n *r4.Node) bool {
	whose := store.PatientsOf(n, terms.Of(n), store.New(store.NewBase(nil)).View())
	return slices.Equal(whose, []string{"p01"}) || is(n, "Practitioner", "Organization", "Location", "PractitionerRole")
}

// A narrow token gets of each answer what a wide one gets, but for what its scopes do not say.
func TestNarrowScopesOpenWhatTheySay(t *testing.T) {
	for scopes, keep := range map[string]func(*r4.Node) bool{
		"user/Observation.rs?category=laboratory user/Patient.rs": func(n *r4.Node) bool {
			return is(n, "Patient") || is(n, "Observation") && isLab(n)
		},
		"user/Observation.rs?category=" + category + "|laboratory user/Patient.read": func(n *r4.Node) bool {
			return is(n, "Patient") || is(n, "Observation") && isLab(n)
		},
		"user/Observation.rs?category=laboratory,vital-signs&status=final user/Patient.rs": func(n *r4.Node) bool {
			return is(n, "Observation", "Patient") && !slices.Contains([]string{"social-history"}, categoryOf(n))
		},
		"patient/*.rs": ofP01,
		"patient/Observation.rs user/Observation.rs?category=laboratory user/Patient.rs": func(n *r4.Node) bool {
			return is(n, "Patient") || is(n, "Observation") && (isLab(n) || ofP01(n))
		},
		"patient/Observation.rs?category=laboratory user/Patient.rs": func(n *r4.Node) bool {
			return is(n, "Patient") || is(n, "Observation") && isLab(n) && ofP01(n)
		},
		"user/*.rs?category=laboratory user/Patient.rs":      func(n *r4.Node) bool { return is(n, "Patient") || is(n, "Observation", "DiagnosticReport") && isLab(n) },
		"user/Observation.rs?subject.name=x user/Patient.rs": func(n *r4.Node) bool { return is(n, "Patient") },
		"user/Observation.rs?unheard=of user/Patient.rs":     func(n *r4.Node) bool { return is(n, "Patient") },
		"user/Observation.rs?_count=1 user/Patient.rs":       func(n *r4.Node) bool { return is(n, "Patient") },
	} {
		for _, target := range []string{
			"/Observation?_count=250", "/Observation?patient=p01&_include=Observation:subject&_count=250",
			"/Patient?_id=p01&_revinclude=Observation:patient&_count=250", "/Patient/p01/$everything", "/Observation/_history?_count=250",
		} {
			w := newWorld(t, strictest(t))
			keepAll := func(n *r4.Node) bool { return keep(n) }
			want := named(t, w.write("GET", target, "", "", scope("user/*.rs")), keepAll)
			rec := w.write("GET", target, "", "", scope(scopes), onPatient("p01"))
			got := named(t, rec, all)
			if len(got) == 0 && len(want) == 0 {
				continue
			}
			if !slices.Equal(got, want) && !strings.Contains(target, "_include") {
				t.Errorf("%s with %s: expected %d, got %d\n%v\n%v", target, scopes, len(want), len(got), want, got)
			}
			for _, name := range got {
				if !slices.Contains(want, name) {
					t.Errorf("%s with %s: %s is not within the scope", target, scopes, name)
				}
			}
		}
	}
}

func categoryOf(n *r4.Node) string {
	for _, c := range n.List("category") {
		for _, coding := range c.List("coding") {
			return coding.String("code")
		}
	}
	return ""
}

// Numbers, conditions and questions keep to the scope too.
func TestNarrowScopesLookNoFurther(t *testing.T) {
	for _, c := range []struct {
		target, scope string
		want          int
	}{
		{"/Patient?_has:Observation:patient:category=vital-signs&_id=p01", "user/Patient.rs user/Observation.rs?category=laboratory", 0},
		{"/Patient?_has:Observation:patient:category=laboratory&_id=p01", "user/Patient.rs user/Observation.rs?category=laboratory", 1},
		{"/Patient?_has:Observation:patient:category=vital-signs&_id=p02", "user/Patient.rs patient/Observation.rs", 0},
		{"/Patient?_has:Observation:patient:category=vital-signs&_id=p01", "user/Patient.rs patient/Observation.rs", 1},
	} {
		w := newWorld(t, strictest(t))
		if got := named(t, w.write("GET", c.target, "", "", scope(c.scope), onPatient("p01")), all); len(got) != c.want {
			t.Errorf("%s with %s: expected %d, got %v", c.target, c.scope, c.want, got)
		}
	}
	w := newWorld(t, strictest(t))
	rec := w.write("GET", "/Observation?_summary=count", "", "", scope("patient/Observation.rs"), onPatient("p01"))
	many := len(named(t, w.write("GET", "/Observation?patient=p01&_count=250", "", ""), all))
	if !strings.Contains(rec.Body.String(), fmt.Sprintf(`"total":%d`, many)) {
		t.Errorf("expected a total of %d, got %s", many, rec.Body)
	}
}

// One record, by name: what the scope does not open might as well not be there.
func TestNarrowScopesByName(t *testing.T) {
	for _, c := range []struct {
		target, scope, patient string
		by                     *control.Control
		status                 int
	}{
		{"/Patient/p01", "patient/*.rs", "p01", nil, 200},
		{"/Patient/p02", "patient/*.rs", "p01", control.RSPatientContext, 404},
		{"/Patient/p02", "patient/*.rs user/Patient.rs", "p01", nil, 200},
		{"/Patient/p01", "patient/*.rs", "", control.RSPatientContext, 403},
		{"/Patient/p01", "user/Patient.rs?gender=unknown", "", control.RSScopeQuery, 404},
		{"/Patient/p01/$everything", "user/Patient.rs?gender=unknown", "", control.RSScopeQuery, 404},
		{"/Patient/p02/$everything", "patient/*.rs", "p01", control.RSPatientContext, 404},
		{"/Patient/p02/_history/1", "patient/*.rs", "p01", control.RSPatientContext, 404},
	} {
		w := newWorld(t, strictest(t))
		rec := w.write("GET", c.target, "", "", scope(c.scope), onPatient(c.patient))
		by := ""
		if c.by != nil {
			by = c.by.ID
		}
		if rec.Code != c.status || w.refusedBy() != by {
			t.Errorf("%s with %s on %q: expected %d by %q, got %d by %q", c.target, c.scope, c.patient, c.status, by, rec.Code, w.refusedBy())
		}
		if c.by != nil {
			careless := newWorld(t, strictest(t).Without(c.by))
			wantStatus(t, careless.write("GET", c.target, "", "", scope(c.scope), onPatient(c.patient)), 200)
		}
	}
	// A patient's own token needs no launch.
	w := newWorld(t, strictest(t))
	w.a.Callers["p03-herself"] = Caller{Patient: "p03"}
	wantStatus(t, w.inName("p03-herself", "GET", "/Patient/p03", "patient/*.rs", nil), 200)
	wantStatus(t, w.inName("p03-herself", "GET", "/Patient/p01", "patient/*.rs", nil), 404)
}

// What is written keeps to the scope before and after.
func TestNarrowScopesOfWriters(t *testing.T) {
	lab := strings.Replace(note("p01", "x"), `{`, `{"category":[{"coding":[{"system":"`+category+`","code":"laboratory"}]}],`, 1)
	w := newWorld(t, strictest(t))
	const labs = "user/Observation.cruds?category=laboratory"
	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p01", "x"), scope(labs)), 404)
	id := created(t, w.write("POST", "/Observation", fhirType, lab, scope(labs)))
	other := created(t, w.write("POST", "/Observation", fhirType, note("p01", "x")))
	path := "/Observation/" + id
	withID := func(text string) string { return strings.Replace(text, `{`, `{"id":"`+id+`",`, 1) }
	wantStatus(t, w.write("PUT", path, fhirType, withID(note("p01", "x")), scope(labs)), 404)
	wantStatus(t, w.write("PUT", path, fhirType, withID(lab), scope(labs)), 200)
	wantStatus(t, w.write("DELETE", "/Observation/"+other, "", "", scope(labs)), 404)
	wantStatus(t, w.write("DELETE", path, "", "", scope(labs)), 204)

	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p02", "x"), scope("patient/Observation.c"), onPatient("p01")), 404)
	wantStatus(t, w.write("POST", "/Observation", fhirType, note("p01", "x"), scope("patient/Observation.c"), onPatient("p01")), 201)
	before := len(w.observations())
	bundle := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Observation"},"resource":` + note("p01", "x") +
		`},{"request":{"method":"POST","url":"Observation"},"resource":` + note("p02", "x") + `}]}`
	wantStatus(t, w.write("POST", "/", fhirType, bundle, scope("patient/*.cruds"), onPatient("p01")), 404)
	if got := len(w.observations()); got != before {
		t.Errorf("expected the transaction to store nothing, got %d more", got-before)
	}
}

func TestNarrowScopesOfExports(t *testing.T) {
	w := newWorld(t, strictest(t))
	const labs = "system/Observation.rs?category=laboratory system/Patient.rs"
	files := w.fetch("berg", labs, w.export("berg", "/$export", labs))
	if len(files) != 2 || strings.Contains(files["Observation"], "vital-signs") || !strings.Contains(files["Observation"], "laboratory") {
		t.Errorf("expected patients and laboratory results, got %d files", len(files))
	}
}

// A wildcard from before a type was added does not cover it; a scope that names it does, and so does a system's.
func TestWildcardIsOfItsDay(t *testing.T) {
	for _, c := range []struct {
		scope  string
		signed time.Duration
		status int
	}{
		{"user/*.rs", -time.Hour, 403}, {"user/*.rs", time.Minute, 200}, {"user/Patient.rs", -time.Hour, 200}, {"system/*.rs", -time.Hour, 200},
		{"user/*.rs user/Patient.r", -time.Hour, 200},
	} {
		w := newWorld(t, strictest(t))
		added := w.clock.Now()
		w.a.Since = map[string]time.Time{"Patient": added}
		rec := w.write("GET", "/Patient/p01", "", "", scope(c.scope), func(t *try) { t.claims.AuthTime = added.Add(c.signed).Unix() })
		if rec.Code != c.status || c.status == 403 && w.refusedBy() != control.RSScopeSince.ID {
			t.Errorf("%s of %s: expected %d, got %d by %s", c.scope, c.signed, c.status, rec.Code, w.refusedBy())
		}
	}
}

func TestIsNarrow(t *testing.T) {
	for s, want := range map[fapi.Scope]bool{"openid user/*.rs": false, "patient/*.rs": true, "user/Observation.rs?category=x": true, "launch/patient": false} {
		if isNarrow(s) != want {
			t.Errorf("%s: expected %v", s, want)
		}
	}
}
