package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// bench is what a try works at. Its verbs make what is right; a try spoils one thing.
type bench struct {
	ctx         context.Context
	g           Ground
	t           Target
	nonce       string // the API's latest
	nonces      bool   // it gives some
	introspects bool
	sent        []Exchange
	served      Exchange // the latest right one
	kept        Token    // of the try under way
}

// wish is the honest token.
func (b *bench) wish() Wish {
	return Wish{Kind: b.t.Kind, Subject: b.t.Subject, Scope: b.t.Scope, Audience: b.t.Audience, Claims: maps.Clone(b.t.Claims)}
}

// wishOf is the token that somebody else would have: where a claim names the subject, it names her.
func (b *bench) wishOf(subject string, claims map[string]any) Wish {
	w := b.wish()
	w.Subject = subject
	for name, value := range w.Claims {
		if said, ok := value.(string); ok && namesSubject(said, b.t.Subject) {
			w.Claims[name] = strings.TrimSuffix(said, b.t.Subject) + subject
		}
	}
	maps.Copy(w.Claims, claims)
	return w
}

// namesSubject: a claim says p01, or Patient/p01.
func namesSubject(said, subject string) bool {
	return said == subject || strings.HasSuffix(said, "/"+subject)
}

// token makes a token that is right but for the mistake, if there is one.
func (b *bench) token(mistake string) (Token, error) {
	w := b.wish()
	w.Mistake = mistake
	return b.g.Token(b.ctx, w)
}

// request is the target's without credentials, to the URL given.
func (b *bench) request(method, rawURL string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(b.ctx, method, rawURL, bytes.NewReader(b.t.Body))
	if err != nil {
		return nil, err
	}
	r.Header = b.t.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r, nil
}

func (b *bench) bare() (*http.Request, error) { return b.request(b.t.Method, b.t.URL) }

// carrying is the target's request with a token and, if tokens are bound by proofs, a proof that is right but for the mistake.
func (b *bench) carrying(token Token, mistake string) (*http.Request, error) {
	return b.carryingTo(b.t.URL, token, ProofWish{Mistake: mistake, Nonce: b.nonce})
}

func (b *bench) carryingTo(rawURL string, token Token, p ProofWish) (*http.Request, error) {
	r, err := b.request(b.t.Method, rawURL)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", token.Scheme+" "+token.Text)
	if b.t.Kind != DPoP {
		return r, nil
	}
	p.Method, p.URL, p.Token = r.Method, rawURL, token.Text
	proof, err := b.g.Proof(b.ctx, p)
	r.Header.Set("DPoP", proof)
	return r, err
}

// rightly sends the honest request with a token.
func (b *bench) rightly(token Token) (Exchange, error) {
	x, err := b.send(b.t.Certificate, func() (*http.Request, error) { return b.carrying(token, "") })
	b.served = x
	return x, err
}

// honest is rightly with a token of its own.
func (b *bench) honest() (Exchange, error) {
	token, err := b.token("")
	if err != nil {
		return Exchange{}, err
	}
	return b.rightly(token)
}

// send makes a request and sends it. If the API only wants a nonce, it is made and sent again with that (RFC 9449 s9).
func (b *bench) send(certificate *fapi.KeyPair, make func() (*http.Request, error)) (Exchange, error) {
	for again := false; ; again = true {
		r, err := make()
		if err != nil {
			return Exchange{}, err
		}
		before := b.nonce
		x, err := b.exchange(certificate, r)
		if err != nil || again || !asksForNonce(x.Answer) || b.nonce == before {
			b.sent = append(b.sent, x)
			return x, err
		}
	}
}

// once is send for a request that is not to be repaired.
func (b *bench) once(certificate *fapi.KeyPair, r *http.Request, err error) error {
	if err != nil {
		return err
	}
	x, err := b.exchange(certificate, r)
	b.sent = append(b.sent, x)
	return err
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 4 << 20

func (b *bench) exchange(certificate *fapi.KeyPair, r *http.Request) (Exchange, error) {
	x := Exchange{Asked: event.Message{Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone()}}
	do := b.g.Do
	if certificate != nil {
		do = func(r *http.Request) (*http.Response, error) { return b.g.DoWith(certificate, r) }
	}
	resp, err := do(r)
	if err == nil {
		defer resp.Body.Close()
		x.Answer = event.Message{Status: resp.StatusCode, Header: resp.Header}
		x.Answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	}
	switch stop := (Stop{}); {
	case b.ctx.Err() != nil:
		return x, b.ctx.Err()
	case errors.As(err, &stop):
		return x, err
	case err != nil:
		var alert *net.OpError // as crypto/tls words what the other side said before it hung up
		x.Lost, x.TLS = err.Error(), errors.As(err, &alert) && alert.Op == "remote error"
		return x, nil
	}
	if nonce := resp.Header.Get("DPoP-Nonce"); nonce != "" {
		b.nonce, b.nonces = nonce, true
	}
	return x, nil
}

// Stop is an error of the Ground's after which there is no going on: it is not the API's.
type Stop struct{ Err error }

func (s Stop) Error() string { return s.Err.Error() }

// Unwrap returns what it was.
func (s Stop) Unwrap() error { return s.Err }

func asksForNonce(m event.Message) bool {
	return m.Status == http.StatusUnauthorized && slices.ContainsFunc(m.Header.Values("WWW-Authenticate"), func(v string) bool {
		return strings.Contains(v, "use_dpop_nonce")
	})
}
