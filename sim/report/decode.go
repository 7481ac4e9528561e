package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"thiefbox/sim/event"
)

// Decoded is a token found in a message, opened for reading.
type Decoded struct {
	Name   string // what it is and where it stood: "access token (Authorization: DPoP)"
	Header string // indented JSON; empty if it is opaque
	Claims string // indented JSON; empty if it is opaque
	Raw    string
	Note   string // what a person would want to know, lines
}

// Decode opens every token in a message. Nothing is verified: the rulings say what the servers found.
func Decode(m event.Message) []Decoded { return DecodeAt(m, time.Time{}) }

// DecodeAt is Decode with times told relative to at: "expires 08:10:00, in 9m58s".
func DecodeAt(m event.Message, at time.Time) []Decoded {
	var out []Decoded
	seen := map[string]bool{}
	secretsOf(m, func(kind, value string) {
		place, wanted := decodable[kind]
		if !wanted || seen[value] {
			return
		}
		seen[value] = true
		if _, isJWT := peek(value); !isJWT && !opaqueToo[kind] {
			return
		}
		out = append(out, decode(nameIn(m, kind, place, value), value, at))
	})
	return out
}

// decodable are the secrets that are or can be JWTs, and what to call them.
var decodable = map[string]string{
	kindAccessToken: "access token", kindRefreshToken: "refresh token", kindIDToken: "ID token",
	kindAssertion: "client assertion", kindProof: "DPoP proof", kindRequestObject: "request object", kindJWT: "JWT",
	kindResponse: "authorization response", kindIntrospection: "introspection answer",
}

var opaqueToo = map[string]bool{kindAccessToken: true, kindRefreshToken: true}

func nameIn(m event.Message, kind, name, value string) string {
	for _, v := range m.Header["Authorization"] {
		if scheme, credentials, _ := strings.Cut(v, " "); kind == kindAccessToken && strings.TrimSpace(credentials) == value {
			return name + " (Authorization: " + scheme + ")"
		}
	}
	return name
}

func decode(name, raw string, at time.Time) Decoded {
	p, ok := peek(raw)
	if !ok {
		return Decoded{Name: name, Raw: raw, Note: "opaque: only its issuer can say what it means"}
	}
	return Decoded{Name: name, Header: indent(p.Header), Claims: indent(p.Claims), Raw: raw, Note: note(p, at)}
}

func indent(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

func note(p peeked, at time.Time) string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if t, ok := p.time("iat"); ok {
		say("made %s", relative(t, at))
	}
	if t, ok := p.time("exp"); ok {
		verb := "expires"
		if !at.IsZero() && !t.After(at) {
			verb = "expired"
		}
		say("%s %s", verb, relative(t, at))
	}
	if jkt := p.boundTo(); jkt != "" {
		say("bound to key %s", jkt)
	} else if x5t := p.certificate(); x5t != "" {
		say("bound to certificate %s", x5t)
	} else if p.kind() == kindAccessToken {
		say("bound to no key: good for whoever holds it")
	}
	if jkt := p.thumbprint(); jkt != "" {
		say("shows key %s", jkt)
	}
	if ath := p.claim("ath"); ath != "" {
		say("for the access token with hash %s", ath)
	}
	if strings.EqualFold(p.Alg, "none") {
		say("not signed at all")
	}
	return strings.Join(lines, "\n")
}

func (p peeked) time(claim string) (time.Time, bool) {
	seconds, ok := p.claims[claim].(float64)
	return time.Unix(int64(seconds), 0).UTC(), ok
}

func relative(t, at time.Time) string {
	clock := t.Format("15:04:05")
	if at.IsZero() {
		return t.Format("2006-01-02 15:04:05")
	}
	d := t.Sub(at).Round(time.Second)
	switch {
	case d > 0:
		return fmt.Sprintf("%s, in %s", clock, d)
	case d < 0:
		return fmt.Sprintf("%s, %s ago", clock, -d)
	}
	return clock + ", just now"
}
