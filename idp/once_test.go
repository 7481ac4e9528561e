package idp

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"thiefbox/sim/control"
)

// together sends requests at the same time and counts those that succeed.
func (l *lab) together(requests []*http.Request) int {
	var done sync.WaitGroup
	var ok atomic.Int32
	start := make(chan struct{})
	for _, r := range requests {
		done.Go(func() {
			w := httptest.NewRecorder()
			<-start
			if l.ServeHTTP(w, r); w.Code < 400 {
				ok.Add(1)
			}
		})
	}
	close(start)
	done.Wait()
	return int(ok.Load())
}

const crowd = 16

// Of many who come at once with the same thing, one is let through.
func TestOneTimeThingsUnderConcurrency(t *testing.T) {
	l := newLab(t, strict(t))
	l.ehr.clientCredentials() // learn the nonce
	token := func(spoils ...func(*call)) *http.Request {
		c := l.ehr.prepare(pathToken, url.Values{"grant_type": {grantClientCredentials}})
		for _, spoil := range spoils {
			spoil(c)
		}
		return c.request()
	}
	f := l.ehr.newFlow()
	code, _ := f.code()
	redeem := func() *http.Request {
		return l.ehr.prepare(pathToken, url.Values{"grant_type": {grantAuthorizationCode}, "code": {code},
			"redirect_uri": {f.redirect}, "code_verifier": {f.verifier}}).request()
	}
	assertion, proof := l.ehr.reuseAssertion(), l.ehr.reuseProof()
	for name, c := range map[string]struct {
		make func() *http.Request
		want int
	}{
		"nothing in common": {func() *http.Request { return token() }, crowd},
		"one assertion":     {func() *http.Request { return token(assertion) }, 1},
		"one proof":         {func() *http.Request { return token(proof) }, 1},
		"one code":          {redeem, 1},
	} {
		var requests []*http.Request
		for range crowd {
			requests = append(requests, c.make())
		}
		if got := l.together(requests); got != c.want {
			t.Errorf("%s: expected %d of %d to succeed, got %d", name, c.want, crowd, got)
		}
	}
}

// However many browsers a request_uri is open in, it leads to one code.
func TestOneCodeForOneRequestURIUnderConcurrency(t *testing.T) {
	l := newLab(t, strict(t))
	f := l.ehr.newFlow()
	start, _ := f.begin()
	var requests []*http.Request
	for range crowd {
		b := l.newBrowser()
		page := b.signIn(b.get(start), "kberg", passwords["kberg"])
		r := postRequest(l.issuer+pathConsent, url.Values{"interaction": {page.interaction()}, "decision": {"allow"}})
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		requests = append(requests, r, r.Clone(r.Context())) // the second is a double click
		requests[len(requests)-1].Body = postRequest(l.issuer+pathConsent, url.Values{"interaction": {page.interaction()}, "decision": {"allow"}}).Body
	}
	if got := l.together(requests); got != 1 {
		t.Errorf("expected one code, got %d", got)
	}
}

// A refused request burns nothing: after any refusal, the same assertion, proof and code are good.
func TestRefusedRequestsBurnNothing(t *testing.T) {
	for _, refused := range []struct {
		name  string
		spoil func(*call)
		by    *control.Control
	}{
		{"for want of a nonce", func(c *call) { c.proofs = nil; c.proof.Nonce = "" }, control.ASDPoPNonce},
		{"for a wrong verifier", func(c *call) { c.form.Set("code_verifier", "guess") }, control.ASPKCEVerifier},
		{"for another key", func(c *call) { c.proofs = nil; withKey("thief")(c) }, control.ASCodeDPoPKey},
		{"for want of a proof", func(c *call) { c.proofs, c.noProof = nil, true }, control.ASSenderConstrained},
		{"for a wrong redirect URI", func(c *call) { c.form.Set("redirect_uri", "x") }, control.ASCodeRedirectURI},
	} {
		t.Run(refused.name, func(t *testing.T) {
			f := newLab(t, strict(t)).ehr.newFlow()
			code, _ := f.code()
			assertion, proof := f.reuseAssertion(), f.reuseProof()
			f.redeem(code, assertion, proof, refused.spoil).expect(t, refused.by, http.StatusBadRequest, "")
			if a := f.redeem(code, assertion, proof); !a.succeeded() {
				t.Errorf("expected the same things to be good again, refused by %q (%s)", a.by, a.fault)
			}
		})
	}
}

// One one-time check that refuses gives back what the others before it took.
func TestOneTimeChecksAreOneTransaction(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	code, _ := f.code()
	used := f.reuseProof()
	if a := f.clientCredentials(used); !a.succeeded() {
		t.Fatal(a.by, a.fault)
	}
	assertion := f.reuseAssertion()
	f.redeem(code, assertion, used).expect(t, control.ASDPoPJTI, http.StatusBadRequest, "invalid_dpop_proof")
	f.redeem(code, assertion).tokens(t) // the assertion was given back
	fresh, proof := f.reuseAssertion(), f.reuseProof()
	f.redeem(code, fresh, proof).expect(t, control.ASCodeOnce, http.StatusBadRequest, "invalid_grant")
	if a := f.clientCredentials(fresh, proof); !a.succeeded() {
		t.Errorf("expected assertion and proof to be given back, refused by %q (%s)", a.by, a.fault)
	}
}
