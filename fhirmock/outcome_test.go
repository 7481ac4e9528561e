package fhirmock

import (
	"net/http/httptest"
	"testing"

	"thiefbox/fhirmock/r4"
)

// wantValid checks an answer against HL7's definitions.
func wantValid(tb testing.TB, rec *httptest.ResponseRecorder) {
	tb.Helper()
	n, err := r4.Parse(rec.Body.Bytes())
	if err != nil {
		tb.Fatalf("%v: %s", err, rec.Body)
	}
	for _, issue := range r4.Validate(n) {
		tb.Errorf("the answer is not FHIR R4: %v: %s", issue, rec.Body)
	}
}

// wantOutcome checks that an answer is a sound OperationOutcome with the headers all answers have.
func wantOutcome(tb testing.TB, rec *httptest.ResponseRecorder) {
	tb.Helper()
	m := decode(tb, rec)
	issues, _ := m["issue"].([]any)
	if m["resourceType"] != "OperationOutcome" || len(issues) != 1 {
		tb.Fatalf("expected an OperationOutcome with an issue, got %s", rec.Body)
	}
	i := issues[0].(map[string]any)
	if i["severity"] != "error" {
		tb.Errorf("expected severity error, got %s", rec.Body)
	}
	wantValid(tb, rec)
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
		"Access-Control-Expose-Headers": "Content-Location, DPoP-Nonce, ETag, Last-Modified, Location, Purpose-Of-Use, Retry-After, WWW-Authenticate, X-Progress, x-fapi-interaction-id",
	} {
		if got := rec.Header().Get(name); got != want {
			tb.Errorf("%s: expected %q, got %q", name, want, got)
		}
	}
}
