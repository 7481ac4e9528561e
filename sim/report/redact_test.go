package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var looksSecret = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}`)

// noSecrets fails if any secret of the fixture, or anything like a JWT, stands in the text.
func noSecrets(t *testing.T, s string) {
	t.Helper()
	if found := looksSecret.FindString(s); found != "" {
		t.Errorf("looks like a JWT: %s", found)
	}
	for _, secret := range []string{code, state, pushd, renew, "i55-interaction", "c99-cookie", "v77-verifier", "sommer"} {
		if strings.Contains(s, secret) {
			t.Errorf("the secret %s is still there", secret)
		}
	}
}

func TestTranscript(t *testing.T) {
	got := string(Transcript(held().Recording))
	golden(t, "transcript.txt", got)
	noSecrets(t, got)
}

// RSA keys come from the operating system, so tokens signed with one differ from run to run, and with
// them their hashes. Two runs of a seed must read the same all the same.
func TestTranscriptDoesNotShowWhatNoSeedDecides(t *testing.T) {
	one := transcriptWith(t, accessToken(), "modulus-one")
	two := transcriptWith(t, accessToken()[:len(accessToken())-4]+"AAAA", "modulus-two")
	if one != two {
		t.Errorf("expected equal transcripts, got\n%s\nand\n%s", one, two)
	}
}

func transcriptWith(t *testing.T, token, modulus string) string {
	t.Helper()
	p := &play{}
	p.tell(1, event.Issued{Type: "id_token", ID: fapi.Hash(token)}) // before any message carries it
	x := p.ask("ehr", "as", 0, "POST "+as+"/token", "grant_type=client_credentials")
	p.answer(x, 200, `{"access_token":"`+token+`"}`)
	x = p.ask("ehr", "as", 0, "GET "+as+"/jwks", "")
	p.answer(x, 200, `{"keys":[{"kty":"RSA","n":"`+modulus+`","e":"AQAB"}]}`)
	p.tell(x, event.Ruling{Control: "rs/dpop-ath", Outcome: "pass", Saw: fapi.Hash(token)})
	got := string(Transcript(event.Recording{Events: p.events}))
	if !strings.Contains(got, "<hash of access_token 1>") || !strings.Contains(got, "<modulus 1>") {
		t.Errorf("expected names for the hash and the modulus, got\n%s", got)
	}
	return got
}

func TestRedactorNumbersInOrderOfAppearance(t *testing.T) {
	r := NewRedactor()
	first, second := "Zk3-opaque-token-of-some-length-1", "Zk3-opaque-token-of-some-length-2"
	use := func(token string) string {
		e := r.Event(event.Event{Body: event.Request{Message: event.Message{Header: http.Header{"Authorization": {"Bearer " + token}}}}})
		return e.Body.(event.Request).Message.Header.Get("Authorization")
	}
	got := []string{use(first), use(second), use(first), r.Text("saw " + second + ", not " + first + ".")}
	want := []string{"Bearer <access_token 1>", "Bearer <access_token 2>", "Bearer <access_token 1>", "saw <access_token 2>, not <access_token 1>."}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
}

func TestRedactedPlaces(t *testing.T) {
	token := accessToken()
	secret := "correct horse+battery/staple"
	basic := base64.StdEncoding.EncodeToString([]byte("web-ehr:" + secret))
	form := func(body string) event.Message {
		return event.Message{Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(body)}
	}
	page := func(body string) event.Message {
		return event.Message{Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(body)}
	}
	head := func(name, value string) event.Message { return event.Message{Header: http.Header{name: {value}}} }
	tests := []struct {
		name string
		in   event.Message
		want string // somewhere in what is left
	}{
		{"token", head("Authorization", "DPoP "+token), "DPoP <access_token 1>"},
		{"short token", head("Authorization", "Bearer x"), "Bearer <access_token 1>"},
		{"token without a scheme", head("Authorization", token), "<access_token 1>"},
		{"no token", head("Authorization", "Bearer "), "Bearer "},
		{"basic", head("Authorization", "Basic "+basic), "Basic <client_secret 2>"},
		{"proof", head("Dpop", proofBy("k", "GET", fhir, "j")), "<proof 1>"},
		{"no proof at all", head("Dpop", "rubbish"), "<proof 1>"},
		{"nonce", head("Dpop-Nonce", "n-0123456789abcdef"), "<nonce 1>"},
		{"cookies", head("Cookie", "node=b; session=abcdefghijklmnop"), "node=b; session=<cookie 1>"},
		{"set cookie", head("Set-Cookie", `session="abcdefghijklmnop"; Path=/`), `session="<cookie 1>"; Path=/`},
		{"location", head("Location", ehr+"/callback?code="+code+"&iss=x&state="+state), "code=<code 1>&iss=x&state=<state 1>"},
		{"referer with a fragment", head("Referer", ehr+"/#access_token="+token), "/#access_token=<access_token 1>"},
		{"query", event.Message{URL: fhir + "/Patient?access_token=" + token}, "access_token=<access_token 1>"},
		{"pushed", event.Message{URL: as + "/authorize?request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A" + pushd}, "request_uri%3A<request_uri 1>"},
		{"pushed, not escaped", event.Message{URL: as + "/authorize?request_uri=urn:ietf:params:oauth:request_uri:" + pushd}, "request_uri:<request_uri 1>"},
		{"somebody's own request_uri", event.Message{URL: as + "/authorize?request_uri=https://mallory.test/request"}, "https://mallory.test/request"},
		{"short password", form("username=berg&password=abc"), "username=berg&password=<password 1>"},
		{"secret with spaces", form("client_secret=" + url.QueryEscape(secret)), "client_secret=<client_secret 1>"},
		{"assertion", form("client_assertion=" + must(fapi.NewAssertion("c", as, monday, 1, "j").Sign(key("k"), ""))), "client_assertion=<client_assertion 1>"},
		{"verifier", form("code_verifier=v-0123456789abcdef"), "code_verifier=<code_verifier 1>"},
		{"hidden field", page(`<input value="i-0123456789abcdef" type="hidden" name="interaction">`), `value="<interaction 1>"`},
		{"page with a link", page(`<input name="interaction" value="i-0123456789abcdef"><a href="?interaction=i-0123456789abcdef">`), `?interaction=<interaction 1>"`},
		{"token response", event.Message{Body: []byte(`{"access_token":"` + token + `","refresh_token":"` + renew + `"}`)}, `{"access_token":"<access_token 1>","refresh_token":"<refresh_token 1>"}`},
		{"private key", event.Message{Body: []byte(`{"keys":[{"kty":"EC","d":"d-0123456789abcdef","x":"x-0123456789abcdef"}]}`)}, `"d":"<private_key 1>","x":"x-0123456789abcdef"`},
		{"JWT in plain text", event.Message{Body: []byte("token " + token + ".")}, "token <access_token 1>."},
		{"half a JWT", event.Message{Body: []byte("token " + token[:30] + "...")}, "token <jwt>..."},
		{"JWT inside a word", event.Message{Body: []byte("xx" + token)}, "<jwt>"},
		{"diagnoses are no codes", event.Message{Body: []byte(`{"resourceType":"Condition","code":"J06.9-and-then-some"}`)}, `"code":"J06.9-and-then-some"`},
		{"unsigned", event.Message{Body: []byte(must(fapi.ForgeUnsigned(fapi.Header{Typ: "at+jwt"}, map[string]string{"scope": "x"})) + " end")}, "<access_token 1> end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Method = "GET"
			before := fmt.Sprintf("%+v", tt.in)
			got := NewRedactor().Event(event.Event{Body: event.Request{Message: tt.in}}).Body.(event.Request).Message
			var b bytes.Buffer
			writeMessage(&b, got)
			if !strings.Contains(b.String(), tt.want) || looksSecret.MatchString(b.String()) || strings.Contains(b.String(), "battery") {
				t.Errorf("expected %q in\n%s", tt.want, b.String())
			}
			if fmt.Sprintf("%+v", tt.in) != before {
				t.Error("the original was changed")
			}
		})
	}
}

