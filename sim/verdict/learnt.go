package verdict

import (
	"bytes"
	"strings"

	"thiefbox/sim/event"
)

// learnt: bytes that were delivered to the thief hold the canary of a patient whose record is not his
// to read. Delivered are answers to his requests and requests that arrive at him, in the attack; and
// whatever he overhears or is handed, at any time. Each patient counts once, where first seen.
func (c *casefile) learnt() []Fact {
	s := search{c: c}
	for _, i := range c.carried {
		switch b := c.events[i].Body.(type) {
		case event.Response:
			if c.sentByThief(i) {
				s.message(i, &b.Message)
			}
		case event.Request:
			if c.underAttack(i) && c.isThief(b.To) {
				s.message(i, &b.Message)
			}
		case event.Overheard:
			s.message(i, &b.Message)
		case event.Granted:
			s.bytes(i, b.Bytes)
		}
	}
	return s.found
}

const (
	canaryPrefix = "canary-"
	canaryLength = len(canaryPrefix) + 16
)

// search looks for canaries and keeps what it finds.
type search struct {
	c     *casefile
	seen  map[string]bool // patients
	found []Fact
}

func (s *search) message(i int, m *event.Message) {
	s.text(i, m.URL)
	for name, values := range m.Header {
		s.text(i, name)
		for _, v := range values {
			s.text(i, v)
		}
	}
	s.bytes(i, m.Body)
}

var canaryBytes = []byte(canaryPrefix)

func (s *search) bytes(i int, b []byte) {
	for {
		at := bytes.Index(b, canaryBytes)
		if at < 0 || len(b)-at < canaryLength {
			return
		}
		if patient, known := s.c.canaries[string(b[at:at+canaryLength])]; known {
			s.note(i, patient)
		}
		b = b[at+len(canaryPrefix):]
	}
}

func (s *search) text(i int, t string) {
	if strings.Contains(t, canaryPrefix) {
		s.bytes(i, []byte(t))
	}
}

func (s *search) note(i int, patient string) {
	if s.seen[patient] || s.c.mayRead(patient) {
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[patient] = true
	s.found = append(s.found, Fact{
		Kind: Learnt, Event: s.c.events[i].N, Patient: patient,
		Text: s.c.thief() + " has the record of patient " + patient + ", which is not his to read",
	})
}
