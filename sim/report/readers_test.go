package report

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

func TestActorsInOrderOfAppearance(t *testing.T) {
	var got []string
	for _, a := range Actors(held().Recording) {
		got = append(got, a.ID+" "+string(a.Role))
	}
	// The thief comes first, since what he was granted does; the supplier has no part in it.
	want := "mallory thief, berg person, ehr client, as authorization server, fhir resource server"
	if strings.Join(got, ", ") != want {
		t.Errorf("expected %s, got %s", want, strings.Join(got, ", "))
	}
	p := &play{}
	p.tell(1, event.Lured{Victim: "berg"})
	p.ask("nobody", "", 0, "GET https://x", "")
	if a := Actors(event.Recording{Events: p.events}); len(a) != 2 || a[0].ID != "berg" || a[1].Name != "nobody" {
		t.Errorf("expected those who were not introduced by their ids, got %+v", a)
	}
}

func TestExchangeOf(t *testing.T) {
	run := held()
	x, ok := ExchangeOf(run.Recording, 12)
	if !ok || x.N != 12 || x.Request.From != "mallory" || x.Response == nil || x.Response.Status != 401 || len(x.Rulings) != 3 {
		t.Fatalf("got %+v, %t", x, ok)
	}
	if run.Recording.Events[x.RulingEvents[2]-1].Body.(event.Ruling) != x.Rulings[2] || x.RulingEvents[2] != run.Verdict.Decisive {
		t.Errorf("expected the third ruling to be the decisive event, got %v", x.RulingEvents)
	}
	if x, ok := ExchangeOf(run.Recording, 10); !ok || len(x.Overheard) != 1 || len(x.Access) != 1 || x.ResponseEvent != x.RequestEvent+3 {
		t.Errorf("expected what was overheard and served, got %+v", x)
	}
	for _, n := range []int{0, -1, 99} {
		if _, ok := ExchangeOf(run.Recording, n); ok {
			t.Errorf("expected no exchange %d", n)
		}
	}
}

func TestExchangeGathersEverything(t *testing.T) {
	p := &play{}
	x := p.ask("a", "b", 0, "GET https://b", "")
	p.tell(x, event.Lost{Why: "w"}, event.Refused{}, event.Issued{}, event.Withdrawn{}, event.Disclosed{}, event.SignedIn{})
	got, ok := ExchangeOf(event.Recording{Events: p.events}, x)
	if !ok || got.Lost != "w" || len(got.Refused) != 1 || len(got.Issued) != 1 || len(got.Withdrawn) != 1 || len(got.Disclosed) != 1 || len(got.SignedIn) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestDecode(t *testing.T) {
	token := accessToken()
	at := monday.Add(time.Minute)
	m := event.Message{
		Header: http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proofBy("ehr-dpop", "GET", fhir, "j")}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Body: []byte("client_assertion=" + must(fapi.NewAssertion("web-ehr", as, monday, time.Minute, "a").Sign(key("ehr"), "")) +
			"&refresh_token=" + renew + "&code=" + code + "&token=" + token),
	}
	got := DecodeAt(m, at)
	want := []struct{ name, claims, note string }{
		{"access token (Authorization: DPoP)", `"sub": "dr-berg"`, "made 08:00:00, 1m0s ago\nexpires 08:10:00, in 9m0s\nbound to key " + key("ehr-dpop").Thumbprint()},
		{"DPoP proof", `"htm": "GET"`, "made 08:00:00, 1m0s ago\nshows key " + key("ehr-dpop").Thumbprint() + "\nfor the access token with hash " + fapi.Hash(token)},
		{"client assertion", `"iss": "web-ehr"`, "made 08:00:00, 1m0s ago\nexpired 08:01:00, just now"},
		{"refresh token", "", "opaque: only its issuer can say what it means"},
	}
	if len(got) != len(want) {
		t.Fatalf("expected %d tokens, each once, got %+v", len(want), got)
	}
	for i, w := range want {
		if got[i].Name != w.name || !strings.Contains(got[i].Claims, w.claims) || got[i].Note != w.note || got[i].Raw == "" {
			t.Errorf("expected %+v, got %+v", w, got[i])
		}
	}
	if !strings.Contains(got[0].Header, "\n  \"typ\": \"at+jwt\"") {
		t.Errorf("expected an indented header, got %s", got[0].Header)
	}
}

func TestDecodeWithoutATime(t *testing.T) {
	forged := must(fapi.ForgeUnsigned(fapi.Header{Typ: "at+jwt"}, map[string]any{"iat": monday.Unix(), "scope": "x"}))
	got := Decode(event.Message{Body: []byte(`{"access_token":"` + forged + `","id_token":"` + must(fapi.IDToken{Nonce: "n"}.Sign(key("as"))) + `"}`)})
	if len(got) != 2 || got[0].Note != "made 2026-11-23 08:00:00\nbound to no key: good for whoever holds it\nnot signed at all" || got[1].Name != "ID token" {
		t.Errorf("got %+v", got)
	}
	for _, m := range []event.Message{{}, {Body: []byte("{")}, {Header: http.Header{"Dpop": {"not a proof at all"}}}, {Body: []byte(`{"resourceType":"Patient"}`)}} {
		if got := Decode(m); len(got) != 0 {
			t.Errorf("expected nothing to decode in %+v, got %+v", m, got)
		}
	}
}

