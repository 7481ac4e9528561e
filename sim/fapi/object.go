package fapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// JSON that strangers sign is read strictly: UTF-8, one object, and in no object at any depth the same
// name twice. Where a name stands twice, two readers may each believe another value, and encoding/json
// would let the last one win (RFC 7515 s4, RFC 7517 s4 and RFC 7519 s4 leave a reader the choice; this
// one refuses). Names are compared with case, unlike in encoding/json: "Alg" is not "alg".

// object is the members of a JSON object, in order. Names and values are slices of what was read.
type object []member

type member struct {
	name  []byte // without quotes
	value json.RawMessage
}

// parseObject reads one JSON object.
func parseObject(data []byte) (object, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("expected UTF-8, got bytes that are not")
	}
	if !json.Valid(data) {
		return nil, jsonError(data)
	}
	s := newScanner(data)
	s.space()
	if s.data[s.at] != '{' {
		return nil, fmt.Errorf("expected a JSON object, got %.20s", data)
	}
	o := s.object()
	return o, s.err
}

func jsonError(data []byte) error {
	var any json.RawMessage
	return fmt.Errorf("expected a JSON object: %w", json.Unmarshal(data, &any))
}

// get returns the value of a member, nil if it is absent.
func (o object) get(name string) json.RawMessage {
	for _, m := range o {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}

// text returns a member that must be a string if it is there.
func (o object) text(name string) (string, error) {
	v := o.get(name)
	if v == nil {
		return "", nil
	}
	if v[0] != '"' {
		return "", fmt.Errorf("expected %s to be a string, got %.40s", name, v)
	}
	return string(unquote(v)), nil
}

// scanner walks JSON that is known to be valid, once, so that its cost is linear in what a stranger sends.
type scanner struct {
	data    []byte
	at      int
	err     error
	members object // of the objects that are open, the innermost last
}

// newScanner makes room for as many members as data of that length usually has.
func newScanner(data []byte) scanner {
	return scanner{data: data, members: make(object, 0, min(2+len(data)/40, 16))}
}

func (s *scanner) space() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n', ',', ':': // where a comma or colon may stand is json.Valid's affair
			s.at++
		default:
			return
		}
	}
}

// value passes over one value, with everything in it.
func (s *scanner) value() json.RawMessage {
	start := s.at
	switch s.data[s.at] {
	case '{':
		s.object()
	case '[':
		s.array()
	case '"':
		s.str()
	default: // number, true, false, null
		for s.at < len(s.data) && bytes.IndexByte([]byte(",]} \t\r\n"), s.data[s.at]) < 0 {
			s.at++
		}
	}
	return s.data[start:s.at:s.at]
}

func (s *scanner) object() object {
	outer := len(s.members)
	for s.at++; ; {
		s.space()
		if s.data[s.at] == '}' {
			s.at++
			break
		}
		name := unquote(s.str())
		s.space()
		value := s.value()
		s.members = append(s.members, member{name, value})
	}
	// Whoever wants the members of this object takes them before another is read.
	o := s.members[outer:]
	s.members = s.members[:outer]
	if name := o.twice(); name != nil && s.err == nil {
		s.err = fmt.Errorf("expected each name once, got the member %q twice", name)
	}
	return o
}

func (s *scanner) array() {
	for s.at++; ; s.value() {
		s.space()
		if s.data[s.at] == ']' {
			s.at++
			return
		}
	}
}

// str passes over a string and returns it with its quotes.
func (s *scanner) str() []byte {
	start := s.at
	for s.at++; s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
	return s.data[start:s.at]
}

// unquote returns what a JSON string says. Without a backslash, that is what stands between the quotes.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // valid: json.Valid has been over it
	return []byte(s)
}

// twice returns a name that stands twice, or nil.
func (o object) twice() []byte {
	if len(o) > 16 { // comparing each with each is for small objects: a stranger chooses the size
		return o.twiceOfMany()
	}
	for i := range o {
		for j := range i {
			if bytes.Equal(o[i].name, o[j].name) {
				return o[i].name
			}
		}
	}
	return nil
}

func (o object) twiceOfMany() []byte {
	seen := make(map[string]bool, len(o))
	for _, m := range o {
		if seen[string(m.name)] {
			return m.name
		}
		seen[string(m.name)] = true
	}
	return nil
}
