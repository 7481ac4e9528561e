package report

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/verdict"
)

// lastSteps plays something after the morning and returns the steps of it.
func lastSteps(t *testing.T, during func(*play)) []Step {
	t.Helper()
	p := morning()
	before := len(p.events)
	during(p)
	p.tell(0, event.Ended{})
	rec := event.Recording{Events: p.events}
	var out []Step
	for _, s := range Steps(rec, verdict.Judge(p.events)) {
		if s.Event > before {
			out = append(out, s)
		}
	}
	return out
}

func TestStepsAreInOrderAndWhole(t *testing.T) {
	run := held()
	last := 0
	kinds := map[StepKind]int{}
	for _, s := range Steps(run.Recording, run.Verdict) {
		if s.Event <= last || s.Sentence == "" || s.Label == "" || s.At.IsZero() || s.Phase == "" {
			t.Errorf("expected a whole step after %d, got %+v", last, s)
		}
		if (s.Kind == StepRequest || s.Kind == StepResponse) && (s.From == "" || s.To == "" || s.Exchange == 0) {
			t.Errorf("expected a direction, got %+v", s)
		}
		if s.Thief != (s.From == "mallory" || s.To == "mallory") {
			t.Errorf("expected the thief to be marked where he takes part, got %+v", s)
		}
		last = s.Event
		kinds[s.Kind]++
	}
	want := map[StepKind]int{StepPhase: 3, StepStory: 1, StepGranted: 1, StepOverheard: 1, StepSignedIn: 1, StepJourney: 1, StepRequest: 12, StepResponse: 12}
	for k, n := range want {
		if kinds[k] != n {
			t.Errorf("expected %d steps of the kind %s, got %d", n, k, kinds[k])
		}
	}
}

func TestOutcomeOfSteps(t *testing.T) {
	outcomes := func(run Run) string {
		var all []string
		for _, s := range Steps(run.Recording, run.Verdict) {
			if s.Outcome != "" {
				all = append(all, s.Label+" "+s.Outcome)
			}
		}
		return strings.Join(all, ", ")
	}
	if got := outcomes(held()); got != "401 stop, 401 stop" {
		t.Errorf("got %s", got)
	}
	if got := outcomes(breached()); got != "200 LEAK" {
		t.Errorf("got %s", got)
	}
}

// thiefAsks is a request of the thief's to the API, with header lines.
func thiefAsks(methodURL string, head ...string) func(*play) {
	return func(p *play) { p.ask("mallory", "fhir", 0, methodURL, "", head...) }
}

