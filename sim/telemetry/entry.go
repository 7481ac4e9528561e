package telemetry

import (
	"bytes"
	"encoding/json"
	"time"
)

// Logs that honest parties keep.
const (
	LogAS     = "as"     // the authorization server's
	LogAPI    = "api"    // a resource server's
	LogClient = "client" // a client system's
)

// Entry is one record in an honest party's own log: what the party could see, and nothing else.
type Entry struct {
	At    time.Time
	Log   string // LogAS, LogAPI or LogClient
	Event string // "api.request", "as.issue"; EventNames has them all
	// Fields in the order in which they are written. A value is a string, an int, a bool or a []string.
	Fields []Field
}

// Field is one fact of an entry, by a flat name: service, src_ip, control.
type Field struct {
	Key   string
	Value any
}

// EventNames are the events of entries, each with what it is.
var EventNames = map[string]string{
	"as.request": "a request that was answered", "as.refuse": "a check refused", "as.challenge": "a check asked for more",
	"as.error": "a request that made no sense", "as.issue": "a credential given out", "as.withdraw": "a credential cancelled",
	"as.disclose": "a credential explained", "as.operate": "an operator's decision",
	"api.request": "a request that was answered", "api.refuse": "a check refused", "api.challenge": "a check asked for more",
	"api.error": "a request that made no sense", "api.access": "records served", "api.write": "a record stored or deleted",
	"client.request": "a page that was asked for", "client.call": "a request to a server", "client.refuse": "a check refused",
	"client.challenge": "a check asked for more", "client.error": "a page that made no sense", "client.sign_in": "a browser signed in",
}

// Get returns a fact, nil if the entry has none of that name. The names of the envelope are found too.
func (e Entry) Get(key string) any {
	switch key {
	case "log":
		return e.Log
	case "event":
		return e.Event
	}
	for _, f := range e.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

func (e Entry) text(key string) string {
	s, _ := e.Get(key).(string)
	return s
}

func (e *Entry) add(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	}
	e.Fields = append(e.Fields, Field{key, value})
}

// failed tells whether what was asked for was not done.
func (e Entry) failed() bool {
	switch e.text("outcome") {
	case "deny", "error", "lost":
		return true
	}
	return false
}

// object is a JSON object whose members keep their order.
type object []Field

func (o *object) set(key string, value any) {
	if s, ok := value.(string); !ok || s != "" {
		*o = append(*o, Field{key, value})
	}
}

// MarshalJSON writes the members in the order in which they were set.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, f := range o {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := plainJSON(f.Key)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(f.Value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// plainJSON leaves <code 1> as it is, for people to read.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
