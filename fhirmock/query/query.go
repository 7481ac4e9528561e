// Package query reads FHIR searches and answers them out of a store. Which parameters there are, and what
// they look at, is HL7's to say (package r4); which types are served stands in types.go.
//
// Begin with Parse and Query.Run. value.go reads the values of each type of parameter (special.go those that are
// of several), chain.go resolves chained parameters and _has, include.go draws in what belongs to a page. Every record that is shown,
// counted, drawn in or looked through on the way is opened at the caller's store.Door.
//
// Not offered: _text, _content, _list, _filter and _query, the modifiers :above and :below where they need a
// hierarchy of codes or places, and :in and :not-in with value sets that R4 does not require anywhere.
package query

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Query is a search, understood.
type Query struct {
	Type     string
	filters  []filter
	Sort     []store.Sort
	Count    int   // entries on a page; 0 asks for the total alone
	NoTotal  bool  // _total=none
	Accurate bool  // _total=accurate
	After    *Mark // of a further page
	includes []inclusion
	Show     Show
	// Ignored names parameters that were not understood and passed over, as the caller allowed.
	Ignored []string
	blind   Blind
	// asMatch and asCount are the ways by which a match leaves, and by which it is counted.
	asMatch, asCount store.Way
}

// filter is one condition: on a parameter of the type, on records it refers to, or on records that refer to it.
type filter struct {
	store.Filter
	chain *chain
	has   *has
	tree  *tree
}

// plain tells whether a condition is on the record itself.
func (f *filter) plain() bool { return f.chain == nil && f.has == nil && f.tree == nil }

// Context is what reading a search needs to know beside its parameters.
type Context struct {
	Base    string // URL of the API, without a slash at the end: absolute references to it are its own
	Lenient bool   // pass over what is not understood (Prefer: handling=lenient)
	Blind   Blind  // hides places in links
}

const (
	pageSize    = 50
	largestPage = 250
	// What one search may ask for.
	mostValues     = 256 // of one parameter
	mostParameters = 64
	mostHops       = 4 // of chains
)

// Problem is a request that cannot be understood or honoured. The text may be shown to the caller: it
// says nothing that he did not send.
type Problem struct {
	Status     int
	Code       string // FHIR issue type
	Expression string // FHIRPath of the place, or ""
	Text       string
	Allow      string        // with 405: the methods there are
	RetryAfter time.Duration // with 429 and 503: how long to wait; 0 where the caller's own rate says
	ETag       string        // with 410: the version that is the deletion

	modifier bool // it is about a modifier, which must not be passed over: the search would mean something else
}

func (p *Problem) Error() string { return p.Text }

func bad(code, format string, args ...any) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: code, Text: fmt.Sprintf(format, args...)}
}

// At says of a problem with which parameter it arose: http. and its name, as OperationOutcome has it for what stands
// in no resource.
func At(name string, err error) error {
	p, is := err.(*Problem)
	if !is || p.Expression != "" || len(name) > 64 || !parameterName.MatchString(name) {
		return err
	}
	placed := *p
	placed.Expression = "http." + name
	return &placed
}

