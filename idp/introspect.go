package idp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Token introspection (RFC 7662, and signed RFC 9701): an API asks whether an access token is good.

// inquiry is a question about a token.
type inquiry struct {
	asker *Resource         // the API that asks; nil if it is none of ours
	name  string            // who it says it is
	token *fapi.AccessToken // nil if it is not active
	// context is what else is known of the launch it came of (SMART App Launch 2.2, "Token Introspection").
	context json.RawMessage
	// certificate is what it authenticates with; nil for a secret, or nothing.
	certificate *presented
}

var introspectionGuards = []control.Guard[inquiry]{
	{Control: control.ASIntrospectionCaller, Check: (*inquiry).checkCaller, Answer: answerClient},
	// To an API that asks about another's token, the token does not exist (RFC 9701 s5).
	{Control: control.ASIntrospectionAudience, Check: (*inquiry).checkAudience, Answer: control.Answer{Status: http.StatusOK}},
}

// checkCaller (RFC 7662 s2.1, s4).
func (q *inquiry) checkCaller() (string, error) {
	if q.asker == nil {
		return q.name, control.ExpectedFix("caller", "a registered resource server with its secret", q.name,
			"ask as an API that is registered for it, with its name and secret in an Authorization header of the scheme Basic; clients ask about no tokens, not even their own")
	}
	return q.name, nil
}

// checkAudience (RFC 9701 s5). It is a rule for resource servers; that nobody else asks is the other's.
func (q *inquiry) checkAudience() (string, error) {
	if q.asker == nil || q.token == nil || q.token.Audience.Has(q.asker.Identifier) {
		return q.name, nil
	}
	return q.name, control.Expected("audience of the token", q.asker.Identifier, audienceText(q.token.Audience))
}

func (s *Server) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	q, err := s.readInquiry(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if q.certificate != nil {
		err = s.judgeCertificate(r.Context(), q.certificate, q.certificate.as.method())
	}
	if err == nil {
		err = party.Enforce(r.Context(), s.party, q, introspectionGuards)
	}
	if refusal := control.RefusalOf(err); refusal != nil && refusal.Answer.Status == http.StatusOK {
		q.token, err = nil, nil
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if q.token == nil {
		s.answerInquiry(w, r, q, fapi.Introspection(nil, ""))
		return
	}
	s.party.Tell(r.Context(), event.Disclosed{Type: "access_token", ID: q.token.JTI, Owner: q.token.ClientID, Audience: q.token.Audience.Values})
	told := *q.token
	if len(q.context) > 0 {
		told.More = joined(told.More, q.context)
	}
	s.answerInquiry(w, r, q, fapi.Introspection(&told, tokenType(q.token.JKT())))
}

// answerInquiry signs the answer for whoever asks for a signed one, and addresses it to him (RFC 9701 s4, s5).
func (s *Server) answerInquiry(w http.ResponseWriter, r *http.Request, q *inquiry, answer []byte) {
	if !asksForSigned(r) {
		writeBody(w, http.StatusOK, answer)
		return
	}
	signed, err := fapi.SignedIntrospection{
		Issuer: s.issuer, Audience: audienceClaim([]string{q.name}), IssuedAt: s.now().Unix(), Answer: answer,
	}.Sign(s.keys.signer(""))
	if err != nil {
		s.refuse(w, r, fmt.Errorf("signing an introspection answer: %w", err))
		return
	}
	maps.Copy(w.Header(), privateHeader)
	w.Header().Set("Content-Type", mediaSigned)
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, signed) // the API may have gone; there is nobody to tell
}

const mediaSigned = "application/" + fapi.TypIntrospection

func asksForSigned(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for item := range strings.SplitSeq(line, ",") {
			kind, _, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(kind), mediaSigned) {
				return true
			}
		}
	}
	return false
}

func (s *Server) readInquiry(r *http.Request) (*inquiry, error) {
	f, err := postForm(r)
	if err != nil {
		return nil, err
	}
	if f.get("token") == "" {
		return nil, malformed("expected a token, got none").because("RFC 7662 s2.1", "send the token as the parameter token, in the body")
	}
	q := &inquiry{name: f.get("client_id")}
	if t := s.activeToken(f.get("token")); t != nil {
		q.token, q.context = t.claims, t.launch.Surroundings()
	}
	if id, secret, ok := r.BasicAuth(); ok {
		q.name, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
		if asker := s.askers[q.name]; asker != nil && equalSecrets(secret, asker.Secret) {
			q.asker = asker
		}
		return q, nil
	}
	asker := s.askers[q.name]
	if asker == nil || asker.TLS.method() == "" {
		return q, nil
	}
	if q.certificate, err = s.readCertificate(r, s.now()); q.certificate != nil {
		q.asker, q.certificate.who, q.certificate.as = asker, asker.ID, asker.TLS
	}
	return q, err
}

// joined is one object with the members of two.
func joined(a, b json.RawMessage) json.RawMessage {
	a, b = bytes.TrimSpace(a), bytes.TrimSpace(b)
	switch {
	case len(a) <= len("{}"):
		return b
	case len(b) <= len("{}"):
		return a
	}
	return slices.Concat(a[:len(a)-1], []byte(","), b[1:])
}

// activeToken returns an access token that this server issued, that has not expired and
// that nobody withdrew; nil otherwise. What is found by its hash needs no look at the token: those very
// bytes were made here.
func (s *Server) activeToken(compact string) *issued {
	t, ok := s.accessToken(digestOf(compact), s.now())
	if !ok || t.withdrawn.Load() {
		return nil
	}
	return t
}
