package report

import (
	"encoding/json"
	"time"

	"thiefbox/sim/event"
)

// DecodeCertificate opens the client certificate of a request for reading, as DecodeAt does its tokens.
// There is none if the connection had none.
func DecodeCertificate(r event.Request, at time.Time) []Decoded {
	c := r.Certificate
	if c.Thumbprint == "" {
		return nil
	}
	// Strings always marshal.
	claims, _ := json.MarshalIndent(c, "", "  ")
	d := Decoded{Name: "client certificate (TLS handshake)", Claims: string(claims), Raw: c.Thumbprint, Note: "thumbprint " + c.Thumbprint}
	if until, err := time.Parse(time.RFC3339, c.NotAfter); err == nil && !at.IsZero() {
		verb := "expires"
		if !until.After(at) {
			verb = "expired"
		}
		d.Note += "\n" + verb + " " + until.Format(time.DateOnly)
	}
	for _, token := range bearers(r.Message) {
		switch p, _ := peek(token); p.certificate() {
		case "":
		case c.Thumbprint:
			d.Note += "\nthe one that the access token is bound to"
		default:
			d.Note += "\nnot the one that the access token is bound to"
		}
	}
	return []Decoded{d}
}

// bearers are the access tokens of a request.
func bearers(m event.Message) (tokens []string) {
	secretsOf(m, func(kind, value string) {
		if kind == kindAccessToken {
			tokens = append(tokens, value)
		}
	})
	return tokens
}
