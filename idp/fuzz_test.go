package idp

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// Whatever a stranger sends, the server neither falls over nor takes the blame. Half of the tries meet
// no control, so that the code behind the guards is reached too. Every endpoint has a target here, but for
// registration, which has its own (register_test.go).

// neverOurFault sends a request to both servers.
func neverOurFault(t *testing.T, make func(*lab) *http.Request) {
	t.Helper()
	for _, p := range []control.Profile{strict(t), strict(t).Bare()} {
		l := newLab(t, p)
		w := httptest.NewRecorder()
		l.ServeHTTP(w, make(l))
		if w.Code >= 500 || w.Code < 200 {
			t.Errorf("got status %d: %v", w.Code, l.told)
		}
		if to := w.Header().Get("Location"); strings.ContainsAny(to, "\r\n") {
			t.Errorf("got a Location of several lines: %q", to)
		}
	}
}

func raw(rawURL, body, authorization, proof string) *http.Request {
	r := postRequest(rawURL, nil)
	withBody(r, body)
	for name, value := range map[string]string{"Authorization": authorization, "DPoP": proof} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// seed adds correct requests, taken apart, for the fuzzer to spoil.
func seed(f *testing.F, path string, form url.Values) {
	l := newLab(f, strict(f))
	for _, auth := range []string{"private_key_jwt", "client_secret_basic", "client_secret_post", ""} {
		c := l.ehr.prepare(path, form)
		c.auth = auth
		r := c.request()
		if err := r.ParseForm(); err != nil {
			f.Fatal(err)
		}
		f.Add(r.PostForm.Encode(), r.Header.Get("Authorization"), r.Header.Get("DPoP"))
	}
}

func FuzzTokenRequest(f *testing.F) {
	seed(f, pathToken, url.Values{"grant_type": {grantClientCredentials}, "scope": {"system/*.rs"}, "resource": {fhirAPI}})
	seed(f, pathToken, url.Values{"grant_type": {grantAuthorizationCode}, "code": {"x"}, "code_verifier": {"y"}, "redirect_uri": {"z"}})
	seed(f, pathToken, url.Values{"grant_type": {grantRefreshToken}, "refresh_token": {"x"}, "scope": {"openid"}})
	f.Fuzz(func(t *testing.T, body, authorization, proof string) {
		neverOurFault(t, func(l *lab) *http.Request { return raw(l.at.token, body, authorization, proof) })
	})
}

func FuzzPAR(f *testing.F) {
	seed(f, pathPAR, newLab(f, strict(f)).ehr.newFlow().request)
	seed(f, pathPAR, newLab(f, strict(f)).ehr.newFlow().signed())
	f.Fuzz(func(t *testing.T, body, authorization, proof string) {
		neverOurFault(t, func(l *lab) *http.Request { return raw(l.at.par, body, authorization, proof) })
	})
}

func FuzzAuthorize(f *testing.F) {
	l := newLab(f, strict(f))
	f.Add(l.ehr.newFlow().request.Encode(), sessionCookie+"=x")
	f.Add("client_id=ehr&request_uri="+requestURIPrefix+"x", "")
	f.Add("client_id=ehr&redirect_uri=https://ehr.example/other&response_type=code&prompt=none&max_age=0", "a=b; c")
	f.Add("client_id=ehr&redirect_uri=https://ehr.example/other&response_type=token&acr_values=loa-high&login_hint=x&id_token_hint=e30.e30.&"+
		"claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22values%22%3A%5B1%5D%7D%2C%22sub%22%3Anull%7D%2C%22userinfo%22%3Anull%7D", "a=b; c")
	f.Fuzz(func(t *testing.T, query, cookie string) {
		for _, post := range []bool{false, true} {
			neverOurFault(t, func(l *lab) *http.Request {
				r := raw(l.at.authorize, query, "", "")
				if !post {
					r.Method, r.URL.RawQuery = http.MethodGet, query
				}
				r.Header.Set("Cookie", cookie)
				return r
			})
		}
	})
}

func FuzzUserinfo(f *testing.F) {
	f.Add("Bearer x", "")
	f.Add("DPoP a.b.c", "e30.e30.")
	f.Fuzz(func(t *testing.T, authorization, proof string) {
		neverOurFault(t, func(l *lab) *http.Request { return raw(l.at.userinfo, "", authorization, proof) })
	})
}

func FuzzEndSession(f *testing.F) {
	f.Add("client_id=ehr&post_logout_redirect_uri=https://ehr.example/&state=x", "")
	f.Add("farewell=x&decision=stay&id_token_hint=e30.e30.", sessionCookie+"=x")
	f.Fuzz(func(t *testing.T, query, cookie string) {
		neverOurFault(t, func(l *lab) *http.Request {
			r := raw(l.at.endSession, query, "", "")
			r.Header.Set("Cookie", cookie)
			return r
		})
	})
}

// Details are read or refused, never anything else, and what was read reads the same again.
func FuzzDetails(f *testing.F) {
	for _, seed := range []string{oneRecord, attestJSON, "[" + both("999900002", "") + "]", `[{"type":"nhn:sfm:journal-id","value":{"journal_id":"j"}}]`, "[null]", "{}"} {
		f.Add(seed)
	}
	l := newLabWith(f, profile(f, "helseid"), testIssuer, func(c *Config) { c.Clients[0].Tenancy = multi })
	client := l.client("ehr")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := l.readDetails(client, text, true)
		if err != nil {
			return
		}
		again, err := l.readDetails(client, string(writeDetails(got)), true)
		if err != nil || string(writeDetails(again)) != string(writeDetails(got)) {
			t.Errorf("%q: expected the same again, got %s, %v", text, writeDetails(again), err)
		}
		for _, d := range got {
			if !within(d.text, d.text) {
				t.Errorf("expected a detail to be within itself, got %s", d.text)
			}
		}
	})
}

