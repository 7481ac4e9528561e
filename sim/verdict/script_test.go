package verdict

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"thiefbox/sim/event"
)

// script writes a synthetic log, an exchange a line.
type script struct {
	events []event.Event
	last   int // exchange
}

func (s *script) tell(exchange int, bodies ...event.Body) {
	for _, b := range bodies {
		n := len(s.events) + 1
		at := time.Date(2026, 11, 23, 8, 0, n, 0, time.UTC)
		s.events = append(s.events, event.Event{N: n, At: at, Exchange: exchange, Body: b})
	}
}

// ask opens an exchange; answer closes it.
func (s *script) ask(from, to, methodURL string, cause int) int {
	method, url, _ := strings.Cut(methodURL, " ")
	s.last++
	s.tell(s.last, event.Request{From: from, To: to, Cause: cause, Message: event.Message{Method: method, URL: url}})
	return s.last
}

func (s *script) answer(exchange, status int, body string) {
	s.tell(exchange, event.Response{Message: event.Message{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(body)}})
}

// get is a whole exchange without a cause.
func (s *script) get(from, to, url string, status int, during ...event.Body) int {
	n := s.ask(from, to, "GET "+url, 0)
	s.tell(n, during...)
	s.answer(n, status, "")
	return n
}

func (s *script) lure(victim, url string) int {
	s.last++
	s.tell(s.last, event.Lured{Victim: victim, URL: url})
	return s.last
}

func (s *script) attack() { s.tell(0, event.Phase{Name: event.PhaseAttack}) }

func (s *script) end() Verdict {
	s.tell(0, event.Ended{})
	return Judge(s.events)
}

func canary(patient string) string {
	return fmt.Sprintf("canary-%016x", len(patient)*1000+int(patient[2]-'0'))
}

const (
	fhirURL = "https://fhir.test/fhir/Patient/p01"
	asURL   = "https://as.test"
	ehrURL  = "https://ehr.test"
)

// opening introduces everybody and plays an honest journey. p09 is the thief's own patient.
func opening() *script {
	s := &script{}
	protected := map[string]string{}
	for _, p := range []string{"p01", "p02", "p03", "p04", "p09"} {
		protected[canary(p)] = p
	}
	s.tell(0,
		event.Began{Technique: "T-01", Profile: "legacy"},
		event.Protected{Canaries: protected},
		event.Actor{ID: "berg", Name: "Berg", Role: event.RolePerson, Names: []string{"dr-berg"}, Rights: []string{"p01", "p02"}},
		event.Actor{ID: "ehr", Name: "Web EHR", Role: event.RoleClient, Names: []string{"ehr-web"}},
		event.Actor{ID: "as", Name: "Authorization server", Role: event.RoleAuthorizationServer},
		event.Actor{ID: "fhir", Name: "FHIR API", Role: event.RoleResourceServer},
		event.Actor{ID: "mallory", Name: "Mallory", Role: event.RoleThief, Names: []string{"dr-mallory", "mallory-app"}, Rights: []string{"p09"}},
		event.Phase{Name: event.PhaseFoothold},
		event.Phase{Name: event.PhaseJourney},
	)
	// Honest traffic that would be a fact of every kind, were it the thief's and in the attack.
	n := s.ask("berg", "ehr", "GET "+ehrURL+"/patients/p01", 0)
	s.tell(n, event.SignedIn{Client: "ehr", Subject: "dr-berg"})
	m := s.ask("ehr", "fhir", "GET "+fhirURL, n)
	s.tell(m, access("dr-berg", "ehr-web", "p01"))
	s.answer(m, 200, canary("p01"))
	s.answer(n, 200, canary("p01"))
	s.tell(0, event.Journey{Name: "a clinician reads", OK: true})
	return s
}

func attacked() *script {
	s := opening()
	s.attack()
	return s
}

func access(subject, client string, patients ...string) event.Access {
	return event.Access{Interaction: "read", Resource: "Patient/" + strings.Join(patients, ","), Patients: patients,
		Subject: subject, Client: client, Token: "jti-1"}
}

func refusedBy(party, control string) event.Ruling {
	return event.Ruling{Party: party, Control: control, Outcome: "refused", What: "proof", Cause: "proof: expected one, got nothing"}
}

func challengedBy(party, control string) event.Ruling {
	return event.Ruling{Party: party, Control: control, Outcome: "challenged"}
}
