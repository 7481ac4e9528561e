package telemetry

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

// morning is a little run: a thief replays what he overheard, and a message of the client's gets lost.
func morning(t testing.TB) []event.Event {
	token, proof, _ := stolen(t)
	replay := requestWith(token, proof)
	call := replay
	call.From = "ehr"
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	refresh := event.Message{Method: "POST", URL: "https://as/token", Header: form,
		Body: []byte("grant_type=refresh_token&refresh_token=Zk3_opaque-refresh-token-of-43-characters-x&client_id=ehr-web&client_secret=hunter2-hunter2-hunter2")}
	bodies := []struct {
		exchange int
		body     event.Body
	}{
		{0, event.Began{Technique: "D-04", Seed: 1}},
		{0, event.Protected{Canaries: map[string]string{"canary-x": "p01"}}},
		{0, event.Actor{ID: "ehr", Role: event.RoleClient}}, {0, event.Actor{ID: "as", Role: event.RoleAuthorizationServer}},
		{0, event.Actor{ID: "fhir", Role: event.RoleResourceServer}}, {0, event.Actor{ID: "mallory", Name: "Mallory, the thief", Role: event.RoleThief}},
		{0, event.Granted{Vantage: event.APIProxy}},
		{1, call}, {1, event.Ruling{Party: "fhir", Control: "rs/dpop-htm", Outcome: "pass"}},
		{1, event.Access{Interaction: "read", Resource: "Patient/p01", Patients: []string{"p01"}, Client: "ehr-web"}},
		{1, event.Response{Message: event.Message{Status: 200}}}, {1, event.Overheard{Vantage: event.APIProxy, Of: 1, Message: call.Message}},
		{2, event.Request{From: "ehr", To: "as", Message: refresh}}, {2, event.Issued{Type: "refresh_token", ID: "hash-of-it", Client: "ehr-web"}},
		{2, event.Response{Message: event.Message{Status: 200}}},
		{3, event.Request{From: "ehr", To: "as", Message: refresh}}, {3, event.Lost{Why: "held"}},
		{4, event.Lured{Victim: "berg", URL: "https://mallory.test/page"}},
		{5, replay}, {5, event.Ruling{Party: "fhir/a", Control: "rs/dpop-jti", Outcome: "refused", Cause: "jti used before"}},
		{5, event.Response{Message: event.Message{Status: 401}}},
		{6, event.Request{From: "ehr", To: "mallory", Message: event.Message{Method: "GET", URL: "https://rogue/x"}}}, {6, event.Response{Message: event.Message{Status: 200}}},
		{7, event.Request{From: "berg", To: "mallory", Message: event.Message{Method: "GET", URL: "https://mallory.test/page"}}}, {7, event.Response{Message: event.Message{Status: 200}}},
		{0, event.Operated{Do: "revoke", On: "ehr-web"}}, {0, event.Withdrawn{Type: "access_token", ID: "jti-1"}},
		{0, event.Ended{}},
	}
	var out []event.Event
	for i, b := range bodies {
		out = append(out, event.Event{N: i + 1, At: monday, Exchange: b.exchange, Body: b.body})
	}
	return out
}

func entries(events []event.Event) (out []Entry) {
	w := NewWitness()
	for _, e := range events {
		out = append(out, w.See(e)...)
	}
	return out
}

func TestWitness(t *testing.T) {
	var got []string
	for _, e := range entries(morning(t)) {
		got = append(got, strings.Join([]string{e.Event, e.text("outcome"), e.text("service")}, " "))
		if EventNames[e.Event] == "" {
			t.Errorf("%s is not among EventNames", e.Event)
		}
	}
	want := []string{
		"api.access allow fhir", "api.request allow fhir", "client.call allow ehr",
		"as.issue allow as", "as.request allow as", "client.call allow ehr",
		"client.call lost ehr", // what never arrived is not in the server's log
		"api.refuse deny fhir", "api.request deny fhir",
		"client.call allow ehr", // where the thief answers, the client's log is all there is
		"as.operate allow as",
	}
	if !slices.Equal(got, want) {
		t.Errorf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// A thief looks like a client but for his address, and the logs know nothing of who he is.
func TestWitnessKnowsNoThief(t *testing.T) {
	all := entries(morning(t))
	honest, thief := all[1], all[8]
	for _, key := range []string{"token_jti", "jkt", "proof_jkt", "proof_jti", "client_id", "scheme"} {
		if honest.Get(key) == nil || honest.Get(key) != thief.Get(key) {
			t.Errorf("%s: expected a replay to show what the original showed, got %v and %v", key, honest.Get(key), thief.Get(key))
		}
	}
	if honest.Get("src_ip") == thief.Get("src_ip") || thief.Get("src_ip") != Home("mallory", 0) {
		t.Errorf("expected two addresses, got %v and %v", honest.Get("src_ip"), thief.Get("src_ip"))
	}
	for _, f := range Formats() {
		for _, e := range all {
			line, err := Format(f).Line(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"Mallory, the thief", `"mallory"`, "D-04", "canary", "vantage", "overheard", "hunter2", "Zk3_opaque", "eyJ"} {
				if strings.Contains(string(line), word) {
					t.Errorf("%s: %q got into the logs: %s", f, word, line)
				}
			}
			if !strings.Contains(string(line), "exercise") {
				t.Errorf("%s: expected every record to say that it is an exercise, got %s", f, line)
			}
		}
	}
}

// One credential is recognised again by a piece of its hash; a shared secret is not even hashed.
func TestWitnessOfATokenRequest(t *testing.T) {
	e := entries(morning(t))[4]
	want := map[string]any{"grant_type": "refresh_token", "client_id": "ehr-web", "auth_method": "client_secret_post",
		"refresh_token_hash": digest("Zk3_opaque-refresh-token-of-43-characters-x"), "path": "/token", "method": "POST", "status": 200}
	for key, value := range want {
		if e.Get(key) != value {
			t.Errorf("%s: expected %v, got %v", key, value, e.Get(key))
		}
	}
	for _, f := range e.Fields {
		if f.Key == "client_secret_hash" || f.Key == "client_secret" {
			t.Errorf("did not expect %s", f.Key)
		}
	}
}

// What a stranger sends is evidence, however broken it is.
func TestWitnessOfRubbish(t *testing.T) {
	for _, r := range []event.Request{
		{To: "as", Message: event.Message{URL: "%%%", Header: http.Header{"Authorization": {"Basic !"}, "Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("%zz&client_assertion=..&code=x")}},
		{To: "fhir", Message: event.Message{URL: "::", Header: http.Header{"Authorization": {"DPoP a.b.c", "x"}, "Dpop": {"a.b.c", ""}}}},
		{To: "as"}, {To: "fhir"},
	} {
		w := NewWitness()
		w.See(at(1, event.Actor{ID: "as", Role: event.RoleAuthorizationServer}))
		w.See(at(1, event.Actor{ID: "fhir", Role: event.RoleResourceServer}))
		w.See(at(2, r))
		if got := w.See(at(3, event.Response{Message: event.Message{Status: 400}})); len(got) != 1 || got[0].text("outcome") != "deny" {
			t.Errorf("%+v: expected one line of an access log, got %v", r, got)
		}
	}
}
