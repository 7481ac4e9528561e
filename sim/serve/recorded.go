package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/report"
)

// What a client sent, as a test asks for it: an exchange an entry, with the form taken apart, the JWTs
// opened and the rulings beside them. Secrets stand under names that are the same wherever the secret is,
// so that a test can still tell whether two tokens are one.

// Recorded is an exchange.
type Recorded struct {
	N           int                 `json:"n"`
	At          time.Time           `json:"at"`
	Interaction string              `json:"interaction"` // its x-fapi-interaction-id
	From        string              `json:"from"`        // the client it names, or the address
	To          string              `json:"to"`          // as or fhir
	Method      string              `json:"method"`
	Path        string              `json:"path"` // below the issuer
	Query       map[string][]string `json:"query,omitempty"`
	Header      http.Header         `json:"header"`
	Form        map[string][]string `json:"form,omitempty"`
	Body        string              `json:"body,omitempty"` // unless it is a form
	JWTs        []RecordedJWT       `json:"jwts,omitempty"`
	Status      int                 `json:"status"`
	Answer      string              `json:"answer,omitempty"` // its body
	Location    string              `json:"location,omitempty"`
	RefusedBy   string              `json:"refused_by,omitempty"`
	Rulings     []event.Ruling      `json:"rulings,omitempty"`
}

// RecordedJWT is a JWT of a request, opened. Nothing about it is verified here: the rulings say that.
type RecordedJWT struct {
	Name   string          `json:"name"` // "DPoP proof"
	Header json.RawMessage `json:"header"`
	Claims json.RawMessage `json:"claims"`
}

// Recorded lists the exchanges since the record was last forgotten, oldest first. It reaches back some
// hundreds.
func (i *Issuer) Recorded() []Recorded { return i.recordedAt(door{}) }

// recordedAt lists those that went through one of the doors.
func (i *Issuer) recordedAt(doors ...door) []Recorded {
	t := i.tenant
	return t.recorded(t.journal.above(int(t.forgotten.Load())), doors)
}

// door is which exchanges somebody asks for, by what can be told of one before it is dressed; what is left empty does
// not matter. Who polls asks for a few of some hundreds, and to dress an exchange costs thirty times what it costs to pass
// it over.
type door struct {
	after                int
	method, path, client string
}

// isOf tells whether an exchange went through the door.
func (d door) isOf(r Recorded) bool {
	return r.N > d.after && (d.path == "" || d.path == r.Path) && (d.method == "" || d.method == r.Method) && (d.client == "" || d.client == r.From)
}

// mayBeOf is isOf before the exchange is dressed: a path with a secret in it is asked for by the name that the secret
// has in the list.
func (d door) mayBeOf(r Recorded) bool {
	if strings.Contains(d.path, "<") {
		d.path = ""
	}
	return d.isOf(r)
}

func (t *tenant) recorded(raw []event.Event, doors []door) []Recorded {
	out, at := []Recorded{}, map[int]int{} // place of an exchange
	for _, e := range raw {
		if b, ok := e.Body.(event.Request); ok {
			if b.Cause != 0 || !t.wentThrough(e, doors) { // a cause: the API asks the authorization server on its own account
				continue
			}
			at[e.Exchange] = len(out)
			out = append(out, t.recordedRequest(e, t.dress(e).Body.(event.Request)))
			continue
		}
		n, begun := at[e.Exchange]
		if !begun {
			continue
		}
		r := &out[n]
		switch b := t.dress(e).Body.(type) {
		case event.Ruling:
			r.Rulings = append(r.Rulings, b)
			if d, refused := ofRuling(b); refused {
				r.RefusedBy = d.Control
			}
		case event.Response:
			r.Status, r.Answer = b.Message.Status, string(b.Message.Body)
			r.Interaction, r.Location = b.Message.Header.Get(interactionHeader), b.Message.Header.Get("Location")
		}
	}
	return out
}

// wentThrough tells whether the exchange that a request begins is asked for.
func (t *tenant) wentThrough(e event.Event, doors []door) bool {
	if slices.Contains(doors, door{}) {
		return true
	}
	b := t.withSender(e).Body.(event.Request)
	bare := Recorded{N: e.Exchange, From: b.From, Method: b.Message.Method}
	if u, err := url.Parse(b.Message.URL); err == nil {
		_, bare.Path = split(u.Path)
	}
	return slices.ContainsFunc(doors, func(d door) bool { return d.mayBeOf(bare) })
}

func (t *tenant) recordedRequest(raw event.Event, b event.Request) Recorded {
	r := Recorded{N: raw.Exchange, At: raw.At, From: b.From, To: b.To, Method: b.Message.Method, Header: b.Message.Header}
	if u, err := url.Parse(b.Message.URL); err == nil {
		_, r.Path = split(u.Path)
		r.Query = u.Query()
	}
	if strings.HasPrefix(b.Message.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		r.Form, _ = url.ParseQuery(string(b.Message.Body)) // what cannot be read was refused for it
	} else {
		r.Body = string(b.Message.Body)
	}
	for _, d := range report.Decode(raw.Body.(event.Request).Message) {
		if d.Claims != "" {
			r.JWTs = append(r.JWTs, RecordedJWT{d.Name, json.RawMessage(d.Header), json.RawMessage(d.Claims)})
		}
	}
	return r
}

// serveRequests lists what was recorded; after=N leaves out what is known already, path=/token and
// client=ID keep what goes there and comes from there.
func (i *Issuer) serveRequests(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, err := strconv.Atoi(firstOf(q.Get("after"), "0"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request", "expected after to be the number of a request")
		return
	}
	d := door{after: after, path: q.Get("path"), client: q.Get("client")}
	answerJSON(w, http.StatusOK, slices.DeleteFunc(i.recordedAt(d), func(r Recorded) bool { return !d.isOf(r) }))
}

func (i *Issuer) forgetRequests(w http.ResponseWriter, _ *http.Request) {
	i.Forget()
	w.WriteHeader(http.StatusNoContent)
}

// Forget begins the record anew, for the next test. The log of events goes on.
func (i *Issuer) Forget() {
	j := i.tenant.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	i.tenant.forgotten.Store(int64(j.last))
}
