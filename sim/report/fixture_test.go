package report

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("%s: expected\n%s\ngot\n%s\n(go test ./sim/report -update writes it anew)", name, want, got)
	}
}

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// play is a recording being written by hand.
type play struct {
	events []event.Event
	last   int
}

func (p *play) tell(exchange int, bodies ...event.Body) {
	for _, b := range bodies {
		n := len(p.events) + 1
		p.events = append(p.events, event.Event{N: n, At: monday.Add(time.Duration(n) * time.Millisecond), Exchange: exchange, Body: b})
	}
}

// ask sends a request; head is "Name: value" lines.
func (p *play) ask(from, to string, cause int, methodURL, body string, head ...string) int {
	p.last++
	method, url, _ := strings.Cut(methodURL, " ")
	m := event.Message{Method: method, URL: url, Header: headers(head), Body: []byte(body)}
	if strings.Contains(body, "=") {
		m.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	p.tell(p.last, event.Request{From: from, To: to, Cause: cause, Message: m})
	return p.last
}

func (p *play) answer(exchange, status int, body string, head ...string) {
	p.tell(exchange, event.Response{Message: event.Message{Status: status, Header: headers(head), Body: []byte(body)}})
}

func headers(lines []string) http.Header {
	h := http.Header{}
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		h.Add(name, value)
	}
	return h
}

func key(name string) *fapi.Key {
	k, err := fapi.NewES256Key(name, dice.New(7).Fork(name))
	if err != nil {
		panic(err)
	}
	return k
}

// must signs what a test wrote; it cannot fail.
func must(token string, err error) string {
	if err != nil {
		panic(err)
	}
	return token
}

const (
	as    = "https://as.thiefbox.test"
	ehr   = "https://ehr.thiefbox.test"
	fhir  = "https://fhir.thiefbox.test/fhir"
	code  = "x3Jt0-code-of-forty-three-characters-QkWqzs"
	state = "s9f7a-state-of-forty-three-characters-Lp2dv"
	pushd = "r81bb-request-uri-of-forty-three-characters"
	renew = "k20qa-refresh-token-of-forty-three-characte"
	card  = "canary-0123456789abcdef"
)

func accessToken() string {
	return must(fapi.AccessToken{Issuer: as, Subject: "dr-berg", ClientID: "web-ehr", Scope: "user/*.rs", JTI: "jti-1",
		IssuedAt: monday.Unix(), Expires: monday.Add(10 * time.Minute).Unix(),
		Confirmation: &fapi.Confirmation{JKT: key("ehr-dpop").Thumbprint()}}.Sign(key("as")))
}

func proofBy(name, method, url, jti string) string {
	return must(fapi.NewProof(method, url, accessToken(), monday, jti).Sign(key(name)))
}

// morning introduces everybody and plays the doctor's sign-in and her first record.
func morning() *play {
	p := &play{}
	p.tell(0,
		event.Began{Technique: "T-01", Profile: "fapi2-dpop", Seed: 42, Wire: "memory"},
		event.Protected{Canaries: map[string]string{card: "p01"}},
		event.Actor{ID: "berg", Name: "Berg", Role: event.RolePerson, Names: []string{"dr-berg"}, Rights: []string{"p01"}},
		event.Actor{ID: "ehr", Name: "Web EHR", Role: event.RoleClient, Names: []string{"web-ehr"}},
		event.Actor{ID: "supplier", Name: "Supplier", Role: event.RoleClient},
		event.Actor{ID: "as", Name: "Authorization server", Role: event.RoleAuthorizationServer},
		event.Actor{ID: "fhir", Name: "FHIR API", Role: event.RoleResourceServer},
		event.Actor{ID: "mallory", Name: "Mallory", Role: event.RoleThief, Names: []string{"dr-mallory", "mallory-app"}},
		event.Phase{Name: event.PhaseFoothold},
		event.Granted{Vantage: event.APIProxy},
		event.Phase{Name: event.PhaseJourney},
		event.Step{Actor: "berg", Text: "signs in at the web EHR and opens the record of patient p01"},
	)
	p.signIn()
	p.read()
	p.tell(0, event.Journey{Name: "a clinician reads her patient's record", OK: true}, event.Phase{Name: event.PhaseAttack})
	return p
}

