package idp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

func onceKey(alg string) func() *fapi.Key {
	return sync.OnceValue(func() *fapi.Key {
		k, err := fapi.NewKey("key for "+alg, alg, dice.New(1).Fork(alg))
		if err != nil {
			panic(err)
		}
		return k
	})
}

// A signed answer says who gives it to whom and for how long, and nothing stands beside it (JARM s2.1,
// FAPI 2.0 MS 5.4.1).
func TestSignedResponse(t *testing.T) {
	for _, mode := range []string{"jwt", "query.jwt"} {
		l := newLab(t, strict(t))
		f := l.ehr.newFlow()
		f.request.Set("response_mode", mode)
		_, a := f.code()
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || !strings.HasPrefix(to.String(), f.redirect+"&response=") || len(to.Query()) != 2 {
			t.Fatalf("expected the registered redirect URI and one parameter, got %s", to)
		}
		jwt := mustParse(t, to.Query().Get("response"))
		claims := claimsOf[fapi.AuthorizationResponse](t, jwt.Compact)
		if claims.Issuer != testIssuer || !claims.Audience.IsOnly("ehr") || claims.State != "the state" || len(claims.Code) != 43 ||
			claims.Expires != l.clock.Now().Add(responseLifetime).Unix() || claims.Error != "" {
			t.Errorf("got %+v", claims)
		}
		if err := jwt.VerifyTrustingAlg(key("as-1").Public().Key); err != nil {
			t.Error(err)
		}
	}
}

// Errors come as they were asked for (JARM s2.3).
func TestSignedErrors(t *testing.T) {
	f := newLab(t, strict(t)).ehr.newFlow()
	start, _ := f.begin()
	a := f.browser.visit(start, "kberg", "deny")
	if !strings.Contains(a.Header.Get("Location"), "response=") || a.location(t).Get("error") != "access_denied" ||
		a.location(t).Get("state") != "the state" || a.location(t).Get("iss") != testIssuer {
		t.Errorf("expected a signed access_denied, got %s", a.Header.Get("Location"))
	}
	f = newLab(t, strict(t)).ehr.newFlow()
	f.request.Set("prompt", "none")
	start, _ = f.begin()
	if a := f.browser.get(start); a.location(t).Get("error") != "login_required" {
		t.Errorf("expected login_required, got %s", a.Header.Get("Location"))
	}
	// Also where the request comes through the browser.
	l := newLab(t, profile(t, "bcp"))
	f = l.ehr.newFlow()
	f.request.Set("response_mode", "jwt")
	f.request.Set("scope", "nothing/registered")
	a = l.get(f.plainURL())
	if !strings.Contains(a.Header.Get("Location"), "response=") || a.location(t).Get("error") != "invalid_scope" {
		t.Errorf("expected a signed invalid_scope, got %s", a.Header.Get("Location"))
	}
}

func TestOtherResponseModesAreRefused(t *testing.T) {
	for _, mode := range []string{"fragment", "form_post", "fragment.jwt", "form_post.jwt", "web_message", "JWT"} {
		f := newLab(t, unsigned(t).Without(control.ASDPoPNonce)).ehr.newFlow()
		f.request.Set("response_mode", mode)
		if a := f.push(); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.fault, "query, jwt or query.jwt") {
			t.Errorf("%s: got %d %s (%s)", mode, a.StatusCode, a.body, a.fault)
		}
	}
}

func TestMetadataOfMessageSigning(t *testing.T) {
	m := publishedBy(t, newLab(t, profile(t, "fapi2-message-signing")))
	if !m.RequirePAR || !m.RequireSignedRequest || !m.RequestParameter || m.RequestURIParameter ||
		!slices.Equal(m.RequestAlgs, fapi.Algorithms) || !slices.Equal(m.ResponseModesSupported, []string{"query", "jwt", "query.jwt"}) {
		t.Errorf("got %+v", m)
	}
	m = publishedBy(t, newLab(t, profile(t, "fapi2-dpop")))
	if m.RequireSignedRequest || !m.RequestParameter {
		t.Errorf("fapi2-dpop: got %+v", m)
	}
	if m := publishedBy(t, newLab(t, profile(t, "helseid"))); !slices.Equal(m.DPoPAlgs, fapi.NationalAlgorithms) {
		t.Errorf("helseid: got %v", m.DPoPAlgs)
	}
}

func (l *lab) introspectSigned(id, secret, token string) answer {
	r := postRequest(l.issuer+pathIntrospect, url.Values{"token": {token}})
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	r.Header.Set("Accept", "application/token-introspection+jwt; q=1, application/json;q=0.5")
	return l.do(r)
}

// A signed answer is addressed to who asked, and says what an unsigned one says (RFC 9701 s5).
func TestSignedIntrospection(t *testing.T) {
	l := newLab(t, strict(t))
	token := l.ehr.clientCredentials().str(t, "access_token")
	for name, c := range map[string]struct{ id, secret, token, want string }{
		"active":          {"fhir-api", "fhir secret", token, string(l.introspect("fhir-api", "fhir secret", token).body)},
		"unknown":         {"fhir-api", "fhir secret", "hello", inactive},
		"for another API": {"lab-api", "lab secret", token, inactive},
	} {
		a := l.introspectSigned(c.id, c.secret, c.token)
		if a.Header.Get("Content-Type") != "application/token-introspection+jwt" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", name, a.Header)
		}
		jwt := mustParse(t, string(a.body))
		claims := claimsOf[fapi.SignedIntrospection](t, jwt.Compact)
		if jwt.Header.Typ != fapi.TypIntrospection || jwt.VerifyTrustingAlg(key("as-1").Public().Key) != nil {
			t.Errorf("%s: header %+v", name, jwt.Header)
		}
		if claims.Issuer != testIssuer || !claims.Audience.IsOnly(c.id) || claims.IssuedAt != l.clock.Now().Unix() || string(claims.Answer) != c.want {
			t.Errorf("%s: got %+v over %s", name, claims, claims.Answer)
		}
	}
	// Nobody who may not ask gets a signature.
	l.introspectSigned("fhir-api", "guess", token).expect(t, control.ASIntrospectionCaller, 401, "invalid_client")
}
