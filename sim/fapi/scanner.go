package fapi

import (
	"bytes"
	"encoding/json"
)

// scanner goes over JSON once: it holds it to the grammar (RFC 8259), finds names that stand twice, and
// keeps where the members of an object are. Its cost is linear in what a stranger sends. A fuzz test
// holds it against encoding/json, whose limit of depth it has as well.
type scanner struct {
	data    []byte
	at      int
	depth   int
	bad     bool   // not JSON; nothing moves after that
	twice   []byte // the first name that stands twice in an object
	members object // of the objects that are open, the innermost last
}

const maxDepth = 10_000

// newScanner makes room for as many members as there are colons, if there are not too many: few of them
// stand elsewhere.
func newScanner(data []byte) scanner {
	return scanner{data: data, members: make(object, 0, min(bytes.Count(data, []byte{':'}), 24))}
}

func (s *scanner) fail() { s.bad, s.at = true, len(s.data) }

// peek passes over white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// next takes the byte c if it comes next.
func (s *scanner) next(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// ended tells whether all was JSON, and nothing but white space is left.
func (s *scanner) ended() bool { return s.peek() == 0 && s.at == len(s.data) && !s.bad }

// value passes over one value, with everything in it.
func (s *scanner) value() json.RawMessage {
	c := s.peek()
	start := s.at
	switch c {
	case '{':
		s.object()
	case '[':
		s.array(nil)
	case '"':
		s.str()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
	return s.data[start:s.at:s.at]
}

// object returns the members of an object. They are good until another object is read.
func (s *scanner) object() object {
	outer := len(s.members)
	s.open()
	for more := !s.next('}'); more; more = s.more('}') {
		quoted := s.str()
		if s.bad || !s.next(':') {
			s.fail()
			break
		}
		name := unquote(quoted)
		value := s.value()
		s.members = append(s.members, member{name, value})
	}
	s.depth--
	o := s.members[outer:]
	s.members = s.members[:outer]
	if name := o.twice(); name != nil && s.twice == nil {
		s.twice = name
	}
	return o
}

// array passes over an array and hands its elements to each, which may be nil.
func (s *scanner) array(each func(json.RawMessage)) {
	s.open()
	for more := !s.next(']'); more; more = s.more(']') {
		if v := s.value(); each != nil && !s.bad {
			each(v)
		}
	}
	s.depth--
}

// open takes the bracket that value has seen.
func (s *scanner) open() {
	s.at++
	if s.depth++; s.depth > maxDepth {
		s.fail()
	}
}

// more takes a comma, after which another element must come, or the end.
func (s *scanner) more(end byte) bool {
	if s.bad || s.next(end) {
		return false
	}
	if !s.next(',') {
		s.fail()
	}
	return !s.bad
}

func (s *scanner) word(w string) {
	if !bytes.HasPrefix(s.data[s.at:], []byte(w)) {
		s.fail()
		return
	}
	s.at += len(w)
}

// str passes over a string and returns it with its quotes.
func (s *scanner) str() []byte {
	if s.peek() != '"' {
		s.fail()
		return nil
	}
	start := s.at
	for s.at++; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[start:s.at]
		case c == '\\':
			s.escape()
		case c < ' ':
			s.fail()
		}
	}
	s.fail()
	return nil
}

// escape stops at the last byte of an escape.
func (s *scanner) escape() {
	s.at++
	switch rest := s.data[s.at:]; {
	case len(rest) == 0:
	case rest[0] == 'u' && len(rest) >= 5 && isHex(rest[1:5]):
		s.at += 4
	case bytes.IndexByte([]byte(`"\/bfnrt`), rest[0]) < 0:
		s.fail()
	}
}

func isHex(digits []byte) bool {
	for _, c := range digits {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// number: RFC 8259 s6.
func (s *scanner) number() {
	s.take('-')
	if !s.take('0') {
		s.digits()
	}
	if s.take('.') {
		s.digits()
	}
	if s.take('e') || s.take('E') {
		_ = s.take('+') || s.take('-')
		s.digits()
	}
}

func (s *scanner) take(c byte) bool {
	if s.at >= len(s.data) || s.data[s.at] != c {
		return false
	}
	s.at++
	return true
}

// digits takes one or more.
func (s *scanner) digits() {
	start := s.at
	for s.at < len(s.data) && '0' <= s.data[s.at] && s.data[s.at] <= '9' {
		s.at++
	}
	if s.at == start {
		s.fail()
	}
}
