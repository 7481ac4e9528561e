package idp

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Request objects (RFC 9101): an authorization request that the client has signed, at the PAR endpoint.
// The authorization endpoint takes none: through a browser, a request comes by reference. Encrypted ones, and
// those that are to be fetched from somewhere (request_uri with a URL), are refused everywhere: FAPI 2.0 asks
// for neither.

const (
	// objectLifetime is how long one may live, and how long ago its life may have begun (FAPI 2.0 MS 5.3.1).
	objectLifetime = 60 * time.Minute
	// objectAhead is how far ahead its life may begin: clocks differ (SP 5.3.2.1-13).
	objectAhead = 60 * time.Second
)

var answerObject = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request_object", Safe: "the request object is not acceptable"}

// signedGuards judge whether a request object was needed, objectGuards the one that came. Whether all it
// says can be used is judged like any request's (requestGuards).
var (
	signedGuards = []control.Guard[submission]{
		{Control: control.ASRequestSigned, Check: (*submission).checkSigned, Answer: answerBad},
	}
	objectGuards = []control.Guard[object]{
		{Control: control.ASRequestAlg, Check: (*object).checkAlg, Answer: answerObject},
		{Control: control.ASRequestSignature, Check: (*object).checkSignature, Answer: answerObject},
		{Control: control.ASRequestTyp, Check: (*object).checkTyp, Answer: answerObject},
		{Control: control.ASRequestClient, Check: (*object).checkClient, Answer: answerObject},
		{Control: control.ASRequestAudience, Check: (*object).checkAudience, Answer: answerObject},
		{Control: control.ASRequestNotBefore, Check: (*object).checkNotBefore, Answer: answerObject},
		{Control: control.ASRequestExp, Check: (*object).checkExpiry, Answer: answerObject},
		{Control: control.ASRequestLifetime, Check: (*object).checkLifetime, Answer: answerObject},
		{Control: control.ASRequestInside, Check: (*object).checkInside, Answer: answerObject},
	}
)

// submission is a request as it was pushed.
type submission struct {
	client *Client
	signed bool
	must   bool // the dialect is one of signed requests
}

// checkSigned (FAPI 2.0 MS 5.3.1; RFC 9101 s10.5).
func (q *submission) checkSigned() (string, error) {
	switch {
	case q.signed:
		return "request object", nil
	case q.must || q.client.RequireSignedRequest:
		return "parameters", control.ExpectedFix("authorization request of "+q.client.ID, "a signed request object", "plain parameters",
			"put every parameter into a JWT signed with the client's key, and send it as request")
	}
	return "parameters, which will do", nil
}

// object is a request object that came, and what came beside it.
type object struct {
	*fapi.ReceivedRequest
	s       *Server
	now     time.Time
	client  *Client // who pushed it
	signer  *Client // whose keys it is verified with, nil if unknown
	outside form    // the authorization parameters that stand beside it
}

// openRequest returns the parameters of a pushed request: those of the form, or those of the request object
// in it once it has been judged.
func (s *Server) openRequest(ctx context.Context, client *Client, f form, now time.Time) (form, error) {
	compact := f.get("request")
	q := &submission{client: client, signed: compact != "", must: s.party.Dialect().Request == control.SignedRequest}
	if err := enforceOn(ctx, s, client.ID, q, signedGuards); err != nil {
		return nil, err
	}
	if compact == "" {
		return f, nil
	}
	o, err := s.readObject(client, compact, f, now)
	if err != nil {
		return nil, err
	}
	if err := party.Enforce(ctx, s.party, o, objectGuards); err != nil {
		return nil, err
	}
	// What stands outside says the same as what stands inside, unless the profile does not care.
	all := slices.Clone(o.outside)
	for _, p := range formOf(o.Claims.Parameters) {
		if !o.outside.has(p.name) {
			all = append(all, p)
		}
	}
	return all, nil
}

// readObject takes a request object apart. One that holds another, or points to one, is malformed: nothing
// could come of following it (RFC 9101 s4).
func (s *Server) readObject(client *Client, compact string, f form, now time.Time) (*object, error) {
	received, err := fapi.ParseRequestObject(compact)
	if err != nil {
		return nil, badObject(err.Error())
	}
	inside := received.Claims.Parameters
	for _, name := range []string{"request", "request_uri"} {
		if inside[name] != nil {
			return nil, badObject("expected no " + name + " inside the request object (RFC 9101 s4)")
		}
	}
	for name, values := range inside {
		if name != "resource" && len(values) != 1 {
			return nil, badObject("expected " + name + " once")
		}
	}
	o := &object{ReceivedRequest: received, s: s, now: now, client: client}
	o.signer = s.client(firstOf(received.Claims.Issuer, formOf(inside).get("client_id")))
	for _, p := range f {
		if !slices.Contains(besideObject, p.name) && f.get(p.name) != "" {
			o.outside = append(o.outside, p)
		}
	}
	return o, nil
}

