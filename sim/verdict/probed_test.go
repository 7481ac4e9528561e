package verdict

import (
	"strings"
	"testing"

	"thiefbox/sim/event"
)

func answer(status int, body string) Answered {
	return Answered{Message: event.Message{Status: status, Body: []byte(body)}}
}

// What an API of somebody's own answered, and what that is worth.
func TestJudgeProbe(t *testing.T) {
	record := `{"resourceType":"Patient","id":"p01","name":"Kari Nordmann","city":"Granfjelldal","at":`
	honest := []Answered{answer(200, record+`"one"}`), answer(200, record+`"two"}`)}
	bare := answer(401, `{"error":"who are you"}`)
	for _, tt := range []struct {
		name string
		p    Probing
		want Outcome
		why  string
	}{
		{"refused", Probing{Theft: []Answered{answer(401, `{"error":"no"}`)}}, Held, "(401)"},
		{"hidden", Probing{Theft: []Answered{answer(404, "")}}, Held, "(404)"},
		{"served the same", Probing{Theft: []Answered{answer(200, record+`"one"}`)}}, Breached, "very bytes"},
		{"served at another time", Probing{Theft: []Answered{answer(200, record+`"three"}`)}}, Breached, "what the honest get"},
		{"refused, and the record came along", Probing{Theft: []Answered{answer(403, record+`"three"}`)}}, Breached, "came along"},
		{"a page of something else", Probing{Theft: []Answered{answer(200, "<html>Please sign in</html>")}}, Held, "nothing of what the honest get"},
		{"a part", Probing{Theft: []Answered{answer(200, `{"resourceType":"Patient","id":"p01"}`)}}, Void, "look at it yourself"},
		{"sent away", Probing{Theft: []Answered{answer(302, "")}}, Held, "(302)"},
		{"fell over", Probing{Theft: []Answered{answer(500, record)}}, Void, "fell over"},
		{"was asked for patience", Probing{Theft: []Answered{answer(429, "")}}, Void, "patience"},
		{"was lost", Probing{Theft: []Answered{{Lost: "timeout"}}}, Void, "timeout"},
		{"shut the door", Probing{Theft: []Answered{{Lost: "bad certificate", Handshake: true}}}, Held, "handshake"},
		{"one of several", Probing{Theft: []Answered{answer(404, ""), answer(200, record+`"x"}`)}}, Breached, "(200)"},
		{"the honest are shut out", Probing{Theft: []Answered{answer(401, "")}, After: answer(401, "")}, Void, "afterwards"},
		{"served, and the honest are shut out", Probing{Theft: []Answered{answer(200, record+`"one"}`)}, After: answer(401, "")}, Breached, "(200)"},
		{"nothing was sent", Probing{After: answer(500, "")}, Void, "goes before"},
		{"served in silence", Probing{Theft: []Answered{answer(200, "")}, Silent: true}, Breached, "(200)"},
	} {
		if tt.p.Honest, tt.p.Bare = honest, bare; tt.p.After.Status == 0 {
			tt.p.After = honest[0]
		}
		if got := JudgeProbe(tt.p); got.Outcome != tt.want || !strings.Contains(got.Reason, tt.why) || (got.Outcome == Breached) != (len(got.Facts) > 0) {
			t.Errorf("%s: expected %s for %q, got %+v", tt.name, tt.want, tt.why, got)
		}
	}
	for _, tt := range []struct {
		a    Answered
		want Outcome
	}{{answer(200, "{}"), Breached}, {answer(204, ""), Breached}, {answer(404, ""), Held}} {
		got := JudgeProbe(Probing{Theft: []Answered{tt.a}, After: honest[0], Elsewhere: true})
		if got.Outcome != tt.want || tt.want == Held && !strings.Contains(got.Reason, "was not seen") {
			t.Errorf("a record that nobody showed, %d: got %+v", tt.a.Status, got)
		}
	}
	for status, want := range map[int]Outcome{201: Breached, 401: Held} { // an answer without a body is known by its status
		if got := JudgeProbe(Probing{Honest: []Answered{answer(201, "")}, Theft: []Answered{answer(status, "")}, After: answer(201, "")}); got.Outcome != want {
			t.Errorf("%d where honest answers are empty: got %+v", status, got)
		}
	}
}