var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:-]*$`)

// Quote shows what somebody sent, cut to a length fit for an answer or a log.
func Quote(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// Parse reads the parameters of a search. Handling is strict unless the caller allowed otherwise: a
// search that silently loses its filter answers with more than was asked for.
func Parse(c Context, resourceType string, params url.Values) (*Query, error) {
	q := &Query{Type: resourceType, Count: pageSize, blind: c.Blind, asMatch: store.AsMatch, asCount: store.AsCount}
	names := make([]string, 0, len(params))
	total := 0
	for name, values := range params {
		names = append(names, name)
		total += len(values)
	}
	if total > mostParameters {
		return nil, bad("too-costly", "expected at most %d parameters, got %d", mostParameters, total)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, raw := range params[name] {
			if !utf8.ValidString(name) || !utf8.ValidString(raw) {
				return nil, At(name, bad("value", "parameter %s: expected UTF-8, got other bytes", Quote(name)))
			}
			if err := q.add(c, name, raw); err != nil {
				return nil, At(name, err)
			}
		}
	}
	if q.Count == 0 {
		q.Accurate = true // the count is all the answer there is
	}
	if len(q.Show.Elements) > 0 && q.Show.Summary != "" {
		return nil, bad("invalid", "expected _summary or _elements, got both")
	}
	if len(q.includes) > 0 && q.Show.Summary == "text" { // R4 search, "Summary"
		return nil, bad("invalid", "expected _summary=text, or _include and _revinclude, got both")
	}
	return q, nil
}

func (q *Query) add(c Context, name, raw string) error {
	known, err := q.control(name, raw)
	if !known {
		var f filter
		if f, err = parseFilter(c, q.Type, name, raw, 0); err == nil {
			q.filters = append(q.filters, f)
		}
	}
	switch {
	case err == nil:
		return nil
	case name == "_sort":
		q.Sort = nil // an order by some of the keys is none that was asked for
	case name == "_contained": // what is found without it is no more than was asked for
	case known:
		return err
	}
	if p, ok := err.(*Problem); ok && p.Code == "not-supported" && !p.modifier && c.Lenient {
		q.Ignored = append(q.Ignored, name)
		return nil
	}
	return err
}

// Among narrows a search to records of these ids.
func (q *Query) Among(ids []string) {
	f := store.Filter{Param: store.ID}
	for _, id := range ids {
		f.Any = append(f.Any, store.Match{Key: id})
	}
	q.filters = append(q.filters, filter{Filter: f})
}

// By has matches leave, and be counted, by other ways than those of a search of its own.
func (q *Query) By(match, count store.Way) { q.asMatch, q.asCount = match, count }

// Leading is the query narrowed to what refers to a record ("Type/id") under a search parameter.
func (q *Query) Leading(param, ref string) *Query {
	out := *q
	out.filters = append(slices.Clip(q.filters), filter{Filter: store.Filter{Param: param, Any: []store.Match{{Key: ref}}}})
	return &out
}

// parseFilter reads one parameter: "name", "name:modifier", "reference.name" or "_has:Type:reference:name".
func parseFilter(c Context, resourceType, name, raw string, hops int) (filter, error) {
	if hops > mostHops {
		return filter{}, bad("too-costly", "expected at most %d hops in a chain, got more", mostHops)
	}
	if rest, is := strings.CutPrefix(name, "_has:"); is {
		return parseHas(c, resourceType, rest, raw, hops)
	}
	if reference, rest, is := strings.Cut(name, "."); is {
		return parseChain(c, resourceType, reference, rest, raw, hops)
	}
	name, modifier, _ := strings.Cut(name, ":")
	p := r4.ParamNamed(resourceType, name)
	if p == nil {
		return filter{}, unknown(name, resourceType)
	}
	if (modifier == "above" || modifier == "below") && terms.KindOf(p) == terms.Reference && !isCanonical(p) {
		return parseTree(c, p, modifier, raw)
	}
	f, err := values(c, p, modifier, raw)
	return filter{Filter: f}, err
}

// unknown refuses a parameter that the types searched have none of by name.
func unknown(name string, resourceTypes ...string) *Problem {
	return bad("not-supported", "parameter %s is not supported in a search for %s; the CapabilityStatement lists those that are%s",
		Quote(name), strings.Join(resourceTypes, " or "), DidYouMean(name, parameters(resourceTypes...)))
}

// controls are the parameters that say how results are shown, and those that begin a chain.
var controls = []string{"_count", "_sort", "_total", "_include", "_revinclude", "_summary", "_elements", "_contained", "_has"}

// parameters are the names of all that a search for some types can have.
func parameters(resourceTypes ...string) []string {
	out := slices.Clone(controls)
	for _, t := range resourceTypes {
		for _, p := range r4.Params(t) {
			out = append(out, p.Name)
		}
	}
	return out
}

// references are the names of those parameters of a type that lead to others.
func references(resourceType string) []string {
	var out []string
	for _, p := range r4.Params(resourceType) {
		if p.Type == "reference" {
			out = append(out, p.Name)
		}
	}
	return out
}
