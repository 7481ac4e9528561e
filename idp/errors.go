package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Refusals are typed inside and become protocol errors here, at the edge. There are two kinds: the
// *control.Refusal of a guard, which party.Enforce has already told the log about, and the *fault, of
// something no control decides: a malformed request, an unknown code, a wrong password. Anything else
// is a mistake of ours and a bland 500.

// fault is a refusal that no control made.
type fault struct {
	status int
	code   string // OAuth error code
	safe   string // what a stranger may know
	detail string // what the developer should know
	clause string // whose rule it is; empty for that of the code
	fix    string // what the developer should do; empty where detail says it
}

func faultOf(status int, code, safe, detail string) *fault {
	return &fault{status: status, code: code, safe: safe, detail: detail}
}

// newFault is a fault with the answer that a guard would give.
func newFault(a control.Answer, detail string) *fault {
	return faultOf(a.Status, a.Code, a.Safe, detail)
}

// because names the clause, and what to do.
func (f *fault) because(clause, fix string) *fault {
	f.clause, f.fix = clause, fix
	return f
}

// told is the diagnosis of a fault, for the log.
func (f *fault) told(party string) event.Refused {
	detail := f.detail
	if f.fix != "" {
		detail += "; " + f.fix
	}
	return event.Refused{Party: party, Status: f.status, Code: f.code, Detail: detail, Clause: firstOf(f.clause, clauses[f.code]), Fix: f.fix}
}

// clauses are where the error codes are from.
var clauses = map[string]string{
	"invalid_request": "RFC 6749 s5.2", "invalid_client": "RFC 6749 s3.2.1, s5.2", "invalid_grant": "RFC 6749 s5.2", "invalid_scope": "RFC 6749 s3.3, s5.2",
	"unsupported_grant_type": "RFC 6749 s5.2", "unsupported_response_type": "RFC 6749 s4.1.2.1", "access_denied": "RFC 6749 s4.1.2.1",
	"invalid_dpop_proof": "RFC 9449 s4.2, s4.3-2", "invalid_request_object": "RFC 9101 s4, s7", "invalid_request_uri": "RFC 9126 s4, RFC 9101 s7",
	"request_uri_not_supported": "RFC 9126 s4, RFC 9101 s7", "request_not_supported": "RFC 9126 s3, RFC 9101 s7",
	"invalid_target": "RFC 8707 s2", "invalid_authorization_details": "RFC 9396 s5", "invalid_client_metadata": "RFC 7591 s2, s3.2.2",
	"invalid_redirect_uri": "SP 5.3.2.2-8; RFC 7591 s3.2.2", "invalid_token": "RFC 6750 s3.1", "insufficient_scope": "RFC 6750 s3.1",
	"unmet_authentication_requirements": "OpenID Connect Core Unmet Authentication Requirements 1.0", "login_required": "OIDC Core s3.1.2.6",
	"not_found": "RFC 8414 s2",
}

func (f *fault) Error() string { return f.code + ": " + f.detail }

// malformed is the refusal of a request that cannot be read (RFC 6749 s5.2).
func malformed(format string, args ...any) *fault {
	return faultOf(http.StatusBadRequest, "invalid_request", "the request is malformed", fmt.Sprintf(format, args...))
}

// unusable is the refusal of a code or refresh token that this server does not have (RFC 6749 s5.2).
func unusable(format string, args ...any) *fault {
	return faultOf(http.StatusBadRequest, "invalid_grant", answerGrant.Safe, fmt.Sprintf(format, args...))
}

// unknownTarget is the refusal of a resource nobody knows or nobody granted (RFC 8707 s2).
func unknownTarget(format string, args ...any) *fault {
	return faultOf(http.StatusBadRequest, "invalid_target", "the resource is unknown or was not granted", fmt.Sprintf(format, args...))
}

// The answers of more than one guard. One text for all causes: which one it was is nobody's business.
var (
	answerClient = control.Answer{Status: http.StatusUnauthorized, Code: "invalid_client", Safe: "client authentication failed"}
	answerGrant  = control.Answer{Status: http.StatusBadRequest, Code: "invalid_grant", Safe: "the grant is invalid, expired, used or not yours"}
	answerProof  = control.Answer{Status: http.StatusBadRequest, Code: "invalid_dpop_proof", Safe: "the DPoP proof is invalid"}
	answerBad    = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "the request is not acceptable"}
)

// answerTo finds what to say to err on the wire, and tells the log what it does not know yet.
func (s *Server) answerTo(r *http.Request, err error) control.Answer {
	if refusal := control.RefusalOf(err); refusal != nil {
		return refusal.Answer
	}
	var f *fault
	if !errors.As(err, &f) {
		f = faultOf(http.StatusInternalServerError, "server_error", "something went wrong here", err.Error())
	}
	s.party.Tell(r.Context(), f.told(s.party.Name))
	return control.Answer{Status: f.status, Code: f.code, Safe: f.safe}
}

// refuse answers a back-channel request with an OAuth error (RFC 6749 s5.2).
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	a := s.answerTo(r, err)
	if a.Challenge {
		w.Header().Set("DPoP-Nonce", s.nonces.current(s.now())) // RFC 9449 s8
	}
	if a.Code == "invalid_token" {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750 s3
	} else if a.Status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", "Basic") // RFC 6749 s5.2
	}
	writeBody(w, a.Status, fapi.TokenResponse{Error: a.Code, ErrorDescription: a.Safe}.JSON())
}

// privateHeader is shared by all answers: its values are never changed in place.
var privateHeader = http.Header{
	"Content-Type":           {"application/json"},
	"Cache-Control":          {"no-store"},
	"Pragma":                 {"no-cache"}, // RFC 6749 s5.1, which SMART's tests hold servers to
	"X-Content-Type-Options": {"nosniff"},
}

// writeJSON sends an answer that must not be cached: it holds a credential, or says why there is none.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic("idp: an answer of our own types does not marshal: " + err.Error())
	}
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	maps.Copy(w.Header(), privateHeader)
	w.WriteHeader(status)
	party.Send(w, body)
}
