package verdict

import (
	"testing"

	"pgregory.net/rapid"

	"thiefbox/sim/event"
)

var (
	parties  = []string{"berg", "ehr", "as", "fhir", "mallory", "nobody"}
	controls = []string{"rs/dpop-binding", "as/pkce-verifier", "client/state", "rs/dpop-nonce"}
	outcomes = []string{"pass", "off", "refused", "challenged"}
	patients = []string{"p01", "p02", "p09"}
)

// anyLog draws a log that keeps the rules of event.Log (numbers count up) and no others.
func anyLog(t *rapid.T) []event.Event {
	s := opening()
	attackAt := rapid.IntRange(0, 10).Draw(t, "attack at")
	for i := range rapid.IntRange(0, 40).Draw(t, "length") {
		if i == attackAt {
			s.attack()
		}
		anyEvent(t, s)
	}
	if rapid.Bool().Draw(t, "ended") {
		s.tell(0, event.Ended{Error: rapid.SampledFrom([]string{"", "", "", "fault"}).Draw(t, "error")})
	}
	return s.events
}

func anyEvent(t *rapid.T, s *script) {
	pick := func(from []string) string { return rapid.SampledFrom(from).Draw(t, "pick") }
	exchange := func() int { return rapid.IntRange(0, s.last+1).Draw(t, "exchange") }
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0, 1, 2:
		s.ask(pick(parties), pick(parties), "GET "+fhirURL, exchange())
	case 3, 4:
		s.answer(exchange(), rapid.SampledFrom([]int{200, 303, 400, 401, 404, 500}).Draw(t, "status"), "")
	case 5, 6:
		s.tell(exchange(), event.Ruling{Party: pick(parties), Control: pick(controls), Outcome: pick(outcomes)})
	case 7:
		s.lure("berg", ehrURL)
	case 8:
		s.tell(exchange(), access(pick([]string{"dr-berg", "dr-mallory"}), pick([]string{"ehr-web", "mallory-app"}), pick(patients)))
	case 9:
		s.answer(exchange(), 200, canary(pick(patients)))
	}
}

// hisDoing is the definition of a tainted exchange, written the slow way.
func hisDoing(events []event.Event, exchange int) bool {
	for range len(events) {
		cause, known := 0, false
		for _, e := range events {
			if e.Exchange != exchange || exchange == 0 {
				continue
			}
			switch b := e.Body.(type) {
			case event.Lured:
				return true
			case event.Request:
				if b.From == "mallory" || b.To == "mallory" {
					return true
				}
				cause, known = b.Cause, true
			}
		}
		if !known || cause >= exchange {
			return false
		}
		exchange = cause
	}
	return false
}

func TestHeldNeedsARefusalOfTheThief(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyLog(t)
		v := Judge(events)
		if v.Reason == "" {
			t.Fatalf("expected a reason, got %+v", v)
		}
		if v.Outcome != Held {
			return
		}
		e := events[v.Decisive-1]
		r, ok := e.Body.(event.Ruling)
		if !ok || r.Control != v.StoppedBy || r.Outcome != "refused" && r.Outcome != "challenged" {
			t.Fatalf("expected a refusal by %s at event %d, got %+v", v.StoppedBy, v.Decisive, e)
		}
		if !hisDoing(events, e.Exchange) {
			t.Fatalf("event %d is in exchange %d, which is not the thief's doing", e.N, e.Exchange)
		}
	})
}

// A log that lost its end, its beginning or a piece in between may be void, or show a breach that
// happened; it must never pass for a defence that held.
func TestAnIncompleteLogIsNeverHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyLog(t)
		from := rapid.IntRange(0, len(events)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(events)).Draw(t, "to")
		torn := append(append([]event.Event{}, events[:from]...), events[to:]...)
		if v := Judge(torn); v.Outcome == Held {
			t.Fatalf("a log without events %d to %d is %+v", from+1, to, v)
		}
	})
}

func TestJudgeIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyLog(t)
		first, second := Judge(events), Judge(events)
		if first.Outcome != second.Outcome || first.Reason != second.Reason || first.Decisive != second.Decisive || len(first.Facts) != len(second.Facts) {
			t.Fatalf("expected the same verdict twice, got %+v and %+v", first, second)
		}
	})
}

// BenchmarkJudge judges a log of the size of a real run: 300 events, 20 KB in answers to the thief.
func BenchmarkJudge(b *testing.B) {
	s := opening()
	for range 25 {
		n := s.ask("berg", "ehr", "GET "+ehrURL, 0)
		for range 6 {
			s.tell(n, event.Ruling{Party: "ehr", Control: "client/state", Outcome: "pass"})
		}
		s.answer(n, 200, canary("p01"))
	}
	s.attack()
	page := make([]byte, 20<<10)
	for range 5 {
		n := s.ask("mallory", "fhir", "GET "+fhirURL, 0)
		for range 10 {
			s.tell(n, event.Ruling{Party: "fhir/a", Control: "rs/dpop-htm", Outcome: "pass"})
		}
		s.answer(n, 200, string(page[:4<<10]))
	}
	s.get("mallory", "fhir", fhirURL, 401, refusedBy("fhir/a", "rs/dpop-jti"))
	s.tell(0, event.Ended{})
	if v := Judge(s.events); v.Outcome != Held {
		b.Fatalf("%+v", v)
	}
	b.ReportAllocs()
	for b.Loop() {
		Judge(s.events)
	}
}
