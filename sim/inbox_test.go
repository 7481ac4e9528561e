package sim

import (
	"context"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// inboxProblems plays the clinic's inbox, and says what went wrong.
func inboxProblems(t *testing.T, o Options) (problems []string, rec event.Recording) {
	t.Helper()
	w, err := NewWorld(o, Scene{Subscribed: true, Amended: true})
	if err != nil {
		return []string{err.Error()}, rec
	}
	defer func() { _ = w.Close() }()
	w.introduce(context.Background())
	w.subscribeInbox(context.Background())
	w.amendResult(context.Background())
	if !w.inbox.Has("Observation/" + population().amended) {
		problems = append(problems, "expected the inbox to be sent what was amended")
	}
	rec = w.Log.Recording()
	journeys := 0
	for _, e := range rec.Events {
		if j, is := e.Body.(event.Journey); is {
			if journeys++; !j.OK {
				problems = append(problems, j.Name+": "+j.Error)
			}
		}
	}
	if journeys != 3 {
		problems = append(problems, "expected three journeys")
	}
	return problems, rec
}

// An honest subscriber is sent what he may see under every profile, with every control, with none, and without each of those
// that a notice meets.
func TestAnInboxIsSentResults(t *testing.T) {
	for _, p := range control.Profiles() {
		under := []control.Profile{p, p.Bare(), p.Full()}
		for _, c := range []*control.Control{control.RSEntitlementNotify, control.RSSubscriptionOwner, control.RSSubscriptionEndpoint, control.RSSubscriptionToken, control.RSLabelSearch, control.RSScope} {
			under = append(under, p.Full().Without(c))
		}
		for i, p := range under {
			problems, _ := inboxProblems(t, Options{Profile: p, Seed: seed})
			for _, problem := range problems {
				t.Errorf("%s (%d): %s", p.Name, i, problem)
			}
		}
	}
}

// What is sent came of the write, in memory as over sockets: the API's request has the laboratory's as its cause.
func TestANoticeCameOfTheWrite(t *testing.T) {
	for _, wire := range []string{WireMemory, WireTCP} {
		problems, rec := inboxProblems(t, Options{Profile: profile(t, "hardened+entitlement"), Seed: seed, Wire: wire})
		if len(problems) > 0 {
			t.Error(problems)
		}
		requests, sent := map[int]event.Request{}, 0
		for _, e := range rec.Events {
			r, is := e.Body.(event.Request)
			if !is {
				continue
			}
			requests[e.Exchange] = r
			if r.To != "inbox" {
				continue
			}
			sent++
			cause := requests[r.Cause]
			if r.From != "fhir" || cause.From != "labsystem" || !strings.Contains(cause.Message.URL, "/Observation") || r.Message.Method != "PUT" {
				t.Errorf("%s: expected a record that came of a laboratory's write, got %s %s because of %s %s", wire, r.Message.Method, r.Message.URL, cause.Message.Method, cause.Message.URL)
			}
		}
		if sent != 2 {
			t.Errorf("%s: expected two records to be sent, got %d", wire, sent)
		}
	}
}
