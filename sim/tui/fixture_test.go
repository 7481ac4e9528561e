package tui

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// The fixtures are recordings made by hand, in the shape the world makes them.

type stage struct {
	now time.Time
	log *event.Log
}

func newStage(technique, profile string) *stage {
	s := &stage{now: time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)}
	s.log = event.NewLog(func() time.Time { return s.now })
	s.tell(event.Began{Technique: technique, Profile: profile, Seed: 42, Wire: "memory"})
	s.tell(event.Protected{Canaries: map[string]string{"canary-0123456789abcdef": "p01"}})
	for _, a := range []event.Actor{
		{ID: "berg", Name: "Kari Berg", Role: event.RolePerson, Rights: []string{"p01"}, Names: []string{"berg"}},
		{ID: "ehr", Name: "Web EHR", Role: event.RoleClient, Hosts: []string{"ehr.thiefbox.test"}},
		{ID: "as", Name: "Authorization server", Role: event.RoleAuthorizationServer, Hosts: []string{"as.thiefbox.test"}},
		{ID: "fhir", Name: "FHIR API", Role: event.RoleResourceServer, Hosts: []string{"fhir.thiefbox.test"}},
		{ID: "lab", Name: "Laboratory API", Role: event.RoleResourceServer, Hosts: []string{"lab.thiefbox.test"}},
		{ID: "mallory", Name: "Mallory, the thief", Role: event.RoleThief, Hosts: []string{"mallory.test"}},
	} {
		s.tell(a)
	}
	return s
}

func (s *stage) tell(b event.Body) int { return s.log.Tell(context.Background(), b) }

// exchange plays one request; inside, more may be told, and the answer comes last.
func (s *stage) exchange(from, to string, m event.Message, status int, body string, inside ...event.Body) (exchange, last int) {
	n, ctx := s.log.Begin(context.Background())
	s.now = s.now.Add(2 * time.Millisecond)
	s.log.Tell(ctx, event.Request{From: from, To: to, Message: m})
	for _, b := range inside {
		last = s.log.Tell(ctx, b)
	}
	s.now = s.now.Add(3 * time.Millisecond)
	response := s.log.Tell(ctx, event.Response{Message: event.Message{
		Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}})
	if last == 0 {
		last = response
	}
	return n, last
}

