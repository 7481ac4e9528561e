package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"thiefbox/attacker/probe"
	"thiefbox/sim/fapi"
	"thiefbox/sim/serve"
)

// probeIssuer is an issuer of `thiefbox serve`, driven over HTTP as its openapi.yaml says.
type probeIssuer struct {
	http        *http.Client
	url, id     string // of the issuer, and of the client that tokens are for
	jkt         string // thumbprint of that client's key
	certificate *fapi.KeyPair
	introspects bool // somebody says so
	begun       int  // the last request in the issuer's log when this began
	latest      serve.Minted
}

// stranger is another client of every issuer, with a key of its own.
const stranger, usualClient = "second-app", "web-app"

// open finds out whether the issuer is one of ours, and what key the client has.
func (i *probeIssuer) open(ctx context.Context) error {
	var signed struct {
		JKT string `json:"jkt"`
	}
	if err := i.call(ctx, http.MethodPost, "/proof", map[string]string{"client": i.id, "url": i.url}, &signed); err != nil {
		return fmt.Errorf("%s: expected an issuer of a thiefbox serve, with a client %s: %w", i.url, i.id, err)
	}
	i.jkt = signed.JKT
	seen, err := i.recorded(ctx, "")
	if len(seen) > 0 {
		i.begun = seen[len(seen)-1].N
	}
	return err
}

// Token has an access token made.
func (i *probeIssuer) Token(ctx context.Context, w probe.Wish) (probe.Token, error) {
	want := serve.Mint{Client: i.id, Subject: w.Subject, Scope: w.Scope, Audience: w.Audience, Claims: w.Claims, Mistake: w.Mistake}
	switch w.Kind {
	case probe.DPoP:
		want.Thumbprint = i.jkt
	case probe.MTLS:
		want.Bearer = true
		if want.Claims == nil {
			want.Claims = map[string]any{}
		}
		want.Claims["cnf"] = map[string]string{"x5t#S256": i.certificate.Thumbprint()}
	default:
		want.Bearer = true
	}
	var minted serve.Minted
	if err := i.call(ctx, http.MethodPost, "/token", want, &minted); err != nil {
		return probe.Token{}, err
	}
	if w.Mistake == "" {
		i.latest = minted
	}
	jti, _ := minted.Claims["jti"].(string)
	return probe.Token{Scheme: minted.TokenType, Text: minted.AccessToken, JTI: jti}, nil
}

// Proof has a DPoP proof made.
func (i *probeIssuer) Proof(ctx context.Context, w probe.ProofWish) (string, error) {
	client := i.id
	if w.Stranger {
		if client = stranger; client == i.id {
			client = usualClient
		}
	}
	var signed struct {
		Proof string `json:"proof"`
	}
	err := i.call(ctx, http.MethodPost, "/proof", map[string]string{
		"client": client, "url": w.URL, "method": w.Method, "token": w.Token, "nonce": firstWord(w.Nonce, "none"), "mistake": w.Mistake,
	}, &signed)
	return signed.Proof, err
}

// Withdraw takes a token back.
func (i *probeIssuer) Withdraw(ctx context.Context, t probe.Token) error {
	return i.call(ctx, http.MethodPost, "/revoke", map[string]string{"jti": t.JTI}, nil)
}

// Introspects looks for questions about tokens in the issuer's log.
func (i *probeIssuer) Introspects(ctx context.Context) (bool, error) {
	seen, err := i.recorded(ctx, "/introspect")
	return i.introspects || len(seen) > 0 && seen[len(seen)-1].N > i.begun, err
}

func (i *probeIssuer) recorded(ctx context.Context, path string) (seen []serve.Recorded, err error) {
	where := "/requests"
	if path != "" {
		where += "?path=" + path
	}
	return seen, i.call(ctx, http.MethodGet, where, nil, &seen)
}

// call is one call of the driving API.
func (i *probeIssuer) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, i.url+"/_thiefbox"+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	resp, err := i.http.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the authorization server answered %d: %.300s", resp.StatusCode, strings.TrimSpace(string(text)))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