func TestRequestSentences(t *testing.T) {
	bearer := must(fapi.AccessToken{Subject: "dr-mallory", ClientID: "mallory-app", Scope: "x"}.Sign(key("as")))
	captured := proofBy("ehr-dpop", "GET", fhir+"/Patient/p01", "proof-2")
	record := "GET " + fhir + "/Patient/p07"
	toAS := func(path, body string, head ...string) func(*play) {
		return func(p *play) { p.ask("mallory", "as", 0, "POST "+as+path, body, head...) }
	}
	visit := func(who, methodURL string) func(*play) {
		return func(p *play) { p.ask(who, "ehr", 0, methodURL, "") }
	}
	tests := []struct {
		play func(*play)
		want string
	}{
		{thiefAsks(record), "mallory asks the FHIR API for Patient/p07 with no token"},
		{thiefAsks(record, "Authorization: Bearer "+accessToken()), "mallory asks the FHIR API for Patient/p07 with the stolen token and no proof"},
		{thiefAsks(record, "Authorization: DPoP "+accessToken(), "DPoP: "+captured), "mallory asks the FHIR API for Patient/p07 with the stolen token and the captured proof"},
		{thiefAsks(record, "Authorization: DPoP "+accessToken(), "DPoP: "+proofBy("x", "GET", fhir, "j")), "mallory asks the FHIR API for Patient/p07 with the stolen token and a fresh proof by a key of his own"},
		{thiefAsks(record, "Authorization: DPoP "+accessToken(), "DPoP: "+proofBy("ehr-dpop", "GET", fhir, "j")), "mallory asks the FHIR API for Patient/p07 with the stolen token and a fresh proof by the token's key"},
		{thiefAsks(record, "Authorization: DPoP "+accessToken(), "DPoP: a-proof-of-some-sort", "DPoP: another-proof-of-some"), "mallory asks the FHIR API for Patient/p07 with the stolen token and 2 proofs"},
		{thiefAsks(record, "Authorization: Bearer "+bearer), "mallory asks the FHIR API for Patient/p07 with a made-up token"},
		{thiefAsks(record, "Authorization: Bearer "+accessToken(), "Authorization: Bearer "+bearer), "mallory asks the FHIR API for Patient/p07 with the stolen token and a made-up token"},
		{thiefAsks(record + "?access_token=" + accessToken()), "mallory asks the FHIR API for Patient/p07 with the stolen token in the address and no proof"},
		{thiefAsks("GET " + fhir + "/Observation?patient=p07&_count=2"), "mallory searches the FHIR API for Observation?_count=2&patient=p07 with no token"},
		{thiefAsks("GET " + fhir + "/Observation"), "mallory searches the FHIR API for every Observation with no token"},
		{func(p *play) {
			p.ask("mallory", "fhir", 0, "POST "+fhir+"/Patient/_search", "identifier=13&access_token=secretsecretsecret")
		}, "mallory searches the FHIR API for Patient?identifier=13 with no token"},
		{thiefAsks("GET " + fhir + "/metadata"), "mallory reads the capabilities of the FHIR API"},
		{thiefAsks("DELETE " + fhir + "/Patient/p07"), "mallory sends DELETE Patient/p07 to the FHIR API with no token"},
		{thiefAsks("POST "+fhir+"/Patient?_id=p07", "X-HTTP-Method-Override: DELETE"), "mallory sends POST Patient?_id=p07 to the FHIR API with no token and DELETE in a header"},
		{thiefAsks(record, "X-Tenant-ID: 314900103"), "mallory asks the FHIR API for Patient/p07 with no token and the organisation 314900103 in a header"},
		{thiefAsks("GET ://broken"), "mallory asks the FHIR API for ://broken with no token"},
		{toAS("/token", "grant_type=authorization_code&code="+code+"&client_id=web-ehr"), "mallory redeems the stolen code at the authorization server with no client authentication"},
		{toAS("/token", "grant_type=authorization_code&code=unheard-of-code-123"), "mallory redeems a made-up code at the authorization server with no client authentication"},
		{toAS("/token", "grant_type=refresh_token&refresh_token="+renew, "Authorization: Basic d2ViLWVocjpzZWNyZXQ="), "mallory asks the authorization server for a fresh token with the stolen refresh token and a made-up client secret"},
		{toAS("/token", "grant_type=client_credentials&client_secret=guess", "DPoP: "+proofBy("x", "POST", as, "j")), "mallory asks the authorization server for a token in a client's own name with a made-up client secret and a proof by a key of his own"},
		{toAS("/token", "grant_type=client_credentials", "DPoP: "+captured), "mallory asks the authorization server for a token in a client's own name with no client authentication and the captured proof"},
		{toAS("/token", "grant_type=password"), "mallory asks the authorization server for a token with no client authentication"},
		{toAS("/par", "client_assertion="+must(fapi.NewAssertion("mallory-app", as, monday, 1, "j").Sign(key("m"), ""))), "mallory pushes an authorization request to the authorization server with his own client assertion"},
		{toAS("/par", "client_assertion="+must(fapi.NewAssertion("web-ehr", as, monday, 1, "j").Sign(key("m"), ""))), "mallory pushes an authorization request to the authorization server with a made-up client assertion"},
		{toAS("/introspect", "token="+accessToken()), "mallory asks the authorization server about the stolen token"},
		{toAS("/revoke", "token="+accessToken()), "mallory asks the authorization server to revoke the stolen token with no client authentication"},
		{toAS("/revoke", ""), "mallory asks the authorization server to revoke no token with no client authentication"},
		{toAS("/authorize/sign-in", "username=berg&password=guess"), "mallory signs in at the authorization server as berg"},
		{toAS("/authorize/consent", "decision=deny"), "mallory answers the authorization server: deny"},
		{toAS("/elsewhere", ""), "mallory sends POST /elsewhere to the authorization server"},
		{func(p *play) { p.ask("mallory", "as", 0, "GET "+as+"/authorize?client_id=x", "") }, "mallory opens the sign-in of the authorization server"},
		{func(p *play) { p.ask("mallory", "as", 0, "GET "+as+"/authorize/consent?interaction=x", "") }, "mallory opens the consent page of the authorization server"},
		{func(p *play) { p.ask("mallory", "as", 0, "GET "+as+"/jwks", "") }, "mallory fetches the keys of the authorization server"},
		{visit("mallory", "GET "+ehr+"/callback?code="+code), "mallory comes back to the web EHR with the stolen code"},
		{visit("berg", "GET "+ehr+"/callback?error=access_denied"), "berg comes back to the web EHR with the error access_denied"},
		{visit("berg", "GET "+ehr), "berg opens the web EHR"},
		{visit("berg", "POST "+ehr+"/logout"), "berg sends POST /logout to the web EHR"},
		{func(p *play) {
			p.ask("ehr", "mallory", 0, "POST https://rogue-as.test/token", "grant_type=authorization_code&code="+code+"&code_verifier=v-123456789012345")
		}, "the web EHR sends POST /token to mallory with a code and a PKCE verifier"},
		{func(p *play) {
			p.ask("berg", "mallory", 0, "GET https://mallory.test/note.js", "", "Sec-Fetch-Dest: script")
		}, "a page that berg has open loads a script from mallory"},
		{func(p *play) { p.ask("nobody", "nowhere", 0, "GET https://nowhere.test/", "") }, "nobody sends GET / to nowhere"},
	}
	for _, tt := range tests {
		if got := lastSteps(t, tt.play)[0].Sentence; got != tt.want {
			t.Errorf("expected\n%s\ngot\n%s", tt.want, got)
		}
	}
}

