package store

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"thiefbox/sim/event"
)

// What is written by hand is read as what encoding/json writes is, whatever stands in it.
func TestLineIsTheEventsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.StringMatching(`[a-z:/<>&"\\{}\[\]\n\t\x00-\x1f\x7f]{0,20}`), rapid.String())
		draw := func(name string) string { return word.Draw(t, name) }
		m := event.Message{
			Method: draw("method"), URL: draw("url"), Status: rapid.IntRange(0, 599).Draw(t, "status"),
			Header: http.Header(rapid.MapOf(word, rapid.SliceOfN(word, 0, 3)).Draw(t, "header")),
			Body:   rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(word, func(s string) []byte { return []byte(s) })).Draw(t, "body"),
		}
		body := rapid.SampledFrom([]event.Body{
			event.Request{From: draw("from"), To: draw("to"), Node: draw("node"), Cause: rapid.IntRange(0, 9).Draw(t, "cause"), Message: m},
			event.Response{Message: m},
			event.Overheard{Vantage: event.Vantage(draw("vantage")), Of: rapid.IntRange(0, 9).Draw(t, "of"), Message: m},
			event.Ruling{Party: draw("party"), Control: draw("control"), Outcome: draw("outcome"), Saw: draw("saw"),
				What: draw("what"), Want: draw("want"), Got: draw("got"), Fix: draw("fix"), Cause: draw("sentence")},
		}).Draw(t, "body of the event")
		e := event.Event{N: rapid.IntRange(0, 999).Draw(t, "n"), Exchange: rapid.IntRange(0, 9).Draw(t, "exchange"), Body: body,
			At: monday.Add(time.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "at")))}
		ours, ok := line(nil, e)
		if !ok {
			t.Fatal("expected to be able to write it")
		}
		own, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got, want event.Event
		if err := json.Unmarshal(ours, &got); err != nil {
			t.Fatalf("%v in %s", err, ours)
		}
		if err := json.Unmarshal(own, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("expected %s, got %s", own, ours)
		}
	})
}

// A certificate, and any other event, is left to encoding/json.
func TestLineLeavesTheRest(t *testing.T) {
	for _, body := range []event.Body{
		event.Step{Actor: "ehr"}, event.Request{Certificate: event.Certificate{Subject: "CN=a"}},
	} {
		if b, ok := line([]byte("x"), event.Event{Body: body}); ok || string(b) != "x" {
			t.Errorf("%T: expected nothing to be written, got %s", body, b)
		}
	}
}
