package report

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"thiefbox/sim/event"
)

// Redactor replaces secrets by stable names. It learns them from the messages it is shown, and then
// finds them wherever they turn up again: in another message, a ruling, a sentence. JWTs it
// recognises without having learnt them. It is safe for concurrent use.
type Redactor struct {
	mu     sync.Mutex
	names  map[string]string // secret to name
	odd    oddSecrets        // those learnt secrets that are not one run of base64url characters
	counts map[string]int
	order  []string // learnt secrets, oldest first
	label  func(kind, value string) string
}

// remembered bounds a Redactor: beyond it the oldest secret is forgotten, since a server may run for weeks.
const remembered = 1 << 14

// NewRedactor returns a Redactor that numbers secrets in order of appearance: "<access_token 1>".
func NewRedactor() *Redactor {
	r := &Redactor{names: map[string]string{}, counts: map[string]int{}}
	r.label = func(kind, _ string) string {
		r.counts[kind]++
		return "<" + kind + " " + itoa(r.counts[kind]) + ">"
	}
	return r
}

// newDigestRedactor names secrets by a piece of their hash, so that names agree between events that
// are redacted one by one. A password gets no digest, because it could be guessed from it.
func newDigestRedactor() *Redactor {
	r := &Redactor{names: map[string]string{}}
	r.label = func(kind, value string) string {
		if kind == kindPassword || kind == kindSecret {
			return "<" + kind + ">"
		}
		sum := sha256.Sum256([]byte(value))
		return "<" + kind + " " + hex.EncodeToString(sum[:4]) + ">"
	}
	return r
}

// Redact returns the event without its secrets, each replaced by a name that is the same wherever the
// secret appears. It knows only what the event itself shows; Redactor remembers across events.
func Redact(e event.Event) event.Event { return newDigestRedactor().Event(e) }

// Event learns the secrets of an event and returns it without them. The original is not changed.
func (r *Redactor) Event(e event.Event) event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learn(e.Body)
	e.Body = r.body(e.Body)
	return e
}

// Text returns s without the secrets learnt so far, and without anything that looks like a JWT.
func (r *Redactor) Text(s string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text(s)
}

func (r *Redactor) learn(b event.Body) {
	switch b := b.(type) {
	case event.Request:
		secretsOf(b.Message, r.remember)
	case event.Response:
		secretsOf(b.Message, r.remember)
	case event.Overheard:
		secretsOf(b.Message, r.remember)
	case event.Granted:
		secretsInJSON(b.Bytes, r.remember)
	case event.Lured:
		secretsInURL(b.URL, r.remember)
	}
}

func (r *Redactor) remember(kind, value string) {
	if _, known := r.names[value]; known || isName(value) {
		return
	}
	if p, ok := peek(value); ok && kind != kindRefreshToken {
		kind = p.kind() // a parameter called token can hold many things
	}
	name := r.label(kind, value)
	r.keep(value, name)
	// Events show secrets by their hash (ath, ids), which no seed decides where RSA signed.
	r.keep(hash(value), "<hash of "+strings.Trim(name, "<>")+">")
}

// isName tells a name that stands for a secret already: what was redacted for one reader may be redacted for the next.
func isName(value string) bool {
	inner, opens := strings.CutPrefix(value, "<")
	inner, closes := strings.CutSuffix(inner, ">")
	if !opens || !closes {
		return false
	}
	kind, which, _ := strings.Cut(strings.TrimPrefix(inner, "hash of "), " ")
	return kinds[kind] && len(which) <= 8 && strings.Trim(which, "0123456789abcdef") == ""
}

func (r *Redactor) keep(value, name string) {
	if len(r.order) >= remembered {
		r.forget(r.order[0])
		r.order = r.order[1:]
	}
	r.names[value] = name
	r.order = append(r.order, value)
	if !isRun(value) && !strings.HasPrefix(value, "eyJ") && len(value) >= 6 {
		r.odd.add(value)
	}
}

func (r *Redactor) forget(value string) {
	delete(r.names, value)
	r.odd.forget(value)
}

