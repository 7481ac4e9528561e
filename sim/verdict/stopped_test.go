package verdict

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
)

func TestStopped(t *testing.T) {
	dpop := refusedBy("fhir/a", "rs/dpop-binding")
	tests := []struct {
		name string
		play func(*script)
		held string // control; empty if void
		why  string // part of the reason
	}{
		{"refused by a control", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, dpop)
		}, "rs/dpop-binding", "the FHIR API stopped mallory over the proof (rs/dpop-binding)"},
		{"the last refusal decides", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, dpop)
			s.get("mallory", "fhir", fhirURL, 401, refusedBy("fhir/a", "rs/dpop-jti"))
			s.get("mallory", "fhir", fhirURL, 200)
		}, "rs/dpop-jti", ""},
		{"a search that leaves things out", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 200, refusedBy("fhir/a", "rs/entitlement-search"))
		}, "rs/entitlement-search", ""},
		{"an error that travels by redirect", func(s *script) {
			s.get("mallory", "as", asURL, 303, refusedBy("as", "as/redirect-uri"))
		}, "as/redirect-uri", "the authorization server"},
		{"a malformed request", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 400, event.Refused{Party: "fhir/a", Status: 400})
		}, "", "an error that no control made: 400 to GET /fhir/Patient/p01 at the FHIR API"},
		{"a refusal, and then an error of his own", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, dpop)
			s.get("mallory", "fhir", "https://fhir.test/fhir/Pateint/p01?x=y", 404)
		}, "", "404 to GET /fhir/Pateint/p01 at"},
		{"an error of his own, and then a refusal", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 404)
			s.get("mallory", "fhir", fhirURL, 401, dpop)
		}, "rs/dpop-binding", ""},
		{"a challenge he cannot answer", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, challengedBy("fhir/a", "rs/dpop-nonce"))
		}, "rs/dpop-nonce", "demanded what he did not have"},
		{"a challenge he answers, and then an error", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, challengedBy("fhir/a", "rs/dpop-nonce"))
			s.get("mallory", "fhir", fhirURL, 404)
		}, "", "no control made"},
		{"a challenge he answers, and still gets nothing", func(s *script) {
			s.get("mallory", "as", asURL, 400, challengedBy("as", "as/dpop-nonce"))
			s.get("mallory", "as", asURL, 200)
		}, "", "nothing refused mallory"},
		{"a challenge he answers, and is refused elsewhere", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, dpop)
			s.get("mallory", "as", asURL, 400, challengedBy("as", "as/dpop-nonce"))
			s.get("mallory", "as", asURL, 200)
		}, "rs/dpop-binding", ""},
		{"a challenge in an answer that was no error", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 200, challengedBy("fhir/a", "rs/dpop-nonce"))
		}, "", "nothing refused mallory"},
		{"nothing happened", func(*script) {}, "", "nothing refused mallory, and he got nothing"},
		{"only successes", func(s *script) { s.get("mallory", "fhir", fhirURL, 200) }, "", "nothing refused mallory"},
		{"a control that let him pass", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 403, event.Ruling{Party: "fhir/a", Control: "rs/scope", Outcome: "pass"},
				event.Ruling{Party: "fhir/a", Control: "rs/dpop-jti", Outcome: "off"})
		}, "", "no control made"},
		{"an honest party is refused, he is not", func(s *script) {
			s.get("berg", "fhir", fhirURL, 401, dpop)
		}, "", "nothing refused mallory"},
		{"the victim's browser is refused on his account", func(s *script) {
			l := s.lure("berg", ehrURL+"/callback?code=x")
			n := s.ask("berg", "ehr", "GET "+ehrURL+"/callback?code=x", l)
			s.tell(n, refusedBy("ehr", "client/state"))
			s.answer(n, 400, "")
		}, "client/state", "the web EHR stopped mallory"},
		{"a redirect of his leads to a refusal", func(s *script) {
			n := s.ask("berg", "mallory", "GET https://rogue-as.test/authorize", 0)
			s.answer(n, 303, "")
			m := s.ask("berg", "ehr", "GET "+ehrURL+"/callback", n)
			s.tell(m, refusedBy("ehr", "client/iss"))
			s.answer(m, 400, "")
		}, "client/iss", ""},
		{"refused behind the scenes", func(s *script) {
			l := s.lure("berg", ehrURL+"/callback?code=x")
			n := s.ask("berg", "ehr", "GET "+ehrURL+"/callback?code=x", l)
			m := s.ask("ehr", "as", "POST "+asURL+"/token", n)
			s.tell(m, refusedBy("as", "as/pkce-verifier"))
			s.answer(m, 400, "")
			s.answer(n, 502, "")
		}, "as/pkce-verifier", ""},
		{"an honest client renews its token on the way", func(s *script) {
			l := s.lure("berg", ehrURL+"/patients/p01")
			n := s.ask("berg", "ehr", "GET "+ehrURL+"/patients/p01", l)
			m := s.ask("ehr", "fhir", "GET "+fhirURL, n)
			s.tell(m, refusedBy("fhir/a", "rs/token-expiry"))
			s.answer(m, 401, "")
			s.answer(s.ask("ehr", "fhir", "GET "+fhirURL, n), 200, "")
			s.answer(n, 200, "")
		}, "", "nothing refused mallory"},
		{"an honest client answers a challenge, and then finds nothing", func(s *script) {
			l := s.lure("berg", ehrURL+"/patients/p99")
			n := s.ask("berg", "ehr", "GET "+ehrURL+"/patients/p99", l)
			m := s.ask("ehr", "fhir", "GET "+fhirURL, n)
			s.tell(m, challengedBy("fhir/a", "rs/dpop-nonce"))
			s.answer(m, 401, "")
			s.answer(s.ask("ehr", "fhir", "GET "+fhirURL, n), 404, "")
			s.answer(n, 404, "")
		}, "", "no control made"},
		{"an error behind the scenes that did no harm", func(s *script) {
			s.get("mallory", "fhir", fhirURL, 401, dpop)
			n := s.ask("mallory", "ehr", "GET "+ehrURL, 0)
			s.answer(s.ask("ehr", "fhir", "GET "+fhirURL, n), 404, "")
			s.answer(n, 200, "")
		}, "rs/dpop-binding", ""},
		{"his own server is refused while it answers", func(s *script) {
			n := s.ask("ehr", "mallory", "POST https://rogue-as.test/token", 0)
			m := s.ask("mallory", "as", "POST "+asURL+"/token", n)
			s.tell(m, refusedBy("as", "as/assertion-audience-issuer"))
			s.answer(m, 401, "")
			s.answer(n, 200, "")
		}, "as/assertion-audience-issuer", ""},
		{"his own server gets an error while it answers", func(s *script) {
			n := s.ask("ehr", "mallory", "POST https://rogue-as.test/token", 0)
			s.answer(s.ask("mallory", "as", "POST "+asURL+"/token", n), 500, "")
			s.answer(n, 200, "")
		}, "", "500 to POST /token at the authorization server"},
		{"a refusal before the attack", func(s *script) {}, "", "nothing refused mallory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := opening()
			if tt.name == "a refusal before the attack" {
				s.get("mallory", "fhir", fhirURL, 401, dpop)
			}
			s.attack()
			tt.play(s)
			v := s.end()
			want := Void
			if tt.held != "" {
				want = Held
			}
			if v.Outcome != want || v.StoppedBy != tt.held || !strings.Contains(v.Reason, tt.why) || len(v.Facts) != 0 {
				t.Fatalf("expected %s by %q because of %q, got %+v", want, tt.held, tt.why, v)
			}
			if tt.held != "" {
				if r, ok := s.events[v.Decisive-1].Body.(event.Ruling); !ok || r.Control != tt.held {
					t.Errorf("expected a ruling of %s at event %d, got %+v", tt.held, v.Decisive, s.events[v.Decisive-1])
				}
			}
		})
	}
}