// besideObject is what belongs into the form and not into the request object: who pushes it (RFC 9126 s3).
var besideObject = []string{"request", "client_id", "client_secret", "client_assertion", "client_assertion_type"}

func badObject(detail string) *fault {
	return newFault(answerObject, "request object: "+detail)
}

// checkAlg (RFC 9101 s6.2; SP 5.4.1).
func (o *object) checkAlg() (string, error) { return o.s.checkAlg("request object", o.JWT) }

// checkSignature (RFC 9101 s6.2). The keys are those of the client that the object names as its issuer;
// that this is the client that pushed it is checkClient's.
func (o *object) checkSignature() (string, error) {
	return checkClientSignature(o.s.memo, "request object", o.JWT, o.signer, o.Claims.Issuer)
}

// checkTyp (RFC 9101 s10.8).
func (o *object) checkTyp() (string, error) {
	typ := o.JWT.Header.Typ
	if o.JWT.CheckTyp(fapi.TypRequest) != nil {
		return typ, control.ExpectedFix("typ of the request object", fapi.TypRequest, typ, "set the header typ")
	}
	return typ, nil
}

// checkClient (RFC 9101 s5, s6.2). The object names its client twice.
func (o *object) checkClient() (string, error) {
	if o.Claims.Issuer != o.client.ID {
		return o.client.ID, control.Expected("iss of the request object", o.client.ID, o.Claims.Issuer)
	}
	if inside := formOf(o.Claims.Parameters).get("client_id"); inside != o.client.ID {
		return o.client.ID, control.Expected("client_id in the request object", o.client.ID, inside)
	}
	return o.client.ID, nil
}

// checkAudience (FAPI 2.0 MS 5.3.1): the issuer, as a string or in an array.
func (o *object) checkAudience() (string, error) {
	if o.Claims.Audience.Has(o.s.issuer) {
		return o.s.issuer, nil
	}
	aud := audienceText(o.Claims.Audience)
	return aud, control.ExpectedFix("aud of the request object", o.s.issuer, aud, "use the issuer of the metadata")
}

// checkNotBefore (FAPI 2.0 MS 5.3.1; SP 5.3.2.1-13).
func (o *object) checkNotBefore() (string, error) {
	window := fapi.Window{Past: objectLifetime, Future: objectAhead}
	if fapi.CheckTime("nbf", o.Claims.NotPrior, o.now, window) != nil {
		return "", control.ExpectedFix("nbf of the request object", "at most 60 minutes ago, and at most 60 s ahead", moment(o.Claims.NotPrior, o.now),
			"make a new request object for every sign-in, with nbf set to the present")
	}
	return "", nil
}

// checkExpiry (FAPI 2.0 MS 5.3.1).
func (o *object) checkExpiry() (string, error) {
	if exp := o.Claims.Expires; exp == 0 || !o.now.Before(time.Unix(exp, 0)) {
		return "", control.ExpectedFix("exp of the request object", "a moment in the future", moment(exp, o.now),
			"make a new request object for every sign-in")
	}
	return "", nil
}

// checkLifetime (FAPI 2.0 MS 5.3.1) counts from nbf; an object without one counts from now.
func (o *object) checkLifetime() (string, error) {
	from := o.now
	if o.Claims.NotPrior != 0 {
		from = time.Unix(o.Claims.NotPrior, 0)
	}
	if exp := o.Claims.Expires; exp == 0 || time.Unix(exp, 0).Sub(from) > objectLifetime {
		return "", control.Expected("exp of the request object", "at most 60 minutes after nbf", moment(exp, from))
	}
	return "", nil
}

// checkInside (RFC 9101 s5, s6.3): what is said twice must be the same both times.
func (o *object) checkInside() (string, error) {
	var differ []string
	for _, p := range o.outside {
		if !slices.Contains(differ, p.name) && !slices.Equal(o.outside.all(p.name), o.Claims.Parameters[p.name]) {
			differ = append(differ, p.name)
		}
	}
	if len(differ) == 0 {
		return "nothing beside it", nil
	}
	slices.Sort(differ)
	names := strings.Join(differ, ", ")
	return names, control.ExpectedFix("parameters beside the request object", "none that it does not hold", names,
		"put every parameter into the request object")
}