func (r *Redactor) body(b event.Body) event.Body {
	switch b := b.(type) {
	case event.Request:
		b.Message = r.message(b.Message)
		return b
	case event.Response:
		b.Message = r.message(b.Message)
		return b
	case event.Overheard:
		b.Message = r.message(b.Message)
		return b
	case event.Granted:
		b.Bytes = r.bytes(b.Bytes)
		return b
	case event.Lured:
		b.URL = r.url(b.URL)
		return b
	case event.Lost:
		b.Why = r.text(b.Why)
		return b
	case event.Ruling:
		b.Saw, b.What, b.Want, b.Got = r.text(b.Saw), r.text(b.What), r.text(b.Want), r.text(b.Got)
		b.Fix, b.Cause = r.text(b.Fix), r.text(b.Cause)
		return b
	case event.Refused:
		b.Detail, b.Fix = r.text(b.Detail), r.text(b.Fix)
		return b
	case event.Issued:
		b.ID = r.text(b.ID)
		return b
	case event.Withdrawn:
		b.ID = r.text(b.ID)
		return b
	case event.Disclosed:
		b.ID = r.text(b.ID)
		return b
	case event.Access:
		b.Token, b.Resource = r.text(b.Token), r.text(b.Resource)
		return b
	case event.Written:
		b.Token, b.Resource = r.text(b.Token), r.text(b.Resource)
		return b
	case event.Step:
		b.Text = r.text(b.Text)
		return b
	case event.Journey:
		b.Error = r.text(b.Error)
		return b
	case event.Ended:
		b.Error = r.text(b.Error)
		return b
	}
	return b
}

func (r *Redactor) message(m event.Message) event.Message {
	m.URL = r.url(m.URL)
	if m.Header != nil {
		clean := make(http.Header, len(m.Header))
		for name, values := range m.Header {
			for _, v := range values {
				clean[name] = append(clean[name], r.header(name, v))
			}
		}
		if strings.HasPrefix(m.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			m.Body = []byte(r.pairs(string(m.Body)))
		}
		m.Header = clean
	}
	m.Body = r.bytes(m.Body)
	return m
}

func (r *Redactor) bytes(b []byte) []byte {
	if b == nil {
		return nil
	}
	return []byte(r.text(string(b)))
}

// header replaces credentials by their place, not by their value: what stands after a scheme is a
// credential, however short.
func (r *Redactor) header(name, v string) string {
	switch name {
	case "Authorization":
		scheme, credentials, ok := strings.Cut(v, " ")
		if !ok {
			return r.nameOf(kindAccessToken, v)
		}
		kind := kindAccessToken
		if strings.EqualFold(scheme, "Basic") {
			kind = kindSecret
		}
		return scheme + " " + r.nameOf(kind, strings.TrimSpace(credentials))
	case "Dpop":
		return r.nameOf(kindProof, v)
	case "Location", "Referer":
		return r.url(v)
	}
	return r.text(v)
}

func (r *Redactor) nameOf(kind, value string) string {
	if value == "" {
		return ""
	}
	if name := r.names[value]; name != "" {
		return name
	}
	if isName(value) {
		return value
	}
	r.remember(kind, value)
	return r.names[value]
}

func (r *Redactor) url(raw string) string {
	base, query, ok := strings.Cut(raw, "?")
	if !ok {
		return r.text(raw)
	}
	return r.text(base) + "?" + r.pairs(query)
}

// pairs redacts a query or a form by its parameters' names, so that a short password goes as well.
func (r *Redactor) pairs(s string) string {
	parts := strings.Split(s, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		kind := secretFields[name]
		plain, err := url.QueryUnescape(value)
		switch {
		case kind == "" || value == "" || err != nil:
			parts[i] = r.text(part)
		case kind == kindPassword || kind == kindSecret:
			parts[i] = name + "=" + r.nameOf(kind, plain)
		case r.names[plain] != "":
			parts[i] = name + "=" + r.names[plain]
		default:
			parts[i] = name + "=" + r.text(value)
		}
	}
	return strings.Join(parts, "&")
}
