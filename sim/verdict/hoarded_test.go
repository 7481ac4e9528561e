package verdict

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/event"
)

// own is a record of the thief's own patient.
func own(n int) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","text":{"div":"<div>%s</div>"}}`, n, canary("p09"))
}

func bundleOf(records ...string) string {
	for i, r := range records {
		records[i] = `{"fullUrl":"x","resource":` + r + `}`
	}
	return `{"resourceType":"Bundle","type":"searchset","entry":[` + strings.Join(records, ",") + `]}`
}

// hoarding is an attack by a thief whose work takes three records a minute.
func hoarding() *script {
	s := attacked()
	for i := range s.events {
		if a, is := s.events[i].Body.(event.Actor); is && a.Role == event.RoleThief {
			a.Allowance = 3
			s.events[i].Body = a
		}
	}
	return s
}

func TestHoarded(t *testing.T) {
	serve := func(bodies ...string) func(*script) {
		return func(s *script) {
			for _, b := range bodies {
				s.answer(s.ask("mallory", "fhir", "GET "+fhirURL, 0), 200, b)
			}
		}
	}
	for name, c := range map[string]struct {
		play  func(*script)
		facts []FactKind
	}{
		"as many as his work takes":      {serve(bundleOf(own(1), own(2), own(3))), nil},
		"one more":                       {serve(bundleOf(own(1), own(2), own(3), own(4))), []FactKind{Hoarded}},
		"one after the other":            {serve(own(1), own(2), own(3), own(4)), []FactKind{Hoarded}},
		"one of them twice":              {serve(bundleOf(own(1), own(2), own(3)), own(1), own(2)), nil},
		"lines of an export":             {serve(own(1) + "\n" + own(2) + "\n" + own(3) + "\n" + own(4) + "\n"), []FactKind{Hoarded}},
		"searches in a batch":            {serve(bundleOf(bundleOf(own(1), own(2)), bundleOf(own(3), own(4)))), []FactKind{Hoarded}},
		"one that nobody's canary is in": {serve(bundleOf(own(1), own(2), own(3), `{"resourceType":"Practitioner","id":"dr"}`)), nil},
		"a canary that nobody knows":     {serve(bundleOf(own(1), own(2), own(3), strings.ReplaceAll(own(4), canary("p09"), "canary-ffffffffffffffff"))), nil},
		"what is no resource":            {serve("<html>"+own(1)+own(2), own(2), own(3), `{"entry":[`+own(4)), nil},
		"to somebody else": {func(s *script) {
			s.answer(s.ask("berg", "fhir", "GET "+fhirURL, 0), 200, bundleOf(own(1), own(2), own(3), own(4)))
		}, nil},
		"bundles deeper than any there is": {serve(bundleOf(bundleOf(bundleOf(bundleOf(bundleOf(own(1), own(2), own(3), own(4))))))), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := hoarding()
			c.play(s)
			wantFacts(t, s.end(), c.facts...)

			unstated := attacked() // nobody has said what his work takes
			c.play(unstated)
			wantFacts(t, unstated.end())
		})
	}
}

// A minute is any minute: it does not begin anew, and what was before it is no part of it.
func TestHoardedWithinAMinute(t *testing.T) {
	for wait, facts := range map[time.Duration][]FactKind{30 * time.Second: {Hoarded}, time.Minute: nil} {
		s := hoarding()
		for i := 1; i <= 4; i++ {
			s.answer(s.ask("mallory", "fhir", "GET "+fhirURL, 0), 200, own(i))
			if i == 2 {
				for j := range s.events {
					s.events[j].At = s.events[j].At.Add(-wait)
				}
			}
		}
		v := s.end()
		wantFacts(t, v, facts...)
		if len(facts) > 0 && v.Reason != "mallory was handed 4 records within a minute, where his work takes 3 at most" {
			t.Errorf("got %q", v.Reason)
		}
	}
}

// What he was handed while he was at work, before the attack, is no hoard.
func TestHoardedInTheAttackAlone(t *testing.T) {
	s := opening()
	s.answer(s.ask("mallory", "fhir", "GET "+fhirURL, 0), 200, bundleOf(own(1), own(2), own(3), own(4)))
	s.attack()
	for i := range s.events {
		if a, is := s.events[i].Body.(event.Actor); is && a.Role == event.RoleThief {
			a.Allowance = 3
			s.events[i].Body = a
		}
	}
	wantFacts(t, s.end())
}
