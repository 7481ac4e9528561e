package lesson

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// theft is a run in which a request was served, or refused by the replay memory.
func theft(refused bool) report.Run {
	rulings := []event.Body{
		event.Ruling{Party: "fhir", Control: "rs/dpop-binding", Outcome: "pass", Saw: "the same key"},
		event.Ruling{Party: "fhir", Control: "rs/dpop-jti", Outcome: "off"},
	}
	run := report.Run{Verdict: verdict.Verdict{Outcome: verdict.Breached, Facts: []verdict.Fact{{Kind: verdict.Learnt, Event: 4, Text: "mallory has it"}}}}
	if refused {
		rulings[1] = event.Ruling{Party: "fhir", Control: "rs/dpop-jti", Outcome: "refused", Cause: "the proof was seen before"}
		run.Verdict = verdict.Verdict{Outcome: verdict.Held, StoppedBy: "rs/dpop-jti"}
	}
	bodies := append([]event.Body{event.Request{From: "mallory", To: "fhir", Message: event.Message{Method: "GET", URL: "https://fhir.example/fhir/Patient/p01"}}}, rulings...)
	bodies = append(bodies, event.Response{Message: event.Message{Status: 200}})
	for i, b := range bodies {
		run.Recording.Events = append(run.Recording.Events, event.Event{N: i + 1, Exchange: 1, Body: b})
	}
	return run
}

// A wrong prediction is explained from the run: what was counted on, and what became of it.
func TestAWrongPredictionIsExplained(t *testing.T) {
	for _, tt := range []struct {
		said    string
		refused bool
		want    string
	}{
		{"breached", false, ""},
		{"held", true, ""},
		{"held by rs/dpop-jti", false, "off in this run"},
		{"held by rs/dpop-binding", false, "was made, and passed: it saw the same key"},
		{"held by rs/dpop-htu", false, "Nobody made the check"},
		{"held", false, "1 check passed (rs/dpop-binding), and 1 was off (rs/dpop-jti)"},
		{"breached", true, "Step 3: he was refused by rs/dpop-jti"},
		{"held by rs/dpop-binding", true, "passed: it saw the same key"},
	} {
		got := strings.Join(Why(tt.said, theft(tt.refused)), " ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s, refused %v: expected %q, got %q", tt.said, tt.refused, tt.want, got)
		}
	}
	if why := Why("held", report.Run{Verdict: verdict.Verdict{Outcome: verdict.Breached}}); len(why) != 1 {
		t.Errorf("expected something to be said of an empty run, got %q", why)
	}
}

func TestPlainWords(t *testing.T) {
	for happened, want := range map[string]string{"breached": "the thief got in", "held": "the thief was refused", "held by x/y": "the thief was refused, by x/y", "void": "the run was void"} {
		if got := Plain(happened); got != want {
			t.Errorf("%s: expected %q, got %q", happened, want, got)
		}
	}
}