// Redact sees one event at a time: names must agree between events without any memory.
func TestRedactAgreesBetweenEvents(t *testing.T) {
	token := accessToken()
	one := Redact(event.Event{N: 1, Body: event.Request{Message: event.Message{Header: http.Header{"Authorization": {"DPoP " + token}}}}})
	two := Redact(event.Event{N: 2, Body: event.Response{Message: event.Message{Body: []byte(`{"access_token":"` + token + `"}`)}}})
	name := strings.TrimPrefix(one.Body.(event.Request).Message.Header.Get("Authorization"), "DPoP ")
	if !regexp.MustCompile(`^<access_token [0-9a-f]{8}>$`).MatchString(name) || !strings.Contains(string(two.Body.(event.Response).Message.Body), name) {
		t.Errorf("expected the same name twice, got %s and %s", name, two.Body.(event.Response).Message.Body)
	}
	// What could be guessed from its digest gets none.
	three := Redact(event.Event{Body: event.Request{Message: event.Message{URL: as + "?password=abc"}}})
	if got := three.Body.(event.Request).Message.URL; got != as+"?password=<password>" {
		t.Errorf("got %s", got)
	}
}

func TestEveryKindOfEventIsRedacted(t *testing.T) {
	secret := accessToken()
	bodies := []event.Body{
		event.Step{Text: secret}, event.Lost{Why: secret}, event.Journey{Error: secret}, event.Ended{Error: secret},
		event.Ruling{Saw: secret, What: secret, Want: secret, Got: secret, Fix: secret, Cause: secret},
		event.Refused{Detail: secret}, event.Issued{ID: secret}, event.Withdrawn{ID: secret}, event.Disclosed{ID: secret},
		event.Access{Resource: secret, Token: secret}, event.Lured{URL: "https://x/?id_token=" + secret},
		event.Granted{Bytes: []byte(`{"t":"` + secret + `"}`)}, event.Overheard{Message: event.Message{Body: []byte(secret)}},
		event.Request{Message: event.Message{URL: "https://x/" + secret}}, event.Response{Message: event.Message{Body: []byte(secret)}},
	}
	for _, b := range bodies {
		written, err := json.Marshal(eventDocument(Redact(event.Event{Body: b})))
		if err != nil || looksSecret.Match(written) {
			t.Errorf("%s: got %s, %v", b.Kind(), written, err)
		}
	}
	for _, b := range []event.Body{event.Began{Seed: 1}, event.Actor{ID: "a"}, event.Phase{Name: "x"}, event.SignedIn{Subject: "s"}, event.Protected{}} {
		if got := Redact(event.Event{N: 3, Body: b}); !reflect.DeepEqual(got.Body, b) || got.N != 3 {
			t.Errorf("%s: expected it unchanged, got %+v", b.Kind(), got)
		}
	}
}