func TestKindsOfJWT(t *testing.T) {
	tests := []struct {
		typ    string
		claims map[string]any
		want   string
	}{
		{"dpop+jwt", nil, kindProof}, {"at+jwt", nil, kindAccessToken}, {"application/AT+JWT", nil, kindAccessToken},
		{"client-authentication+jwt", nil, kindAssertion}, {"oauth-authz-req+jwt", nil, kindRequestObject}, {"token-introspection+jwt", nil, kindIntrospection},
		{"", map[string]any{"code": "x"}, kindResponse}, {"", map[string]any{"error": "access_denied"}, kindResponse},
		{"", map[string]any{"htm": "GET"}, kindProof}, {"JWT", map[string]any{"iss": "a", "sub": "a"}, kindAssertion},
		{"JWT", map[string]any{"iss": "a", "sub": "b", "scope": "x"}, kindAccessToken}, {"JWT", map[string]any{"nonce": "x"}, kindIDToken}, {"", nil, kindJWT},
	}
	for _, tt := range tests {
		if tt.claims == nil {
			tt.claims = map[string]any{}
		}
		p, ok := peek(must(fapi.ForgeUnsigned(fapi.Header{Typ: tt.typ}, tt.claims)))
		if !ok || p.kind() != tt.want {
			t.Errorf("%s %v: expected %s, got %s", tt.typ, tt.claims, tt.want, p.kind())
		}
	}
	for _, s := range []string{"", "a.b", "a.b.c.d", "!.e30.", "e30.!.", "W10.e30.", "e30.W10.", "e30.bnVsbA."} {
		if _, ok := peek(s); ok {
			t.Errorf("expected %q to be no JWT", s)
		}
	}
}

// The thumbprint is computed here without the code that signs; the two must agree.
func TestThumbprint(t *testing.T) {
	p, ok := peek(proofBy("ehr-dpop", "GET", fhir, "j"))
	if !ok || p.thumbprint() != key("ehr-dpop").Thumbprint() {
		t.Errorf("expected %s, got %s", key("ehr-dpop").Thumbprint(), p.thumbprint())
	}
	// RFC 7638 s3.1
	rsa := peeked{JWK: map[string]any{"kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}}
	if got := rsa.thumbprint(); got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
		t.Errorf("expected the thumbprint of RFC 7638, got %s", got)
	}
	for _, jwk := range []map[string]any{nil, {"kty": "oct", "k": "x"}, {"kty": "EC", "crv": "P-256", "x": "x"}} {
		if got := (peeked{JWK: jwk}).thumbprint(); got != "" {
			t.Errorf("%v: expected none, got %s", jwk, got)
		}
	}
}

func TestCurl(t *testing.T) {
	tests := []struct {
		m    event.Message
		want string
	}{
		{event.Message{Status: 200}, ""},
		{event.Message{Method: "GET", URL: "https://a/b?c=d&e"}, `curl -i 'https://a/b?c=d&e'`},
		{event.Message{Method: "HEAD", URL: "https://a"}, `curl -i --head 'https://a'`},
		{event.Message{Method: "POST", URL: "https://a", Header: http.Header{"Dpop": {"x", "y"}, "Accept": {"*/*"}, "Content-Length": {"3"}, "Host": {"a"}}, Body: []byte("it's")},
			"curl -i -X 'POST' 'https://a' \\\n  -H 'Accept: */*' \\\n  -H 'Dpop: x' \\\n  -H 'Dpop: y' \\\n  --data-raw 'it'\\''s'"},
		{event.Message{Method: "GET", URL: "https://a", Body: []byte("x")}, "curl -i -X 'GET' 'https://a' \\\n  --data-raw 'x'"},
	}
	for _, tt := range tests {
		if got := Curl(tt.m); got != tt.want {
			t.Errorf("expected\n%s\ngot\n%s", tt.want, got)
		}
	}
}

// What quote makes is one word with the same bytes to a shell, whatever is in it.
func TestQuoteSurvivesTheShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	for _, s := range []string{"", "plain", "it's", `"$HOME" $(id) !!`, "two\nlines\tand a tab", "\x01\x7f", "\xff\xfe", `back\slash`, "'\x02'\\", "blåbær"} {
		out, err := exec.Command(bash, "-c", "printf %s "+quote(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q: expected it back, got %q, %v", s, out, err)
		}
	}
}
