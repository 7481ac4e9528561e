package fhirmock

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// askedFor is what the authorization server was asked, by last part of the path.
func (w *world) askedFor() (metadata, keys, introspections int) {
	return w.as.asked["/.well-known/openid-configuration"], w.as.asked["/jwks"], w.as.asked["/introspect"]
}

func TestMetadataAndKeysAreFetchedOnce(t *testing.T) {
	w := newWorld(t, strictest(t))
	if m, k, _ := w.askedFor(); m+k != 0 {
		t.Fatal("expected New to fetch nothing")
	}
	for range 3 {
		wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
	}
	if m, k, i := w.askedFor(); m != 1 || k != 1 || i != 3 {
		t.Errorf("expected one metadata, one JWKS and three introspections, got %d, %d, %d", m, k, i)
	}
}

// A control that is off changes no message: what the API asks does not depend on it.
func TestControlsChangeNoMessage(t *testing.T) {
	for _, c := range []*control.Control{control.RSTokenSignature, control.RSTokenRevoked, control.RSDPoPNonce} {
		w := newWorld(t, strictest(t).Without(c))
		rec := w.honest("GET", "/Patient/p01").send()
		wantStatus(t, rec, 200)
		if m, k, i := w.askedFor(); m != 1 || k != 1 || i != 1 {
			t.Errorf("without %s: expected the same requests, got %d, %d, %d", c, m, k, i)
		}
	}
	w := newWorld(t, profile(t, "helseid"))
	w.as.key.Alg = "ES256"
	_ = w.honest("GET", "/Patient/p01").send()
	if _, _, i := w.askedFor(); i != 0 {
		t.Errorf("expected a dialect without introspection to ask nothing, got %d", i)
	}
}

func TestKeysAreFetchedAgainAfterAWhile(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
	w.as.keys = nil // withdrawn
	w.clock.Advance(keysAge - time.Second)
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
	w.clock.Advance(time.Second)
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 401)
	if w.refusedBy() != control.RSTokenSignature.ID {
		t.Errorf("expected a withdrawn key to count for nothing, got %q", w.refusedBy())
	}
}

func TestUnknownKeyIsLookedForOnceAMinute(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)

	// The server has rotated: an honest token names a key that is new.
	rotated := testKey(t, "as-2")
	w.as.keys = append(w.as.keys, rotated.Public())
	try := w.honest("GET", "/Patient/p01")
	try.tokenKey, try.tokenHeader.Kid = rotated, rotated.ID
	wantStatus(t, try.send(), 200)

	// Strangers name keys that do not exist, as often as they like.
	for range 5 {
		try := w.honest("GET", "/Patient/p01")
		try.tokenHeader.Kid = "made-up"
		wantStatus(t, try.send(), 401)
	}
	if _, k, _ := w.askedFor(); k != 2 {
		t.Errorf("expected one more fetch in a minute, got %d in all", k)
	}
	w.clock.Advance(searchPause)
	try = w.honest("GET", "/Patient/p01")
	try.tokenHeader.Kid = "made-up"
	wantStatus(t, try.send(), 401)
	if _, k, _ := w.askedFor(); k != 3 {
		t.Errorf("expected another fetch after a minute, got %d in all", k)
	}
}

func TestTokenWithoutKid(t *testing.T) {
	w := newWorld(t, strictest(t))
	try := w.honest("GET", "/Patient/p01")
	try.tokenHeader.Kid = ""
	wantStatus(t, try.send(), 200) // one key: no doubt which
	w = newWorld(t, strictest(t))
	w.as.keys = append(w.as.keys, testKey(t, "as-2").Public())
	try = w.honest("GET", "/Patient/p01")
	try.tokenHeader.Kid = ""
	wantStatus(t, try.send(), 401)
}

