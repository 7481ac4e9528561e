package graph

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// search is what a list or a page of resources is found by (R4 graphql, "Searching resources").
type search struct {
	resourceType string
	paged        bool
	q            *query.Query
	params       url.Values
	back         string // the parameter by which what is found refers to the resource at hand, or ""
	most         int    // that were asked for; -1 for all
	named        int    // patients who are named by a number
	offset       int    // of the page
}

// settleRoot is a field of a query of the whole system.
func (c *compiler) settleRoot(at spot, f *field) error {
	name := f.ast.Name
	if t, paged, ok := searched(name); ok {
		return c.settleSearch(at, f, t, paged)
	}
	if !query.Served(name) {
		return invalid(f.ast.Position, "expected a type of resource that is served, alone or with List or Connection behind it, got %s%s", query.Quote(name), query.DidYouMean(name, query.Types))
	}
	f.does = reading
	id := f.args["id"]
	if len(f.args) != 1 || id.kind != text && id.kind != number {
		return invalid(f.ast.Position, "expected the argument id of %s, and no other: a search is %sList(…)", name, name)
	}
	if err := c.wantsTo(f, false, name); err != nil {
		return err
	}
	return c.object(at, f, name)
}

// settleBack is a search for what refers to the resource at hand (R4 graphql, "Reverse References").
func (c *compiler) settleBack(at spot, f *field, resourceType string, paged bool) error {
	v, there := f.args["_reference"]
	p := r4.ParamNamed(resourceType, parameter(v.text))
	if !there || v.kind != text || p == nil || p.Type != "reference" || !slices.Contains(query.Targets(p), at.of) {
		return invalid(f.ast.Position, "expected the argument _reference of %s to name a search parameter of %s that leads to %s, got %s", f.ast.Name, resourceType, at.of, query.Quote(v.text))
	}
	for _, name := range []string{"id", "_id", "cursor", "_cursor"} {
		if _, has := f.args[name]; has {
			return invalid(f.ast.Position, "argument %s: not with _reference; ask for it at the top of a query", name)
		}
	}
	if err := c.settleSearch(at, f, resourceType, paged); err != nil {
		return err
	}
	f.search.back = p.Name
	return nil
}

func (c *compiler) settleSearch(at spot, f *field, resourceType string, paged bool) error {
	f.does, f.search = searching, &search{resourceType: resourceType, paged: paged, most: -1}
	s := f.search
	var err error
	if cursor, there := f.cursor(); there && paged {
		err = s.resume(f, cursor)
	} else {
		err = s.read(f)
	}
	if err != nil {
		return err
	}
	for name, values := range s.params {
		c.searched[name] = append(c.searched[name], values...)
	}
	context := c.source.Query
	context.Lenient = false
	if s.q, err = query.Parse(context, resourceType, s.params); err != nil {
		return err
	}
	s.q.NoTotal, s.q.Accurate = true, false
	s.q.By(store.AsGraphMatch, store.AsGraphCount)
	if err := c.wantsTo(f, true, resourceType); err != nil {
		return err
	}
	if !paged {
		if s.most < 0 {
			s.q.Count = longestList
		}
		return c.object(at, f, resourceType)
	}
	if err := c.object(at, f, resourceType+"Connection"); err != nil {
		return err
	}
	for _, member := range f.sub.fields {
		if member.ast.Name == "count" {
			s.q.NoTotal, s.q.Accurate = false, true
		}
	}
	return nil
}

// unwanted are parameters of a search that a query has no use for, or that are not offered here.
var unwanted = []string{"_include", "_revinclude", "_contained", "_containedType", "_summary", "_elements", "_total", "_page", "_format", "_pretty", "_filter", "_query", "_text", "_content", "_list",
	"_has", "fhirpath"}

// read takes the arguments of a search.
func (s *search) read(f *field) error {
	s.params = url.Values{}
	for name, v := range f.args {
		if name == "_reference" || v.kind == null {
			continue
		}
		if name == "_count" {
			n, err := f.args.count(name, 0)
			if err != nil {
				return err
			}
			s.most = n
			s.params.Set(name, v.text)
			continue
		}
		param := parameter(name)
		if err := s.takes(f.ast.Position, param); err != nil {
			return err
		}
		words, err := v.words()
		if err != nil || len(words) == 0 {
			return invalid(f.ast.Position, "argument %s: expected a value or a list of them, got %s", name, v.kind)
		}
		if param != "_sort" { // no list of values in one string: R4 graphql has a list of its own for it
			for i := range words {
				words[i] = uncut(words[i])
			}
		}
		s.params.Set(param, strings.Join(words, ","))
		if s.resourceType == "Patient" && (param == "_id" || param == "identifier") {
			s.named = max(s.named, len(words))
		}
	}
	return nil
}

// takes tells whether a search has a parameter.
func (s *search) takes(at *ast.Position, param string) error {
	switch {
	case param == "_sort" || r4.ParamNamed(s.resourceType, param) != nil && !slices.Contains(unwanted, param):
		return nil
	case slices.Contains(unwanted, param):
		return unsupported(at, "argument %s is not supported in a search by GraphQL", param)
	}
	var names []string
	for _, p := range r4.Params(s.resourceType) {
		names = append(names, strings.ReplaceAll(p.Name, "-", "_"))
	}
	return invalid(at, "expected a search parameter of %s as argument, with _ for -, got %s%s", s.resourceType, query.Quote(param), query.DidYouMean(strings.ReplaceAll(param, "-", "_"), names))
}

// uncut escapes commas, which would make several values of one, where nobody has yet.
func uncut(word string) string {
	if !strings.Contains(word, ",") {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		switch {
		case word[i] == '\\' && i+1 < len(word):
			b.WriteByte(word[i])
			i++
		case word[i] == ',':
			b.WriteByte('\\')
		}
		b.WriteByte(word[i])
	}
	return b.String()
}

// cursor is where a page begins, as an earlier one has said.
func (f *field) cursor() (string, bool) {
	for _, name := range []string{"_cursor", "cursor"} { // R4 has both names
		if v, there := f.args[name]; there && v.kind == text {
			return v.text, true
		}
	}
	return "", false
}

// cursor says which page of which search is meant. Who makes one up asks for another search, and is asked no less.
type cursor struct {
	Type   string `json:"t"`
	Params string `json:"p"`
	Offset int    `json:"o,omitempty"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("graph: " + err.Error()) // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// resume goes on with a search where a cursor says.
func (s *search) resume(f *field, raw string) error {
	var c cursor
	wrong := invalid(f.ast.Position, "expected a cursor out of an answer of this server, and no other argument, got %s", query.Quote(raw))
	b, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil || len(f.args) != 1 || len(b) > MaxQuery || json.Unmarshal(b, &c) != nil || c.Type != s.resourceType || c.Offset < 0 {
		return wrong
	}
	if s.params, err = url.ParseQuery(c.Params); err != nil {
		return wrong
	}
	for name := range s.params {
		if name != "_page" && name != "_count" && s.takes(nil, name) != nil {
			return wrong
		}
	}
	s.offset = c.Offset
	return nil
}

// at is the cursor of a page of a search; of the first one if there is no mark.
func (s *search) at(src Source, ref string, mark *query.Mark, offset int) string {
	params := url.Values{}
	for name, values := range s.params {
		if name != "_page" {
			params[name] = values
		}
	}
	if s.back != "" {
		params.Add(s.back, ref)
	}
	if mark != nil {
		params.Set("_page", mark.For(src.Query.Blind, src.Caller))
	}
	return cursor{s.resourceType, params.Encode(), offset}.String()
}
