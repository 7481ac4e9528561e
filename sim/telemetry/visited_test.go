package telemetry

import (
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The log of a client and that of its server name a code alike, so that a rule can ask whether one browser had it all the
// way; and neither log has anything in it that opens a door.
func TestWitnessOfAVisit(t *testing.T) {
	const code, session = "SplxlOBeZQQYbYS6WxSbIA-and-more-of-it", "a-session-of-43-characters-that-opens-doors"
	visit := func(url string, cookies ...string) event.Message {
		return event.Message{Method: "GET", URL: url, Header: http.Header{"Cookie": cookies}}
	}
	signed, err := fapi.ForgeUnsigned(fapi.Header{}, fapi.AuthorizationResponse{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	events := []event.Event{{Body: event.Actor{ID: "ehr", Role: event.RoleClient}}, {Body: event.Actor{ID: "as", Role: event.RoleAuthorizationServer}}}
	for i, m := range []event.Message{
		visit("https://as/consent"), visit("https://ehr/callback?code="+code, "__Host-ehr-browser=b; __Host-ehr-session="+session),
		visit("https://ehr/callback?response=" + signed), visit("https://ehr/patients?code=", "theme=dark"), visit("https://ehr/callback?response=rubbish", ";;="),
	} {
		to := "ehr"
		if i == 0 {
			to = "as"
		}
		events = append(events, event.Event{Exchange: i + 1, Body: event.Request{From: "berg", To: to, Message: m}})
		if i == 0 {
			events = append(events, event.Event{Exchange: 1, Body: event.Issued{Type: "code", ID: fapi.Hash(code), Client: "ehr"}})
		}
		events = append(events, event.Event{Exchange: i + 1, Body: event.Response{Message: event.Message{Status: 200}}})
	}
	var codes, sessions []string
	for _, e := range entries(events) {
		if c := e.text("code_hash"); c != "" {
			codes = append(codes, e.Event+" "+c)
		}
		if s := e.text("session_hash"); s != "" {
			sessions = append(sessions, s)
		}
		for _, f := range e.Fields {
			if s, ok := f.Value.(string); ok && (strings.Contains(s, code) || strings.Contains(s, session)) {
				t.Errorf("%s: %s has a secret in it: %s", e.Event, f.Key, s)
			}
		}
	}
	want := digest(code)
	if got := strings.Join(codes, ", "); got != "as.issue "+want+", client.request "+want+", client.request "+want {
		t.Errorf("expected one name for the code in three places, %s, got %s", want, got)
	}
	if len(sessions) != 1 || sessions[0] != digest(session) {
		t.Errorf("expected one session, got %v", sessions)
	}
}

// A browser's word for who asked, and an emergency's code, are in the log if they are words. A reason names people, and
// anything longer may be a secret.
func TestWitnessOfWordsInHeaders(t *testing.T) {
	for header, cases := range map[string]map[string]string{
		"Sec-Fetch-Mode":    {"cors": "cors", "no-cors": "no-cors", "a b": "", "0123": "", strings.Repeat("x", 17): ""},
		"Purpose-Of-Use":    {`BTG; reason="Kari, unconscious"`: "BTG", "treat": "TREAT", `"BTG"`: "", "eyJhbGciOiJFUzI1NiJ9": ""},
		"X-Tenant-Id":       {"314900103": "314900103", "3149001030": "", "31490010x": ""},
		"X-Method-Override": {"delete": "DELETE", "PUT": "PUT", "a b": ""},
	} {
		for value, want := range cases {
			m := event.Message{Method: "GET", URL: "https://x/patients/p01", Header: http.Header{header: {value}}}
			events := []event.Event{
				{Body: event.Actor{ID: "ehr", Role: event.RoleClient}}, {Body: event.Actor{ID: "fhir", Role: event.RoleResourceServer}},
				{Exchange: 1, Body: event.Request{From: "berg", To: "ehr", Message: m}}, {Exchange: 1, Body: event.Response{Message: event.Message{Status: 200}}},
				{Exchange: 2, Body: event.Request{From: "ehr", To: "fhir", Message: m}}, {Exchange: 2, Body: event.Response{Message: event.Message{Status: 200}}},
			}
			got := ""
			for _, e := range entries(events) {
				got += e.text("fetch_mode") + e.text("purpose") + e.text("method_header") + e.text("tenant_header")
			}
			if got != want {
				t.Errorf("%s: %s: expected %q in the logs, got %q", header, value, want, got)
			}
		}
	}
}