// What cannot be known is refused, and by the control that needed to know it.
func TestAuthorizationServerOutOfReach(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*fakeAS)
		by    *control.Control
	}{
		"down":            {func(s *fakeAS) { s.down = true }, control.RSTokenSignature},
		"another issuer":  {func(s *fakeAS) { s.issuer = "https://rogue-as.test" }, control.RSTokenSignature},
		"no keys":         {func(s *fakeAS) { s.keys = nil }, control.RSTokenSignature},
		"bad credentials": {nil, control.RSStandingKnown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			if c.spoil != nil {
				c.spoil(w.as)
			} else {
				w.a.authority.basic = basicAuth(w.a.ID, "wrong")
			}
			wantStatus(t, w.honest("GET", "/Patient/p01").send(), 401)
			if w.refusedBy() != c.by.ID {
				t.Errorf("expected %s, got %q", c.by, w.refusedBy())
			}
		})
	}
}

// answering is a transport that says the same to everybody.
type answering string

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	if a == "" {
		return nil, errors.New("no route")
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(a))), Header: http.Header{}}, nil
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, a := range []answering{"", "not JSON", `{"issuer":7}`, `{}`, answering(strings.Repeat(" ", mostBytes+1))} {
		w := newWorld(t, strictest(t))
		w.a.authority.http = &http.Client{Transport: a}
		wantStatus(t, w.honest("GET", "/Patient/p01").send(), 401)
	}
	s := &authority{issuer: testIssuer, http: &http.Client{Transport: answering("active")}, clock: newWorld(t, strictest(t)).clock}
	s.metadata, s.metadataAt = &fapi.Metadata{IntrospectionEndpoint: testIssuer + "/introspect"}, s.clock.Now()
	if got := s.introspect(t.Context(), "x", false); !got.asked || got.Active || got.err == nil {
		t.Errorf("expected an answer that is no JSON to be an error, got %+v", got)
	}
	s.metadata = &fapi.Metadata{}
	if got := s.introspect(t.Context(), "x", false); got.err == nil {
		t.Error("expected a server without introspection to be an error")
	}
}

func TestIntrospectionControlWithoutIntrospection(t *testing.T) {
	p := strictest(t)
	p.Dialect.Introspection = false
	w := newWorld(t, p)
	wantStatus(t, w.honest("GET", "/Patient/p01").send(), 401)
	if w.refusedBy() != control.RSTokenRevoked.ID {
		t.Errorf("expected an unknown standing to be refused, got %q", w.refusedBy())
	}
}

func TestVerdictsAreRemembered(t *testing.T) {
	var c verified
	now := newWorld(t, strictest(t)).clock.Now()
	c.add("token", "key", now, now.Add(time.Minute))
	for name, got := range map[string]bool{
		"same token and key": c.has("token", "key", now),
		"another key":        !c.has("token", "rotated", now),
		"another token":      !c.has("other", "key", now),
		"expired":            !c.has("token", "key", now.Add(time.Minute)),
	} {
		if !got {
			t.Error(name)
		}
	}
	c.add("for ever", "key", now, now.Add(1000*time.Hour))
	if c.has("for ever", "key", now.Add(longestMemory)) {
		t.Error("expected no verdict to last for more than an hour")
	}
	for i := range 3 * mostVerdicts {
		c.add(strings.Repeat("x", i%7)+string(rune(i)), "key", now, now.Add(time.Minute))
	}
	if n := len(c.young) + len(c.old); n > 2*mostVerdicts {
		t.Errorf("expected at most %d verdicts, got %d", 2*mostVerdicts, n)
	}
}

// The cache must not show: a repeated token gets the same rulings.
func TestCacheChangesNoRuling(t *testing.T) {
	w := newWorld(t, strictest(t))
	var before []string
	for round := range 3 {
		w.forget()
		wantStatus(t, w.honest("GET", "/Patient/p01").send(), 200)
		var got []string
		for _, r := range w.rulings() {
			saw := r.Saw
			if strings.HasPrefix(r.Control, "rs/dpop-jti") {
				saw = "" // a new one each time, as it should be
			}
			got = append(got, r.Control+" "+r.Outcome+" "+saw)
		}
		if round > 0 && strings.Join(got, "\n") != strings.Join(before, "\n") {
			t.Errorf("round %d: expected\n%v\ngot\n%v", round, before, got)
		}
		before = got
	}
}
