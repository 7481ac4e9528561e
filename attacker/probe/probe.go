// Package probe is the thief let loose on somebody's own API: a resource server that trusts an authorization server of
// ours, and is shown tokens and requests that are right, and then such as are wrong in one thing each.
//
// Begin with Run. A try is a value in tries_*.go: what is wrong, which control of the catalogue ought to refuse it, what
// the refusal should say. ground.go is what the thief can touch: the API over HTTP, and the authorization server that
// makes tokens and proofs to order. Nothing is made here; the mistakes are those of `thiefbox serve`, by their names.
// bench.go are the verbs that tries are written with, challenge.go judges the words of a refusal.
//
// Run says what was sent and what came. What that means is for the judge (sim/verdict), who does not see the tries.
//
// Not here: clients and authorization servers. For those, `thiefbox serve` tells a client what it does wrong, and
// `thiefbox client` a server.
package probe

import (
	"context"
	"net/http"
	"slices"

	"thiefbox/sim/fapi"
)

// Kind is how access tokens are tied to their holder.
type Kind string

// The kinds.
const (
	Bearer Kind = "bearer"
	DPoP   Kind = "dpop" // RFC 9449
	MTLS   Kind = "mtls" // RFC 8705
)

// Target is what is asked of the API, and for whom. Method and URL make the honest request.
type Target struct {
	Method, URL string
	Header      http.Header // sent along with every request
	Body        []byte
	Kind        Kind
	// Subject is whom the honest token speaks for; empty for the client itself. Scope and Audience are the token's; empty
	// for what the issuer's client has. Claims are set besides.
	Subject, Scope, Audience string
	Claims                   map[string]any
	// Other is the URL of a record that Subject has no right to, and OtherSubject somebody who has; both may be empty.
	Other, OtherSubject string
	OtherClaims         map[string]any // that her token has, in place of Claims of the same name
	// Certificate is what tokens of the kind mtls are bound to, and OtherCertificate the thief's own.
	Certificate, OtherCertificate *fapi.KeyPair
}

func (t Target) reads() bool { return t.Method == http.MethodGet || t.Method == http.MethodHead }

// Try is one way to be wrong.
type Try struct {
	// Name is stable: baselines and pipelines use it.
	Name string
	// Control is the one that ought to refuse it, by id. Where it is empty, no control is concerned, but the plain duty
	// to ask for a token; Clause and Gain then say what a control says of itself. Gain may also stand for what this try is
	// good for, where that is not what the control is there for.
	Control      string
	Clause, Gain string
	Title        string // what is sent, as a noun
	Fix          string // what the API's developer should do, where it is served
	refusal      refusal
	kinds        []Kind                 // nil for all
	needs        func(*bench) string    // says what is lacking to try it here; nil for nothing
	judged       func(*bench, *Attempt) // adds what the judge needs to know besides; nil for nothing
	// implied says why it would show nothing of its own: the API serves what is less. Nil if there is nothing less.
	implied func(*bench) (string, error)
	prepare func(*bench) (bool, error) // an honest request of its own, first; false if it was not served
	run     func(*bench) error         // sends it
}

// Tries lists every try, in the order in which they are made.
func Tries() []Try {
	return slices.Concat(requestTries, tokenTries, proofTries, certificateTries, objectTries)
}

// Kinds are those of tokens that the try is about.
func (t Try) Kinds() []Kind {
	if t.kinds == nil {
		return []Kind{Bearer, DPoP, MTLS}
	}
	return t.kinds
}

// Attempt is what came of a try.
type Attempt struct {
	Try Try
	// Skipped says why it makes no sense here; empty if it was made.
	Skipped string
	// Honest are right requests for the same thing, where that is not the target: they show what is at stake.
	Honest []Exchange
	// Theft are the wrong ones, and After the right request that followed them.
	Theft []Exchange
	After Exchange
	// Silent: an answer would have no body. Elsewhere: what is asked for is not the target.
	Silent, Elsewhere bool
	// Notes are about how it was refused.
	Notes []string
}

// Findings are what came of all.
type Findings struct {
	// Honest are the right requests before all others, and Bare one without a token.
	Honest []Exchange
	Bare   Exchange
	// Served tells whether the honest ones were. If not, nothing was tried.
	Served bool
	// Nonces: the API gives nonces. Introspects: it asks the issuer about tokens.
	Nonces, Introspects bool
	Attempts            []Attempt
}

// honestAtFirst is how many right requests are made before any wrong one: a token twice, and another.
const honestAtFirst = 3

// Run makes the honest requests, and if they are served, the tries. each is told of every attempt when it is over.
// An error means that the thief could not go on: the authorization server made no token, or ctx ended.
func Run(ctx context.Context, g Ground, t Target, tries []Try, each func(Attempt)) (Findings, error) {
	b := &bench{ctx: ctx, g: g, t: t}
	f, err := b.begin()
	if err != nil || !f.Served {
		return f, err
	}
	var gone *Exchange // the API stopped serving, and nothing that follows proves anything
	for _, try := range tries {
		a := Attempt{Try: try, Skipped: b.lacks(try)}
		if a.Skipped == "" && gone != nil {
			a.After = *gone
		} else if a.Skipped == "" {
			if err := b.attempt(&a); err != nil {
				return f, err
			}
			if !a.After.ok() {
				again, err := b.honest()
				if err != nil {
					return f, err
				}
				if !again.ok() {
					gone = &again
				}
			}
		}
		f.Attempts = append(f.Attempts, a)
		each(a)
	}
	f.Nonces = b.nonces
	return f, nil
}

// begin makes the honest requests.
func (b *bench) begin() (f Findings, err error) {
	token, err := b.token("")
	if err != nil {
		return f, err
	}
	for n := range honestAtFirst {
		if n == honestAtFirst-1 {
			if token, err = b.token(""); err != nil {
				return f, err
			}
		}
		x, err := b.rightly(token)
		if err != nil {
			return f, err
		}
		f.Honest = append(f.Honest, x)
	}
	f.Nonces = b.nonces
	f.Served = !slices.ContainsFunc(f.Honest, func(x Exchange) bool { return !x.ok() })
	if !f.Served {
		return f, nil
	}
	if f.Bare, err = b.send(nil, b.bare); err != nil {
		return f, err
	}
	b.introspects, err = b.g.Introspects(b.ctx)
	f.Introspects = b.introspects
	return f, err
}

// lacks says why a try makes no sense here.
func (b *bench) lacks(t Try) string {
	if !slices.Contains(t.Kinds(), b.t.Kind) {
		return "it is about other tokens than those here, which are " + string(b.t.Kind)
	}
	if t.needs == nil {
		return ""
	}
	return t.needs(b)
}

func (b *bench) attempt(a *Attempt) error {
	if a.Try.implied != nil {
		var err error
		if a.Skipped, err = a.Try.implied(b); err != nil {
			return err
		}
		if a.Skipped != "" {
			a.After, err = b.honest()
			return err
		}
	}
	b.sent = nil
	if a.Try.prepare != nil {
		ok, err := a.Try.prepare(b)
		if err != nil {
			return err
		}
		a.Honest, b.sent = b.sent, nil
		if !ok {
			a.After = a.Honest[len(a.Honest)-1]
			return nil
		}
	}
	if err := a.Try.run(b); err != nil {
		return err
	}
	a.Theft, b.sent = b.sent, nil
	if a.Try.judged != nil {
		a.Try.judged(b, a)
	}
	a.Notes = a.Try.refusal.notes(b.t.Kind, a.Theft)
	var err error
	a.After, err = b.honest()
	return err
}
