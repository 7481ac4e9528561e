package fhirmock

import (
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// cond-p04-3 is restricted, and the record of p12 very restricted. p04 is berg's patient, p12 is dal's.
func labelWorld(t *testing.T, off ...*control.Control) *world {
	w := newWorld(t, strictest(t).Without(off...))
	w.a.Callers["dal"], w.a.Callers["clinic"] = Caller{Practitioner: "dal"}, Caller{Organization: "granfjelldal"}
	w.a.Callers["p04"] = Caller{Patient: "p04"}
	return w
}

func as(subject, scope string) func(*try) {
	return func(t *try) { t.claims.Subject, t.claims.Scope = subject, fapi.Scope(scope) }
}

func TestWhoIsClearedForWhat(t *testing.T) {
	for name, c := range map[string]struct {
		target, subject, scope string
		seen                   bool
	}{
		"her doctor":                     {"/Condition/cond-p04-3", "berg", "user/*.rs", true},
		"the patient":                    {"/Condition/cond-p04-3", "p04", "patient/*.rs", true},
		"her clinic's system":            {"/Condition/cond-p04-3", "clinic", "system/*.rs", false},
		"the same, cleared":              {"/Condition/cond-p04-3", "clinic", "system/*.rs conf/R", true},
		"the same, cleared for more":     {"/Condition/cond-p04-3", "clinic", "system/*.rs conf/V", true},
		"an ordinary record":             {"/Condition/cond-p04-1", "clinic", "system/*.rs", true},
		"very restricted, own doctor":    {"/Patient/p12", "dal", "user/*.rs", true},
		"very restricted, cleared for R": {"/Patient/p12", "berg", "user/*.rs conf/R", false},
	} {
		w := labelWorld(t)
		rec := w.write("GET", c.target, "", "", as(c.subject, c.scope))
		if (rec.Code == 200) != c.seen {
			t.Errorf("%s: expected seen %t, got %d: %s", name, c.seen, rec.Code, rec.Body)
		}
	}
}

// By every way, to somebody without clearance, a restricted record is as if it were not there: not in what is
// shown, not in a number, not in what a condition finds. With the control of that way off, it is.
func TestEveryWayAsksForClearance(t *testing.T) {
	const label = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R"
	system := as("clinic", "system/*.rs")
	for name, c := range map[string]struct {
		control *control.Control
		target  string
		shows   string
	}{
		"read":       {control.RSLabelRead, "/Condition/cond-p04-3", "cond-p04-3"},
		"vread":      {control.RSLabelRead, "/Condition/cond-p04-3/_history/1", "cond-p04-3"},
		"history":    {control.RSLabelRead, "/Condition/cond-p04-3/_history", "cond-p04-3"},
		"histories":  {control.RSLabelRead, "/Condition/_history?_count=250", "cond-p04-3"},
		"everything": {control.RSLabelRead, "/Patient/p04/$everything", "cond-p04-3"},
		"search":     {control.RSLabelSearch, "/Condition?patient=p04", "cond-p04-3"},
		"by label":   {control.RSLabelSearch, "/Condition?patient=p04&_security=" + label, "cond-p04-3"},
		"not":        {control.RSLabelSearch, "/Condition?patient=p04&_security:not=x|y", "cond-p04-3"},
		"count":      {control.RSLabelSearch, "/Condition?patient=p04&_summary=count&_security=" + label, `"total":1`},
		"include":    {control.RSLabelSearch, "/MedicationRequest?patient=p04&_include=MedicationRequest:*", "cond-p04-3"},
		"revinclude": {control.RSLabelSearch, "/Patient?_id=p04&_revinclude=Condition:patient", "cond-p04-3"},
		"has":        {control.RSLabelSearch, "/Patient?_has:Condition:patient:_security=" + label + "&_id=p04", `"id":"p04"`},
	} {
		w := labelWorld(t)
		if rec := w.write("GET", c.target, "", "", system); strings.Contains(rec.Body.String(), c.shows) {
			t.Errorf("%s: it came out: %s", name, rec.Body)
		}
		off := []*control.Control{c.control}
		if name == "include" {
			off = append(off, control.RSLabelRead)
		}
		careless := labelWorld(t, off...)
		if rec := careless.write("GET", c.target, "", "", system); !strings.Contains(rec.Body.String(), c.shows) && name != "include" {
			t.Errorf("%s: without the control expected it, got %s", name, rec.Body)
		}
	}
}

// Who may write observations and is cleared for nothing neither replaces a restricted one nor takes its label off.
func TestLabelsStay(t *testing.T) {
	put := func(w *world, change func(*try)) *httptest.ResponseRecorder {
		return w.write("PUT", "/Observation/obs-p04-5", fhirType, strings.Replace(note("p04", "x"), "{", `{"id":"obs-p04-5",`, 1), change)
	}
	w := labelWorld(t)
	wantStatus(t, put(w, as("clinic", "system/*.cruds")), 404)
	if w.refusedBy() != control.RSLabelWrite.ID {
		t.Errorf("expected %s, got %s", control.RSLabelWrite, w.refusedBy())
	}
	wantStatus(t, put(w, as("berg", "user/*.cruds")), 200)
	rec := w.write("GET", "/Observation/obs-p04-5", "", "")
	if wantStatus(t, rec, 200); !strings.Contains(rec.Body.String(), `"code":"R"`) || !strings.Contains(rec.Body.String(), `"code":"PSY"`) {
		t.Errorf("expected its labels, got %s", rec.Body)
	}
	wantValid(t, rec)
	wantStatus(t, w.write("GET", "/Observation/obs-p04-5", "", "", as("clinic", "system/*.rs")), 404)
	careless := labelWorld(t, control.RSLabelWrite)
	if rec := put(careless, as("clinic", "system/*.cruds")); rec.Code != 200 {
		t.Errorf("without the control expected it written, got %d: %s", rec.Code, rec.Body)
	}
}

// What was ordinary once and has been labelled since is not to be had by its number as it was before, and is again when
// the control is off. What was deleted keeps its past.
func TestWhatIsLabelledHasNoPast(t *testing.T) {
	relabel := strings.Replace(note("p04", "x"), "{", `{"id":"obs-p04-1","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},`, 1)
	ask := func(w *world, subject, target string) (int, string) {
		rec := w.write("GET", target, "", "", as(subject, "system/*.rs"))
		return rec.Code, rec.Body.String()
	}
	for _, off := range []*control.Control{nil, control.RSLabelRead} {
		w := labelWorld(t)
		if off != nil {
			w = labelWorld(t, off)
		}
		wantStatus(t, w.write("PUT", "/Observation/obs-p04-1", fhirType, relabel), 200)
		for _, target := range []string{"/Observation/obs-p04-1", "/Observation/obs-p04-1/_history/1", "/Observation/obs-p04-1/_history", "/Observation/_history?_count=250"} {
			if _, text := ask(w, "clinic", target); strings.Contains(text, "obs-p04-1") != (off != nil) {
				t.Errorf("%s without %v: %s", target, off, text)
			}
			if _, text := ask(w, "berg", target); !strings.Contains(text, "obs-p04-1") {
				t.Errorf("%s: expected it for her doctor, got %s", target, text)
			}
		}
		wantStatus(t, w.write("DELETE", "/Observation/obs-p04-2", "", ""), 204)
		if code, text := ask(w, "clinic", "/Observation/obs-p04-2/_history/1"); code != 200 {
			t.Errorf("expected what was deleted as it was, got %d %s", code, text)
		}
	}
}
