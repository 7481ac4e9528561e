package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// failure is a request that no control refused and that cannot be served all the same.
type failure struct {
	status int
	code   string // for the log
	safe   string // for the person
	cause  error
}

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

func malformed(format string, args ...any) error {
	return &failure{http.StatusBadRequest, "malformed", "The request could not be understood.", fmt.Errorf(format, args...)}
}

// refuse shows the person a terse page. Whatever no control has told already goes to the log.
func (e *EHR) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if refusal := control.RefusalOf(err); refusal != nil {
		e.failurePage(w, refusal.Answer.Status, refusal.Answer.Safe)
		return
	}
	f := failureOf(err)
	e.tell(r.Context(), f)
	e.failurePage(w, f.status, f.safe)
}

func failureOf(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{http.StatusBadGateway, "upstream", "Another system did not answer as it should. Please try again.", err}
}

func (e *EHR) tell(ctx context.Context, f *failure) {
	p := e.protocol.party
	p.Tell(ctx, event.Refused{Party: p.Name, Status: f.status, Code: f.code, Detail: f.Error()})
}
