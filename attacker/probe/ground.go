package probe

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Ground is everything that the thief can touch: the API, and an authorization server that the API trusts and that makes
// for him what he asks for.
type Ground interface {
	// Do sends a request. Redirects are not followed. DoWith is Do over a connection on which a certificate is shown.
	Do(*http.Request) (*http.Response, error)
	DoWith(*fapi.KeyPair, *http.Request) (*http.Response, error)
	// Token makes an access token, Proof a DPoP proof by the key that tokens are bound to, or by a stranger's.
	Token(context.Context, Wish) (Token, error)
	Proof(context.Context, ProofWish) (string, error)
	// Withdraw takes a token back at the authorization server.
	Withdraw(context.Context, Token) error
	// Introspects tells whether the API has asked the authorization server about a token lately.
	Introspects(context.Context) (bool, error)
}

// Wish says what token is wanted. Empty fields are what is usual at the issuer.
type Wish struct {
	Kind                     Kind
	Subject, Scope, Audience string
	Claims                   map[string]any
	Mistake                  string // its name at `thiefbox serve`; empty for none
}

// Token is an access token, and the scheme it is sent under.
type Token struct{ Scheme, Text, JTI string }

// ProofWish says what proof is wanted.
type ProofWish struct {
	Method, URL, Token string
	Nonce              string // empty for none
	Mistake            string
	Stranger           bool // by the key of another client
}

// Exchange is a request, and what came of it.
type Exchange struct {
	Asked  event.Message
	Answer event.Message
	// Lost says why no answer came. TLS: because the handshake was refused.
	Lost string
	TLS  bool
}

func (x Exchange) ok() bool { return x.Lost == "" && x.Answer.Status >= 200 && x.Answer.Status < 300 }
