package fhirmock

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

func TestRead(t *testing.T) {
	w := newWorld(t, strictest(t))
	rec := w.honest("GET", "/Observation/obs-p01-1").send()
	wantStatus(t, rec, 200)
	wantHeaders(t, rec)
	m := decode(t, rec)
	if m["id"] != "obs-p01-1" || m["subject"].(map[string]any)["reference"] != "Patient/p01" {
		t.Errorf("unexpected record: %v", m)
	}
	if n := strings.Count(rec.Body.String(), testCanary("p01")); n != 2 {
		t.Errorf("expected the canary in the extension and the narrative, got %d", n)
	}
	if rec.Header().Get("ETag") != `W/"1"` || rec.Header().Get("Last-Modified") == "" {
		t.Errorf("expected ETag and Last-Modified, got %v", rec.Header())
	}
	want := event.Access{Node: "a", Interaction: "read", Resource: "Observation/obs-p01-1", Patients: []string{"p01"}, Subject: "berg", Client: "ehr", Token: "token-1"}
	a := w.accesses()
	if len(a) != 1 || a[0].Resource != want.Resource || a[0].Node != "a" || a[0].Interaction != "read" || a[0].Token != "token-1" ||
		len(a[0].Patients) != 1 || a[0].Patients[0] != "p01" || a[0].Subject != "berg" || a[0].Client != "ehr" {
		t.Errorf("expected %+v, got %+v", want, a)
	}
}

func TestReadOfProfessionalsAndPlacesIsOpen(t *testing.T) {
	w := newWorld(t, strictest(t))
	for _, target := range []string{"/Practitioner/foss", "/Organization/fjordheim"} {
		try := w.honest("GET", target)
		try.claims.Subject = "mallory"
		rec := try.send()
		wantStatus(t, rec, 200)
		if strings.Contains(rec.Body.String(), "canary") {
			t.Errorf("%s carries a canary", target)
		}
	}
}

func TestHead(t *testing.T) {
	w := newWorld(t, strictest(t))
	wantStatus(t, w.honest("HEAD", "/Patient/p01").send(), 200)
}

func TestRequestsThatCannotBeServed(t *testing.T) {
	for name, c := range map[string]struct {
		method, target string
		status         int
		touch          func(*http.Request)
	}{
		"no such type":              {method: "GET", target: "/Basic/x", status: 404},
		"the base itself":           {method: "GET", target: "/", status: 405},
		"outside the base":          {method: "GET", target: "/../Patient/p01", status: 404},
		"double slash":              {method: "GET", target: "//Patient/p01", status: 404},
		"percent-encoded letter":    {method: "GET", target: "/%50atient/p01", status: 404},
		"slash at the end":          {method: "GET", target: "/Patient/p01/", status: 404},
		"history of history":        {method: "GET", target: "/Patient/p01/_history/1/_history", status: 404},
		"operation":                 {method: "GET", target: "/Patient/$everything", status: 404},
		"id that is none":           {method: "GET", target: "/Patient/p_01", status: 404},
		"id too long":               {method: "GET", target: "/Patient/" + strings.Repeat("x", 65), status: 404},
		"unknown id":                {method: "GET", target: "/Patient/p99", status: 404},
		"post to a record":          {method: "POST", target: "/Patient/p01", status: 405},
		"put to metadata":           {method: "PUT", target: "/metadata", status: 405},
		"delete everything":         {method: "DELETE", target: "/Patient/p01/$everything", status: 405},
		"patch of an old version":   {method: "PATCH", target: "/Patient/p01/_history/1", status: 405},
		"_search by GET":            {method: "GET", target: "/Patient/_search", status: 405},
		"metadata by POST":          {method: "POST", target: "/metadata", status: 405},
		"XML":                       {method: "GET", target: "/Patient/p01", status: 406, touch: header("Accept", "application/fhir+xml")},
		"XML by _format":            {method: "GET", target: "/Patient/p01?_format=xml", status: 406},
		"FHIR 3":                    {method: "GET", target: "/Patient/p01", status: 406, touch: header("Accept", "application/fhir+json; fhirVersion=3.0")},
		"JSON not at all":           {method: "GET", target: "/Patient/p01", status: 406, touch: header("Accept", "application/json;q=0")},
		"JSON form":                 {method: "POST", target: "/Patient/_search", status: 415, touch: header("Content-Type", "application/json")},
		"form without a type":       {method: "POST", target: "/Patient/_search", status: 415, touch: header("Content-Type", "")},
		"form that is too long":     {method: "POST", target: "/Patient/_search", status: 413, touch: long},
		"form that cannot be read":  {method: "POST", target: "/Patient/_search", status: 400, touch: func(r *http.Request) { r.Body = body("%zz") }},
		"query that cannot be read": {method: "GET", target: "/Patient?%zz", status: 400},
		"basic credentials":         {method: "GET", target: "/Patient/p01", status: 401, touch: header("Authorization", "Basic YTpi")},
		"scheme without a token":    {method: "GET", target: "/Patient/p01", status: 401, touch: header("Authorization", "DPoP ")},
		"two tokens in one header":  {method: "GET", target: "/Patient/p01", status: 401, touch: header("Authorization", "DPoP a, Bearer b")},
		"token that is no JWT":      {method: "GET", target: "/Patient/p01", status: 401, touch: header("Authorization", "DPoP opaque")},
		"proof that is no JWT":      {method: "GET", target: "/Patient/p01", status: 401, touch: header("DPoP", "x.y.z")},
		"proof without a key":       {method: "GET", target: "/Patient/p01", status: 401, touch: header("DPoP", "e30.e30.")},
		"proof that is too long":    {method: "GET", target: "/Patient/p01", status: 401, touch: header("DPoP", strings.Repeat("x", maxProof+1))},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strictest(t))
			try := w.honest(c.method, c.target)
			if c.method == "POST" {
				try.form = url.Values{}
			}
			try.touch = c.touch
			rec := try.send()
			wantStatus(t, rec, c.status)
			wantOutcome(t, rec)
			if c.status == 405 && rec.Header().Get("Allow") == "" {
				t.Error("expected Allow with 405 (RFC 9110 s15.5.6)")
			}
			if w.refusedBy() != "malformed" {
				t.Errorf("expected a refusal that is no control's, got %q", w.refusedBy())
			}
		})
	}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func long(r *http.Request) { r.Body = body("_id=" + strings.Repeat("x", maxForm)) }

