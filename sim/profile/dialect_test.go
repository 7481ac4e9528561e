package profile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"thiefbox/sim/control"
)

// Every word that sim/control has for a field of the dialect can be written in a file: one that cannot is a way to speak
// that nobody can try. The words are read off the source, so that a new one is asked about by being there.
func TestEveryWordCanBeWritten(t *testing.T) {
	src, err := parser.ParseFile(token.NewFileSet(), "../control/profile.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string][]string{} // by the name of the type
	ast.Inspect(src, func(n ast.Node) bool {
		c, ok := n.(*ast.ValueSpec)
		if !ok || c.Type == nil || len(c.Values) != 1 {
			return true
		}
		kind, ok := c.Type.(*ast.Ident)
		value, literal := c.Values[0].(*ast.BasicLit)
		if ok && literal && value.Kind == token.STRING {
			word, _ := strconv.Unquote(value.Value)
			words[kind.Name] = append(words[kind.Name], word)
		}
		return true
	})
	names, index := fields()
	asked := 0
	for _, name := range names {
		for _, word := range words[reflect.TypeFor[control.Dialect]().Field(index[name]).Type.Name()] {
			asked++
			if !slices.Contains(choices(name), word) {
				t.Errorf("dialect: %s cannot be written for %s; there are %v", word, name, choices(name))
			}
		}
	}
	if asked < 15 {
		t.Errorf("expected to find the words of six fields in the source, found %d words in %v", asked, words)
	}
}

// What the base has can be left out, if a dialect can do without at all.
func TestNone(t *testing.T) {
	got, err := Parse("ours.yaml", []byte("base: helseid\ndialect: {shape: \"\", client_algs: \"\", assertion_typ: ''}"), first)
	if err != nil || got.Dialect.Shape != "" || got.Dialect.ClientAlgs != "" || got.Dialect.AssertionTyp != "" {
		t.Errorf("expected none of the three, got %+v, %v", got.Dialect, err)
	}
	if _, err := Parse("ours.yaml", []byte("base: helseid\ndialect: {token_alg: \"\"}"), first); err == nil {
		t.Error("expected token_alg to be something")
	}
}
