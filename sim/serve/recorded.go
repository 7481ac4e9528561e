package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
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
func (i *Issuer) Recorded() []Recorded {
	t := i.tenant
	return t.recorded(t.journal.above(int(t.forgotten.Load())))
}

func (t *tenant) recorded(raw []event.Event) []Recorded {
	out, at := []Recorded{}, map[int]int{} // place of an exchange
	for _, e := range raw {
		dressed := t.dress(e)
		if b, ok := dressed.Body.(event.Request); ok {
			if b.Cause != 0 { // what the API asks the authorization server on its own account
				continue
			}
			at[e.Exchange] = len(out)
			out = append(out, t.recordedRequest(e, b))
			continue
		}
		n, begun := at[e.Exchange]
		if !begun {
			continue
		}
		r := &out[n]
		switch b := dressed.Body.(type) {
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
	out := []Recorded{}
	for _, one := range i.Recorded() {
		if one.N > after && (q.Get("path") == "" || q.Get("path") == one.Path) && (q.Get("client") == "" || q.Get("client") == one.From) {
			out = append(out, one)
		}
	}
	answerJSON(w, http.StatusOK, out)
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