func TestFormatsThatAreAcceptable(t *testing.T) {
	w := newWorld(t, strictest(t))
	proper := "application/fhir+json; charset=utf-8"
	for accept, want := range map[string]string{
		"":                                       proper,
		"*/*":                                    proper,
		"application/fhir+json; fhirVersion=4.0": proper,
		"text/html, application/*;q=0.8":         proper,
		"application/json, text/plain, */*":      proper,
		"application/fhir+json;q=1.0, application/json+fhir;q=0.9": proper,
		"application/json+fhir":                         proper,
		"application/json":                              "application/json",
		"application/xml;q=0.9, application/json;q=0.1": "application/json",
		"application/fhir+json;q=0.5, application/json": "application/json",
		"application/fhir+json;q=0, */*":                "application/json",
		"text/json":                                     "text/json",
		"text/*":                                        "text/json",
		"application/fhir+json; fhirVersion=3.0, application/*;q=0": "",
		"application/fhir+json;q=0.0":                               "",
		"application/json1":                                         "",
		"application/xml":                                           "",
	} {
		try := w.honest("GET", "/Patient/p01")
		if accept != "" {
			try.touch = header("Accept", accept)
		}
		rec := try.send()
		if want == "" {
			wantStatus(t, rec, 406)
			continue
		}
		if wantStatus(t, rec, 200); rec.Header().Get("Content-Type") != want {
			t.Errorf("Accept %s: expected %s, got %s", accept, want, rec.Header().Get("Content-Type"))
		}
	}
	// _format goes before Accept, and its plus may arrive as a space.
	try := w.honest("GET", "/Patient/p01?_format=application/fhir+json")
	try.touch = header("Accept", "text/html")
	wantStatus(t, try.send(), 200)
}

