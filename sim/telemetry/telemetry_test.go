package telemetry

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 250e6, time.UTC)

func at(n int, b event.Body) event.Event {
	return event.Event{N: n, At: monday, Exchange: 7, Body: b}
}

// stolen makes a token bound to a key, and a proof by that key.
func stolen(t testing.TB) (token, proof, jkt string) {
	t.Helper()
	key, err := fapi.NewES256Key("k", dice.New(1))
	if err != nil {
		t.Fatal(err)
	}
	access := fapi.AccessToken{Issuer: "https://as", Subject: "dr-berg", ClientID: "ehr-web", JTI: "jti-1",
		Confirmation: &fapi.Confirmation{JKT: key.Thumbprint()}}
	if token, err = access.Sign(key); err != nil {
		t.Fatal(err)
	}
	if proof, err = fapi.NewProof("GET", "https://fhir/Patient/p01", token, monday, "proof-1").Sign(key); err != nil {
		t.Fatal(err)
	}
	return token, proof, key.Thumbprint()
}

func requestWith(token, proof string) event.Request {
	return event.Request{From: "mallory", To: "fhir", Message: event.Message{Method: "GET", URL: "https://fhir/Patient/p01?code=3pA-code-of-forty-three-characters-or-so-__",
		Header: http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proof}, "X-Fapi-Interaction-Id": {"c770aef3"}}}}
}

