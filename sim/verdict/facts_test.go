package verdict

import (
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

func wantFacts(t *testing.T, v Verdict, kinds ...FactKind) {
	t.Helper()
	var got []FactKind
	for _, f := range v.Facts {
		got = append(got, f.Kind)
		if f.Text == "" || f.Event == 0 {
			t.Errorf("expected a fact with a text and an event, got %+v", f)
		}
	}
	if len(got) != len(kinds) {
		t.Fatalf("expected the facts %v, got %v (%s: %s)", kinds, got, v.Outcome, v.Reason)
	}
	for i := range kinds {
		if got[i] != kinds[i] {
			t.Fatalf("expected the facts %v, got %v", kinds, got)
		}
	}
	if len(kinds) > 0 && (v.Outcome != Breached || v.Decisive != v.Facts[0].Event || v.Reason == "") {
		t.Errorf("expected a breach decided by event %d, got %+v", v.Facts[0].Event, v)
	}
	if len(kinds) == 0 && v.Outcome == Breached {
		t.Errorf("expected no breach, got %s", v.Reason)
	}
}

func TestLearnt(t *testing.T) {
	respond := func(from, to, body string) func(*script) {
		return func(s *script) {
			s.attack()
			n := s.ask(from, to, "GET "+fhirURL, 0)
			s.answer(n, 200, body)
		}
	}
	request := func(m event.Message) func(*script) {
		return func(s *script) {
			s.attack()
			s.last++
			s.tell(s.last, event.Request{From: "ehr", To: "mallory", Message: m})
			s.answer(s.last, 200, "")
		}
	}
	tests := []struct {
		name  string
		play  func(*script)
		facts []FactKind
	}{
		{"an answer to the thief", respond("mallory", "fhir", "x "+canary("p01")+" y"), []FactKind{Learnt}},
		{"an answer to the thief, at its very end", respond("mallory", "fhir", canary("p01")), []FactKind{Learnt}},
		{"two patients, one of them twice", respond("mallory", "fhir", canary("p01")+canary("p02")+canary("p01")), []FactKind{Learnt, Learnt}},
		{"his own patient", respond("mallory", "fhir", canary("p09")), nil},
		{"a canary of nobody's", respond("mallory", "fhir", "canary-ffffffffffffffff"), nil},
		{"a canary cut short", respond("mallory", "fhir", canary("p01")[:20]), nil},
		{"a prefix before a canary", respond("mallory", "fhir", "canary-"+canary("p01")), []FactKind{Learnt}},
		{"an answer to somebody else", respond("berg", "fhir", canary("p01")), nil},
		{"a header of an answer", func(s *script) {
			s.attack()
			n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
			s.tell(n, event.Response{Message: event.Message{Status: 200, Header: http.Header{"X": {"a", canary("p01")}}}})
		}, []FactKind{Learnt}},
		{"the address of a request to him", request(event.Message{Method: "GET", URL: "https://mallory.test/?" + canary("p01")}), []FactKind{Learnt}},
		{"the body of a request to him", request(event.Message{Method: "POST", Body: []byte(canary("p01"))}), []FactKind{Learnt}},
		{"overheard in the attack", func(s *script) {
			s.attack()
			s.tell(1, event.Overheard{Vantage: event.APIProxy, Of: 1, Message: event.Message{URL: "https://x/" + canary("p01")}})
		}, []FactKind{Learnt}},
		{"overheard before the attack", func(s *script) {
			s.tell(1, event.Overheard{Vantage: event.APIProxy, Of: 1, Message: event.Message{Body: []byte(canary("p01"))}})
			s.attack()
		}, []FactKind{Learnt}},
		{"overheard before the attack, his own patient", func(s *script) {
			s.tell(1, event.Overheard{Vantage: event.APIProxy, Of: 1, Message: event.Message{Body: []byte(canary("p09"))}})
			s.attack()
		}, nil},
		{"a stolen asset", func(s *script) {
			s.tell(0, event.Granted{Asset: event.ClientDatabase, Bytes: []byte(canary("p01"))})
			s.attack()
		}, []FactKind{Learnt}},
		{"his own reading before the attack", func(s *script) {
			n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
			s.answer(n, 200, canary("p01"))
			s.attack()
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := opening()
			tt.play(s)
			wantFacts(t, s.end(), tt.facts...)
		})
	}
}

func TestLearntTellsWhose(t *testing.T) {
	s := attacked()
	n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
	s.answer(n, 200, canary("p02"))
	v := s.end()
	if f := v.Facts[0]; f.Patient != "p02" || !strings.Contains(f.Text, "p02") || f.Event != len(s.events)-1 {
		t.Errorf("expected a fact about p02 at event %d, got %+v", len(s.events)-1, f)
	}
}

func TestActed(t *testing.T) {
	tests := []struct {
		name  string
		from  string
		body  event.Body
		facts []FactKind
	}{
		{"served in another's name", "mallory", access("dr-berg", "ehr-web", "p01"), []FactKind{Acted}},
		{"served in his name by another's client", "mallory", access("dr-mallory", "ehr-web", "p01"), []FactKind{Acted}},
		{"served in another's name by his client", "mallory", access("dr-berg", "mallory-app", "p01"), []FactKind{Acted}},
		{"served in his own name", "mallory", access("dr-mallory", "mallory-app", "p01"), nil},
		{"his own patient in another's name", "mallory", access("dr-berg", "ehr-web", "p09"), nil},
		{"nothing found in another's name", "mallory", access("dr-berg", "ehr-web"), nil},
		{"another party's exchange", "ehr", access("dr-berg", "ehr-web", "p01"), nil},
		{"another's token cancelled", "mallory", event.Withdrawn{Type: "access_token", Owner: "ehr-web"}, []FactKind{Acted}},
		{"his own token cancelled", "mallory", event.Withdrawn{Type: "access_token", Owner: "mallory-app"}, nil},
		{"a token cancelled by its owner", "ehr", event.Withdrawn{Type: "access_token", Owner: "ehr-web"}, nil},
		{"another's token explained", "mallory", event.Disclosed{Type: "access_token", Owner: "ehr-web", Audience: []string{"https://fhir"}}, []FactKind{Disclosed}},
		{"his own token explained", "mallory", event.Disclosed{Type: "access_token", Owner: "mallory-app"}, nil},
		{"a token for an API of his explained", "mallory", event.Disclosed{Type: "access_token", Owner: "ehr-web", Audience: []string{"https://fhir", "dr-mallory"}}, nil},
		{"told of a stranger's record", "mallory", event.Access{Subject: "dr-mallory", Client: "mallory-app", Told: []string{"p01", "p02", "p01"}}, []FactKind{Inferred, Inferred}},
		{"told of his own patient's record", "mallory", event.Access{Subject: "dr-mallory", Client: "mallory-app", Told: []string{"p09"}}, nil},
		{"another party is told", "ehr", event.Access{Subject: "dr-berg", Client: "ehr-web", Told: []string{"p01"}}, nil},
		{"a stranger's record deleted", "mallory", event.Written{Subject: "dr-mallory", Client: "mallory-app", Deleted: true, Patients: []string{"p01"}}, []FactKind{Destroyed}},
		{"his own patient's record deleted", "mallory", event.Written{Subject: "dr-mallory", Client: "mallory-app", Deleted: true, Patients: []string{"p09"}}, nil},
		{"a record deleted in another's name", "mallory", event.Written{Subject: "dr-berg", Client: "ehr-web", Deleted: true, Patients: []string{"p01"}}, []FactKind{Acted}},
		{"a record deleted by another party", "ehr", event.Written{Subject: "dr-berg", Client: "ehr-web", Deleted: true, Patients: []string{"p01"}}, nil},
		{"a token explained to an API", "fhir", event.Disclosed{Type: "access_token", Owner: "ehr-web"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := attacked()
			s.get(tt.from, "fhir", fhirURL, 200, tt.body)
			wantFacts(t, s.end(), tt.facts...)

			before := opening()
			before.get(tt.from, "fhir", fhirURL, 200, tt.body)
			before.attack()
			wantFacts(t, before.end())
		})
	}
}

// What a server does with what it was sent is its own doing: the thief must not be charged with an
// access that another party makes while it handles a request of his.
func TestActedNeedsHisOwnRequest(t *testing.T) {
	s := attacked()
	n := s.ask("mallory", "ehr", "GET "+ehrURL, 0)
	m := s.ask("ehr", "fhir", "GET "+fhirURL, n)
	s.tell(m, access("dr-berg", "ehr-web", "p01"))
	s.answer(m, 200, canary("p01"))
	s.answer(n, 200, "nothing of it")
	wantFacts(t, s.end())
}

func TestCrossed(t *testing.T) {
	tests := []struct {
		name    string
		browser string
		subject string
		facts   []FactKind
	}{
		{"the thief in the doctor's session", "mallory", "dr-berg", []FactKind{Crossed}},
		{"the doctor in the thief's session", "berg", "dr-mallory", []FactKind{Crossed}},
		{"the doctor as herself", "berg", "dr-berg", nil},
		{"the thief as himself", "mallory", "dr-mallory", nil},
		{"a browser of nobody we know", "somebody", "dr-berg", []FactKind{Crossed}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := attacked()
			s.get(tt.browser, "ehr", ehrURL, 200, event.SignedIn{Client: "ehr", Subject: tt.subject})
			wantFacts(t, s.end(), tt.facts...)

			before := opening()
			before.get(tt.browser, "ehr", ehrURL, 200, event.SignedIn{Client: "ehr", Subject: tt.subject})
			before.attack()
			wantFacts(t, before.end())
		})
	}
	s := attacked()
	s.tell(0, event.SignedIn{Client: "ehr", Subject: "dr-berg"})
	wantFacts(t, s.end())
}