// A token issued to the thief is his own if it is in his name, and merely one he got if it is not.
func TestWhoseTokenItIs(t *testing.T) {
	get := func(sub, client string) string {
		token := must(fapi.AccessToken{Subject: sub, ClientID: client, Scope: "x"}.Sign(key("as")))
		steps := lastSteps(t, func(p *play) {
			x := p.ask("mallory", "as", 0, "POST "+as+"/token", "grant_type=client_credentials")
			p.answer(x, 200, `{"access_token":"`+token+`"}`)
			p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: Bearer "+token)
			p.ask("ehr", "fhir", 0, "GET "+fhir+"/Patient/p01", "", "Authorization: Bearer "+token)
		})
		return steps[2].Sentence[len("mallory asks the FHIR API for Patient/p01 with "):] + "; " + steps[3].Sentence
	}
	suffix := "; the web EHR asks the FHIR API for Patient/p01 with mallory's token"
	if got := get("dr-mallory", "mallory-app"); got != "his own token"+suffix {
		t.Errorf("got %s", got)
	}
	if got := get("web-ehr", "web-ehr"); got != "the token he got"+suffix {
		t.Errorf("got %s", got)
	}
}

func TestStolenAndOwnAssets(t *testing.T) {
	steps := lastSteps(t, func(p *play) {
		p.tell(0, event.Granted{Asset: event.OwnClient, Bytes: []byte(`{"client_secret":"his-own-secret"}`)},
			event.Granted{Asset: event.ClientSecret, Bytes: []byte(`{"client_secret":"the-old-secret"}`)})
		for _, secret := range []string{"his-own-secret", "the-old-secret"} {
			p.ask("mallory", "as", 0, "POST "+as+"/token", "grant_type=client_credentials&client_secret="+secret)
		}
	})
	for i, want := range []string{
		"mallory has an app of his own, honestly registered",
		"mallory has the shared secret the client once used",
		"mallory asks the authorization server for a token in a client's own name with his own client secret",
		"mallory asks the authorization server for a token in a client's own name with the stolen client secret",
	} {
		if steps[i].Sentence != want {
			t.Errorf("expected %q, got %q", want, steps[i].Sentence)
		}
	}
}

