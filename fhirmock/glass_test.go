package fhirmock

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

const inEmergency = `BTG; reason="unconscious, no next of kin"`

// emergency has a doctor who has just signed in with her card say so. p10 is none of berg's.
func emergency(w *world, change ...func(*try)) func(*try) {
	return func(t *try) {
		t.claims.ACR, t.claims.AuthTime = "loa-high", w.clock.Now().Unix()
		t.touch = func(r *http.Request) { r.Header.Set(headerPurpose, inEmergency) }
		for _, c := range change {
			c(t)
		}
	}
}

func TestBreakingTheGlass(t *testing.T) {
	for name, c := range map[string]struct {
		method, target string
		change         func(*world) func(*try)
		status         int
		by             *control.Control
	}{
		"a record":                  {"GET", "/Patient/p10", nil, 200, nil},
		"a restricted one":          {"GET", "/Condition/cond-p10-4", nil, 200, nil},
		"all of it":                 {"GET", "/Patient/p10/$everything", nil, 200, nil},
		"a search in it":            {"GET", "/Condition?patient=p10", nil, 200, nil},
		"her compartment":           {"GET", "/Patient/p10/Condition", nil, 200, nil},
		"a very restricted one":     {"GET", "/Patient/p12", nil, 404, control.RSLabelRead},
		"without a word":            {"GET", "/Patient/p10", func(*world) func(*try) { return func(t *try) { t.touch = nil } }, 404, control.RSEntitlementRead},
		"for treatment":             {"GET", "/Patient/p10", func(*world) func(*try) { return with(headerPurpose, "TREAT") }, 404, control.RSEntitlementRead},
		"a weak sign-in":            {"GET", "/Patient/p10", func(*world) func(*try) { return func(t *try) { t.claims.ACR = "" } }, 401, control.RSGlassSignIn},
		"a sign-in of this morning": {"GET", "/Patient/p10", func(*world) func(*try) { return func(t *try) { t.claims.AuthTime -= 301 } }, 401, control.RSGlassSignIn},
		"a patient":                 {"GET", "/Patient/p10", func(*world) func(*try) { return func(t *try) { t.claims.Subject = "p03" } }, 403, control.RSGlassClinician},
		"a system": {"GET", "/Patient/p10", func(*world) func(*try) {
			return func(t *try) { t.claims.Subject, t.claims.ClientID = "supplier", "supplier" }
		}, 403, control.RSGlassClinician},
		"a deletion": {"DELETE", "/Condition/cond-p10-1", func(*world) func(*try) { return scope("user/*.cruds") }, 404, control.RSGlassReach},
	} {
		w := newWorld(t, strictest(t))
		change := emergency(w)
		if c.change != nil {
			change = emergency(w, c.change(w))
		}
		rec := w.write(c.method, c.target, "", "", change)
		by := ""
		if c.by != nil {
			by = c.by.ID
		}
		if rec.Code != c.status || w.refusedBy() != by {
			t.Errorf("%s: expected %d by %q, got %d by %q: %s", name, c.status, by, rec.Code, w.refusedBy(), rec.Body)
		}
		if marked := rec.Header().Get(headerPurpose) == breaksGlass; marked != (c.status == 200) {
			t.Errorf("%s: expected the answer marked %t", name, c.status == 200)
		}
		if c.status == 401 && !strings.Contains(strings.Join(rec.Header().Values("WWW-Authenticate"), ","), `acr_values="loa-high", max_age="300"`) {
			t.Errorf("%s: expected to be told what sign-in it takes, got %v", name, rec.Header())
		}
		if c.by != nil && c.by != control.RSEntitlementRead && c.by != control.RSLabelRead {
			careless := newWorld(t, strictest(t).Without(c.by))
			if rec := careless.write(c.method, c.target, "", "", emergency(careless, c.change(careless))); rec.Code >= 300 && careless.refusedBy() == by {
				t.Errorf("%s: without the control expected to get on, got %d", name, rec.Code)
			}
		}
	}
}