// The parameters of a form are those that net/url finds in it.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"a=b&c=%20+d&resource=1&resource=2", "a=1&a=2", "a;b", "%zz=1", "=&&x", "resource=1&resource"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseForm(text)
		want, wrong := url.ParseQuery(text)
		for name, values := range want {
			if len(values) > 1 && name != "resource" || strings.Count(text, "&") >= maxParameters {
				wrong = errors.New(name)
			}
		}
		if (err == nil) != (wrong == nil) || err == nil && !maps.EqualFunc(got.byName(), want, slices.Equal[[]string]) {
			t.Errorf("%q: expected %v, %v, got %v, %v", text, want, wrong, got, err)
		}
	})
}

func FuzzIntrospect(f *testing.F) {
	f.Add("token=x&token_type_hint=access_token", "Basic Zmhpci1hcGk6eA==", "application/token-introspection+jwt")
	f.Add("token=e30.e30.&client_id=fhir-api", "", "*/*;q=0, ,application/json")
	f.Fuzz(func(t *testing.T, body, authorization, accept string) {
		neverOurFault(t, func(l *lab) *http.Request {
			r := raw(l.at.introspect, body, authorization, "")
			r.Header.Set("Accept", accept)
			return r
		})
	})
}

func FuzzRevoke(f *testing.F) {
	seed(f, pathRevoke, url.Values{"token": {"x"}, "token_type_hint": {"refresh_token"}})
	f.Fuzz(func(t *testing.T, body, authorization, proof string) {
		neverOurFault(t, func(l *lab) *http.Request { return raw(l.at.revoke, body, authorization, proof) })
	})
}

// The pages, and whatever else is asked for by a path: metadata, keys, the management of registrations.
func FuzzPaths(f *testing.F) {
	for path, endpoint := range routes {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions} {
			if endpoint.handler(method) != nil || method == http.MethodOptions {
				f.Add(method, path, "interaction=x&decision=allow&person=y&username=a&password=b&code=1", sessionCookie+"=x", "Bearer x")
			}
		}
	}
	f.Add(http.MethodPut, pathRegistration+"ehr", `{"redirect_uris":["https://x.example/"]}`, "", "Bearer "+initialToken)
	f.Fuzz(func(t *testing.T, method, path, content, cookie, authorization string) {
		if !strings.HasPrefix(path, "/") || method == "" {
			return
		}
		neverOurFault(t, func(l *lab) *http.Request {
			r := raw(testIssuer, content, authorization, "")
			r.Method, r.URL.Path, r.URL.RawQuery = method, l.path+path, content
			r.Header.Set("Cookie", cookie)
			r.Header.Set("Origin", "https://page.example")
			if strings.HasPrefix(content, "{") {
				r.Header.Set("Content-Type", "application/json")
			}
			return r
		})
	})
}
