package drill

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Evidence is one line of a log of the running world: a request as the server that took it wrote it down.
// Nothing in it says who really sent it; an address and a client_id are what a defender has.
type Evidence struct {
	N       int           `json:"n"` // number of the event, to link to
	At      time.Duration `json:"at"`
	Log     string        `json:"log"` // "server", or the kind of API
	Node    string        `json:"node,omitempty"`
	Address string        `json:"address"`
	Request string        `json:"request"` // method and path
	Status  int           `json:"status"`
	Client  string        `json:"client,omitempty"`
	Subject string        `json:"sub,omitempty"`
	Scheme  string        `json:"scheme,omitempty"`
	JKT     string        `json:"jkt,omitempty"`       // key of the proof
	JTI     string        `json:"proof_jti,omitempty"` // of the proof
	Drift   int           `json:"iat_drift,omitempty"` // seconds by which the time in the proof lies after the server's own
	Token   string        `json:"token,omitempty"`     // its jti: of one that was shown to an API, or issued by the server
	Kid     string        `json:"kid,omitempty"`       // of the key that the token names as the one that signed it
	Bound   bool          `json:"bound,omitempty"`     // the token names a key
	Aud     string        `json:"aud_kind,omitempty"`  // of a client assertion
	Reason  string        `json:"reason,omitempty"`    // of a refusal
}

// String is the line as a log has it.
func (e Evidence) String() string {
	s := fmt.Sprintf("e%d %s %s %s %s %d", e.N, Clock(e.At), e.Log+node(e.Node), e.Address, e.Request, e.Status)
	for _, f := range []struct{ name, value string }{
		{"client", e.Client}, {"sub", e.Subject}, {"scheme", e.Scheme}, {"jkt", short(e.JKT)}, {"proof", short(e.JTI)}, {"iat", drift(e.Drift)}, {"token", short(e.Token)}, {"kid", e.Kid}, {"aud", e.Aud}, {"reason", e.Reason},
	} {
		if f.value != "" {
			s += " " + f.name + "=" + f.value
		}
	}
	if e.Bound {
		s += " token=bound"
	}
	return s
}

// drift is how far the time that a proof names is from the server's own; nothing where they agree.
func drift(seconds int) string {
	if seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%+ds", seconds)
}

func node(n string) string {
	if n == "" {
		return ""
	}
	return "/" + n
}

func short(id string) string {
	if len(id) > 8 {
		return id[:8]
	}
	return id
}

// ownApp is the client_id of the thief's own app, and inLogs how logs of a drill have it: an honest register would
// not have let him call it after himself.
const ownApp, inLogs = "mallory-app", "locum-helper"

// Evidence is what the logs that can be read hold, from event n on.
func (d *Drill) Evidence(n int) []Evidence {
	return slices.DeleteFunc(d.logs(n), func(e Evidence) bool { return e.Log != placeServer && !d.logsFrom[e.Log] })
}

// logs is what all logs hold, from event n on.
func (d *Drill) logs(n int) []Evidence {
	var out []Evidence
	open := map[int]int{} // exchange to its line
	events := d.wire.Events(n)
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		e := &events[i]
		at, there := open[e.Exchange]
		switch b := e.Body.(type) {
		case event.Request:
			if log := d.logOf(b.To); log != "" && (log != placeServer || !d.isAPI(b.From) || isKeys(b.Message.URL)) {
				open[e.Exchange] = len(out)
				out = append(out, d.line(e, &b, log))
			}
		case event.Response:
			if there {
				out[at].Status = b.Message.Status
				if out[at].Log == placeServer && out[at].Token != "" {
					out[at].Kid = kidOf(b.Message.Body)
				}
			}
		case event.Issued:
			if there && b.Type == "access_token" {
				out[at].Token, out[at].Client, out[at].Subject = b.ID, registered(b.Client), registered(b.Subject)
			}
		case event.Access:
			if there {
				out[at].Node, out[at].Client, out[at].Subject = b.Node, registered(b.Client), registered(b.Subject)
			}
		case event.Ruling:
			if there && b.Outcome == "refused" {
				out[at].Reason = b.Control
				if _, n, found := strings.Cut(b.Party, "/"); found {
					out[at].Node = n
				}
			}
		case event.Refused:
			if there {
				out[at].Reason = b.Code
			}
		}
	}
	return out
}

