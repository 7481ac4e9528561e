package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// mapping is a YAML mapping whose keys have been checked.
type mapping struct{ entries []entry }

type entry struct {
	name  string
	value ast.Node
}

// at returns the value of a key, or nil.
func (m mapping) at(name string) ast.Node {
	for _, e := range m.entries {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

// mapping reads keys with values. The keys are those given, or any if none are.
func (r *reader) mapping(n ast.Node, what string, keys []string) (mapping, error) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		return mapping{}, r.wrong(n, each(keys), "%s: expected keys with values, got %s", what, shown(n))
	}
	var m mapping
	for _, p := range pairs {
		name := p.Key.GetToken().Value
		if len(keys) > 0 && !slices.Contains(keys, name) {
			return m, r.unknown(p.Key, "key of "+what, name, keys, takes(keys))
		}
		if m.at(name) != nil {
			return m, r.wrong(p.Key, "say it once.", "%s: %s stands there twice", what, name)
		}
		if p.Value == nil || p.Value.Type() == ast.NullType {
			return m, r.wrong(p.Key, "give it a value, or leave the line out.", "%s: %s has no value", what, name)
		}
		m.entries = append(m.entries, entry{name, p.Value})
	}
	return m, nil
}

// each says what is to stand in the place of something else.
func each(keys []string) string {
	if len(keys) == 0 || len(keys) > mostKeys {
		return "write a name, a colon and a value to a line."
	}
	return "it takes " + strings.Join(keys, ", ") + ", each with a colon."
}

// mostKeys is how many a hint names.
const mostKeys = 20

// takes lists what there is, if it is not too much to read.
func takes(keys []string) string {
	if len(keys) > mostKeys {
		return ""
	}
	return "It takes " + strings.Join(keys, ", ") + "."
}

func (r *reader) list(n ast.Node, what string) ([]ast.Node, error) {
	if n == nil {
		return nil, nil
	}
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, r.wrong(n, "write [a, b], or one to a line after a dash.", "%s: expected a list, got %s", what, shown(n))
	}
	return s.Values, nil
}

// word is a scalar, as it was written. Quotes are taken off.
func (r *reader) word(n ast.Node, what string) (string, error) {
	_, scalar := n.(ast.ScalarNode)
	if t := n.Type(); !scalar || t == ast.AnchorType || t == ast.AliasType || strings.ContainsAny(n.GetToken().Value, "\n\r") || strings.TrimSpace(n.GetToken().Value) == "" {
		return "", r.wrong(n, "", "%s: expected one line of text, got %s", what, shown(n))
	}
	return strings.TrimSpace(n.GetToken().Value), nil
}

// shown names what stands in the place of something else.
func shown(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias, which have no use here"
	}
	return fmt.Sprintf("%.60q", n.GetToken().Value)
}

// syntax is what the YAML parser complains about, in a line.
func (r *reader) syntax(err error) error {
	var s *yaml.SyntaxError
	if errors.As(err, &s) {
		e := &Error{File: r.file, Line: s.Token.Position.Line, Column: s.Token.Position.Column, Text: "expected YAML, got a mistake in it: " + s.Message}
		if strings.Contains(s.Message, "'\t'") {
			e.Text, e.Hint = "expected YAML, got a tab", "indent with spaces: YAML takes no tabs."
		}
		return e
	}
	return r.wrong(nil, "", "expected YAML: %v", strings.ReplaceAll(err.Error(), "\n", " "))
}