func TestChallenges(t *testing.T) {
	const (
		where  = `", resource_metadata="https://fhir.thiefbox.test/.well-known/oauth-protected-resource/fhir"`
		dpop   = `DPoP realm="` + testBase + where
		bearer = `Bearer realm="` + testBase + where
		algs   = `, algs="PS256 ES256 EdDSA Ed25519"`
	)
	bad := `, error="invalid_token", error_description="the access token is not acceptable"`
	for name, c := range map[string]struct {
		profile string
		spoil   func(*try)
		want    []string
	}{
		"nothing sent, DPoP spoken":   {"hardened", func(t *try) { t.touch = func(r *http.Request) { r.Header = http.Header{} } }, []string{dpop + algs}},
		"nothing sent, Bearer spoken": {"bcp", func(t *try) { t.touch = func(r *http.Request) { r.Header = http.Header{} } }, []string{bearer}},
		"bad token under DPoP":        {"hardened", func(t *try) { t.claims.Expires = 1 }, []string{dpop + bad + algs}},
		"bound token under Bearer":    {"hardened", func(t *try) { t.scheme, t.noProof = "Bearer", true }, []string{dpop + algs, bearer + bad}},
		"bad token under Bearer":      {"bcp", func(t *try) { bearerToken(t); t.claims.Expires = 1 }, []string{bearer + bad}},
		"nonce wanted": {"hardened", func(t *try) { t.proof.Nonce = "" },
			[]string{dpop + `, error="use_dpop_nonce", error_description="the DPoP proof must carry the nonce of the DPoP-Nonce header"` + algs}},
		"scope": {"hardened", func(t *try) { t.claims.Scope = "openid" },
			[]string{dpop + `, error="insufficient_scope", error_description="the scope of the access token does not cover this interaction", scope="user/Patient.rs"` + algs}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, profile(t, c.profile))
			try := w.honest("GET", "/Patient/p01")
			c.spoil(try)
			rec := try.send()
			got := rec.Header().Values("WWW-Authenticate")
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("expected\n%s\ngot\n%s", strings.Join(c.want, "\n"), strings.Join(got, "\n"))
			}
		})
	}
}

// sample is a value that a parameter of a type takes.
func sample(kind string) string {
	if value := map[string]string{"date": "2026", "quantity": "5", "number": "5", "special": "5%7C5"}[kind]; value != "" {
		return value
	}
	return "x"
}

func TestMetadataIsOpenAndHonest(t *testing.T) {
	w := newWorld(t, strictest(t).Without(control.RSRate).Without(control.RSMisses))
	rec := w.send(w.a, httptest.NewRequest("GET", testBase+"/metadata", nil))
	wantStatus(t, rec, 200)
	wantHeaders(t, rec)
	wantValid(t, rec)
	m := decode(t, rec)
	if m["resourceType"] != "CapabilityStatement" || m["fhirVersion"] != "4.0.1" {
		t.Errorf("unexpected statement: %s", rec.Body)
	}
	rest := m["rest"].([]any)[0].(map[string]any)
	for _, r := range rest["resource"].([]any) {
		r := r.(map[string]any)
		for _, p := range r["searchParam"].([]any) {
			p := p.(map[string]any)
			value := sample(p["type"].(string))
			var parts []string
			for _, part := range r4.ParamNamed(r["type"].(string), p["name"].(string)).Parts {
				parts = append(parts, sample(part.Type))
			}
			if parts != nil {
				value = strings.Join(parts, "%24")
			}
			target := "/" + r["type"].(string) + "?" + p["name"].(string) + "=" + value
			wantStatus(t, w.honest("GET", target).send(), 200) // what is promised is kept
		}
	}
	if len(w.as.asked) == 0 || len(rest["resource"].([]any)) != len(query.Types) {
		t.Errorf("expected all resource types, got %d", len(rest["resource"].([]any)))
	}
}

// The statement has a tag, and comes in part for who asks for a part (R4 http, "capabilities").
func TestMetadataInPart(t *testing.T) {
	w := newWorld(t, strictest(t))
	ask := func(target, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", testBase+target, nil)
		r.Header.Set("If-None-Match", tag)
		r.Header.Set("X-Request-Id", "mine-1")
		return w.send(w.a, r)
	}
	rec := ask("/metadata?mode=full&other=x", "")
	wantStatus(t, rec, 200)
	tag := rec.Header().Get("ETag")
	if tag == "" || rec.Header().Get("X-Request-Id") != "mine-1" {
		t.Errorf("expected a tag and the request's id, got %v", rec.Header())
	}
	if rec := ask("/metadata", `W/"x", `+tag); rec.Code != 304 || rec.Body.Len() > 0 {
		t.Errorf("expected 304 and nothing, got %d", rec.Code)
	}
	rec = ask("/metadata?_elements=fhirVersion", "")
	wantStatus(t, rec, 200)
	wantValid(t, rec)
	if m := decode(t, rec); m["fhirVersion"] != "4.0.1" || m["rest"] != nil || m["meta"] == nil {
		t.Errorf("expected what was asked for and what must be, got %s", rec.Body)
	}
	rec = ask("/metadata?_summary=true", "")
	wantStatus(t, rec, 200)
	wantValid(t, rec)
	wantStatus(t, ask("/metadata?_summary=xyz", ""), 400)
}