// logOf is whose log a server writes: the server's, or an API's.
func (d *Drill) logOf(actor string) string {
	if actor == "as" {
		return placeServer
	}
	for i, a := range d.file.World.APIs {
		if actor == "api-"+a.Kind || i == 0 && actor == "fhir" {
			return a.Kind
		}
	}
	return ""
}

func (d *Drill) isAPI(actor string) bool { return d.logOf(actor) != "" && actor != "as" }

func (d *Drill) line(e *event.Event, b *event.Request, log string) Evidence {
	out := Evidence{N: e.N, At: d.sinceStart(e.At), Log: log, Address: d.addressOf(e.N, b.From)}
	path := b.Message.URL
	if u, err := url.Parse(path); err == nil {
		path = u.Path
		if log != placeServer && u.RawQuery != "" {
			path += "?" + u.RawQuery
		}
	}
	out.Request = b.Message.Method + " " + path
	scheme, credential, _ := strings.Cut(b.Message.Header.Get("Authorization"), " ")
	if log != placeServer {
		out.Scheme = scheme
		if t, err := fapi.ParseJWT(credential); err == nil {
			var claims fapi.AccessToken
			if t.Claims(&claims) == nil {
				out.Token, out.Client, out.Subject, out.Bound = claims.JTI, registered(claims.ClientID), registered(claims.Subject), claims.JKT() != ""
				out.Kid = t.Header.Kid
			}
		}
	} else if form, err := url.ParseQuery(string(b.Message.Body)); err == nil && b.Message.Method == "POST" {
		out.Client = registered(form.Get("client_id"))
		out.Aud = audienceKind(form.Get("client_assertion"))
	}
	if log == placeServer && d.isAPI(b.From) {
		out.Client = d.logOf(b.From) // the servers know their APIs
	}
	if p, err := fapi.ParseProof(b.Message.Header.Get("Dpop")); err == nil {
		out.JKT, out.JTI = p.Key.Thumbprint, p.Claims.JTI
		if p.Claims.IAT != 0 {
			out.Drift = int(p.Claims.IAT - e.At.Unix())
		}
	}
	return out
}

// isKeys tells whether a request is for the server's public keys: its log shows which API fetched them, and when.
func isKeys(url string) bool { return strings.HasSuffix(url, "/jwks") }

// kidOf is the kid of the access token in a token response.
func kidOf(body []byte) string {
	var response fapi.TokenResponse
	if json.Unmarshal(body, &response) != nil {
		return ""
	}
	t, err := fapi.ParseJWT(response.AccessToken)
	if err != nil {
		return ""
	}
	return t.Header.Kid
}

func registered(client string) string {
	if client == ownApp {
		return inLogs
	}
	return client
}

// audienceKind says what a client wrote into the audience of its assertion.
func audienceKind(assertion string) string {
	t, err := fapi.ParseJWT(assertion)
	if err != nil {
		return ""
	}
	var claims struct {
		Audience json.RawMessage `json:"aud"`
	}
	if t.Claims(&claims) != nil || len(claims.Audience) == 0 {
		return ""
	}
	switch text := string(claims.Audience); {
	case text[0] == '[':
		return "array"
	case strings.Contains(text, "/token"):
		return "token_url"
	case strings.Contains(text, "/par"):
		return "par_url"
	}
	return "issuer"
}

// sinceStart turns the world's time into the drill's.
func (d *Drill) sinceStart(at time.Time) time.Duration {
	first := d.wire.Events(1)
	return at.Sub(first[0].At)
}

// addressOf is where a request came from at the time: the thief moves.
func (d *Drill) addressOf(n int, actor string) string {
	if actor != thiefsActor {
		return d.wire.Address(actor)
	}
	for _, t := range d.tests {
		if n >= t[0] && n <= t[1] {
			return ownAddress
		}
	}
	address := d.wire.Address(actor)
	for i := len(d.moves) - 1; i >= 0 && n < d.moves[i].before; i-- {
		address = d.moves[i].from
	}
	return address
}

// ownAddress is where the responder's own tries come from (TEST-NET-1).
const ownAddress = "192.0.2.10"

// move is a change of the thief's address: events before it came from the old one.
type move struct {
	before int
	from   string
}
