package fapi

import (
	"strings"
	"sync"
)

// scanner goes over JSON once: it holds it to the grammar (RFC 8259), finds names that stand twice, and
// keeps where the members of an object are. Its cost is linear in what a stranger sends. A fuzz test
// holds it against encoding/json, whose limit of depth it has as well.
type scanner struct {
	data    string
	at      int
	depth   int
	bad     bool   // not JSON; nothing moves after that
	double  bool   // a name stands twice in an object,
	twice   string // the first of them
	members object // of the objects that are open, the innermost last
}

const maxDepth = 10_000

// scanners have been used, and have room for the members of what is usual.
var scanners = sync.Pool{New: func() any { return &scanner{members: make(object, 0, usualMembers)} }}

const usualMembers = 40

func newScanner(data string) *scanner {
	s := scanners.Get().(*scanner)
	s.data = data
	return s
}

// done gives the scanner to whoever needs one next: what object has returned is good no longer.
func (s *scanner) done() {
	members := s.members[:0]
	if cap(members) > usualMembers {
		members = make(object, 0, usualMembers)
	}
	clear(members[:cap(members)])
	*s = scanner{members: members}
	scanners.Put(s)
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
func (s *scanner) value() string {
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
	return s.data[start:s.at]
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
	if name, double := o.twice(); double && !s.double {
		s.double, s.twice = true, name
	}
	return o
}

// array passes over an array and hands its elements to each, which may be nil.
func (s *scanner) array(each func(string)) {
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
	if !strings.HasPrefix(s.data[s.at:], w) {
		s.fail()
		return
	}
	s.at += len(w)
}

// str passes over a string and returns it with its quotes.
func (s *scanner) str() string {
	if s.peek() != '"' {
		s.fail()
		return ""
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
	return ""
}

// escape stops at the last byte of an escape.
func (s *scanner) escape() {
	s.at++
	switch rest := s.data[s.at:]; {
	case len(rest) == 0:
	case rest[0] == 'u' && len(rest) >= 5 && isHex(rest[1:5]):
		s.at += 4
	case strings.IndexByte(`"\/bfnrt`, rest[0]) < 0:
		s.fail()
	}
}

func isHex(digits string) bool {
	for i := range len(digits) {
		c := digits[i]
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