func TestResponseSentences(t *testing.T) {
	toAPI := func(status int, body string, during ...event.Body) func(*play) {
		return func(p *play) {
			x := p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "")
			p.tell(x, during...)
			p.answer(x, status, body)
		}
	}
	toAS := func(status int, body, head string, during ...event.Body) func(*play) {
		return func(p *play) {
			x := p.ask("mallory", "as", 0, "POST "+as+"/token", "a=b")
			p.tell(x, during...)
			p.answer(x, status, body, head)
		}
	}
	found := func(interaction, resource string, patients ...string) event.Access {
		return event.Access{Interaction: interaction, Resource: resource, Patients: patients, Subject: "dr-mallory", Client: "mallory-app"}
	}
	challenge := event.Ruling{Party: "fhir/a", Control: "rs/dpop-nonce", Outcome: "challenged"}
	tests := []struct {
		play          func(*play)
		want, outcome string
	}{
		{toAPI(200, "", found("read", "Patient/p01", "p01")), "the FHIR API answers with Patient/p01", ""},
		{toAPI(200, "", found("search-type", "Condition?code=x")), "the FHIR API answers with Condition?code=x: nothing found", ""},
		{toAPI(200, "", found("search-type", "Condition", "p01")), "the FHIR API answers with Condition: the record of p01", ""},
		{toAPI(200, "", found("search-type", "Condition", "p01", "p02")), "the FHIR API answers with Condition: records of 2 patients", ""},
		{toAPI(200, ""), "the FHIR API answers with 200", ""},
		{toAPI(401, "", refused("rs/dpop-htm", "a", "b", "c")), "the FHIR API refuses, 401: it insists that the proof is for this method (rs/dpop-htm)", "stop"},
		{toAPI(200, "", refused("rs/entitlement-search", "a", "b", "c"), found("search-type", "Condition", "p01")), "the FHIR API answers with Condition: the record of p01 and leaves the rest out: it insists that a search yields only records the caller may open (rs/entitlement-search)", "stop"},
		{toAPI(401, "", challenge), "the FHIR API asks to try again, 401: it insists that the proof carries a nonce this API issued lately (rs/dpop-nonce)", "stop"},
		{toAPI(404, `{"error":"not_found"}`), "the FHIR API answers 404, not_found", ""},
		{toAPI(400, "", event.Refused{Status: 400, Code: "invalid", Detail: "no such type"}), "the FHIR API answers 400, invalid: no such type", ""},
		{toAPI(500, ""), "the FHIR API answers 500", ""},
		{toAPI(401, "", refused("rs/from-the-future", "a", "b", "c")), "the FHIR API refuses, 401: it insists that rs/from-the-future", "stop"},
		{toAS(200, "", "X: y", event.Issued{Type: "access_token", Bound: "jkt"}, event.Issued{Type: "refresh_token"}, event.Issued{Type: "id_token"}), "the authorization server issues an access token bound to a key, a refresh token and an ID token", ""},
		{toAS(201, "", "X: y", event.Issued{Type: "request_uri"}), "the authorization server issues a request_uri", ""},
		{toAS(200, "", "X: y", event.Disclosed{Type: "access_token", Owner: "mallory-app"}), "the authorization server explains an access token of mallory-app", ""},
		{toAS(200, "", "X: y", event.Withdrawn{Type: "refresh_token", Owner: "mallory-app"}), "the authorization server withdraws a refresh token", ""},
		{toAS(303, "", "Location: https://a.test/cb?code=x"), "the authorization server sends the browser on to a.test/cb with a code", ""},
		{toAS(303, "", "Location: https://a.test/cb?error=denied"), "the authorization server sends the browser on to a.test/cb with the error denied", ""},
		{toAS(303, "", "Location: ://"), "the authorization server sends the browser on to an address that is none", ""},
		{toAS(303, "", "Location: https://a.test/cb?error=x", event.Ruling{Party: "as", Control: "as/scope", Outcome: "refused"}), "the authorization server refuses, and says so by redirect: it insists that the client is registered for every scope it asks for (as/scope)", "stop"},
		{toAS(200, `<form id="consent">`, "X: y"), "the authorization server asks for consent", ""},
		{toAS(200, "", "X: y", event.Ruling{Party: "as", Control: "as/scope", Outcome: "refused"}), "the authorization server refuses, 200: it insists that the client is registered for every scope it asks for (as/scope)", "stop"},
		{toAS(200, "", "X: y"), "the authorization server answers 200", ""},
	}
	for _, tt := range tests {
		steps := lastSteps(t, tt.play)
		if got := steps[1]; got.Sentence != tt.want || got.Outcome != tt.outcome {
			t.Errorf("expected\n%s [%s]\ngot\n%s [%s]", tt.want, tt.outcome, got.Sentence, got.Outcome)
		}
	}
}