func get(url string, header ...string) event.Message {
	m := event.Message{Method: "GET", URL: url, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	return m
}

func post(url, body string) event.Message {
	return event.Message{Method: "POST", URL: url, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

func jwt(header, claims string) string {
	b := base64.RawURLEncoding
	return b.EncodeToString([]byte(header)) + "." + b.EncodeToString([]byte(claims)) + "." + b.EncodeToString([]byte("signature"))
}

var (
	bearerToken = jwt(`{"alg":"ES256","typ":"at+jwt"}`, `{"iss":"https://as.thiefbox.test","sub":"berg","aud":"https://fhir.thiefbox.test/fhir","exp":1795424400,"jti":"at-1"}`)
	boundToken  = jwt(`{"alg":"ES256","typ":"at+jwt"}`, `{"iss":"https://as.thiefbox.test","sub":"berg","aud":"https://fhir.thiefbox.test/fhir","exp":1795421400,"jti":"at-1","cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}`)
	aProof      = jwt(`{"alg":"ES256","typ":"dpop+jwt","jwk":{"kty":"EC","crv":"P-256","x":"x","y":"y"}}`, `{"htm":"GET","htu":"https://fhir.thiefbox.test/fhir/Patient/p01","iat":1795420800,"jti":"p-1"}`)
)

func pass(c *control.Control, saw string) event.Body {
	return event.Ruling{Party: "fhir/a", Control: c.ID, Outcome: string(control.Pass), Saw: saw}
}

func off(c *control.Control) event.Body {
	return event.Ruling{Party: "fhir/a", Control: c.ID, Outcome: string(control.Off)}
}

// stolenToken is the theft a newcomer sees first: the thief reads a token in a log and sends it.
// Bound to a key, it is refused.
func stolenToken(profile string, bound bool) report.Run {
	s := newStage("T-01", profile)
	s.tell(event.Phase{Name: event.PhaseFoothold})
	s.tell(event.Granted{Vantage: event.APILog})
	s.tell(event.Phase{Name: event.PhaseJourney})
	s.tell(event.Step{Actor: "berg", Text: "signs in at the web EHR and opens the record of patient p01"})
	s.signIn()
	token, header := bearerToken, []string{"Authorization", "Bearer " + bearerToken}
	if bound {
		token, header = boundToken, []string{"Authorization", "DPoP " + boundToken, "DPoP", aProof}
	}
	record := `{"resourceType":"Patient","id":"p01","note":"canary-0123456789abcdef"}`
	read := get("https://fhir.thiefbox.test/fhir/Patient/p01", header...)
	n, _ := s.exchange("ehr", "fhir", read, 200, record, checks(bound, "")...)
	s.log.Tell(event.Within(context.Background(), n), event.Overheard{Vantage: event.APILog, Of: n,
		Message: event.Message{Method: "GET", URL: read.URL, Header: http.Header{"Authorization": read.Header["Authorization"]}}})
	s.tell(event.Journey{Name: "a clinician reads her patient's record", OK: true})
	s.tell(event.Phase{Name: event.PhaseAttack})
	run := report.Run{Attack: attacks[0], Profile: profile, Seed: 42, Wire: "memory"}
	if bound {
		s.refusedTries(&run, token)
	} else {
		theft := get("https://fhir.thiefbox.test/fhir/Patient/p01", "Authorization", "Bearer "+token)
		_, decisive := s.exchange("mallory", "fhir", theft, 200, record, append(checks(false, ""),
			event.Access{Node: "a", Interaction: "read", Resource: "Patient/p01", Patients: []string{"p01"}, Subject: "berg", Client: "ehr-web", Token: "at-1"})...)
		run.Verdict = verdict.Verdict{Outcome: verdict.Breached, Decisive: decisive + 1,
			Facts:  []verdict.Fact{{Kind: verdict.Learnt, Event: decisive + 1, Patient: "p01", Text: "mallory learns what is in the record of p01"}},
			Reason: "mallory learnt the record of p01, which is not his to read"}
		run.Expected = verdict.Breached
	}
	s.tell(event.Ended{})
	run.Recording = event.Recording{Events: s.log.Events()}
	return run
}

func (s *stage) signIn() {
	s.exchange("berg", "ehr", get("https://ehr.thiefbox.test/login?issuer=https://as.thiefbox.test"), 303, "")
	s.exchange("ehr", "as", get("https://as.thiefbox.test/.well-known/openid-configuration"), 200, "{}")
	s.exchange("ehr", "as", post("https://as.thiefbox.test/par", "client_id=ehr-web&scope=openid"), 201, `{"request_uri":"urn:x"}`)
	s.exchange("berg", "as", get("https://as.thiefbox.test/authorize?client_id=ehr-web&request_uri=urn:x"), 200, "<form>")
	s.exchange("berg", "ehr", get("https://ehr.thiefbox.test/callback?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj"), 303, "")
	s.exchange("ehr", "as", post("https://as.thiefbox.test/token", "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA"), 200, "{}")
}

// checks are the API's rulings; it refuses at the control named, if any.
func checks(bound bool, refuse string) []event.Body {
	list := []event.Body{
		pass(control.RSTokenInHeader, "Authorization"), pass(control.RSTokenAlg, "ES256"),
		pass(control.RSTokenSignature, "as-2026-11"), pass(control.RSTokenExpiry, "2026-11-23 08:10:00"),
	}
	if !bound {
		return append(list, off(control.RSSenderBound), pass(control.RSScope, "user/*.rs"), off(control.RSEntitlementRead))
	}
	list = append(list, pass(control.RSSenderBound, "0ZcOCORZNYy"), pass(control.RSScope, "user/*.rs"))
	switch refuse {
	case "":
		return append(list, pass(control.RSDPoPScheme, "DPoP"), pass(control.RSDPoPOneProof, "1 header"), pass(control.RSDPoPBinding, "0ZcOCORZNYy"))
	case control.RSDPoPScheme.ID:
		return append(list, event.Ruling{Party: "fhir/a", Control: refuse, Outcome: string(control.Refused),
			What: "scheme", Want: "DPoP", Got: "Bearer", Cause: "scheme: expected DPoP, got Bearer"})
	}
	return append(list, pass(control.RSDPoPScheme, "DPoP"), event.Ruling{Party: "fhir/a", Control: refuse, Outcome: string(control.Refused),
		What: "DPoP headers", Want: "exactly one", Got: "none", Fix: "send a proof made for this request",
		Cause: "DPoP headers: expected exactly one, got none; send a proof made for this request"})
}

func (s *stage) refusedTries(run *report.Run, token string) {
	url := "https://fhir.thiefbox.test/fhir/Patient/p01"
	s.exchange("mallory", "fhir", get(url, "Authorization", "Bearer "+token), 401, `{"resourceType":"OperationOutcome"}`,
		checks(true, control.RSDPoPScheme.ID)...)
	_, decisive := s.exchange("mallory", "fhir", get(url, "Authorization", "DPoP "+token), 401, `{"resourceType":"OperationOutcome"}`,
		checks(true, control.RSDPoPOneProof.ID)...)
	run.Verdict = verdict.Verdict{Outcome: verdict.Held, StoppedBy: control.RSDPoPOneProof.ID, Decisive: decisive,
		Reason: "the FHIR API refused: DPoP headers: expected exactly one, got none"}
	run.Expected = verdict.Held
}

var attacks = []report.Attack{
	{ID: "T-01", Name: "token-from-log", Title: "Token lifted from a log file",
		Story: "The API writes Authorization headers to its access log. Somebody who may read logs, but not records, takes a token from there and sends it to the API himself.",
		Reads: []string{"RFC 6750 s5.3", "RFC 9449 s1"}, Needs: []string{"reads the API's access log: request lines and Authorization headers"}},
	{ID: "D-04", Name: "replay-proof", Title: "Exact proof replay inside the acceptance window",
		Story: "A proxy sees a whole request and sends it again, byte for byte.", Against: []string{"sender-constrained tokens"},
		Beyond: "FAPI 2.0 does not demand that a resource server remembers proofs"},
	{ID: "X-05", Name: "audience-injection", Title: "A dishonest server harvests a client assertion",
		Story: "The thief's own server names the honest token endpoint as its issuer.", Against: []string{"private_key_jwt"}},
}

func fixtureSource() Source {
	s := Source{
		Scenarios: []Scenario{{Name: "stolen-token", Title: "A stolen token, with and without a key", Attack: "T-01",
			Story:    "A doctor opens a patient's record. Her access token ends up in a log file. A thief finds it there and uses it.",
			Profiles: []string{"legacy", "fapi2-dpop"}}},
		Attacks: attacks, Seed: 42,
		Logs: func() []string { return []string{`level=INFO msg="run began"`, `level=INFO msg="run ended"`} },
	}
	for _, p := range [][2]string{
		{"legacy", "the hurried rollout: bearer tokens, shared secrets, no PAR"}, {"bcp", "OAuth as RFC 9700 asks"},
		{"pre-2025", "FAPI 2.0 before the audience rule of 2025"}, {"fapi2-dpop", "FAPI 2.0 with private_key_jwt and DPoP"},
		{"hardened", "FAPI 2.0 with nonces and shared replay memory"}, {"helseid", "the national profile of Norway's HelseID"},
		{"hardened+entitlement", "hardened, and the API asks whose record it is"},
	} {
		s.Profiles = append(s.Profiles, report.Profile{Name: p[0], Title: p[1]})
	}
	s.Run = func(_ context.Context, attack, profile string, without []string) (report.Run, error) {
		if attack == "broken" {
			return report.Run{}, fmt.Errorf("no such attack")
		}
		r := stolenToken(profile, profile != "legacy" && profile != "bcp" && len(without) == 0)
		r.Attack = attackOf(attack)
		return r, nil
	}
	s.Matrix = func(_ context.Context, progress func(int, int)) (report.Matrix, error) {
		progress(3, 3)
		return fixtureMatrix(s.Profiles), nil
	}
	s.History = func() ([]report.Run, error) {
		held := stolenToken("fapi2-dpop", true)
		held.ID, held.Started, held.Recording = "r1", time.Date(2026, 11, 20, 10, 2, 0, 0, time.UTC), event.Recording{}
		odd := held
		odd.ID, odd.Expected = "r2", verdict.Breached
		return []report.Run{held, odd}, nil
	}
	s.Ablate, s.Risk, s.Coverage = fixtureAblation, fixtureRisk, fixtureCoverage
	s.ReadWeights, s.KeepWeights = fixtureReadWeights, func(RiskWish) (string, error) { return "thiefbox-weights-1.yaml", nil }
	s.Open = func(string) (report.Run, error) { return stolenToken("fapi2-dpop", true), nil }
	return s
}

func attackOf(id string) report.Attack {
	for _, a := range attacks {
		if a.ID == id {
			return a
		}
	}
	return report.Attack{ID: id}
}

func fixtureMatrix(profiles []report.Profile) report.Matrix {
	m := report.Matrix{Seed: 42, Attacks: attacks, Profiles: profiles}
	for i, a := range attacks {
		var row []report.Cell
		for j, p := range profiles {
			c := report.Cell{Attack: a.ID, Profile: p.Name, Applicable: i == 0 || j > 1}
			switch {
			case !c.Applicable:
			case j < 2 || i == 1 && j < 4:
				c.Verdict = verdict.Verdict{Outcome: verdict.Breached, Reason: "mallory learnt the record of p01, which is not his to read"}
			default:
				c.Verdict = verdict.Verdict{Outcome: verdict.Held, StoppedBy: control.RSDPoPOneProof.ID, Reason: "the FHIR API refused: expected exactly one, got none"}
			}
			if c.Expected = c.Verdict.Outcome; i == 2 && j == 4 {
				c.Expected = verdict.Breached
			}
			row = append(row, c)
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}
