package fhirmock

import (
	"net/http/httptest"
	"slices"
	"testing"
)

// issueTypes is the part of the FHIR R4 value set issue-type that this API may use.
var issueTypes = []string{"invalid", "value", "login", "forbidden", "not-supported", "not-found", "exception", "too-long"}

// wantOutcome checks that an answer is a sound OperationOutcome with the headers all answers have.
func wantOutcome(tb testing.TB, rec *httptest.ResponseRecorder) {
	tb.Helper()
	m := decode(tb, rec)
	issues, _ := m["issue"].([]any)
	if m["resourceType"] != "OperationOutcome" || len(issues) != 1 {
		tb.Fatalf("expected an OperationOutcome with an issue, got %s", rec.Body)
	}
	i := issues[0].(map[string]any)
	if code, _ := i["code"].(string); i["severity"] != "error" || !slices.Contains(issueTypes, code) {
		tb.Errorf("expected severity error and a code of the value set, got %s", rec.Body)
	}
	wantHeaders(tb, rec)
	challenges := rec.Header().Values("WWW-Authenticate")
	if rec.Code == 401 && len(challenges) == 0 {
		tb.Error("expected a challenge with 401 (RFC 9110 s15.5.2), got none")
	}
}

func wantHeaders(tb testing.TB, rec *httptest.ResponseRecorder) {
	tb.Helper()
	for name, want := range map[string]string{
		"Content-Type": "application/fhir+json; charset=utf-8", "Cache-Control": "no-store",
		"Access-Control-Expose-Headers": "DPoP-Nonce, ETag, WWW-Authenticate",
	} {
		if got := rec.Header().Get(name); got != want {
			tb.Errorf("%s: expected %q, got %q", name, want, got)
		}
	}
}
