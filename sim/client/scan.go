package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner reads the few members of a FHIR answer that the EHR shows, in one pass over the bytes. A page
// takes five answers, of which nearly all is passed over; encoding/json goes through each of them twice
// and by reflection, which took more than a third of the time of a page. It refuses what is not JSON where it looks, and
// does not look inside what it passes over further than to find its end.
type scanner struct {
	data []byte
	i    int
	err  error // the first one; nothing moves after it
}

// maxDepth is how deep answers may nest: a FHIR resource seldom passes ten.
const maxDepth = 100

func (s *scanner) fail(want string) {
	if s.err != nil {
		return
	}
	got := "the end"
	if s.i < len(s.data) {
		got = fmt.Sprintf("%q", s.data[s.i])
	}
	s.err = fmt.Errorf("expected %s at byte %d, got %s", want, s.i, got)
	s.i = len(s.data)
}

// peek passes over white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.data); s.i++ {
		switch c := s.data[s.i]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// next takes the byte c if it comes next.
func (s *scanner) next(c byte) bool {
	if s.peek() != c || s.i >= len(s.data) {
		return false
	}
	s.i++
	return true
}

// null takes a null, which FHIR writes where an element of an array has no value.
func (s *scanner) null() bool {
	if s.peek() == 'n' && bytes.HasPrefix(s.data[s.i:], []byte("null")) {
		s.i += len("null")
		return true
	}
	return false
}

// object calls member at the value of each member, which it must take or skip.
func (s *scanner) object(member func(name []byte)) {
	if s.null() {
		return
	}
	if !s.next('{') {
		s.fail("an object")
		return
	}
	if s.next('}') {
		return
	}
	for s.err == nil {
		name := s.literal()
		if !s.next(':') {
			s.fail("a colon")
			return
		}
		member(name)
		if s.next('}') {
			return
		}
		if !s.next(',') {
			s.fail("a comma or the end of an object")
		}
	}
}

// array calls element at each element, which it must take or skip.
func (s *scanner) array(element func()) {
	if s.null() {
		return
	}
	if !s.next('[') {
		s.fail("an array")
		return
	}
	if s.next(']') {
		return
	}
	for s.err == nil {
		element()
		if s.next(']') {
			return
		}
		if !s.next(',') {
			s.fail("a comma or the end of an array")
		}
	}
}

// literal takes a string and returns it as it is written, without the quotes.
func (s *scanner) literal() []byte {
	if !s.next('"') {
		s.fail("a string")
		return nil
	}
	start := s.i
	for s.i < len(s.data) {
		n := bytes.IndexByte(s.data[s.i:], '"')
		if n < 0 {
			break
		}
		if escape := bytes.IndexByte(s.data[s.i:s.i+n], '\\'); escape >= 0 {
			s.i += escape + 2 // whatever is escaped
			continue
		}
		s.i += n + 1
		return s.data[start : s.i-1]
	}
	s.i = len(s.data)
	s.fail("the end of a string")
	return nil
}

// text takes a string and returns what it means.
func (s *scanner) text() string {
	if s.null() {
		return ""
	}
	start := s.i
	written := s.literal()
	if s.err != nil {
		return ""
	}
	escaped := bytes.IndexByte(written, '\\') >= 0
	switch {
	case !utf8.Valid(written):
		if !escaped {
			return strings.ToValidUTF8(string(written), "\uFFFD")
		}
	case !escaped:
		return string(written)
	default:
		if text, simple := withoutQuoteEscapes(written); simple {
			return text
		}
	}
	var meant string
	if err := json.Unmarshal(s.data[start:s.i], &meant); err != nil {
		s.err, s.i = err, len(s.data)
	}
	return meant
}

// withoutQuoteEscapes reads a string in which nothing but quotes, slashes and backslashes is escaped:
// the XHTML of every narrative has quotes. Of others it says that they are not simple.
func withoutQuoteEscapes(written []byte) (text string, simple bool) {
	var out strings.Builder
	out.Grow(len(written))
	for {
		i := bytes.IndexByte(written, '\\')
		if i < 0 {
			out.Write(written)
			return out.String(), true
		}
		c := written[i+1] // literal has seen to it that something follows
		if c != '"' && c != '\\' && c != '/' {
			return "", false
		}
		out.Write(written[:i])
		out.WriteByte(c)
		written = written[i+2:]
	}
}

// skip passes over a value.
func (s *scanner) skip() {
	depth := 0
	for s.err == nil {
		switch c := s.peek(); c {
		case '"':
			s.literal()
		case '{', '[':
			s.i++
			if depth++; depth > maxDepth {
				s.err = errors.New("expected less nesting")
			}
			continue
		case '}', ']':
			if depth == 0 {
				s.fail("a value")
				return
			}
			s.i++
			depth--
		case ',', ':':
			if depth == 0 {
				s.fail("a value")
				return
			}
			s.i++
			continue
		case 0:
			s.fail("a value")
			return
		default:
			s.bare()
		}
		if depth == 0 {
			return
		}
	}
}

// bare passes over a number, true, false or null.
func (s *scanner) bare() {
	for s.i < len(s.data) {
		switch s.data[s.i] {
		case ',', ':', '}', ']', '"', '{', '[', ' ', '\n', '\r', '\t':
			return
		}
		s.i++
	}
}

// end is the error of the whole: nothing but white space may be left.
func (s *scanner) end() error {
	if s.peek(); s.i < len(s.data) {
		s.fail("the end")
	}
	return s.err
}