func (p *play) signIn() {
	login := p.ask("berg", "ehr", 0, "GET "+ehr+"/login?issuer="+as, "")
	discovery := p.ask("ehr", "as", login, "GET "+as+"/.well-known/openid-configuration", "")
	p.answer(discovery, 200, `{"issuer":"`+as+`"}`)
	assertion := must(fapi.NewAssertion("web-ehr", as, monday, time.Minute, "a-1").Sign(key("ehr"), ""))
	par := p.ask("ehr", "as", login, "POST "+as+"/par", "client_id=web-ehr&client_assertion="+assertion+"&state="+state)
	p.tell(par, event.Ruling{Party: "as", Control: "as/client-auth", Outcome: "pass", Saw: "web-ehr"},
		event.Issued{Type: "request_uri", ID: "h", Client: "web-ehr"})
	p.answer(par, 201, `{"request_uri":"urn:ietf:params:oauth:request_uri:`+pushd+`","expires_in":90}`)
	p.answer(login, 303, "", "Location: "+as+"/authorize?client_id=web-ehr&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A"+pushd)
	authorize := p.ask("berg", "as", login, "GET "+as+"/authorize?client_id=web-ehr&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A"+pushd, "")
	p.answer(authorize, 200, `<form id="sign-in"><input type="hidden" name="interaction" value="i55-interaction-of-forty-three-characters"></form>`, "Content-Type: text/html")
	signIn := p.ask("berg", "as", authorize, "POST "+as+"/authorize/sign-in", "interaction=i55-interaction-of-forty-three-characters&password=sommer&username=berg")
	p.answer(signIn, 303, "", "Location: /authorize/consent?interaction=i55-interaction-of-forty-three-characters", "Set-Cookie: session=c99-cookie-of-forty-three-characters-long; Path=/")
	consent := p.ask("berg", "as", signIn, "POST "+as+"/authorize/consent", "decision=allow&interaction=i55-interaction-of-forty-three-characters", "Cookie: node=b; session=c99-cookie-of-forty-three-characters-long")
	p.answer(consent, 303, "", "Location: "+ehr+"/callback?code="+code+"&state="+state)
	callback := p.ask("berg", "ehr", consent, "GET "+ehr+"/callback?code="+code+"&state="+state, "")
	p.tell(callback, event.Ruling{Party: "ehr", Control: "client/state", Outcome: "pass", Saw: state})
	token := p.ask("ehr", "as", callback, "POST "+as+"/token", "grant_type=authorization_code&code="+code+"&code_verifier=v77-verifier-of-forty-three-characters-lon&client_assertion="+assertion,
		"DPoP: "+proofBy("ehr-dpop", "POST", as+"/token", "proof-1"))
	p.tell(token, event.Issued{Type: "access_token", ID: "jti-1", Client: "web-ehr", Subject: "dr-berg", Bound: key("ehr-dpop").Thumbprint()},
		event.Issued{Type: "refresh_token", ID: fapi.Hash(renew), Client: "web-ehr"})
	p.answer(token, 200, `{"access_token":"`+accessToken()+`","token_type":"DPoP","refresh_token":"`+renew+`"}`, "Content-Type: application/json")
	p.tell(callback, event.SignedIn{Client: "ehr", Subject: "dr-berg"})
	p.answer(callback, 303, "", "Location: /patients")
}

func (p *play) read() {
	open := p.ask("berg", "ehr", 0, "GET "+ehr+"/patients/p01", "")
	read := p.ask("ehr", "fhir", open, "GET "+fhir+"/Patient/p01", "", "Authorization: DPoP "+accessToken(), "DPoP: "+proofBy("ehr-dpop", "GET", fhir+"/Patient/p01", "proof-2"))
	p.tell(read, event.Ruling{Party: "fhir/a", Control: "rs/dpop-ath", Outcome: "pass", Saw: fapi.Hash(accessToken())}, accessed("dr-berg", "web-ehr"))
	p.answer(read, 200, `{"resourceType":"Patient","id":"p01","text":"`+card+`"}`, "Content-Type: application/fhir+json")
	request := p.events[len(p.events)-4].Body.(event.Request)
	p.tell(read, event.Overheard{Vantage: event.APIProxy, Of: read, Message: request.Message})
	p.answer(open, 200, "<p>"+card+"</p>", "Content-Type: text/html")
}

func accessed(subject, client string) event.Access {
	return event.Access{Interaction: "read", Resource: "Patient/p01", Patients: []string{"p01"}, Subject: subject, Client: client, Token: "jti-1"}
}

func refused(control, what, want, got string) event.Ruling {
	return event.Ruling{Party: "fhir/a", Control: control, Outcome: "refused", What: what, Want: want, Got: got,
		Cause: fmt.Sprintf("%s: expected %s, got %s", what, want, got)}
}

// held is the morning and a theft that DPoP stops; breached, one that nothing stops.
func held() Run {
	p := morning()
	x := p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: Bearer "+accessToken())
	p.tell(x, refused("rs/dpop-scheme", "scheme", "DPoP", "Bearer"))
	p.answer(x, 401, "")
	own := proofBy("mallory's", "GET", fhir+"/Patient/p01", "proof-3")
	x = p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: DPoP "+accessToken(), "DPoP: "+own)
	p.tell(x, event.Ruling{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "pass", Saw: "GET"},
		event.Ruling{Party: "fhir/a", Control: "rs/dpop-jti", Outcome: "off"},
		refused("rs/dpop-binding", "key of the proof", key("ehr-dpop").Thumbprint(), key("mallory's").Thumbprint()))
	p.answer(x, 401, "")
	p.tell(0, event.Ended{})
	return run(p, "fapi2-dpop", verdict.Held)
}

func breached() Run {
	p := morning()
	x := p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: Bearer "+accessToken())
	p.tell(x, event.Ruling{Party: "fhir/a", Control: "rs/dpop-scheme", Outcome: "off"}, accessed("dr-berg", "web-ehr"))
	p.answer(x, 200, `{"resourceType":"Patient","text":"`+card+`"}`, "Content-Type: application/fhir+json")
	p.tell(0, event.Ended{})
	return run(p, "legacy", verdict.Breached)
}

func run(p *play, profile string, expected verdict.Outcome) Run {
	return Run{
		Attack: Attack{ID: "T-01", Name: "token-from-log", Title: "Access token lifted from a log file",
			Story: "A thief copies an access token from a log and asks the API himself.", Reads: []string{"RFC 9449 s4.3"}},
		Profile: profile, Seed: 42, Wire: "memory", Expected: expected,
		Verdict: verdict.Judge(p.events), Recording: event.Recording{Events: p.events},
	}
}
