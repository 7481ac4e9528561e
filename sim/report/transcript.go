package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"thiefbox/sim/event"
)

// Transcript writes a whole run as text, every message with its headers and body, in which each
// secret is replaced by its kind and a number in order of appearance. The same seed gives the same
// transcript, whatever the operating system's dice put into RSA keys.
func Transcript(rec event.Recording) []byte {
	var b bytes.Buffer
	for _, e := range Redacted(rec).Events {
		writeEvent(&b, e)
	}
	return b.Bytes()
}

// Redacted returns the recording with its secrets replaced as in a Transcript.
func Redacted(rec event.Recording) event.Recording {
	r := redactorFor(rec)
	clean := event.Recording{Events: make([]event.Event, len(rec.Events))}
	for i, e := range rec.Events {
		clean.Events[i] = r.Event(e)
	}
	return clean
}

// redactorFor knows every secret of a recording, also those that are issued, and shown by their hash,
// before a message carries them.
func redactorFor(rec event.Recording) *Redactor {
	r := NewRedactor()
	for _, e := range rec.Events {
		r.learn(e.Body)
	}
	return r
}

func writeEvent(b *bytes.Buffer, e event.Event) {
	fmt.Fprintf(b, "%d %s", e.N, e.At.UTC().Format("15:04:05.000"))
	if e.Exchange != 0 {
		fmt.Fprintf(b, " [%d]", e.Exchange)
	}
	b.WriteByte(' ')
	switch body := e.Body.(type) {
	case event.Request:
		fmt.Fprintf(b, "%s -> %s", body.From, body.To)
		if body.Cause != 0 {
			fmt.Fprintf(b, ", because of [%d]", body.Cause)
		}
		b.WriteString("\n")
		writeMessage(b, body.Message)
	case event.Response:
		b.WriteString("answer\n")
		writeMessage(b, body.Message)
	case event.Overheard:
		fmt.Fprintf(b, "overheard of [%d] at %s\n", body.Of, body.Vantage)
		writeMessage(b, body.Message)
	case event.Granted:
		fmt.Fprintf(b, "granted %s%s\n", body.Vantage, body.Asset)
		writeIndented(b, body.Bytes)
	default:
		fmt.Fprintf(b, "%s %s\n", e.Body.Kind(), plainJSON(e.Body))
	}
}

// plainJSON writes a body without escaping < and >, in which the names of secrets stand.
func plainJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeMessage(b *bytes.Buffer, m event.Message) {
	if m.Method != "" {
		fmt.Fprintf(b, "    %s %s\n", m.Method, m.URL)
	} else {
		fmt.Fprintf(b, "    %d\n", m.Status)
	}
	for _, name := range sortedKeys(m.Header) {
		if name == "Content-Length" {
			continue // it differs with the length of an RSA signature, and the body is here to see
		}
		for _, v := range m.Header[name] {
			fmt.Fprintf(b, "    %s: %s\n", name, v)
		}
	}
	if len(m.Body) > 0 {
		b.WriteString("\n")
		writeIndented(b, m.Body)
	}
}

func writeIndented(b *bytes.Buffer, body []byte) {
	if len(body) == 0 {
		return
	}
	text := string(body)
	if !utf8.ValidString(text) {
		text = fmt.Sprintf("%q", text)
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString("    " + line + "\n")
	}
}