func TestVoid(t *testing.T) {
	refused := func(s *script) { s.get("mallory", "fhir", fhirURL, 401, refusedBy("fhir/a", "rs/dpop-binding")) }
	tests := []struct {
		name string
		log  func() []event.Event
		why  string
	}{
		{"an empty log", func() []event.Event { return nil }, "introduces no thief"},
		{"an honest run", func() []event.Event { return opening().events }, "no attack"},
		{"a failed journey", func() []event.Event {
			s := opening()
			s.tell(0, event.Journey{Name: "a supplier syncs", Error: "got 500"})
			s.attack()
			refused(s)
			s.end()
			return s.events
		}, "an honest journey failed (a supplier syncs: got 500)"},
		{"cut short", func() []event.Event {
			s := attacked()
			refused(s)
			return s.events
		}, "cut short"},
		{"a fault of the technique", func() []event.Event {
			s := attacked()
			refused(s)
			s.tell(0, event.Ended{Error: "nothing overheard to replay"})
			return s.events
		}, "could not even try: nothing overheard to replay"},
		{"no canaries", func() []event.Event {
			s := attacked()
			refused(s)
			s.end()
			s.events[1].Body = event.Protected{}
			return s.events
		}, "no records to protect"},
		{"a hole in the log", func() []event.Event {
			s := attacked()
			refused(s)
			s.end()
			return append(s.events[:12:12], s.events[13:]...)
		}, "not whole: event 13 is numbered 14"},
		{"an absurd exchange", func() []event.Event {
			s := attacked()
			refused(s)
			s.tell(1<<40, event.Step{})
			s.end()
			return s.events
		}, "not whole: it speaks of exchange"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if v := Judge(tt.log()); v.Outcome != Void || !strings.Contains(v.Reason, tt.why) || v.StoppedBy != "" {
				t.Errorf("expected void because of %q, got %+v", tt.why, v)
			}
		})
	}
}

// A fact is a fact, however the run ended: the record has left the house.
func TestBreachOutweighsAFailedRun(t *testing.T) {
	s := attacked()
	n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
	s.answer(n, 200, canary("p01"))
	s.tell(0, event.Journey{Name: "later", Error: "broken"}, event.Ended{Error: "gave up"})
	wantFacts(t, Judge(s.events), Learnt)
}

func TestPath(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.test/b/c?d=e": "/b/c", "https://a.test": "/", "https://a.test?x": "", "/b#c": "/b", "": "",
	} {
		if got := path(in); got != want {
			t.Errorf("path(%q): expected %q, got %q", in, want, got)
		}
	}
}