func TestOtherSentences(t *testing.T) {
	steps := lastSteps(t, func(p *play) {
		p.last++
		p.tell(p.last, event.Lured{Victim: "berg", URL: ehr + "/login?issuer=" + as})
		x := p.ask("berg", "ehr", p.last, "GET "+ehr+"/callback?code=unheard-of-code-123", "")
		p.tell(x, event.SignedIn{Client: "ehr", Subject: "dr-mallory"}, event.Lost{Why: "held back"})
		p.tell(x, event.Overheard{Vantage: event.FrontHeld, Of: x, Message: event.Message{Method: "GET", URL: ehr + "/callback?code=unheard-of-code-123"}})
		p.tell(x, event.Overheard{Vantage: "moon", Of: x, Message: event.Message{Status: 200}}, event.Overheard{Vantage: "moon", Of: 99})
		p.tell(0, event.SignedIn{Client: "ehr", Subject: "dr-berg"}, event.Journey{Name: "later", Error: "got 500"},
			event.Granted{Vantage: event.RogueAS}, event.Phase{Name: "epilogue"}, event.Ended{Error: "nothing to replay"})
	})
	want := []string{
		"berg follows a link of mallory's to ehr.thiefbox.test/login",
		"berg comes back to the web EHR with a code",
		"the web EHR takes the browser of berg for dr-mallory",
		"the request never arrives at the web EHR: held back",
		"mallory overhears, in the browser, before the client sees it, GET /callback?code=…, with a code",
		"mallory overhears, at moon, a response with status 200",
		"mallory overhears, at moon, a response",
		"the web EHR takes the browser of somebody for dr-berg",
		"the honest journey fails: later: got 500",
		"mallory runs an authorization server that the honest client also uses",
		"epilogue",
		"mallory could not even try: nothing to replay",
	}
	for i := range want {
		if i >= len(steps) || steps[i].Sentence != want[i] {
			t.Fatalf("step %d: expected %q, got %+v", i, want[i], steps[min(i, len(steps)-1)])
		}
	}
	if steps[2].Outcome != Leak || steps[0].From != "mallory" || steps[0].To != "berg" || !steps[4].Thief {
		t.Errorf("expected a leak at the sign-in, and the lure to go from the thief to her, got %+v", steps[:5])
	}
}

func TestLabels(t *testing.T) {
	tests := map[string]string{
		"GET " + fhir + "/Patient/p07":                  "GET /Patient/p07",
		"GET " + fhir + "/Observation?patient=p07":      "GET /Observation?patient=p07",
		"GET " + fhir + "/Patient?access_token=x":       "GET /Patient?access_token=…",
		"GET " + fhir + "/P?" + strings.Repeat("x", 41): "GET /P?…",
		"POST " + as + "/par":                           "POST /par",
		"GET " + as + "/authorize?request_uri=urn:x":    "GET /authorize?…",
		"GET " + ehr + "/callback?code=x&state=y":       "GET /callback?code=…",
		"GET " + ehr + "/callback?error=denied&state=y": "GET /callback?error=denied",
		"GET " + ehr:         "GET /",
		"GET http://[broken": "GET ?",
	}
	for methodURL, want := range tests {
		if got := lastSteps(t, func(p *play) { p.ask("mallory", "ehr", 0, methodURL, "") })[0].Label; got != want {
			t.Errorf("%s: expected %q, got %q", methodURL, want, got)
		}
	}
}