// logged returns the JSON records of events.
func logged(t *testing.T, o Options, events ...event.Event) []map[string]any {
	t.Helper()
	var b bytes.Buffer
	o.File = &b
	l := New(o)
	for _, e := range events {
		Record(context.Background(), l, e)
	}
	var records []map[string]any
	dec := json.NewDecoder(&b)
	for dec.More() {
		var r map[string]any
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func TestEvidenceOfARequest(t *testing.T) {
	token, proof, jkt := stolen(t)
	got := logged(t, Options{}, at(3, requestWith(token, proof)))[0]
	want := map[string]any{
		"time": "2026-11-23T08:00:00.25Z", "level": "INFO", "msg": "request", "n": 3.0, "exchange": 7.0,
		"from": "mallory", "to": "fhir", "method": "GET", "url": "https://fhir/Patient/p01?code=<code 1>",
		"interaction_id": "c770aef3", "scheme": "DPoP", "client_id": "ehr-web", "sub": "dr-berg", "token_jti": "jti-1",
		"jkt": jkt, "proof_jkt": jkt, "proof_jti": "proof-1",
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: expected %v, got %v", k, v, got[k])
		}
	}
	for k := range got {
		if _, expected := want[k]; !expected {
			t.Errorf("did not expect %s=%v", k, got[k])
		}
	}
}

func TestEvidence(t *testing.T) {
	tests := []struct {
		body  event.Body
		level string
		want  string // attributes that must be there
	}{
		{event.Ruling{Party: "fhir/a", Control: "rs/dpop-jti", Outcome: "refused", Cause: "jti: expected a new one, got x", Fix: "make another"}, "WARN",
			`party=fhir/a control=rs/dpop-jti outcome=refused reason="jti: expected a new one, got x" fix="make another"`},
		{event.Ruling{Party: "fhir/a", Control: "rs/dpop-nonce", Outcome: "challenged"}, "INFO", "outcome=challenged"},
		{event.Ruling{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "pass", Saw: "GET"}, "DEBUG", "outcome=pass saw=GET"},
		{event.Refused{Party: "as", Status: 400, Code: "invalid_request", Detail: "no grant_type"}, "WARN", `status=400 outcome=refused code=invalid_request reason="no grant_type"`},
		{event.Response{Message: event.Message{Status: 401}}, "INFO", "status=401"},
		{event.Access{Node: "fhir/b", Interaction: "read", Resource: "Patient/p01", Patients: []string{"p01"}, Subject: "dr-berg", Client: "ehr-web", Token: "jti-1"}, "INFO",
			"node=fhir/b outcome=served interaction=read resource=Patient/p01 patients=[p01] client_id=ehr-web sub=dr-berg token_jti=jti-1"},
		{event.Issued{Type: "access_token", ID: "jti-1", Client: "ehr-web", Subject: "dr-berg", Scope: "user/*.rs", Bound: "jkt-1"}, "INFO",
			"type=access_token token_jti=jti-1 client_id=ehr-web sub=dr-berg scope=user/*.rs jkt=jkt-1"},
		{event.Issued{Type: "code", ID: "hash"}, "INFO", "type=code id=hash"},
		{event.Withdrawn{Type: "access_token", ID: "jti-1", Owner: "ehr-web"}, "INFO", "type=access_token token_jti=jti-1 client_id=ehr-web"},
		{event.Disclosed{Type: "access_token", ID: "jti-1", Owner: "ehr-web", Audience: []string{"https://fhir"}}, "INFO", "audience=[https://fhir]"},
		{event.SignedIn{Client: "ehr", Subject: "dr-berg"}, "INFO", "party=ehr sub=dr-berg"},
		{event.Overheard{Vantage: event.APILog, Of: 3, Message: event.Message{Method: "GET"}}, "INFO", "vantage=api-log of=3 method=GET"},
		{event.Lost{Why: "held"}, "INFO", "reason=held"},
		{event.Lured{Victim: "berg", URL: "https://mallory.test"}, "INFO", "victim=berg url=https://mallory.test"},
		{event.Granted{Asset: event.DPoPKey, Bytes: []byte(`{"kty":"EC","d":"secret-secret-secret"}`)}, "INFO", "asset=dpop-key"},
		{event.Began{Technique: "T-01", Profile: "legacy", Seed: 42, Wire: "memory"}, "INFO", "technique=T-01 profile=legacy seed=42 wire=memory"},
		{event.Actor{ID: "berg", Name: "Dr Berg", Role: event.RolePerson}, "DEBUG", `actor=berg name="Dr Berg" role=person`},
		{event.Protected{Canaries: map[string]string{"canary-1": "p01"}}, "DEBUG", "canaries=1"},
		{event.Phase{Name: event.PhaseAttack}, "INFO", "phase=attack"},
		{event.Step{Actor: "berg", Text: "signs in"}, "INFO", `actor=berg text="signs in"`},
		{event.Journey{Name: "morning", OK: true}, "INFO", "name=morning outcome=worked"},
		{event.Journey{Name: "morning", Error: "500"}, "ERROR", "name=morning outcome=failed reason=500"},
		{event.Ended{}, "INFO", ""},
		{event.Ended{Error: "nothing to replay"}, "ERROR", `reason="nothing to replay"`},
	}
	for _, tt := range tests {
		ring := NewRing(10)
		Record(context.Background(), New(Options{Ring: ring, Level: slog.LevelDebug}), at(1, tt.body))
		want := fmt.Sprintf("08:00:00.250 %-5s %s n=1 exchange=7", tt.level, tt.body.Kind())
		if tt.want != "" {
			want += " " + tt.want
		}
		lines := ring.Lines()
		if len(lines) != 1 || !strings.HasPrefix(lines[0], want[:strings.Index(want, " n=")]) || !strings.HasSuffix(lines[0], tt.want) {
			t.Errorf("expected\n%s\ngot\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestLevels(t *testing.T) {
	events := []event.Event{
		at(1, event.Ruling{Outcome: "pass"}), at(2, event.Response{}), at(3, event.Ruling{Outcome: "refused"}), at(4, event.Ended{Error: "x"}),
	}
	tests := []struct {
		level      slog.Leveler
		file, ring int
	}{
		{nil, 4, 3}, {slog.LevelDebug, 4, 4}, {slog.LevelInfo, 3, 3}, {slog.LevelWarn, 2, 2}, {slog.LevelError, 1, 1}, {slog.Level(12), 0, 0},
	}
	for _, tt := range tests {
		ring := NewRing(10)
		records := logged(t, Options{Level: tt.level, Ring: ring}, events...)
		if len(records) != tt.file || len(ring.Lines()) != tt.ring {
			t.Errorf("%v: expected %d and %d records, got %d and %d", tt.level, tt.file, tt.ring, len(records), len(ring.Lines()))
		}
	}
	Record(context.Background(), New(Options{}), events[0]) // nowhere to go, and no harm done
	Record(context.Background(), New(Options{Ring: NewRing(1)}), event.Event{})
}

var looksSecret = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}`)

// A secret that went by in a message is found again wherever it turns up: in a ruling, in the
// program's own words, in attributes and groups of a derived logger.
func TestNoSecretGetsOut(t *testing.T) {
	token, proof, _ := stolen(t)
	secret := "Zk3_opaque-refresh-token-of-43-characters-x"
	var b bytes.Buffer
	ring := NewRing(100)
	l := New(Options{File: &b, Ring: ring, Level: slog.LevelDebug})
	ctx := context.Background()
	Record(ctx, l, at(1, requestWith(token, proof)))
	Record(ctx, l, at(2, event.Response{Message: event.Message{Status: 200, Header: http.Header{"Set-Cookie": {"session=" + secret + "; Path=/"}}, Body: []byte("x")}}))
	Record(ctx, l, at(3, event.Ruling{Outcome: "refused", Saw: token, Got: proof, Cause: "expected x, got " + secret, Fix: "do not use " + proof}))
	Record(ctx, l, at(4, event.Granted{Asset: event.ClientDatabase, Bytes: []byte(`{"refresh_token":"` + secret + `"}`)}))
	l.Warn("could not use "+secret, "with", token, "err", errors.New("bad "+secret), slog.Group("in", "list", []string{secret}, "number", 7, "deep", slog.GroupValue(slog.String("x", secret))))
	l.With("fixed", secret).WithGroup("g").Error("no", "token", token)
	for name, text := range map[string]string{"file": b.String(), "ring": strings.Join(ring.Lines(), "\n")} {
		if found := looksSecret.FindString(text); found != "" || strings.Contains(text, secret) {
			t.Errorf("%s: a secret got out (%s):\n%s", name, found, text)
		}
		if !strings.Contains(text, "<cookie 1>") || !strings.Contains(text, "number") {
			t.Errorf("%s: expected the secret's name and the rest to be there:\n%s", name, text)
		}
	}
}

// Somebody may hand Record a logger of their own. It gets no secrets either.
func TestRecordToAnotherLogger(t *testing.T) {
	token, proof, _ := stolen(t)
	var b bytes.Buffer
	l := slog.New(slog.NewTextHandler(&b, nil))
	Record(context.Background(), l, at(1, requestWith(token, proof)))
	if s := b.String(); looksSecret.MatchString(s) || !strings.Contains(s, "event.sub=dr-berg") || !strings.Contains(s, "2026-11-23T08:00:00.250Z") {
		t.Errorf("expected evidence without secrets, got %s", s)
	}
}

// The program's own warnings have no place in the world's time, and none in the machine's.
func TestOwnMessagesHaveNoTime(t *testing.T) {
	var b bytes.Buffer
	ring := NewRing(3)
	l := New(Options{File: &b, Ring: ring})
	l.Warn("history is in use\nby another", "path", "/x")
	if s := b.String(); strings.Contains(s, `"time"`) {
		t.Errorf("expected no time, got %s", s)
	}
	if got := ring.Lines()[0]; got != "             WARN  history is in use by another path=/x" {
		t.Errorf("got %q", got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFailedTellsOfALostRecord(t *testing.T) {
	var lost []error
	ring := NewRing(3)
	l := New(Options{File: broken{}, Ring: ring, Failed: func(err error) { lost = append(lost, err) }})
	Record(context.Background(), l, at(1, event.Ended{}))
	if len(lost) != 1 || !strings.Contains(lost[0].Error(), "disk full") || len(ring.Lines()) != 1 {
		t.Errorf("expected one loss, and the ring to go on, got %v, %v", lost, ring.Lines())
	}
	Record(context.Background(), New(Options{File: broken{}}), at(1, event.Ended{}))
}

func TestRing(t *testing.T) {
	r := NewRing(3)
	for i := range 8 {
		r.add(fmt.Sprint(i))
		lines := r.Lines()
		first := max(0, i-2)
		if len(lines) != i-first+1 || lines[0] != fmt.Sprint(first) || lines[len(lines)-1] != fmt.Sprint(i) {
			t.Fatalf("after %d: got %v", i, lines)
		}
	}
	lines := r.Lines()
	lines[0] = "changed"
	if r.Lines()[0] == "changed" {
		t.Error("the caller can change the ring")
	}
	tiny := NewRing(0)
	tiny.add("a")
	tiny.add("b")
	if got := tiny.Lines(); len(got) != 1 || got[0] != "b" {
		t.Errorf("expected a ring of at least one line, got %v", got)
	}
}

func TestRingQuotesWhatWouldConfuse(t *testing.T) {
	r := NewRing(9)
	l := New(Options{Ring: r}).WithGroup("g")
	l.Info("m\x1b[31m", "plain", "a/b:c", "space", "a b", "empty", "", "equals", "a=b", "escape", "\x1b[2J", "norsk", "blåbær")
	want := `             INFO  m [31m g.plain=a/b:c g.space="a b" g.empty= g.equals="a=b" g.escape="\x1b[2J" g.norsk=blåbær`
	if got := r.Lines()[0]; got != want {
		t.Errorf("expected\n%s\ngot\n%s", want, got)
	}
}

func TestConcurrentRecords(t *testing.T) {
	var b bytes.Buffer
	ring := NewRing(50)
	l := New(Options{File: &b, Ring: ring})
	token, proof, _ := stolen(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 50 {
				Record(context.Background(), l, at(i, requestWith(token, proof)))
				ring.Lines()
			}
		})
	}
	wg.Wait()
	if got := strings.Count(b.String(), "\n"); got != 400 || len(ring.Lines()) != 50 {
		t.Errorf("expected 400 lines and 50, got %d and %d", got, len(ring.Lines()))
	}
}

// A token that is no JWT, or half of one, is evidence too: the scheme stands, the rest is left out.
func TestEvidenceOfRubbish(t *testing.T) {
	half := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for _, token := range []string{"", "x", half, half + ".!.", "opaque-token-that-is-long-enough"} {
		got := logged(t, Options{}, at(1, event.Request{Message: event.Message{Header: http.Header{"Authorization": {"Bearer " + token}, "Dpop": {token}}}}))[0]
		if got["scheme"] != "Bearer" || got["sub"] != nil || got["proof_jkt"] != nil {
			t.Errorf("%q: got %v", token, got)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	token, proof, _ := stolen(b)
	l := New(Options{Ring: NewRing(100)})
	e := at(1, requestWith(token, proof))
	b.ReportAllocs()
	for b.Loop() {
		Record(context.Background(), l, e)
	}
}
