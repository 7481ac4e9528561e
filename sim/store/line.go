package store

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"thiefbox/sim/event"
)

// Nearly all of a recording is messages and rulings. They are written by hand, since reflection over them took twice
// as long as to compress what comes of it; a test reads all of it back. Other events are encoding/json's.

// line writes an event that is a message or a ruling, as encoding/json would have it read; ok is false for others.
func line(b []byte, e event.Event) (_ []byte, ok bool) {
	begun := b
	b = append(strconv.AppendInt(append(b, `{"n":`...), int64(e.N), 10), `,"at":"`...)
	b = append(e.At.AppendFormat(b, time.RFC3339Nano), '"')
	if e.Exchange != 0 {
		b = strconv.AppendInt(append(b, `,"exchange":`...), int64(e.Exchange), 10)
	}
	b = append(text(append(b, `,"kind":`...), string(e.Body.Kind())), `,"body":{`...)
	switch body := e.Body.(type) {
	case event.Ruling:
		b = ruling(b, body)
	case event.Response:
		b = message(append(b, `"message":`...), body.Message)
	case event.Request:
		if body.Certificate != (event.Certificate{}) {
			return begun, false
		}
		b = member(member(b, "from", body.From), "to", body.To)
		b = optional(b, "node", body.Node)
		if body.Cause != 0 {
			b = strconv.AppendInt(append(b, `,"cause":`...), int64(body.Cause), 10)
		}
		b = message(append(b, `,"message":`...), body.Message)
	case event.Overheard:
		b = strconv.AppendInt(append(member(b, "vantage", string(body.Vantage)), `,"of":`...), int64(body.Of), 10)
		b = message(append(b, `,"message":`...), body.Message)
	default:
		return begun, false
	}
	return append(b, "}}\n"...), true
}

func ruling(b []byte, r event.Ruling) []byte {
	b = member(member(member(b, "party", r.Party), "control", r.Control), "outcome", r.Outcome)
	b = optional(optional(optional(b, "saw", r.Saw), "what", r.What), "want", r.Want)
	return optional(optional(optional(b, "got", r.Got), "fix", r.Fix), "cause", r.Cause)
}

// message is what event.Message's MarshalJSON writes: a body that is text as text, else in base64.
func message(b []byte, m event.Message) []byte {
	b = optional(optional(append(b, '{'), "method", m.Method), "url", m.URL)
	if m.Status != 0 {
		b = strconv.AppendInt(append(comma(b), `"status":`...), int64(m.Status), 10)
	}
	if len(m.Header) > 0 {
		b = header(append(comma(b), `"header":`...), m.Header)
	}
	switch {
	case len(m.Body) == 0:
	case utf8.Valid(m.Body):
		b = text(append(comma(b), `"body":`...), m.Body)
	default:
		b = base64.StdEncoding.AppendEncode(append(comma(b), `"body_base64":"`...), m.Body)
		b = append(b, '"')
	}
	return append(b, '}')
}

// header writes names in order, so that equal recordings are equal to the byte.
func header(b []byte, h http.Header) []byte {
	b = append(b, '{')
	for _, name := range slices.Sorted(maps.Keys(h)) {
		b = append(text(comma(b), name), ':')
		if h[name] == nil {
			b = append(b, "null"...)
			continue
		}
		b = append(b, '[')
		for _, value := range h[name] {
			b = text(comma(b), value)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func member(b []byte, name, value string) []byte {
	return text(append(append(append(comma(b), '"'), name...), `":`...), value)
}

func optional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return member(b, name, value)
}

// comma separates from what stands before, if anything does.
func comma(b []byte) []byte {
	switch b[len(b)-1] {
	case '{', '[':
		return b
	}
	return append(b, ',')
}

// text writes a string of JSON. What is not plain is left to encoding/json.
func text[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	plain := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			continue
		}
		if short := escapes[c]; short != 0 {
			b = append(append(b, s[plain:i]...), '\\', short)
			plain = i + 1
			continue
		}
		quoted, _ := json.Marshal(string(s[plain:])) // a string: it cannot fail
		return append(b, quoted[1:]...)
	}
	return append(append(b, s[plain:]...), '"')
}

// escapes are the characters that come often, and what stands for them after a backslash (RFC 8259 s7).
var escapes = [256]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}
