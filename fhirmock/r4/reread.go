package r4

import (
	"encoding/json"
	"strings"
)

// Rereader reads texts that Parse has accepted once, for who goes through many: it does not check them again, and takes
// the same memory for each. What it returned last is gone when the next is read, strings aside, which are pieces of the
// text: clone those that are to outlive it.
type Rereader struct {
	text  string
	at    int
	nodes []Node
	lists []*Node // of the objects and arrays that are closed
	names []string
	open  []*Node // items of those that are open, the innermost last
	named []string
}

// Read reads a text. One that is no JSON panics.
func (r *Rereader) Read(text string) *Node {
	r.text, r.at = text, 0
	r.nodes, r.lists, r.names, r.open, r.named = r.nodes[:0], r.lists[:0], r.names[:0], r.open[:0], r.named[:0]
	return r.value()
}

// node takes a node; where there is no room left, those taken before stay where they are.
func (r *Rereader) node(n Node) *Node {
	if len(r.nodes) == cap(r.nodes) {
		r.nodes = make([]Node, 0, max(64, 2*cap(r.nodes)))
	}
	r.nodes = append(r.nodes, n)
	return &r.nodes[len(r.nodes)-1]
}

func (r *Rereader) skip() byte {
	for {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

func (r *Rereader) value() *Node {
	switch c := r.skip(); c {
	case '{':
		return r.several(Object, '}')
	case '[':
		return r.several(Array, ']')
	case '"':
		return r.node(Node{Kind: String, Text: r.quoted()})
	case 't':
		return r.word(Bool, 4)
	case 'f':
		return r.word(Bool, 5)
	case 'n':
		return r.word(Null, 4)
	}
	end := r.at
	for end < len(r.text) && strings.IndexByte("+-.eE0123456789", r.text[end]) >= 0 {
		end++
	}
	if end == r.at {
		panic("r4: expected JSON that was read before, got " + r.text[r.at:min(r.at+20, len(r.text))])
	}
	return r.word(Number, end-r.at)
}

func (r *Rereader) word(k Kind, size int) *Node {
	r.at += size
	return r.node(Node{Kind: k, Text: r.text[r.at-size : r.at]})
}

func (r *Rereader) several(k Kind, end byte) *Node {
	from, fromNames := len(r.open), len(r.named)
	for r.at++; r.skip() != end; {
		if k == Object {
			r.named = append(r.named, r.quoted())
		}
		r.open = append(r.open, r.value())
	}
	r.at++
	n := r.node(Node{Kind: k, Items: piece(&r.lists, r.open[from:]), Names: piece(&r.names, r.named[fromNames:])})
	r.open, r.named = r.open[:from], r.named[:fromNames]
	return n
}

// piece copies a list into the memory of many.
func piece[T any](memory *[]T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	if cap(*memory)-len(*memory) < len(list) {
		*memory = make([]T, 0, max(64, 2*cap(*memory), len(list)))
	}
	from := len(*memory)
	*memory = append(*memory, list...)
	return (*memory)[from:len(*memory):len(*memory)]
}

func (r *Rereader) quoted() string {
	start := r.at
	for r.at++; ; r.at++ {
		switch r.text[r.at] {
		case '\\':
			return r.escaped(start)
		case '"':
			r.at++
			return r.text[start+1 : r.at-1]
		}
	}
}

func (r *Rereader) escaped(start int) string {
	for ; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
	var s string
	if err := json.Unmarshal([]byte(r.text[start:r.at]), &s); err != nil {
		panic("r4: expected JSON that was read before: " + err.Error())
	}
	return s
}
