package r4

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is what a JSON value is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Node is a JSON value. Objects keep the order of their members, numbers the digits they came with.
type Node struct {
	Kind  Kind
	Text  string   // of a string, decoded; of the other scalars, as written
	Names []string // of an object, one for each item
	Items []*Node
}

// MaxDepth is how deep a resource may be nested. The deepest of the published examples has 15 levels.
const MaxDepth = 64

// Parse reads JSON. It refuses what encoding/json would let pass or would spoil: a member named twice,
// bytes that are not UTF-8, halves of characters, nesting beyond MaxDepth.
func Parse(data []byte) (*Node, error) { return ParseAtMost(data, math.MaxInt) }

// ErrTooMany is why ParseAtMost refuses.
var ErrTooMany = errors.New("expected fewer values")

// ParseAtMost is Parse of no more than so many values: each takes a hundred bytes of memory, and may be two of the text.
func ParseAtMost(data []byte, most int) (*Node, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("expected UTF-8, got other bytes")
	}
	deep, values := measure(data)
	if deep {
		return nil, fmt.Errorf("expected at most %d levels of nesting, got more", MaxDepth)
	}
	if values > most {
		return nil, fmt.Errorf("%w, at most %d, got %d", ErrTooMany, most, values)
	}
	if !json.Valid(data) {
		return nil, syntaxError(data)
	}
	r := reader{data: data}
	n := r.value()
	return n, r.err
}

func syntaxError(data []byte) error {
	var v any
	err := json.Unmarshal(data, &v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("expected JSON, got %w at byte %d", err, syntax.Offset)
	}
	return errors.New("expected JSON")
}

// measure counts brackets and commas outside strings, before anything else looks at the data.
func measure(data []byte) (deep bool, values int) {
	depth, quoted := 0, false
	values = 1
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true, values
			}
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
	}
	return false, values
}

// reader builds nodes out of data that is known to be JSON.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) skip() byte {
	for {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

func (r *reader) value() *Node {
	switch c := r.skip(); c {
	case '{':
		return r.object()
	case '[':
		n := &Node{Kind: Array}
		for r.at++; r.skip() != ']'; {
			n.Items = append(n.Items, r.value())
		}
		r.at++
		return n
	case '"':
		return &Node{Kind: String, Text: r.text()}
	case 't':
		return r.word(Bool, 4)
	case 'f':
		return r.word(Bool, 5)
	case 'n':
		return r.word(Null, 4)
	}
	end := r.at
	for end < len(r.data) && strings.IndexByte("+-.eE0123456789", r.data[end]) >= 0 {
		end++
	}
	return r.word(Number, end-r.at)
}

func (r *reader) word(k Kind, size int) *Node {
	r.at += size
	return &Node{Kind: k, Text: string(r.data[r.at-size : r.at])}
}

func (r *reader) object() *Node {
	n := &Node{Kind: Object}
	for r.at++; r.skip() != '}'; {
		name := r.text()
		switch {
		case r.err != nil: // scanning on for more mistakes would cost what the limit saves
		case len(n.Names) == maxMembers:
			r.err = fmt.Errorf("expected at most %d members in an object, got more", maxMembers)
		case n.place(name) >= 0:
			r.err = fmt.Errorf("expected each member once, got %q twice", cut(name))
		}
		n.Names = append(n.Names, name)
		n.Items = append(n.Items, r.value())
	}
	r.at++
	return n
}

func (r *reader) text() string {
	start := r.at
	plain := true
	for r.at++; r.data[r.at] != '"'; r.at++ {
		if r.data[r.at] == '\\' {
			plain = false
			r.at++
		}
	}
	r.at++
	if plain {
		return string(r.data[start+1 : r.at-1])
	}
	if half := loneSurrogate(r.data[start:r.at]); half != "" && r.err == nil {
		r.err = fmt.Errorf("expected characters of Unicode, got half of one, %s", half)
	}
	var s string
	_ = json.Unmarshal(r.data[start:r.at], &s) // it is valid
	return s
}

// loneSurrogate finds an escape that is half of a pair: JSON lets it pass, no text can hold it, and what reads it puts
// something else in its place (RFC 8259 s8.2).
func loneSurrogate(quoted []byte) string {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		if i++; quoted[i] != 'u' {
			continue
		}
		first := hex4(quoted[i+1:])
		if i += 4; !utf16.IsSurrogate(first) {
			continue
		}
		if i+6 < len(quoted) && quoted[i+1] == '\\' && quoted[i+2] == 'u' && utf16.DecodeRune(first, hex4(quoted[i+3:])) != unicode.ReplacementChar {
			i += 6
			continue
		}
		return string(quoted[i-5 : i+1])
	}
	return ""
}

func hex4(s []byte) rune {
	n, _ := strconv.ParseUint(string(s[:4]), 16, 16) // it is valid
	return rune(n)
}

// maxMembers is how many members an object may have. No type of R4 has half as many.
const maxMembers = 256

// place finds a member. Resources have few members at a level, so a scan beats a map.
func (n *Node) place(name string) int {
	for i, s := range n.Names {
		if s == name {
			return i
		}
	}
	return -1
}

// Get returns a member, or nil.
func (n *Node) Get(name string) *Node {
	if n != nil && n.Kind == Object {
		if i := n.place(name); i >= 0 {
			return n.Items[i]
		}
	}
	return nil
}

// String returns the text of a string member, or "".
func (n *Node) String(name string) string {
	if m := n.Get(name); m != nil && m.Kind == String {
		return m.Text
	}
	return ""
}

// List returns the items of an array member; a single value counts as a list of one.
func (n *Node) List(name string) []*Node {
	switch m := n.Get(name); {
	case m == nil:
		return nil
	case m.Kind == Array:
		return m.Items
	default:
		return []*Node{m}
	}
}

// SetID names a resource: the id stands first, behind the type.
func (n *Node) SetID(id string) {
	if i := n.place("id"); i >= 0 {
		n.Items[i] = Text(id)
		return
	}
	n.Insert(1, "id", Text(id))
}

// Insert puts a new member at a place, or at the end if the object is shorter.
func (n *Node) Insert(at int, name string, value *Node) {
	at = min(at, len(n.Names))
	n.Names, n.Items = slices.Insert(n.Names, at, name), slices.Insert(n.Items, at, value)
}

// Set puts a member in place of the one of its name, or at the end.
func (n *Node) Set(name string, value *Node) {
	if i := n.place(name); i >= 0 {
		n.Items[i] = value
		return
	}
	n.Names, n.Items = append(n.Names, name), append(n.Items, value)
}

// Remove takes a member out.
func (n *Node) Remove(name string) {
	if i := n.place(name); i >= 0 {
		n.Names = append(n.Names[:i:i], n.Names[i+1:]...)
		n.Items = append(n.Items[:i:i], n.Items[i+1:]...)
	}
}

// Text makes a string.
func Text(s string) *Node { return &Node{Kind: String, Text: s} }

// Resource returns the resource type of an object.
func (n *Node) Resource() string { return n.String("resourceType") }

func cut(s string) string {
	const most = 100
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
