package telemetry

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// Witness makes the logs of the honest out of the events of one run. What the director of the play knows (who
// is the thief, what he was granted, overheard or lured somebody to, which records are marked) goes into no
// log: a request has an address where it has a name in the event. A message that never arrived is in the log
// of the client that sent it, and nowhere else.
//
// It is not safe for concurrent use. Feed it every event of the run, in order: it learns secrets from all of
// them, so as to hide them.
type Witness struct {
	// Address is the address that an actor's request comes from. Nil for Home: everybody has one.
	Address func(actor string, exchange int) string

	// Also stands in every entry: which of several servers with one name it is from.
	Also []Field
	// Memory is how many events the secrets of which are remembered, so that a server that runs for weeks does
	// not remember all it ever saw: what an event carries itself is hidden in any case. 0 for all.
	Memory int

	known *report.Redactor
	seen  int
	roles map[string]event.Role
	open  map[int]*pending
}

// pending is a request without an answer yet.
type pending struct {
	raw, clean event.Request
	about      []Field // who asks, as the server sees it
}

// NewWitness returns the witness of a new run.
func NewWitness() *Witness {
	return &Witness{Address: Home, known: report.NewRedactor(), roles: map[string]event.Role{}, open: map[int]*pending{}}
}

// Home gives every actor one address, in the network that RFC 2544 keeps for tests. It says nothing about him.
func Home(actor string, _ int) string {
	sum := sha256.Sum256([]byte("address of " + actor))
	return fmt.Sprintf("198.%d.%d.%d", 18+sum[0]&1, sum[1], sum[2])
}

// See takes the next event, and returns what is added to the logs.
func (w *Witness) See(e event.Event) []Entry {
	if r, ok := e.Body.(event.Ruling); ok && (r.Outcome == "pass" || r.Outcome == "off") || e.Body == nil {
		return nil // a check that was passed is in nobody's log, and teaches no secret
	}
	if w.seen++; w.Memory > 0 && w.seen%w.Memory == 0 {
		w.known = report.NewRedactor()
	}
	clean := w.known.Event(e)
	switch b := clean.Body.(type) {
	case event.Actor:
		w.roles[b.ID] = b.Role
	case event.Request:
		raw := e.Body.(event.Request)
		w.open[e.Exchange] = &pending{raw: raw, clean: b, about: w.about(e, raw)}
	case event.Response:
		return w.answered(e, b.Message.Status, "")
	case event.Lost:
		return w.answered(e, 0, b.Why)
	default:
		return w.said(e, clean.Body)
	}
	return nil
}

// entry begins a record in the log of an honest party; false if the party is not honest or keeps none.
// Party is an actor, and maybe its node: "fhir/a".
func (w *Witness) entry(e event.Event, party, what string) (Entry, bool) {
	actor, node, _ := strings.Cut(party, "/")
	log := ""
	switch w.roles[actor] {
	case event.RoleAuthorizationServer:
		log = LogAS
	case event.RoleResourceServer:
		log = LogAPI
	case event.RoleClient:
		log = LogClient
	default:
		return Entry{}, false
	}
	out := Entry{At: e.At, Log: log, Event: log + "." + what}
	out.add("service", actor)
	out.Fields = append(out.Fields, w.Also...)
	out.add("node", node)
	if e.Exchange > 0 {
		out.add("request_id", e.Exchange)
	}
	return out, true
}

// answered closes an exchange: a line in the access log of who answered, and one in the log of the client
// that asked.
func (w *Witness) answered(e event.Event, status int, lost string) (out []Entry) {
	p := w.open[e.Exchange]
	if p == nil {
		return nil
	}
	delete(w.open, e.Exchange)
	if lost == "" {
		if line, ok := w.entry(e, strings.TrimSuffix(p.raw.To+"/"+p.raw.Node, "/"), "request"); ok {
			line.outcome(status)
			line.Fields = append(line.Fields, p.about...)
			out = append(out, w.message(line, e, p))
		}
	}
	if line, ok := w.entry(e, p.raw.From, "call"); ok && w.roles[p.raw.From] == event.RoleClient {
		line.outcome(status)
		line.add("method", p.clean.Message.Method)
		line.address(p.clean.Message.URL)
		line.add("reason", lost)
		out = append(out, line)
	}
	return out
}

func (e *Entry) outcome(status int) {
	switch {
	case status == 0:
		e.add("outcome", "lost")
		return
	case status >= 500:
		e.add("outcome", "error")
	case status >= 400:
		e.add("outcome", "deny")
	default:
		e.add("outcome", "allow")
	}
	e.add("status", status)
}

func (e *Entry) address(raw string) {
	if u, err := url.Parse(raw); err == nil {
		e.add("host", u.Host)
		e.add("path", u.Path)
	}
	e.add("url", raw)
}

// said is what a party writes down of its own accord, beside the access log.
func (w *Witness) said(e event.Event, body event.Body) []Entry {
	what, fields := words(body)
	if what == "" {
		return nil
	}
	party := ""
	p := w.open[e.Exchange]
	switch b := body.(type) {
	case event.Ruling:
		party = b.Party
	case event.Refused:
		party = b.Party
	case event.SignedIn:
		party = b.Client
	case event.Operated:
		party = w.server()
	default:
		if p == nil {
			return nil
		}
		party = strings.TrimSuffix(p.raw.To+"/"+p.raw.Node, "/")
	}
	out, ok := w.entry(e, party, what)
	if !ok {
		return nil
	}
	out.Fields = append(out.Fields, fields...)
	if p != nil {
		for _, f := range p.about {
			if out.Get(f.Key) == nil {
				out.Fields = append(out.Fields, f)
			}
		}
	}
	return []Entry{out}
}

// server is the authorization server, whose log has what its operators do.
func (w *Witness) server() string {
	found := ""
	for id, role := range w.roles {
		if role == event.RoleAuthorizationServer && (found == "" || id < found) {
			found = id
		}
	}
	return found
}
