package idp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	strictjson "github.com/go-jose/go-jose/v4/json"

	"thiefbox/sim/control"
)

// Authorization details (RFC 9396): what a client asks for where a scope is too coarse. They come with the
// authorization request, in a request object or beside it, and with the request for a token in a client's own name;
// whoever redeems a code or refreshes may ask for less of them. What has no meaning here is malformed and refused
// always; that nobody gets more than was granted is a control.

// DetailType is a type of authorization details that a server understands.
type DetailType struct {
	Name string
	// Read holds one detail, as a client wrote it, against the type and the client's registration. Its error says
	// what was expected; a DetailError is told to the client, too.
	Read func(c *Client, detail json.RawMessage) error
	// Grant makes of a detail what a token says; nil for the detail as it was asked for.
	Grant func(DetailGrant) (DetailResult, error)
	// Describe puts a detail into words for the consent page; nil for its type and nothing more.
	Describe func(detail json.RawMessage) string
}

// DetailGrant is a detail that is about to enter a token.
type DetailGrant struct {
	Client *Client
	User   *User // nil if the client acts in its own name
	Detail json.RawMessage
}

// DetailResult is what a token says of a detail: an authorization detail, if it is not empty, and claims of its own.
type DetailResult struct {
	Detail json.RawMessage
	Claims map[string]any
	// Rejected are scopes that the detail costs the token.
	Rejected []string
}

// DetailError is a mistake in a detail that the client may be told about: it is its own. Code is the OAuth error;
// empty for what is usual where the detail came from.
type DetailError struct{ Code, Text string }

func (e *DetailError) Error() string { return e.Text }

// detail is one authorization detail that was read.
type detail struct {
	kind *DetailType
	text json.RawMessage // compact
}

const (
	maxDetails      = 32
	maxDetailLength = 16 << 10
)

// readDetails reads authorization_details of a client. lone: a single object does, without an array around it.
func (s *Server) readDetails(c *Client, text string, lone bool) ([]detail, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxDetailLength {
		return nil, badDetails("expected authorization_details of at most %d characters, got %d", maxDetailLength, len(text))
	}
	var all []json.RawMessage
	if lone && strings.HasPrefix(strings.TrimSpace(text), "{") {
		all = []json.RawMessage{json.RawMessage(text)}
	} else if err := strictjson.Unmarshal([]byte(text), &all); err != nil {
		return nil, badDetails("expected authorization_details to be an array of objects: %v", err)
	}
	if len(all) > maxDetails {
		return nil, badDetails("expected at most %d authorization details, got %d", maxDetails, len(all))
	}
	out := make([]detail, 0, len(all))
	for _, one := range all {
		d, err := s.readDetail(c, one)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (s *Server) readDetail(c *Client, text json.RawMessage) (d detail, err error) {
	var members map[string]any
	if err := strictjson.Unmarshal(text, &members); err != nil || members == nil {
		return d, badDetails("expected an authorization detail to be an object with each member once, got %.80s", text)
	}
	name, _ := members["type"].(string)
	d.kind = s.detailTypes[name]
	switch {
	case d.kind == nil:
		return d, badDetails("expected a type of authorization details among %s, got %s", strings.Join(s.detailNames(), ", "), quoteOrNothing(name))
	case !slices.Contains(c.DetailTypes, name):
		return d, badDetails("expected a type that %s is registered for, among %s, got %q", c.ID, firstOf(strings.Join(c.DetailTypes, ", "), "none"), name)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return d, badDetails("%v", err)
	}
	d.text = b.Bytes()
	if err := d.kind.Read(c, d.text); err != nil {
		return d, detailFault(name, err)
	}
	return d, nil
}

// badDetails is the refusal of details that are unknown or malformed (RFC 9396 s5).
func badDetails(format string, args ...any) *fault {
	return faultOf(http.StatusBadRequest, "invalid_authorization_details", "the authorization details are not acceptable", fmt.Sprintf(format, args...)).because("RFC 9396 s2, s5", "send a JSON array of objects, each with a type of authorization_details_types_supported, percent-encoded once")
}

func detailFault(name string, err error) *fault {
	f := badDetails("%s: %v", name, err)
	var told *DetailError
	if errors.As(err, &told) {
		f.safe = told.Text
		if told.Code != "" {
			f.code = told.Code
		}
	}
	return f
}

func (s *Server) detailNames() []string { return slices.Sorted(maps.Keys(s.detailTypes)) }

// detailGuards judge what is asked for when tokens are fetched for what was granted before.
var detailGuards = []control.Guard[narrowing]{
	{Control: control.ASDetails, Check: (*narrowing).checkWithin, Answer: control.Answer{
		Status: http.StatusBadRequest, Code: "invalid_authorization_details", Safe: "the authorization details exceed what was granted"}},
}

// narrowing is a wish for some of the details that were granted.
type narrowing struct{ asked, granted []detail }

// checkWithin (RFC 9396 s6.1). Of a detail that was granted one may ask for fewer of what stands in its lists;
// whatever else it says stays as it is. Strings are compared as they are (s12).
func (n *narrowing) checkWithin() (string, error) {
	for _, a := range n.asked {
		if !slices.ContainsFunc(n.granted, func(g detail) bool { return within(a.text, g.text) }) {
			return string(a.text), control.Expected("authorization detail", "one of those granted, "+string(writeDetails(n.granted)), string(a.text))
		}
	}
	return string(writeDetails(n.asked)), nil
}

func within(asked, granted json.RawMessage) bool {
	var a, g map[string]any
	if json.Unmarshal(asked, &a) != nil || json.Unmarshal(granted, &g) != nil || len(a) != len(g) {
		return false
	}
	for name, want := range g {
		got, there := a[name]
		all, isList := want.([]any)
		some, isSome := got.([]any)
		switch {
		case !there:
			return false
		case isList && isSome && len(some) > 0:
			for _, v := range some {
				if !slices.ContainsFunc(all, func(w any) bool { return reflect.DeepEqual(v, w) }) {
					return false
				}
			}
		case !reflect.DeepEqual(want, got):
			return false
		}
	}
	return true
}

// writeDetails writes details as an array; nil for none.
func writeDetails(ds []detail) json.RawMessage {
	if len(ds) == 0 {
		return nil
	}
	out := []byte{'['}
	for i, d := range ds {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, d.text...)
	}
	return append(out, ']')
}

// describeDetails lists the details for the consent page.
func describeDetails(ds []detail) []scopeLine {
	var lines []scopeLine
	for _, d := range ds {
		line := scopeLine{Value: d.kind.Name}
		if d.kind.Describe != nil {
			line.Text = d.kind.Describe(d.text)
		}
		lines = append(lines, line)
	}
	return lines
}

// strictly reads a detail of a type: every member must be one of v's.
func strictly(text json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
