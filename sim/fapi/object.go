package fapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// JSON that strangers sign is read strictly: UTF-8, one object, and in no object at any depth the same
// name twice. Where a name stands twice, two readers may each believe another value, and encoding/json
// would let the last one win (RFC 7515 s4, RFC 7517 s4 and RFC 7519 s4 leave a reader the choice; this
// one refuses). Names are compared with case, unlike in encoding/json: "Alg" is not "alg".

// object is the members of a JSON object, in order. Names and values are parts of what was read.
type object []member

type member struct {
	name  string // without quotes
	value string // JSON
}

// parseObject reads one JSON object.
func parseObject(data string) (object, error) {
	s := newScanner(data)
	defer s.done()
	o, err := s.onlyObject()
	return slices.Clone(o), err
}

// onlyObject is parseObject, of which the members are good until the scanner is done.
func (s *scanner) onlyObject() (object, error) {
	data := s.data
	if !utf8.ValidString(data) {
		return nil, errors.New("expected UTF-8, got bytes that are not")
	}
	isObject := s.peek() == '{'
	var o object
	if isObject {
		o = s.object()
	} else {
		s.value()
	}
	switch {
	case !s.ended():
		return nil, jsonError(data)
	case !isObject:
		return nil, fmt.Errorf("expected a JSON object, got %.20s", data)
	case s.double:
		return nil, fmt.Errorf("expected each name once, got the member %q twice", s.twice)
	}
	return o, nil
}

// CheckObject tells whether data is one JSON object in which no name stands twice, for who reads it by other means.
func CheckObject(data []byte) error {
	_, err := parseObject(string(data))
	return err
}

// jsonError has encoding/json say what is wrong with data, which it knows better how to put.
func jsonError(data string) error {
	var any json.RawMessage
	return fmt.Errorf("expected a JSON object: %w", json.Unmarshal([]byte(data), &any))
}

// get returns the value of a member, empty if it is absent.
func (o object) get(name string) string {
	for i := range o {
		if o[i].name == name {
			return o[i].value
		}
	}
	return ""
}

// json returns the value of a member for who keeps it, nil if it is absent.
func (o object) json(name string) json.RawMessage {
	if v := o.get(name); v != "" {
		return json.RawMessage(v)
	}
	return nil
}

// text returns a member that must be a string if it is there.
func (o object) text(name string) (string, error) {
	v := o.get(name)
	if v == "" {
		return "", nil
	}
	if v[0] != '"' {
		return "", fmt.Errorf("expected %s to be a string, got %.40s", name, v)
	}
	return unquote(v), nil
}

// unquote returns what a JSON string says. Without a backslash, that is what stands between the quotes.
func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // valid: the scanner has been over it
	return s
}

// twice returns a name that stands twice, if one does.
func (o object) twice() (string, bool) {
	if len(o) > 32 { // comparing each with each is for small objects: a stranger chooses the size
		return o.twiceOfMany()
	}
	for i := range o {
		for j := range i {
			if o[i].name == o[j].name {
				return o[i].name, true
			}
		}
	}
	return "", false
}

func (o object) twiceOfMany() (string, bool) {
	seen := make(map[string]bool, len(o))
	for _, m := range o {
		if seen[m.name] {
			return m.name, true
		}
		seen[m.name] = true
	}
	return "", false
}
