package telemetry

import (
	"log/slog"
	"net/http"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// list collects attributes and leaves out those that say nothing.
type list []slog.Attr

func (l *list) text(key, value string) {
	if value != "" {
		*l = append(*l, slog.String(key, value))
	}
}

func (l *list) number(key string, n int) {
	if n != 0 {
		*l = append(*l, slog.Int(key, n))
	}
}

func (l *list) texts(key string, values []string) {
	if len(values) > 0 {
		*l = append(*l, slog.Any(key, values))
	}
}

// attributes names the evidence in an event. Tokens are read as they were sent, for their jti and
// their key; everything else comes from the redacted event.
func attributes(e, redacted event.Event) []slog.Attr {
	l := list{slog.Int("n", e.N)}
	l.number("exchange", e.Exchange)
	switch b := redacted.Body.(type) {
	case event.Request:
		l.text("from", b.From)
		l.text("to", b.To)
		l.text("node", b.Node)
		l.number("cause", b.Cause)
		if raw, ok := e.Body.(event.Request); ok {
			l.message(raw.Message, b.Message)
		}
		l.text("x5t", b.Certificate.Thumbprint)
		l.text("certificate", b.Certificate.Subject)
	case event.Response:
		if raw, ok := e.Body.(event.Response); ok {
			l.message(raw.Message, b.Message)
		}
	case event.Overheard:
		l.text("vantage", string(b.Vantage))
		l.number("of", b.Of)
		if raw, ok := e.Body.(event.Overheard); ok {
			l.message(raw.Message, b.Message)
		}
	default:
		l.body(redacted.Body)
	}
	return l
}

func (l *list) message(raw, redacted event.Message) {
	l.text("method", redacted.Method)
	l.text("url", redacted.URL)
	l.number("status", redacted.Status)
	l.text("interaction_id", redacted.Header.Get("X-Fapi-Interaction-Id"))
	l.credentials(raw.Header)
}

// credentials says which token came, under which scheme, bound to which key, and by whose key the proof is.
func (l *list) credentials(h http.Header) {
	scheme, credentials, _ := strings.Cut(h.Get("Authorization"), " ")
	l.text("scheme", scheme)
	if t, err := fapi.ParseJWT(strings.TrimSpace(credentials)); err == nil {
		var claims fapi.AccessToken
		if t.Claims(&claims) == nil {
			l.text("client_id", claims.ClientID)
			l.text("sub", claims.Subject)
			l.text("token_jti", claims.JTI)
			l.text("jkt", claims.JKT())
			l.text("token_x5t", claims.X5T())
		}
	}
	if p, err := fapi.ParseProof(h.Get("Dpop")); err == nil {
		l.text("proof_jkt", p.Key.Thumbprint)
		l.text("proof_jti", p.Claims.JTI)
	}
}

func (l *list) body(b event.Body) {
	switch b := b.(type) {
	case event.Ruling:
		l.text("party", b.Party)
		l.text("control", b.Control)
		l.text("outcome", b.Outcome)
		l.text("saw", b.Saw)
		l.text("reason", b.Cause)
		l.text("fix", b.Fix)
	case event.Refused:
		l.text("party", b.Party)
		l.number("status", b.Status)
		l.text("outcome", "refused")
		l.text("code", b.Code)
		l.text("reason", b.Detail)
		l.text("clause", b.Clause)
	case event.Struck:
		l.text("outcome", "struck")
		l.text("fault", b.Fault)
		l.text("reason", b.Text)
	case event.Access:
		l.text("node", b.Node)
		l.text("outcome", "served")
		l.text("interaction", b.Interaction)
		l.text("resource", b.Resource)
		l.texts("patients", b.Patients)
		l.texts("told_of", b.Told)
		l.text("client_id", b.Client)
		l.text("sub", b.Subject)
		l.text("token_jti", b.Token)
	case event.Written:
		l.text("node", b.Node)
		l.text("outcome", "stored")
		l.text("interaction", b.Interaction)
		l.text("resource", b.Resource)
		l.number("version", b.Version)
		l.texts("patients", b.Patients)
		l.text("client_id", b.Client)
		l.text("sub", b.Subject)
		l.text("token_jti", b.Token)
	case event.Issued:
		l.credential(b.Type, b.ID, b.Client)
		l.text("sub", b.Subject)
		l.text("scope", b.Scope)
		l.text("jkt", b.Bound)
		l.text("x5t", b.Certificate)
	case event.Withdrawn:
		l.credential(b.Type, b.ID, b.Owner)
	case event.Disclosed:
		l.credential(b.Type, b.ID, b.Owner)
		l.texts("audience", b.Audience)
	case event.SignedIn:
		l.text("party", b.Client)
		l.text("sub", b.Subject)
	default:
		l.story(b)
	}
}

func (l *list) credential(kind, id, client string) {
	l.text("type", kind)
	if kind == "access_token" {
		l.text("token_jti", id)
	} else {
		l.text("id", id)
	}
	l.text("client_id", client)
}

// story is what happened around the messages.
func (l *list) story(b event.Body) {
	switch b := b.(type) {
	case event.Began:
		l.text("technique", b.Technique)
		l.text("profile", b.Profile)
		*l = append(*l, slog.Uint64("seed", b.Seed))
		l.text("wire", b.Wire)
	case event.Actor:
		l.text("actor", b.ID)
		l.text("name", b.Name)
		l.text("role", string(b.Role))
	case event.Protected:
		l.number("canaries", len(b.Canaries))
	case event.Phase:
		l.text("phase", string(b.Name))
	case event.Step:
		l.text("actor", b.Actor)
		l.text("text", b.Text)
	case event.Lost:
		l.text("reason", b.Why)
	case event.Granted:
		l.text("vantage", string(b.Vantage))
		l.text("asset", string(b.Asset))
	case event.Lured:
		l.text("victim", b.Victim)
		l.text("url", b.URL)
	case event.Journey:
		l.text("name", b.Name)
		l.text("outcome", map[bool]string{true: "worked", false: "failed"}[b.OK])
		l.text("reason", b.Error)
	case event.Operated:
		l.text("do", b.Do)
		l.text("on", b.On)
		l.text("text", b.Detail)
	case event.Ended:
		l.text("reason", b.Error)
	}
}
