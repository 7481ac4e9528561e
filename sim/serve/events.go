package serve

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/report"
)

// What happened at an issuer, for whoever wants to know: GET /_thiefbox/events below it, as a JSON array
// or, to those who accept text/event-stream, as it happens. after=N leaves out what is known already,
// interaction=ID keeps the exchanges with that x-fapi-interaction-id.

// stranger precedes the address of a sender that names no client.
const stranger = "stranger at "

// Actors are the parties of every issuer that keep logs, as the events name them.
func Actors() []event.Actor {
	return []event.Actor{{ID: "as", Role: event.RoleAuthorizationServer}, {ID: "fhir", Role: event.RoleResourceServer}}
}

// AddressOf is the address that a request came from, by the sender that its event names: the API asks its
// authorization server inside this process.
func AddressOf(sender string) string {
	if at, outside := strings.CutPrefix(sender, stranger); outside {
		if host, _, err := net.SplitHostPort(at); err == nil {
			return host
		}
		return at
	}
	return "127.0.0.1"
}

// Events returns the latest events of the issuer and of its other origins, without secrets.
func (i *Issuer) Events() []event.Event { return i.tenant.journal.after(0) }

func (i *Issuer) serveEvents(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, err := strconv.Atoi(firstOf(r.Header.Get("Last-Event-Id"), q.Get("after"), "0"))
	if err != nil || after < 0 {
		refuse(w, http.StatusBadRequest, "invalid_request", "expected after to be the number of an event")
		return
	}
	if wants(r, "text/event-stream") {
		i.stream(w, r, after)
		return
	}
	events := i.tenant.journal.after(0)
	if id := q.Get("interaction"); id != "" {
		events = within(events, interaction(events, id))
	}
	answerJSON(w, http.StatusOK, slices.DeleteFunc(events, func(e event.Event) bool { return e.N <= after }))
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// interaction finds the exchanges that were answered with an id, and those they set going.
func interaction(events []event.Event, id string) map[int]bool {
	exchanges := map[int]bool{}
	for _, e := range events {
		if b, ok := e.Body.(event.Response); ok && b.Message.Header.Get(interactionHeader) == id {
			exchanges[e.Exchange] = true
		}
	}
	for _, e := range events {
		if b, ok := e.Body.(event.Request); ok && exchanges[b.Cause] {
			exchanges[e.Exchange] = true
		}
	}
	return exchanges
}

func within(events []event.Event, exchanges map[int]bool) []event.Event {
	return slices.DeleteFunc(events, func(e event.Event) bool { return !exchanges[e.Exchange] })
}

// stream sends events as they happen (HTML, server-sent events), until the reader goes or the server
// ends. A reader who is too slow misses what the journal no longer keeps; the numbers show it.
func (i *Issuer) stream(w http.ResponseWriter, r *http.Request, after int) {
	c := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_ = c.SetReadDeadline(time.Time{}) // or net/http takes the silent reader for a slow sender
	for {
		var b strings.Builder
		for _, e := range i.tenant.journal.after(after) {
			data, err := json.Marshal(e)
			if err != nil {
				panic("serve: an event does not marshal: " + err.Error())
			}
			fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.N, e.Body.Kind(), data)
			after = e.N
		}
		_ = c.SetWriteDeadline(i.tenant.server.config.Now().Add(answerTimeout)) // each piece has its own time
		if _, err := w.Write([]byte(b.String())); err != nil || c.Flush() != nil {
			return
		}
		select {
		case <-i.tenant.journal.wait(after):
		case <-r.Context().Done():
			return
		}
	}
}

// dress makes an event fit to be shown: the sender of a request by the client it names, and no secrets.
func (t *tenant) dress(e event.Event) event.Event {
	return report.Redact(t.withSender(e))
}

// claimedClient is the client that a request says it is from. Whether it is, the rulings say.
func claimedClient(m event.Message) string {
	if u, err := url.Parse(m.URL); err == nil && u.Query().Get("client_id") != "" {
		return u.Query().Get("client_id")
	}
	r := http.Request{Header: m.Header}
	if id, _, ok := r.BasicAuth(); ok {
		return id
	}
	if scheme, token, ok := strings.Cut(m.Header.Get("Authorization"), " "); ok && !strings.EqualFold(scheme, "Basic") {
		return claim(token, func(c fapi.AccessToken) string { return c.ClientID })
	}
	if !strings.HasPrefix(m.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return ""
	}
	form, err := url.ParseQuery(string(m.Body))
	if err != nil {
		return ""
	}
	return firstOf(form.Get("client_id"), claim(form.Get("client_assertion"), func(c fapi.Assertion) string { return c.Subject }))
}

// claim reads a claim of a JWT that nobody has verified.
func claim[C any](compact string, which func(C) string) string {
	var claims C
	t, err := fapi.ParseJWT(compact)
	if err != nil || t.Claims(&claims) != nil {
		return ""
	}
	return which(claims)
}
