package event

import (
	"encoding/json"
	"net/http"
	"unicode/utf8"
)

// Message is an HTTP message as bytes crossed the network.
type Message struct {
	Method string      // requests
	URL    string      // requests: absolute
	Status int         // responses
	Header http.Header // as the receiver saw it
	Body   []byte
}

// wireMessage is a Message in JSON. A body that is text, as nearly all are, is written as text: people
// read it, and recordings compress to a third of what base64 lets them.
type wireMessage struct {
	Method string      `json:"method,omitempty"`
	URL    string      `json:"url,omitempty"`
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
	Binary []byte      `json:"body_base64,omitempty"`
}

// MarshalJSON writes the body as text if it is text, else in base64 as body_base64.
func (m Message) MarshalJSON() ([]byte, error) {
	w := wireMessage{Method: m.Method, URL: m.URL, Status: m.Status, Header: m.Header}
	if utf8.Valid(m.Body) {
		w.Body = string(m.Body)
	} else {
		w.Binary = m.Body
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Message) UnmarshalJSON(data []byte) error {
	var w wireMessage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*m = Message{Method: w.Method, URL: w.URL, Status: w.Status, Header: w.Header, Body: w.Binary}
	if w.Body != "" {
		m.Body = []byte(w.Body)
	}
	return nil
}
