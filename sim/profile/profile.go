// Package profile reads and writes a person's own security profile as a YAML file, and reads the other files
// that people write: the weights of a risk comparison (weights.go) and the results a matrix is to accept
// (baseline.go). schema.go has the JSON Schemas of all three.
//
// Begin with Parse; Write makes what Parse reads. In words, the schema is this:
//
//	name: ours                    # default: the file's name
//	title: our production server  # one line, optional
//	base: fapi2-dpop              # a named profile to begin from; without it, give the whole dialect
//	dialect:                      # how honest parties speak; what is not said is as in the base
//	  access_token_lifetime: 5m
//	  assertion_typ: ""           # none, where the base has one
//	controls:
//	  on: [rs/dpop-jti]           # switched on beyond those of the base
//	  off: [as/dpop-htu]          # switched off
//
// The fields of the dialect are those of control.Dialect, by their JSON names, so a field that is added
// there can be written here. Everything is strict: an unknown key, a second one of the same name, a
// value of the wrong kind are errors with line and column, and with the name that may have been meant.
// Whether honest clients can live with the profile is for a run to show.
package profile

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"thiefbox/sim/control"
)

// Error is a mistake in a file: where it is, what is wrong, and what may have been meant.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the whole file is meant
	Text         string
	Hint         string // a sentence, or empty
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// reader is one file being read.
type reader struct {
	file    string
	nearest func(word string, candidates []string) string
}

func (r *reader) wrong(n ast.Node, hint, format string, args ...any) error {
	e := &Error{File: r.file, Text: fmt.Sprintf(format, args...), Hint: hint}
	if n != nil && n.GetToken() != nil {
		e.Line, e.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	return e
}

// unknown is the error about a name that is none of those there are.
func (r *reader) unknown(n ast.Node, what, name string, candidates []string, elsewhere string) error {
	if near := r.nearest(name, candidates); near != "" {
		elsewhere = strings.TrimSpace(fmt.Sprintf("did you mean %q? %s", near, elsewhere))
	}
	return r.wrong(n, elsewhere, "no %s is called %q", what, name)
}

// Parse reads a profile. file is its name, for errors and, without directory and ending, for a profile
// that names itself nothing. nearest finds what a mistyped word may have meant, or "". The error is an *Error.
func Parse(file string, data []byte, nearest func(word string, candidates []string) string) (control.Profile, error) {
	r := &reader{file: file, nearest: nearest}
	root, err := r.documentOf(data, topKeys)
	if err != nil {
		return control.Profile{}, err
	}
	p := control.Profile{Name: plainName(file)}
	base, err := r.base(root)
	if err != nil {
		return p, err
	}
	p.Title, p.Dialect, p.Controls = "from "+file, base.Dialect, base.Controls
	if n := root.at("name"); n != nil {
		if p.Name, err = r.word(n, "name"); err != nil {
			return p, err
		}
	}
	if n := root.at("title"); n != nil {
		if p.Title, err = r.word(n, "title"); err != nil {
			return p, err
		}
	}
	if p.Dialect, err = r.dialect(root, base.Name != "", p.Dialect); err != nil {
		return p, err
	}
	if p.Controls, err = r.controls(root, p.Controls); err != nil {
		return p, err
	}
	return p, r.nameIsFree(root, p)
}

// nameIsFree refuses a profile that goes by the name of another, whose results it would be mistaken for.
func (r *reader) nameIsFree(root mapping, p control.Profile) error {
	taken, err := control.ProfileNamed(p.Name)
	if err != nil || taken.Dialect == p.Dialect && taken.Controls == p.Controls {
		return nil
	}
	at := ast.Node(nil)
	if n := root.at("name"); n != nil {
		at = n
	}
	return r.wrong(at, "give it a name of its own.", "the name %q belongs to a profile of thiefbox, which differs from this one", p.Name)
}

func plainName(file string) string {
	if i := strings.LastIndexAny(file, `/\`); i >= 0 {
		file = file[i+1:]
	}
	name, _, _ := strings.Cut(file, ".")
	return name
}

var topKeys = []string{"name", "title", "base", "dialect", "controls"}

// documentOf is the whole file: one mapping with known keys.
func (r *reader) documentOf(data []byte, keys []string) (mapping, error) {
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		return mapping{}, r.syntax(err)
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		return mapping{}, r.wrong(nil, "begin with \"base:\" and the name of a profile; `thiefbox explain profile NAME` prints a whole one.",
			"expected one document, got %d with content", filled(f.Docs))
	}
	return r.mapping(f.Docs[0].Body, "the file", keys)
}

func filled(docs []*ast.DocumentNode) (n int) {
	for _, d := range docs {
		if d.Body != nil {
			n++
		}
	}
	return n
}

// base is the profile the file begins from: empty if it names none.
func (r *reader) base(root mapping) (control.Profile, error) {
	n := root.at("base")
	if n == nil {
		return control.Profile{}, nil
	}
	name, err := r.word(n, "base")
	if err != nil {
		return control.Profile{}, err
	}
	p, err := control.ProfileNamed(name)
	if err != nil {
		var names []string
		for _, p := range control.Profiles() {
			names = append(names, p.Name)
		}
		return p, r.unknown(n, "profile", name, names, "There are "+strings.Join(names, ", ")+".")
	}
	return p, nil
}

func (r *reader) controls(root mapping, s control.Set) (control.Set, error) {
	n := root.at("controls")
	if n == nil {
		return s, nil
	}
	m, err := r.mapping(n, "controls", []string{"on", "off"})
	if err != nil {
		return s, err
	}
	seen := map[string]string{}
	for _, key := range []string{"on", "off"} {
		items, err := r.list(m.at(key), "controls."+key)
		if err != nil {
			return s, err
		}
		for _, item := range items {
			id, err := r.word(item, "controls."+key)
			if err != nil {
				return s, err
			}
			c, err := control.Lookup(id)
			if err != nil {
				return s, r.unknown(item, "control", id, controlIDs(), "`thiefbox list controls` shows them all.")
			}
			if seen[id] != "" {
				return s, r.wrong(item, "say it once.", "%s stands in %s already", id, seen[id])
			}
			seen[id] = key
			if s = s.With(c); key == "off" {
				s = s.Without(c)
			}
		}
	}
	return s, nil
}

func controlIDs() (ids []string) {
	for _, c := range control.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

// fields are the parts of a dialect by the names they have in files, in order.
func fields() (names []string, index map[string]int) {
	t := reflect.TypeFor[control.Dialect]()
	index = map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names, index[name] = append(names, name), i
	}
	return names, index
}
