package fhirmock

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"

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

type operationOutcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string       `json:"severity"`
	Code        string       `json:"code"`
	Details     issueDetails `json:"details"`
	Diagnostics string       `json:"diagnostics,omitempty"`
}

type issueDetails struct {
	Text string `json:"text"`
}

func outcome(code, text string) []byte {
	if fhir, ok := issueCodes[code]; ok {
		code = fhir
	}
	b, err := json.Marshal(operationOutcome{"OperationOutcome", []issue{{Severity: "error", Code: code, Details: issueDetails{text}}}})
	if err != nil {
		panic("fhirmock: " + err.Error()) // strings always marshal
	}
	return b
}

// refuse answers with an OperationOutcome. A guard's refusal is in the log already; a problem is told
// here.
func (a *API) refuse(ctx context.Context, w http.ResponseWriter, v *visit, err error) {
	var p *problem
	if r := control.RefusalOf(err); r != nil {
		p = &problem{status: r.Answer.Status, code: r.Answer.Code, safe: r.Answer.Safe}
	} else {
		if !errors.As(err, &p) {
			p = &problem{status: http.StatusInternalServerError, code: "exception", safe: "something went wrong here", detail: err.Error()}
		}
		a.Party.Tell(ctx, event.Refused{Party: a.Party.Name, Status: p.status, Code: p.code, Detail: p.detail})
	}
	h := w.Header()
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.status == http.StatusUnauthorized || p.status == http.StatusForbidden || issueCodes[p.code] != "" {
		a.challenge(h, v, p)
	}
	a.send(w, v, p.status, outcome(p.code, p.safe))
}

// everyAnswer is shared by all answers: its values are never changed in place.
var everyAnswer = http.Header{
	"Content-Type":                  {"application/fhir+json; charset=utf-8"},
	"Cache-Control":                 {"no-store"},
	"Access-Control-Expose-Headers": {"DPoP-Nonce, ETag, WWW-Authenticate"},
}

// send writes an answer with the headers that all of them have.
func (a *API) send(w http.ResponseWriter, v *visit, status int, body []byte) {
	h := w.Header()
	maps.Copy(h, everyAnswer)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if nonce := a.freshNonce(v); nonce != "" {
		h.Set("DPoP-Nonce", nonce)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who has hung up needs no answer
}

// quoted shows what somebody sent, cut to a length fit for a log.
func quoted(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.Quote(s)
}
