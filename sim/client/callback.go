package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// arrival is an authorization response on trial: what came, from which browser, and the flow it may
// belong to.
type arrival struct {
	code, state, iss string
	problem          string          // the error the server reported instead of a code
	signed           *signedResponse // what all that came in; nil for plain parameters
	dialect          control.Dialect
	browser          string // pre-session cookie, empty if none came
	now              time.Time

	pending *flows
	flow    *flow         // by the client's best guess; nil if there is none
	claimed *flow         // the one that checkState took
	home    *Registration // where an answer without a flow is believed to come from
}

// arrivalGuards judge the authorization response. checkState takes the flow, so that of several equal
// answers one is used; when a later guard refuses, the flow is put back.
var arrivalGuards = []control.Guard[arrival]{
	{Control: control.ClientState, Check: checkState, Answer: signInFailed},
	{Control: control.ClientIss, Check: checkIss, Answer: signInFailed},
	{Control: control.ClientResponseSigned, Check: checkResponseSigned, Answer: signInFailed},
	{Control: control.ClientResponseAudience, Check: checkResponseAudience, Answer: signInFailed},
	{Control: control.ClientResponseExpiry, Check: checkResponseExpiry, Answer: signInFailed},
	{Control: control.ClientResponseSignature, Check: checkResponseSignature, Answer: signInFailed},
}

// checkState: SP 5.3.3.1-12, BCP s4.7: this browser began a flow with this state, and it has not been
// answered. Without the check the client guesses (flows.find), and an answer that belongs to no flow
// at all is redeemed without verifier and nonce.
func checkState(a *arrival) (string, error) {
	a.claimed = a.pending.take(a.state, a.browser, a.now)
	if a.claimed == nil {
		return a.state, control.Expected("state", "that of a sign-in this browser began and did not finish", a.state)
	}
	a.flow = a.claimed
	return a.state, nil
}

// checkIss: SP 5.3.3.2-5, RFC 9207 s2.4: compared to the letter, and absence fails. Without it the
// response is believed to come from the server the flow was begun at.
func checkIss(a *arrival) (string, error) {
	if want := a.believed(); a.iss != want {
		return a.iss, control.ExpectedFix("iss of the authorization response", want, a.iss,
			"the server must send its issuer identifier with every authorization response (RFC 9207 s2)")
	}
	return a.iss, nil
}

// believed is the issuer that the client takes the response to come from.
func (a *arrival) believed() string {
	if a.flow != nil {
		return a.flow.at.Issuer
	}
	return a.home.Issuer
}

// parseArrival reads the response's parameters. A repeated one is malformed (RFC 6749 s3.1), and so is
// a response with neither code nor error.
func parseArrival(rawQuery string) (*arrival, error) {
	v, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, malformed("authorization response: %v", err)
	}
	a, signed := &arrival{}, ""
	for name, into := range map[string]*string{"code": &a.code, "state": &a.state, "iss": &a.iss, "error": &a.problem, "response": &signed} {
		switch values := v[name]; len(values) {
		case 0:
		case 1:
			*into = values[0]
		default:
			return nil, malformed("authorization response: expected %s once, got it %d times", name, len(values))
		}
	}
	if signed != "" {
		if a.code != "" || a.problem != "" {
			return nil, malformed("authorization response: expected a signed response or plain parameters, got both")
		}
		if err := a.readSigned(signed); err != nil {
			return nil, err
		}
	}
	if a.code == "" && a.problem == "" {
		return nil, malformed("authorization response: expected code or error, got neither")
	}
	return a, nil
}

// arrive reads and judges the authorization response that a browser brings.
func (e *EHR) arrive(r *http.Request) (*arrival, error) {
	a, err := parseArrival(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	a.browser, a.now = e.cookie(r, e.browserCookie), e.protocol.party.Clock.Now()
	a.pending, a.home, a.dialect = &e.flows, e.issuers[0], e.protocol.party.Dialect()
	if err := e.protocol.admit(r.Context(), a); err != nil {
		return nil, err
	}
	if a.problem != "" {
		return nil, &failure{http.StatusForbidden, "authorization_refused", "You were not signed in.",
			fmt.Errorf("%s answered the authorization request with %q", a.believed(), a.problem)}
	}
	return a, nil
}

// callback receives the authorization response: GET /callback.
func (e *EHR) callback(w http.ResponseWriter, r *http.Request) error {
	a, err := e.arrive(r)
	if err != nil {
		return err
	}
	s, err := e.redeem(r.Context(), a)
	if err != nil {
		return err
	}
	next := "/patients"
	if a.flow != nil {
		next, s.returned, s.glass = a.flow.returnTo, a.flow.returnTo, a.flow.glass
	}
	e.sessions.end(e.cookie(r, e.sessionCookie)) // whoever was signed in here before
	e.setCookie(w, e.sessionCookie, e.sessions.begin(s, e.protocol.party.Dice.Token()))
	e.protocol.party.Tell(r.Context(), event.SignedIn{Client: e.protocol.party.Name, Subject: s.subject})
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// admit runs the arrival guards. A response that passes has used up its flow; one that is refused has
// not.
func (p *protocol) admit(ctx context.Context, a *arrival) error {
	a.flow = a.pending.find(a.state, a.browser, a.now)
	p.fetchResponseKeys(ctx, a)
	err := party.Enforce(ctx, p.party, a, arrivalGuards)
	switch {
	case err != nil && a.claimed != nil:
		a.pending.release(a.claimed)
	case err == nil && a.flow != nil:
		a.pending.forget(a.flow)
	}
	return err
}

// redeem exchanges the code and believes the answer as far as the guards let it.
func (e *EHR) redeem(ctx context.Context, a *arrival) (*session, error) {
	f := a.flow
	if f == nil {
		at, err := e.protocol.discover(ctx, a.home.Issuer)
		if err != nil {
			return nil, err
		}
		f = &flow{reg: a.home, at: at}
	}
	got, err := e.protocol.exchange(ctx, f, a.code, e.redirectURI, e.fhirBase)
	if err != nil {
		return nil, err
	}
	if err := got.accept(typeGuards, identityGuards, originGuards); err != nil {
		return nil, err
	}
	return e.newSession(got, f)
}

// exchange redeems a code (RFC 6749 s4.1.3). The answer is still to be judged.
func (p *protocol) exchange(ctx context.Context, f *flow, code, redirectURI, api string) (*answer, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI}}
	if f.verifier != "" {
		form.Set("code_verifier", f.verifier)
	}
	got, err := p.ask(ctx, f.reg, f.at, form, api)
	if err != nil {
		return nil, err
	}
	got.nonce = f.nonce
	got.fetchKeys()
	return got, nil
}
