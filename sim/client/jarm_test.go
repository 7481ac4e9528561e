package client

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// opened is what a pushed request says, once the request object in it has been judged as a server does.
func (s *fakeAS) opened(reg *Registration, form url.Values) url.Values {
	fault := func(what string) { s.faults = append(s.faults, "request object: "+what) }
	if s.dialect().Request != control.SignedRequest {
		if form.Has("request") {
			fault("nobody asked for one")
		}
		return form
	}
	o, err := fapi.ParseRequestObject(form.Get("request"))
	if err != nil {
		fault(err.Error())
		return form
	}
	if err := o.JWT.VerifyTrustingAlg(reg.Key.Public().Key); err != nil || o.JWT.CheckAlg(fapi.Algorithms) != nil || o.JWT.Header.Typ != fapi.TypRequest {
		fault("not one of the client's")
	}
	c, now := o.Claims, s.clock.Now().Unix()
	if c.Issuer != reg.ClientID || !c.Audience.IsOnly(s.issuer) || c.NotPrior > now || c.Expires <= now || c.Expires-c.NotPrior > 3600 || c.JTI == "" {
		fault("claims that do not fit")
	}
	for name := range form {
		if !slices.Contains([]string{"request", "client_id", "client_assertion", "client_assertion_type"}, name) {
			fault("beside it stands " + name)
		}
	}
	return c.Parameters
}

// signed is an answer as it was asked for.
func (s *fakeAS) signed(request, answer url.Values) url.Values {
	if wanted := s.dialect().Response == control.JWTResponse; wanted != (request.Get("response_mode") == "jwt") {
		s.faults = append(s.faults, "response_mode: "+request.Get("response_mode"))
	}
	if request.Get("response_mode") != "jwt" || s.spoilResponse == nil && answer.Get("plain") != "" {
		return answer
	}
	response := fapi.AuthorizationResponse{
		Issuer: answer.Get("iss"), Audience: fapi.Audience{Values: []string{request.Get("client_id")}},
		Expires: s.clock.Now().Add(10 * time.Minute).Unix(), Code: answer.Get("code"), State: answer.Get("state"),
	}
	if s.spoilResponse != nil {
		s.spoilResponse(&response)
	}
	if s.signResponse != nil {
		return url.Values{"response": {s.signResponse(response)}}
	}
	return url.Values{"response": {must(response.Sign(s.key))}}
}

func signing(t *testing.T) control.Profile {
	p := full(t)
	p.Dialect.Request, p.Dialect.Response = control.SignedRequest, control.JWTResponse
	return p.Full()
}

// wrongResponses are signed answers that are wrong by one thing, and who notices. Without that control the
// client signs her in.
var wrongResponses = []struct {
	name    string
	control *control.Control
	spoil   func(*world)
}{
	{"a plain answer", control.ClientResponseSigned, func(w *world) {
		w.as.spoilAnswer = func(v url.Values) { v.Set("plain", "yes") }
	}},
	{"for another client", control.ClientResponseAudience, spoilResponse(func(r *fapi.AuthorizationResponse) {
		r.Audience = fapi.Audience{Values: []string{"another"}}
	})},
	{"for this client and another", control.ClientResponseAudience, spoilResponse(func(r *fapi.AuthorizationResponse) {
		r.Audience = fapi.Audience{Values: append(r.Audience.Values, "another"), Array: true}
	})},
	{"for nobody", control.ClientResponseAudience, spoilResponse(func(r *fapi.AuthorizationResponse) { r.Audience = fapi.Audience{} })},
	{"expired", control.ClientResponseExpiry, spoilResponse(func(r *fapi.AuthorizationResponse) { r.Expires -= 11*60 + 1 })},
	{"without an expiry", control.ClientResponseExpiry, spoilResponse(func(r *fapi.AuthorizationResponse) { r.Expires = 0 })},
	{"of another server", control.ClientIss, spoilResponse(func(r *fapi.AuthorizationResponse) { r.Issuer = rogueURL })},
	{"of nobody", control.ClientIss, spoilResponse(func(r *fapi.AuthorizationResponse) { r.Issuer = "" })},
	{"signed by another key", control.ClientResponseSignature, func(w *world) {
		w.as.signResponse = func(r fapi.AuthorizationResponse) string { return must(r.Sign(w.dpop)) }
	}},
	{"with alg none", control.ClientResponseSignature, func(w *world) {
		w.as.signResponse = func(r fapi.AuthorizationResponse) string { return must(fapi.ForgeUnsigned(fapi.Header{}, r)) }
	}},
	{"with HMAC over the server's key", control.ClientResponseSignature, func(w *world) {
		w.as.signResponse = func(r fapi.AuthorizationResponse) string {
			return must(fapi.ForgeHMAC(fapi.Header{Kid: w.as.key.ID}, r, w.as.key.Public()))
		}
	}},
}

func spoilResponse(spoil func(*fapi.AuthorizationResponse)) func(*world) {
	return func(w *world) { w.as.spoilResponse = spoil }
}

func TestWrongSignedResponses(t *testing.T) {
	for _, c := range wrongResponses {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, signing(t))
			c.spoil(w)
			b := w.browser()
			if status, _ := b.signIn(asURL); status != http.StatusBadRequest || !slices.Equal(w.refusals(), []string{c.control.ID}) {
				t.Errorf("expected %s to refuse, got %d %v\n%s", c.control, status, w.refusals(), w.diagnosis())
			}
			p := signing(t)
			if c.control == control.ClientResponseSigned { // what is not signed has none of the rest, either
				p = p.Without(control.ClientResponseAudience, control.ClientResponseExpiry, control.ClientResponseSignature)
			}
			w = newWorld(t, p.Without(c.control))
			c.spoil(w)
			b = w.browser()
			if b.mustSignIn(); b.subject() != "berg" {
				t.Errorf("without %s: expected berg, got %q", c.control, b.subject())
			}
		})
	}
}

func TestMalformedSignedResponses(t *testing.T) {
	for name, query := range map[string]string{
		"not a JWT":           "response=junk",
		"twice":               "response=e30.e30.&response=e30.e30.",
		"beside a plain one":  "response=e30.e30.&code=x",
		"with nothing in it":  "response=e30.e30.",
		"of the wrong type":   "response=" + must(fapi.ForgeUnsigned(fapi.Header{}, map[string]any{"code": 7})),
		"encrypted, as it is": "response=e30.e30.e30.e30.e30",
	} {
		w := newWorld(t, signing(t).Bare())
		if status, _, _ := w.browser().get(ehrURL + "/callback?" + query); status != http.StatusBadRequest {
			t.Errorf("%s: expected 400, got %d", name, status)
		}
	}
}

// Who has a shared secret and no key cannot sign, and is told so.
func TestSignedRequestsNeedAKey(t *testing.T) {
	p := signing(t)
	p.Dialect.ClientAuth = control.ClientSecretBasic
	w := newWorld(t, p)
	if status, _, _ := w.browser().get(ehrURL + "/login?issuer=" + asURL); status < 400 {
		t.Errorf("expected a failure, got %d", status)
	}
}
