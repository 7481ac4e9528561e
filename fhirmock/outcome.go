package fhirmock

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// problem is a refusal that no control makes: what cannot be read, is not there or is not offered.
type problem struct {
	status int
	code   string // OAuth error code, or FHIR issue code
	safe   string // for the caller
	detail string // for the log
	allow  string // methods, with 405
	etag   string // of the deletion, with 410
	// patches are the media types of patches there are, with 415 (RFC 5789 s3.1)
	patches string
	fix     string // what the developer should do, for the log; empty where detail says it

	wait time.Duration // with 429 and 503: how long to wait; 0 where the caller's own rate says

	expression string // FHIRPath of the place, or ""
	body       []byte // the OperationOutcome, if there is more to say than safe
}

func (p *problem) Error() string { return p.detail }

// issueCodes translates OAuth errors to FHIR (R4 valueset issue-type). Other codes are FHIR's already.
var issueCodes = map[string]string{
	"invalid_request":    "invalid",
	"invalid_token":      "login",
	"invalid_dpop_proof": "login",
	"use_dpop_nonce":     "login",
	"insufficient_scope": "forbidden",
	codeStepUp:           "login",
}

// outcome is the OperationOutcome of a problem.
func (p *problem) outcome() []byte {
	if p.body != nil {
		return p.body
	}
	code := p.code
	if fhir, ok := issueCodes[code]; ok {
		code = fhir
	}
	return interact.Outcome(interact.Issue{Severity: "error", Code: code, Text: p.safe, Expression: p.expression})
}

// problemOf makes one problem of whatever went wrong, and tells it. A guard's refusal is in the log already.
func (a *API) problemOf(ctx context.Context, err error) *problem {
	if r := control.RefusalOf(err); r != nil {
		return &problem{status: r.Answer.Status, code: r.Answer.Code, safe: r.Answer.Safe, expression: interact.PlaceOf(err)}
	}
	var p *problem
	var q *query.Problem
	var invalid *interact.Invalid
	switch {
	case errors.As(err, &p):
	case errors.As(err, &q):
		p = &problem{status: q.Status, code: q.Code, safe: q.Text, detail: q.Text, expression: q.Expression, allow: q.Allow, etag: q.ETag, wait: q.RetryAfter}
	case errors.As(err, &invalid):
		p = &problem{status: invalid.Status(), code: "invalid", detail: invalid.Error(), body: invalid.Outcome()}
	case errors.Is(err, store.ErrNotKept):
		p = &problem{status: http.StatusServiceUnavailable, code: "no-store", safe: "what was sent cannot be kept: nothing was changed", detail: err.Error(), fix: "make room on the disk, or serve from another directory"}
	default:
		p = &problem{status: http.StatusInternalServerError, code: "exception", safe: faulty, detail: err.Error()}
	}
	a.Party.Tell(ctx, p.told(a.Party.Name))
	return p
}

const faulty = "something went wrong here"

// Fault is the OperationOutcome of a fault of ours, for who serves the API and has met one. It says where the log has
// the cause, and not the cause.
func Fault(where string) []byte {
	return interact.Outcome(interact.Issue{Severity: "error", Code: "exception", Text: faulty + "; the log has it by " + where})
}

// told is the diagnosis, for the log.
func (p *problem) told(party string) event.Refused {
	clause, detail := "FHIR R4 s3.1 (RESTful API)", p.detail
	switch p.code {
	case "login", "invalid_token":
		clause = "RFC 6750 s2.1, s3; RFC 9449 s7.1"
	case "invalid_dpop_proof":
		clause = "RFC 9449 s4.2, s7.1"
	}
	if p.fix != "" {
		detail += "; " + p.fix
	}
	return event.Refused{Party: party, Status: p.status, Code: p.code, Detail: detail, Clause: clause, Fix: p.fix}
}

// refuse answers with an OperationOutcome.
func (a *API) refuse(ctx context.Context, w http.ResponseWriter, v *visit, err error) {
	p := a.problemOf(ctx, err)
	v.missed(p.status)
	a.auditRefused(v, p, err)
	h := w.Header()
	if p.status == http.StatusTooManyRequests {
		v.wait = max(v.wait, p.wait)
		h.Set("Retry-After", v.retryAfter())
	}
	if p.status == http.StatusServiceUnavailable && p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.wait/time.Second)))
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.patches != "" {
		h.Set("Accept-Patch", p.patches)
	}
	if p.etag != "" {
		h.Set("ETag", p.etag)
	}
	if p.status == http.StatusUnauthorized || p.status == http.StatusForbidden || issueCodes[p.code] != "" {
		a.challenge(h, v, p)
	}
	if v.route.Request != nil && v.route.Kind == interact.Graph {
		v.speaks = plainJSON
		a.send(w, v, p.status, graphError(p))
		return
	}
	a.send(w, v, p.status, p.outcome())
}

// graphError is a problem as a GraphQL query is answered (R4 graphql, "Error Handling").
func graphError(p *problem) []byte {
	type extensions struct {
		Resource json.RawMessage `json:"resource"`
	}
	type graphqlError struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	message := p.safe
	if message == "" {
		message = p.detail // of what the definitions refuse, which says what the caller sent
	}
	b, err := json.Marshal(struct {
		Data   *struct{}      `json:"data"`
		Errors []graphqlError `json:"errors"`
	}{nil, []graphqlError{{message, extensions{p.outcome()}}}})
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	return b
}