// What R4 defines and is not served here is said so, to who asks by HTTP as to who asks in a bundle.
func TestTypesThatAreNotServed(t *testing.T) {
	w := newWorld(t, strictest(t))
	rec := w.honest("GET", "/Medication/x").send()
	wantStatus(t, rec, 404)
	if issue := decode(t, rec)["issue"].([]any)[0].(map[string]any); issue["code"] != "not-supported" {
		t.Errorf("expected not-supported, got %s", rec.Body)
	}
	wantStatus(t, w.honest("GET", "/Patient/?_id=p01").send(), 200) // as R4 http writes it
}

// T-14: with several credentials and nobody to mind, the last one counts.
func TestLastCredentialCounts(t *testing.T) {
	p := profile(t, "legacy")
	w := newWorld(t, p)
	own := w.honest("GET", "/Patient/p01")
	own.claims.Subject, own.scheme, own.noProof, own.claims.Confirmation = "p03", "Bearer", true, nil
	victim := w.honest("GET", "/Patient/p01")
	stolen := sign(t, victim.tokenHeader, victim.claims, victim.tokenKey)
	own.touch = func(r *http.Request) { r.Header.Add("Authorization", "Bearer "+stolen) }
	wantStatus(t, own.send(), 200)
	if a := w.accesses(); len(a) != 1 || a[0].Subject != "berg" {
		t.Errorf("expected the last credential to count, got %+v", a)
	}
}

// T-10: a token in the form or the query works where nobody minds, and is never repeated in a link.
func TestTokenInFormAndQuery(t *testing.T) {
	w := newWorld(t, profile(t, "legacy"))
	token := sign(t, w.honest("GET", "/").tokenHeader, w.honest("GET", "/").claims, w.as.key)
	get := httptest.NewRequest("GET", testBase+"/Patient?_id=p01&access_token="+token, nil)
	post := httptest.NewRequest("POST", testBase+"/Patient/_search", body(url.Values{"_id": {"p01"}, "access_token": {token}}.Encode()))
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, r := range []*http.Request{get, post} {
		rec := w.send(w.a, r)
		wantStatus(t, rec, 200)
		if strings.Contains(rec.Body.String(), token[:20]) {
			t.Error("the answer repeats the token")
		}
	}
	for _, a := range w.accesses() {
		if strings.Contains(a.Resource, token[:20]) {
			t.Error("the log repeats the token")
		}
	}
}

func FuzzCredentials(f *testing.F) {
	w := newWorld(f, strictest(f))
	honest := w.honest("GET", "/Patient/p01").request()
	f.Add(honest.Header.Get("Authorization"), honest.Header.Get("DPoP"))
	for _, s := range []string{"", "Bearer", "DPoP ", "dpop a.b.c", "Bearer e30.e30.e30", "Bearer  ..", "Basic x", "DPoP \x00", "DPoP eyJhbGciOiJub25lIn0.eyJleHAiOiJ4In0."} {
		f.Add(s, honest.Header.Get("DPoP"))
		f.Add(honest.Header.Get("Authorization"), strings.TrimPrefix(s, "DPoP "))
	}
	f.Add(honest.Header.Get("Authorization"), sign(f, fapi.Header{Typ: fapi.TypProof, JWK: []byte(`{"kty":"oct","k":"AA"}`)}, fapi.Proof{}, w.client))
	// The careless server reads on where the strict one has long refused.
	careless := newWorld(f, strictest(f).Bare())
	f.Fuzz(func(t *testing.T, authorization, proof string) {
		for _, world := range []*world{w, careless} {
			world.forget()
			r := httptest.NewRequest("GET", testBase+"/Patient/p01", nil)
			r.Header["Authorization"], r.Header["Dpop"] = []string{authorization}, []string{proof}
			rec := world.send(world.a, r)
			if rec.Code >= 500 {
				t.Fatalf("status %d: %s", rec.Code, rec.Body)
			}
			decode(t, rec)
			for _, c := range rec.Header().Values("WWW-Authenticate") {
				if strings.ContainsAny(c, "\r\n") {
					t.Fatalf("header with line breaks: %q", c)
				}
			}
		}
	})
}
