package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// harMembers are the members that HAR 1.2 demands of each object, with their JSON types.
var harMembers = map[string]map[string]string{
	"log":      {"version": "string", "creator": "object", "entries": "array"},
	"creator":  {"name": "string", "version": "string"},
	"entry":    {"startedDateTime": "string", "time": "number", "request": "object", "response": "object", "cache": "object", "timings": "object"},
	"request":  {"method": "string", "url": "string", "httpVersion": "string", "cookies": "array", "headers": "array", "queryString": "array", "headersSize": "number", "bodySize": "number"},
	"response": {"status": "number", "statusText": "string", "httpVersion": "string", "cookies": "array", "headers": "array", "content": "object", "redirectURL": "string", "headersSize": "number", "bodySize": "number"},
	"content":  {"size": "number", "mimeType": "string"},
	"timings":  {"send": "number", "wait": "number", "receive": "number"},
	"postData": {"mimeType": "string", "params": "array", "text": "string"},
	"pair":     {"name": "string", "value": "string"},
}

func validHAR(t *testing.T, kind string, v any) {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s: expected an object, got %T", kind, v)
	}
	for name, want := range harMembers[kind] {
		got := map[string]string{"string": "string", "float64": "number", "[]interface {}": "array", "map[string]interface {}": "object"}[fmt.Sprintf("%T", object[name])]
		if got != want {
			t.Errorf("%s.%s: expected %s, got %q", kind, name, want, got)
		}
	}
	for _, name := range []string{"cookies", "headers", "queryString"} {
		if list, there := object[name].([]any); there {
			for _, one := range list {
				validHAR(t, "pair", one)
			}
		}
	}
	for _, name := range []string{"creator", "request", "response", "content", "timings", "postData"} {
		if inner, there := object[name]; there {
			validHAR(t, name, inner)
		}
	}
}

func TestHAR(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {"a=b"}}
	events := []event.Event{
		{N: 1, At: at, Exchange: 1, Body: event.Request{From: "web-app", To: "as", Message: event.Message{Method: "POST", URL: "https://localhost/x/token?b=2&a=1&a=", Header: form, Body: []byte("grant_type=\xff")}}},
		{N: 2, At: at, Exchange: 1, Body: event.Ruling{Control: "as/client-auth", Outcome: "refused"}},
		{N: 3, At: at.Add(1500 * time.Microsecond), Exchange: 1, Body: event.Response{Message: event.Message{Status: 401, Header: http.Header{"Set-Cookie": {"c=d"}}, Body: []byte{0xff, 0}}}},
		{N: 4, At: at, Exchange: 2, Body: event.Request{From: "web-app", To: "as"}}, // not answered yet
	}
	var b bytes.Buffer
	if err := report.WriteHAR(&b, events); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	validHAR(t, "log", doc["log"])
	entries := doc["log"].(map[string]any)["entries"].([]any)
	if len(entries) != 1 {
		t.Fatalf("expected what was answered and nothing else, got %d", len(entries))
	}
	validHAR(t, "entry", entries[0])
	for _, want := range []string{`"time": 1.5`, `"_refused_by": "as/client-auth"`, `"encoding": "base64"`, `"2026-11-22T12:00:00Z"`, `"mimeType": "x-unknown"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("expected %s in\n%s", want, b.String())
		}
	}
	query := entries[0].(map[string]any)["request"].(map[string]any)["queryString"].([]any)
	if fmt.Sprint(query) != "[map[name:b value:2] map[name:a value:1] map[name:a value:]]" {
		t.Errorf("expected the query in its order, got %v", query)
	}
}
