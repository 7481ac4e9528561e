package fhirmock

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// atOldBase asks there as one asked in 2019: with the token alone.
func atOldBase(w *world, method, target string) *try {
	try := w.honest(method, "/"+oldBase+target)
	try.scheme, try.noProof = "Bearer", true
	return try
}

func TestTheOldBaseIsClosed(t *testing.T) {
	w := newWorld(t, strictest(t))
	try := atOldBase(w, "GET", "/Patient/p01")
	try.touch = func(r *http.Request) { r.Header.Del("Authorization") } // nobody is asked who he is
	rec := try.send()
	wantStatus(t, rec, 410)
	wantOutcome(t, rec)
	if by := w.refusedBy(); by != control.RSOldBase.ID {
		t.Errorf("expected the base to refuse, got %q", by)
	}
	if link := rec.Header().Get("Link"); link != "<"+testBase+`>; rel="successor-version"` || !strings.Contains(rec.Body.String(), testBase) {
		t.Errorf("expected the new base to be named, got Link %q and %s", link, rec.Body)
	}
	if len(w.as.asked) != 0 {
		t.Errorf("expected nobody to be asked about anything, got %v", w.as.asked)
	}
}

// Where it is open, a good token with the scope is all it takes, whoever's record it is.
func TestTheOldBaseChecksWhatWasCheckedThen(t *testing.T) {
	careless := strictest(t).Without(control.RSOldBase)
	for name, c := range map[string]struct {
		method, target string
		spoil          func(*try)
		status         int
		by             string
	}{
		"a record":                   {"GET", "/Patient/p01", nil, 200, ""},
		"a stranger's":               {"GET", "/Patient/p40", nil, 200, ""},
		"by HEAD":                    {"HEAD", "/Patient/p40", nil, 200, ""},
		"a labelled one":             {"GET", "/Condition/cond-p04-3", func(t *try) { t.claims.Subject = "lund" }, 200, ""},
		"what takes a better sign":   {"GET", "/DocumentReference", nil, 200, ""},
		"everybody's":                {"GET", "/Condition", nil, 200, ""},
		"an expired token":           {"GET", "/Patient/p01", func(t *try) { t.claims.Expires = 1 }, 401, control.RSTokenExpiry.ID},
		"a forged token":             {"GET", "/Patient/p01", func(t *try) { t.tokenKey = t.w.thief }, 401, control.RSTokenSignature.ID},
		"another scope":              {"GET", "/Patient/p01", func(t *try) { t.claims.Scope = "user/Observation.rs" }, 403, control.RSScope.ID},
		"a launch's patient":         {"GET", "/Patient/p01", func(t *try) { t.claims.Scope, t.claims.Patient = "patient/*.rs", "p02" }, 404, control.RSPatientContext.ID},
		"no token":                   {"GET", "/Patient/p01", func(t *try) { t.touch = header("Authorization", "") }, 401, "malformed"},
		"who is not there":           {"GET", "/Patient/p99", nil, 404, "malformed"},
		"a log that came later":      {"GET", "/AuditEvent", nil, 404, "malformed"},
		"a subscription, likewise":   {"GET", "/Subscription", nil, 404, "malformed"},
		"an operation of later":      {"GET", "/Patient/p01/$everything", nil, 404, "malformed"},
		"a form":                     {"POST", "/Patient/_search", func(t *try) { t.form = url.Values{} }, 404, "malformed"},
		"an old version":             {"GET", "/Patient/p01/_history/1", nil, 404, "malformed"},
		"a type of nobody's":         {"GET", "/Unheard", nil, 404, "malformed"},
		"nothing":                    {"GET", "/", nil, 404, "malformed"},
		"metadata, which name it":    {"GET", "/metadata", nil, 404, "malformed"},
		"a write":                    {"POST", "/Observation", nil, 405, "malformed"},
		"a write over a record":      {"DELETE", "/Patient/p01", nil, 405, "malformed"},
		"a search that is malformed": {"GET", "/Condition?onset-date=soon", nil, 400, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, careless)
			try := atOldBase(w, c.method, c.target)
			if c.spoil != nil {
				c.spoil(try)
			}
			rec := try.send()
			wantStatus(t, rec, c.status)
			if by := w.refusedBy(); by != c.by {
				t.Errorf("expected %q to refuse, got %q: %s", c.by, by, rec.Body)
			}
		})
	}
}

// Pages of a search lead on where it was made, and the log says where that was.
func TestTheOldBaseNamesItself(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSOldBase))
	rec := atOldBase(w, "GET", "/Condition?_count=2").send()
	wantStatus(t, rec, 200)
	next := ""
	for _, l := range decode(t, rec)["link"].([]any) {
		if l := l.(map[string]any); l["relation"] == "next" {
			next = l["url"].(string)
		}
	}
	rest, ours := strings.CutPrefix(next, testBase+"/"+oldBase)
	if !ours {
		t.Fatalf("expected a next page at the old base, got %q", next)
	}
	wantStatus(t, atOldBase(w, "GET", rest).send(), 200)
	if e, _ := w.records.audit.find(1); !e.Old || e.Client != "ehr" || len(e.Patients) == 0 ||
		!strings.Contains(w.a.auditResource("x", &e)["source"].(m)["observer"].(m)["display"].(string), "/"+oldBase+" ") {
		t.Errorf("expected an entry about the old base, got %+v", e)
	}
	for _, where := range []string{"/metadata", wellKnownSMART} {
		if strings.Contains(w.honest("GET", where).send().Body.String(), testBase+"/"+oldBase) {
			t.Errorf("expected nothing of the old base in %s", where)
		}
	}
}

// The old base uses no proof up and counts no misses: neither was known then.
func TestTheOldBaseRemembersNothing(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSOldBase))
	for range mostRequests + mostMisses {
		if rec := atOldBase(w, "GET", "/Patient/p99").send(); rec.Code != 404 {
			t.Fatalf("expected 404, got %d", rec.Code)
		}
	}
	try := w.honest("GET", "/"+oldBase+"/Patient/p01") // with a proof that nobody looks at
	request := try.request()
	for range 2 {
		wantStatus(t, w.send(w.a, request), 200)
	}
}
