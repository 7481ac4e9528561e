package graph

import (
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
)

// kind is what a value of an argument or a variable is.
type kind uint8

const (
	null kind = iota
	text      // a string, or a bare word
	number
	boolean
	list
	object_
)

func (k kind) String() string {
	return [...]string{"nothing", "a string", "a number", "a boolean", "a list", "an object"}[k]
}

// value is that of an argument.
type value struct {
	kind  kind
	text  string // of a scalar; numbers as they were written
	items []value
}

func (v value) whole() bool {
	_, err := strconv.ParseInt(v.text, 10, 32)
	return v.kind == number && err == nil
}

// literal reads a value out of the text of a query.
func literal(v *ast.Value, vars map[string]value) (value, error) {
	switch v.Kind {
	case ast.Variable:
		known, defined := vars[v.Raw]
		if !defined {
			return value{}, invalid(v.Position, "expected a variable that the query defines, got $%s", v.Raw)
		}
		return known, nil
	case ast.IntValue, ast.FloatValue:
		return value{kind: number, text: v.Raw}, nil
	case ast.StringValue, ast.BlockValue, ast.EnumValue:
		return value{kind: text, text: v.Raw}, nil
	case ast.BooleanValue:
		return value{kind: boolean, text: v.Raw}, nil
	case ast.ListValue:
		out := value{kind: list}
		for _, child := range v.Children {
			item, err := literal(child.Value, vars)
			if err != nil {
				return value{}, err
			}
			out.items = append(out.items, item)
		}
		return out, nil
	case ast.ObjectValue:
		return value{kind: object_}, nil
	}
	return value{}, nil
}

// valueOf reads a value that came as JSON.
func valueOf(n *r4.Node) value {
	switch n.Kind {
	case r4.String:
		return value{kind: text, text: n.Text}
	case r4.Number:
		return value{kind: number, text: n.Text}
	case r4.Bool:
		return value{kind: boolean, text: n.Text}
	case r4.Array:
		out := value{kind: list}
		for _, item := range n.Items {
			out.items = append(out.items, valueOf(item))
		}
		return out
	case r4.Object:
		return value{kind: object_}
	}
	return value{}
}

// words are the scalars of a value: one, or those of a list.
func (v value) words() ([]string, error) {
	switch v.kind {
	case null:
		return nil, nil
	case object_:
		return nil, fmt.Errorf("expected a value or a list of them, got %s", v.kind)
	case list:
		var out []string
		for _, item := range v.items {
			if item.kind == list || item.kind == object_ || item.kind == null {
				return nil, fmt.Errorf("expected a list of values, got %s in it", item.kind)
			}
			out = append(out, item.text)
		}
		return out, nil
	}
	return []string{v.text}, nil
}

// args are the arguments of a field, read.
type args map[string]value

func (c *compiler) args(list ast.ArgumentList) (args, error) {
	out := args{}
	for _, a := range list {
		if _, twice := out[a.Name]; twice {
			return nil, invalid(a.Position, "expected each argument once, got %s twice", a.Name)
		}
		v, err := literal(a.Value, c.vars)
		if err != nil {
			return nil, err
		}
		out[a.Name] = v
	}
	return out, nil
}

// flag is a boolean argument; a default where there is none.
func (a args) flag(name string, otherwise bool) (bool, error) {
	v, there := a[name]
	if !there || v.kind == null {
		return otherwise, nil
	}
	if v.kind != boolean {
		return false, invalid(nil, "argument %s: expected true or false, got %s", name, v.kind)
	}
	return v.text == "true", nil
}

// count is an argument that is a whole number from 0 on; a default where there is none.
func (a args) count(name string, otherwise int) (int, error) {
	v, there := a[name]
	if !there || v.kind == null {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v.text)
	if v.kind != number || err != nil || n < 0 {
		return 0, invalid(nil, "argument %s: expected a whole number from 0 on, got %s", name, query.Quote(v.text))
	}
	return n, nil
}
