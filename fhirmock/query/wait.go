package query

import (
	"net/http"
	"time"

	"thiefbox/fhirmock/store"
)

// wait is how long somebody is asked to wait for an index: one of a hundred thousand records takes a second or two.
const wait = 10 * time.Second

// Waited is the refusal of a search that needs what is still being made, or nil.
func Waited(s *store.Search) error {
	if s.Making() {
		return Wait()
	}
	return nil
}

// Wait asks whoever searches to come again (R4 issue-type, transient; RFC 9110 s15.6.4).
func Wait() *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Code: "transient", RetryAfter: wait,
		Text: "what finds these records is still being made: wait as long as Retry-After says, and ask again"}
}
