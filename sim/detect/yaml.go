package detect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// reader reads one file, and knows where it is.
type reader struct{ file string }

func (r reader) wrong(n ast.Node, format string, args ...any) error {
	line := 1
	if n != nil && n.GetToken() != nil {
		line = n.GetToken().Position.Line
	}
	return &Error{r.file, line, fmt.Sprintf(format, args...)}
}

func (r reader) syntax(err error) error {
	var s *yaml.SyntaxError
	if errors.As(err, &s) {
		return &Error{r.file, s.Token.Position.Line, "expected YAML, got a mistake in it: " + s.Message}
	}
	return r.wrong(nil, "expected YAML: %s", strings.ReplaceAll(err.Error(), "\n", " "))
}

type entry struct {
	key   string
	node  ast.Node // of the key
	value ast.Node
}

// mapping reads keys and values. Keys must be among those given, if any are.
func (r reader) mapping(n ast.Node, what string, keys ...string) ([]entry, error) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		return nil, r.wrong(n, "%s: expected keys with values", what)
	}
	var out []entry
	for _, p := range pairs {
		key := p.Key.GetToken().Value
		if len(keys) > 0 && !slices.Contains(keys, key) {
			return nil, r.wrong(p.Key, "%s: expected one of %s, got %q, which this evaluator does not do", what, strings.Join(keys, ", "), key)
		}
		if slices.ContainsFunc(out, func(e entry) bool { return e.key == key }) {
			return nil, r.wrong(p.Key, "%s: %s stands there twice", what, key)
		}
		out = append(out, entry{key, p.Key, p.Value})
	}
	if len(out) == 0 {
		return nil, r.wrong(n, "%s: expected keys with values, got none", what)
	}
	return out, nil
}

func (r reader) text(n ast.Node, what string) (string, error) {
	v, err := r.scalar(n, what)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok || strings.TrimSpace(s) == "" {
		return "", r.wrong(n, "%s: expected text, got %v", what, v)
	}
	return strings.TrimSpace(s), nil
}

// scalar returns a string, an int, a bool or nil.
func (r reader) scalar(n ast.Node, what string) (any, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.IntegerNode:
		if i, err := strconv.Atoi(n.GetToken().Value); err == nil {
			return i, nil
		}
	}
	return nil, r.wrong(n, "%s: expected a word, a whole number, true, false or null", what)
}

// list returns the members of a list, or the one value that stands for a list of one.
func list(n ast.Node) []ast.Node {
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	return []ast.Node{n}
}

func (r reader) texts(n ast.Node, what string) (out []string, err error) {
	for _, v := range list(n) {
		s, err := r.text(v, what)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, r.wrong(n, "%s: expected a list, got an empty one", what)
	}
	return out, nil
}
