package fhirmock

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

// Requests are counted for each caller, by the world's clock, on all nodes together; who asks too often hears
// when to come back, and then is let in.
func TestRate(t *testing.T) {
	w := newWorld(t, strictest(t))
	start := w.clock.Now()
	for i := range mostRequests {
		try := w.honest(http.MethodGet, "/Practitioner?_summary=count")
		if i%2 == 1 {
			w.send(w.b, try.request())
			continue
		}
		wantStatus(t, try.send(), 200)
	}
	w.clock.Advance(start.Add(20*time.Second + time.Millisecond).Sub(w.clock.Now()))
	rec := w.honest(http.MethodGet, "/Patient/p01").send()
	if rec.Code != http.StatusTooManyRequests || w.refusedBy() != control.RSRate.ID || rec.Header().Get("Retry-After") != "40" || !strings.Contains(rec.Body.String(), "throttled") {
		t.Errorf("expected 429 and 40 s to wait, got %d by %q, %q: %s", rec.Code, w.refusedBy(), rec.Header().Get("Retry-After"), rec.Body)
	}
	other := w.honest(http.MethodGet, "/Patient/p01")
	other.claims.ClientID = "another"
	wantStatus(t, other.send(), 200)
	w.clock.Advance(40 * time.Second)
	wantStatus(t, w.honest(http.MethodGet, "/Patient/p01").send(), 200)
}

// A batch is as many requests as it has entries.
func TestRateCountsEntries(t *testing.T) {
	w := newWorld(t, strictest(t))
	entries := strings.Repeat(`{"request":{"method":"GET","url":"Practitioner?_summary=count"}},`, mostRequests)
	rec := w.write("POST", "/", fhirType, `{"resourceType":"Bundle","type":"batch","entry":[`+strings.TrimSuffix(entries, ",")+`]}`)
	wantStatus(t, rec, 200)
	if n := strings.Count(rec.Body.String(), `"status":"200`); n != mostRequests-1 || !strings.Contains(rec.Body.String(), `"status":"429`) {
		t.Errorf("expected %d answers and the last refused, got %d", mostRequests-1, n)
	}
}

func TestRatesForgetMinutesThatAreOver(t *testing.T) {
	var c rates
	start := time.Unix(0, 0)
	for i := range mostCallers {
		c.take(guesser{subject: string(rune(i))}, start)
	}
	if c.take(guesser{subject: "late"}, start.Add(missMinute)); len(c.callers) != 1 {
		t.Errorf("expected one caller, got %d", len(c.callers))
	}
}