func TestRedactorForgetsTheOldest(t *testing.T) {
	r := NewRedactor()
	r.keep("first secret", "<first>") // odd: a space
	for i := range remembered {
		r.keep(fmt.Sprintf("secret-%d", i), "<later>")
	}
	if len(r.names) != remembered || len(r.order) != remembered || len(r.odd.number) != 0 {
		t.Errorf("expected %d secrets, got %d names, %d in order, %d odd", remembered, len(r.names), len(r.order), len(r.odd.number))
	}
	if r.Text("first secret") != "first secret" || r.Text("secret-9") != "<later>" {
		t.Error("expected the first to be forgotten, and later ones not")
	}
}

func TestRedactorIsSafeForConcurrentUse(t *testing.T) {
	r := NewRedactor()
	events := held().Recording.Events
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, e := range events {
				r.Event(e)
				r.Text("x " + renew)
			}
		})
	}
	wg.Wait()
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "eyJ", "a.b.c", accessToken(), accessToken() + ".", "%3A" + pushd, "x=" + renew + "&", "eyJhbGciOiJub25lIn0.e30.", "%", "%4"} {
		f.Add(s)
	}
	r := redactorFor(held().Recording)
	f.Fuzz(func(t *testing.T, s string) {
		got := r.Text(s)
		if found := regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}`).FindString(got); found != "" {
			t.Errorf("%q became %q", s, got)
		}
		if !strings.ContainsAny(s, "ey-_") && len(s) < 12 && got != s {
			t.Errorf("%q has no secret in it and became %q", s, got)
		}
	})
}

func BenchmarkTranscript(b *testing.B) {
	rec := held().Recording
	b.ReportAllocs()
	for b.Loop() {
		Transcript(rec)
	}
}
