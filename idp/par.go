package idp

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Pushed authorization requests (RFC 9126): the client hands its request over itself, authenticated,
// and gets a reference for the browser to carry.

// sharePushed is how many pushed requests are kept of a client. Who pushes more without a person to follow loses his
// own oldest, and the other clients nothing. RFC 9126 s2.3 would allow to refuse him; but to push and to go no further
// is what a load test does, and it should see the server's speed and not its patience.
const sharePushed = 1 << 12

const requestURIPrefix = "urn:ietf:params:oauth:request_uri:"

// requestKeyGuards compare the two ways of naming the key that the code is to be bound to.
var requestKeyGuards = []control.Guard[pushedKeys]{
	{Control: control.ASPARKeyMatch, Check: (*pushedKeys).checkSame, Answer: answerProof},
}

type pushedKeys struct{ jkt, proof string }

// checkSame (RFC 9449 s10.1). One of the two is enough.
func (k *pushedKeys) checkSame() (string, error) {
	if k.jkt != "" && k.proof != "" && k.jkt != k.proof {
		return k.jkt, control.Expected("dpop_jkt", "the thumbprint of the proof's key, "+k.proof, k.jkt)
	}
	return firstOf(k.jkt, k.proof), nil
}

func (s *Server) servePAR(w http.ResponseWriter, r *http.Request) {
	uri, p, err := s.push(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.offerNonce(w, p)
	body := make([]byte, 0, 160) // RFC 9126 s2.2; nothing in it needs to be escaped
	body = append(append(body, `{"request_uri":"`...), uri...)
	body = strconv.AppendInt(append(body, `","expires_in":`...), int64(s.lifetimes().Request.Seconds()), 10)
	writeBody(w, http.StatusCreated, append(body, '}'))
}

func (s *Server) push(r *http.Request) (uri string, p *proof, err error) {
	f, err := postForm(r)
	if err != nil {
		return "", nil, err
	}
	now, ctx := s.now(), r.Context()
	c, err := s.readCaller(r, f, s.at.par, now)
	if err != nil {
		return "", nil, err
	}
	if p, err = s.readProof(r, s.at.par, now); err != nil {
		return "", nil, err
	}
	if f.get("request_uri") != "" { // RFC 9126 s2.1
		return "", nil, malformed("expected no request_uri in a pushed request, got one").because("RFC 9126 s2.1", "push the parameters themselves")
	}
	if err := s.authenticate(ctx, c); err != nil {
		return "", nil, err
	}
	if f, err = s.openRequest(ctx, c.client, f, now); err != nil {
		return "", nil, err
	}
	q, err := s.readRequest(c.client, f)
	if err != nil {
		return "", nil, err
	}
	if err := s.judgePushed(r, q, p); err != nil {
		return "", nil, err
	}
	if err := s.spend(ctx, c, p, nil); err != nil {
		return "", nil, err
	}
	q.jkt = firstOf(q.jkt, p.thumbprint())
	q.pushed, q.expires = true, now.Add(s.lifetimes().Request)
	q.detach()
	uri = requestURIPrefix + s.party.Dice.Token()
	s.requests.add(digestOf(uri), q, now, now.Add(keep))
	s.party.Tell(ctx, event.Issued{Type: "request_uri", ID: fapi.Hash(uri), Client: c.client.ID, Scope: string(q.scope), Bound: q.jkt})
	return uri, p, nil
}

// judgePushed runs what a plain request is judged by too (see judgePlain), and what can only be judged
// where a proof comes along.
func (s *Server) judgePushed(r *http.Request, q *request, p *proof) error {
	ctx := r.Context()
	if err := s.judgeWish(ctx, q.client, grantAuthorizationCode, q.scope); err != nil {
		return err
	}
	if err := s.judgeRequest(ctx, q); err != nil {
		return err
	}
	if p != nil {
		if err := party.Enforce(ctx, s.party, p, proofGuards); err != nil {
			return err
		}
	}
	return party.Enforce(ctx, s.party, &pushedKeys{q.jkt, p.thumbprint()}, requestKeyGuards)
}

// detach copies what is kept, which otherwise would keep the whole form.
func (q *request) detach() {
	q.redirectURI, q.scope = once(q.redirectURI), fapi.Scope(once(string(q.scope)))
	for _, s := range []*string{&q.state, &q.nonce, &q.challenge, &q.method, &q.jkt, &q.loginHint, &q.responseType} {
		*s = strings.Clone(*s)
	}
	for _, list := range [][]string{q.prompt, q.acr, q.resources} {
		for i := range list {
			list[i] = once(list[i])
		}
	}
}

// oddRequestURI names what is usually wrong with one. What it says is the browser's, and stays out of the log.
func oddRequestURI(uri string) string {
	switch {
	case strings.HasPrefix(uri, "urn%3A") || strings.HasPrefix(uri, "urn%3a"):
		return "it percent-encoded twice"
	case strings.HasPrefix(uri, "http:") || strings.HasPrefix(uri, "https:"):
		return "a URL, which this server does not fetch"
	}
	return "something else"
}

// pushedRequest finds what a request_uri stands for. Only this server's own are looked at: fetching
// somebody's URL would have it run errands (RFC 9101 s10.4).
func (s *Server) pushedRequest(uri, client string) (*request, error) {
	if !strings.HasPrefix(uri, requestURIPrefix) {
		return nil, faultOf(http.StatusBadRequest, "request_uri_not_supported", "the request_uri is not one of ours", "expected a request_uri that begins with "+requestURIPrefix+", got "+oddRequestURI(uri)).because("RFC 9126 s2.2, s4", "send what the PAR endpoint answered, percent-encoded once, and nothing else")
	}
	q, ok := s.requests.get(digestOf(uri), s.now())
	if ok {
		return q, nil
	}
	detail := "expected a request_uri that this server issued, got another"
	if n := s.requests.pushedOut(client); n > 0 {
		detail += fmt.Sprintf("; of a client it keeps the newest %d, and %d older ones of %s have made way for them", sharePushed, n, client)
	}
	return nil, faultOf(http.StatusBadRequest, "invalid_request_uri", "the request_uri is unknown", detail).because("RFC 9126 s4",
		"push a new request for every sign-in, at this very issuer: another name, port or scheme is another one, and a reset forgets")
}
