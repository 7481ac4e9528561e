package fhirmock

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// RFC 9470 s3: what the sign-in was too weak or too old for is refused with what would do.
func TestStepUp(t *testing.T) {
	need := StepUp{Type: "DocumentReference", ACR: []string{"high", "higher"}, MaxAge: 10 * time.Minute}
	for name, c := range map[string]struct {
		spoil   func(*try)
		refused bool
	}{
		"strong and recent": {func(*try) {}, false},
		"stronger":          {func(t *try) { t.claims.ACR = "higher" }, false},
		"weak":              {func(t *try) { t.claims.ACR = "low" }, true},
		"unsaid":            {func(t *try) { t.claims.ACR = "" }, true},
		"long ago":          {func(t *try) { t.claims.AuthTime -= 601 }, true},
		"at no time":        {func(t *try) { t.claims.AuthTime = 0 }, true},
		"of another type": {func(t *try) {
			t.target, t.claims.ACR = "/Condition?patient=p01", ""
			t.proof.HTU = testBase + "/Condition"
		}, false},
	} {
		for _, on := range []bool{true, false} {
			p := strictest(t)
			if !on {
				p = p.Without(control.RSStepUp)
			}
			w := newWorld(t, p)
			w.a.StepUps = []StepUp{need}
			try := w.honest("GET", "/DocumentReference?patient=p01")
			try.claims.ACR, try.claims.AuthTime = "high", w.clock.Now().Unix()
			c.spoil(try)
			rec := try.send()
			if !c.refused || !on {
				wantStatus(t, rec, 200)
				continue
			}
			challenge := rec.Header().Get("WWW-Authenticate")
			if rec.Code != 401 || w.refusedBy() != control.RSStepUp.ID || !strings.Contains(challenge, `error="insufficient_user_authentication"`) ||
				!strings.Contains(challenge, `acr_values="high higher", max_age="600"`) {
				t.Errorf("%s: expected a challenge, got %d by %q: %s", name, rec.Code, w.refusedBy(), challenge)
			}
		}
	}
}

// Only who holds a good token and its key hears what would do.
func TestStepUpComesAfterTheProof(t *testing.T) {
	w := newWorld(t, strictest(t))
	w.a.StepUps = []StepUp{{Type: "DocumentReference", ACR: []string{"high"}}}
	try := w.honest("GET", "/DocumentReference?patient=p01")
	try.proofKey = w.thief
	if rec := try.send(); w.refusedBy() != control.RSDPoPBinding.ID || strings.Contains(rec.Header().Get("WWW-Authenticate"), "acr_values") {
		t.Errorf("got %q: %s", w.refusedBy(), rec.Header().Get("WWW-Authenticate"))
	}
}

// An entry of a bundle is asked before anything is looked at: otherwise it would tell which records are there.
func TestStepUpOfAnEntry(t *testing.T) {
	for _, kind := range []string{"batch", "transaction"} {
		var answers []string
		for _, id := range []string{"doc-p01-1", "doc-p40-1", "doc-p99-1"} { // the caller's, a stranger's, nobody's
			w := newWorld(t, strictest(t))
			w.a.StepUps = []StepUp{{Type: "DocumentReference", ACR: []string{"high"}}}
			rec := w.write("POST", "/", fhirType, requestsOf(kind, "DocumentReference/"+id))
			answers = append(answers, strings.ReplaceAll(answered(rec), id, "id"))
			if !strings.Contains(answers[0], "401") || w.refusedBy() != control.RSStepUp.ID {
				t.Errorf("%s, %s: expected a better sign-in to be asked for, got %q: %s", kind, id, w.refusedBy(), answers[0])
			}
		}
		if answers[0] != answers[1] || answers[1] != answers[2] {
			t.Errorf("%s: expected one answer, got %s", kind, strings.Join(answers, "\n"))
		}
	}
}

func TestStepUpOfNothing(t *testing.T) {
	for _, s := range []StepUp{{}, {Type: "Patient"}, {Type: "Unheard", ACR: []string{"a"}}, {Type: "Patient", MaxAge: -1, ACR: []string{"a"}}} {
		if s.validate() == nil {
			t.Errorf("expected %+v to be refused", s)
		}
	}
}

// RFC 9728: in its place and below the base, for anybody, and not at all for those who would change it.
func TestProtectedResourceMetadata(t *testing.T) {
	w := newWorld(t, strictest(t))
	for _, address := range []string{"https://fhir.thiefbox.test/.well-known/oauth-protected-resource/fhir", testBase + "/.well-known/oauth-protected-resource"} {
		rec := w.send(w.a, httptest.NewRequest(http.MethodGet, address, nil))
		wantStatus(t, rec, 200)
		m := decode(t, rec)
		if m["resource"] != testBase || m["authorization_servers"].([]any)[0] != testIssuer || m["dpop_bound_access_tokens_required"] != true {
			t.Errorf("%s: got %v", address, m)
		}
		if rec.Header().Get("Access-Control-Allow-Origin") != "*" || rec.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %v", address, rec.Header())
		}
		wantStatus(t, w.send(w.a, httptest.NewRequest(http.MethodPost, address, nil)), 405)
	}
	wantStatus(t, w.send(w.a, httptest.NewRequest(http.MethodGet, "https://fhir.thiefbox.test/.well-known/oauth-protected-resource", nil)), 404)
	if told := w.rulings(); len(told) != 0 {
		t.Errorf("expected nobody to rule about what is public, got %v", told)
	}
	bearer := newWorld(t, profile(t, "bcp"))
	m := decode(t, bearer.send(bearer.a, httptest.NewRequest(http.MethodGet, testBase+"/.well-known/oauth-protected-resource", nil)))
	if m["dpop_bound_access_tokens_required"] != nil {
		t.Errorf("got %v", m)
	}
}

// SP 5.4.3: of two keys with one kid, the one that fits made the signature.
func TestTwoKeysWithOneKid(t *testing.T) {
	w := newWorld(t, strictest(t))
	decoy, err := fapi.NewRSAKey(w.as.key.ID, "PS256")
	if err != nil {
		t.Fatal(err)
	}
	w.as.keys = []fapi.Public{decoy.Public(), w.as.key.Public()}
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
}