// One patient a request: a search for all finds one's own, and an export is of one's own.
func TestTheGlassIsBrokenForOne(t *testing.T) {
	for _, target := range []string{"/Patient?_count=250", "/Patient?_id=p10,p11", "/Condition?patient=p10,p11", "/Patient?_id=p10&_has:Condition:patient:code:missing=false"} {
		w := newWorld(t, strictest(t))
		rec := w.write("GET", target, "", "", emergency(w))
		if wantStatus(t, rec, 200); strings.Contains(rec.Body.String(), testCanary("p11")) || strings.Contains(rec.Body.String(), testCanary("p10")) {
			t.Errorf("%s: somebody came out", target)
		}
		careless := newWorld(t, strictest(t).Without(control.RSGlassReach, control.RSGlassOnce))
		if rec := careless.write("GET", target, "", "", emergency(careless)); !strings.Contains(rec.Body.String(), testCanary("p10")) {
			t.Errorf("%s: without the control expected p10", target)
		}
	}
}

// A sign-in is one emergency: the same patient again, and no other until the next sign-in.
func TestASignInBreaksTheGlassOnce(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("GET", "/Patient/p10", "", "", emergency(w)), 200)
	wantStatus(t, w.write("GET", "/Condition?patient=p10", "", "", emergency(w)), 200)
	wantStatus(t, w.write("GET", "/Patient/p13", "", "", emergency(w)), 404)
	if by := w.refusedBy(); by != control.RSGlassOnce.ID {
		t.Errorf("expected to be refused by %s, got %q", control.RSGlassOnce.ID, by)
	}
	wantStatus(t, w.write("GET", "/Patient/p01", "", "", emergency(w)), 200) // her own takes no breaking
	w.clock.Advance(time.Second)
	wantStatus(t, w.write("GET", "/Patient/p13", "", "", emergency(w)), 200)
}

// It is in the log with the purpose and the reason, whether it was allowed or not.
func TestBrokenGlassIsLogged(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.write("GET", "/Patient/p10", "", "", emergency(w)), 200)
	wantStatus(t, w.write("GET", "/Patient/p11", "", "", emergency(w, func(t *try) { t.claims.Subject = "p03" })), 403)
	wantStatus(t, w.write("GET", "/Patient/p01", "", "", with(headerPurpose, "treat")), 200)
	got := logged(t, w.asAuditor("/AuditEvent?_id="+w.entries(3)))
	if len(got) != 3 {
		t.Fatalf("expected three events, got %d", len(got))
	}
	for i, want := range []string{breaksGlass, breaksGlass, "TREAT"} {
		purpose := got[i]["purposeOfEvent"].([]any)[0].(map[string]any)
		if code := purpose["coding"].([]any)[0].(map[string]any)["code"]; code != want {
			t.Errorf("expected %s, got %v", want, code)
		}
		if want == breaksGlass && purpose["text"] != "unconscious, no next of kin" {
			t.Errorf("expected the reason, got %v", purpose)
		}
	}
	found := logged(t, w.asAuditor("/AuditEvent?subtype=http://dicom.nema.org/resources/ontology/DCM%7C110127"))
	if len(found) != 1 || found[0]["id"] != w.entries(1) {
		t.Errorf("expected the one emergency to be found by its code, got %v", found)
	}
}

// What cannot be read is refused under every profile, and so is a glass that is broken without a reason.
func TestPurposesThatCannotBeRead(t *testing.T) {
	for _, value := range []string{"BTG", `BTG; reason=""`, `BTG; reason="` + strings.Repeat("x", 501) + `"`, "CURIOUS", "BTG; =", ""} {
		w := newWorld(t, profile(t, "legacy").Bare())
		rec := w.write("GET", "/Patient/p10", "", "", with(headerPurpose, value))
		if rec.Code != 400 || w.refusedBy() != "malformed" {
			t.Errorf("%q: expected 400, got %d by %q", value, rec.Code, w.refusedBy())
		}
	}
}

// What the glass does not open uses no sign-in up and marks no answer, or both would tell that it is there.
func TestTheGlassTellsNothingOfWhatItDoesNotOpen(t *testing.T) {
	for _, target := range []string{"/Patient/p12", "/Patient?_id=p12", "/Patient/p12/_history", "/Patient?_id=p12&_summary=count", "/Patient/p99"} {
		w := newWorld(t, strictest(t))
		if rec := w.write("GET", target, "", "", emergency(w)); rec.Header().Get(headerPurpose) != "" {
			t.Errorf("%s: expected no mark on an answer in which nothing was opened", target)
		}
		wantStatus(t, w.write("GET", "/Patient/p10", "", "", emergency(w)), 200)
	}
}