func TestReasonOfABreach(t *testing.T) {
	tests := []struct {
		body string
		want string
	}{
		{canary("p01"), "mallory has the record of patient p01, which is not his to read"},
		{canary("p01") + canary("p03"), "mallory has the records of 2 patients that are not his to read: p01, p03"},
		{canary("p01") + canary("p02") + canary("p03") + canary("p04"), "mallory has the records of 4 patients that are not his to read: p01, p02, p03 and others"},
	}
	for _, tt := range tests {
		s := attacked()
		n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
		s.tell(n, access("dr-berg", "ehr-web", "p01")) // acted as well, but the records are what matters
		s.answer(n, 200, tt.body)
		if v := s.end(); v.Reason != tt.want {
			t.Errorf("expected %q, got %q", tt.want, v.Reason)
		}
	}
	s := attacked()
	for range 3 {
		s.get("mallory", "as", asURL, 200, event.Withdrawn{Type: "access_token", Owner: "ehr-web"})
	}
	if v := s.end(); v.Reason != "mallory had an access token of ehr-web cancelled (and 2 more like it)" {
		t.Errorf("got %q", v.Reason)
	}
}

// Facts stand in the order of events whatever their kind, and the first decides.
func TestFactsAreInOrder(t *testing.T) {
	s := attacked()
	s.get("berg", "ehr", ehrURL, 200, event.SignedIn{Client: "ehr", Subject: "dr-mallory"})
	s.get("mallory", "fhir", fhirURL, 200, access("dr-berg", "ehr-web", "p01"))
	n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
	s.answer(n, 200, canary("p01"))
	wantFacts(t, s.end(), Crossed, Acted, Learnt)
}

// Several thieves work together: what is one's right is everybody's, and so is the loot.
func TestAccomplice(t *testing.T) {
	s := attacked()
	s.tell(0, event.Actor{ID: "trudy", Role: event.RoleThief, Names: []string{"dr-trudy"}, Rights: []string{"p02"}})
	n := s.ask("trudy", "fhir", "GET "+fhirURL, 0)
	s.tell(n, access("dr-mallory", "mallory-app", "p02"))
	s.answer(n, 200, canary("p02")+canary("p09"))
	wantFacts(t, s.end())
}
