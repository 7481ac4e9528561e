package report

import (
	"net/http"
	"time"

	"thiefbox/sim/event"
)

// EventDocument is the JSON of one event in an export. It differs from event.Event's own in that what
// the thief was granted is text, and that < and >, in which the names of secrets stand, are not escaped.
type EventDocument struct {
	N        int        `json:"n"`
	At       time.Time  `json:"at"`
	Exchange int        `json:"exchange,omitempty"`
	Kind     event.Kind `json:"kind"`
	Body     any        `json:"body"`
}

type messageDocument struct {
	Method string      `json:"method,omitempty"`
	URL    string      `json:"url,omitempty"`
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
}

func messageText(m event.Message) messageDocument {
	return messageDocument{m.Method, m.URL, m.Status, m.Header, string(m.Body)}
}

func eventDocument(e event.Event) EventDocument {
	d := EventDocument{N: e.N, At: e.At, Exchange: e.Exchange, Kind: e.Body.Kind(), Body: e.Body}
	switch b := e.Body.(type) {
	case event.Request:
		d.Body = struct {
			From    string          `json:"from"`
			To      string          `json:"to"`
			Node    string          `json:"node,omitempty"`
			Cause   int             `json:"cause,omitempty"`
			Message messageDocument `json:"message"`
		}{b.From, b.To, b.Node, b.Cause, messageText(b.Message)}
	case event.Response:
		d.Body = struct {
			Message messageDocument `json:"message"`
		}{messageText(b.Message)}
	case event.Overheard:
		d.Body = struct {
			Vantage event.Vantage   `json:"vantage"`
			Of      int             `json:"of"`
			Message messageDocument `json:"message"`
		}{b.Vantage, b.Of, messageText(b.Message)}
	case event.Granted:
		d.Body = struct {
			Vantage event.Vantage `json:"vantage,omitempty"`
			Asset   event.Asset   `json:"asset,omitempty"`
			Bytes   string        `json:"bytes,omitempty"`
		}{b.Vantage, b.Asset, string(b.Bytes)}
	}
	return d
}