func TestMinorSteps(t *testing.T) {
	exchange := func(who, methodURL string, status int) []Step {
		return lastSteps(t, func(p *play) { p.answer(p.ask(who, "as", 0, methodURL, ""), status, "") })
	}
	tests := []struct {
		who, methodURL string
		status         int
		request, reply bool
	}{
		{"ehr", "GET " + as + "/jwks", 200, true, true},
		{"mallory", "GET " + as + "/.well-known/openid-configuration", 200, true, true},
		{"fhir", "POST " + as + "/introspect", 200, true, true},
		{"fhir", "POST " + as + "/introspect", 401, true, false},
		{"mallory", "POST " + as + "/introspect", 200, false, false},
		{"ehr", "POST " + as + "/token", 200, false, false},
		{"ehr", "GET http://[broken", 200, false, false},
	}
	for _, tt := range tests {
		if s := exchange(tt.who, tt.methodURL, tt.status); s[0].Minor != tt.request || s[1].Minor != tt.reply {
			t.Errorf("%s %s %d: expected %t and %t, got %t and %t", tt.who, tt.methodURL, tt.status, tt.request, tt.reply, s[0].Minor, s[1].Minor)
		}
	}
}

// A fact whose event is no step of its own shows at the answer, or at the request that got none.
func TestFactsShowWhereAReaderLooks(t *testing.T) {
	p := morning()
	x := p.ask("mallory", "fhir", 0, "GET "+fhir+"/Patient/p01", "")
	p.tell(x, accessed("dr-berg", "web-ehr"))
	steps := Steps(event.Recording{Events: p.events}, verdict.Judge(p.events))
	if last := steps[len(steps)-1]; last.Outcome != Leak || !strings.Contains(last.Sentence, "was served Patient/p01") {
		t.Errorf("expected the leak at the request, got %+v", last)
	}
}

func TestManyFactsAreSummedUp(t *testing.T) {
	fact := func(kind verdict.FactKind, text string) verdict.Fact { return verdict.Fact{Kind: kind, Text: text} }
	tests := []struct {
		facts []verdict.Fact
		want  string
	}{
		{[]verdict.Fact{fact(verdict.Acted, "a")}, "a"},
		{[]verdict.Fact{fact(verdict.Acted, "a"), fact(verdict.Learnt, "b")}, "b"},
		{[]verdict.Fact{fact(verdict.Learnt, "a"), fact(verdict.Learnt, "b")}, "a; b"},
		{[]verdict.Fact{fact(verdict.Learnt, "a"), fact(verdict.Learnt, "b"), fact(verdict.Learnt, "c")}, "a, and 2 more of the kind"},
	}
	for _, tt := range tests {
		if got := summary(tt.facts); got != tt.want {
			t.Errorf("expected %q, got %q", tt.want, got)
		}
	}
}

// A recording can come from a file: whatever stands in it, telling it must not crash.
func TestStepsOfABrokenRecording(t *testing.T) {
	events := []event.Event{
		{N: 1, Body: event.Response{Message: event.Message{Status: 200}}},
		{N: 2, Exchange: 5, Body: event.Response{Message: event.Message{Status: 401}}},
		{N: 3, Exchange: 6, Body: event.Overheard{Of: 77}},
		{N: 4, Body: event.Lost{}},
		{N: 5, Exchange: 9, Body: event.Access{}},
		{N: 6, Body: event.Step{}},
	}
	v := verdict.Verdict{Facts: []verdict.Fact{{Event: 5}, {Event: 99}, {}}}
	if steps := Steps(event.Recording{Events: events}, v); len(steps) != 5 {
		t.Errorf("expected 5 steps, got %+v", steps)
	}
	if steps := Steps(event.Recording{}, v); len(steps) != 0 {
		t.Errorf("expected none, got %+v", steps)
	}
}

func BenchmarkSteps(b *testing.B) {
	run := held()
	b.ReportAllocs()
	for b.Loop() {
		Steps(run.Recording, run.Verdict)
	}
}
