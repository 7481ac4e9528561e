package fhirmock

import (
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// query is a search, understood. Filters are joined by and, the values of one filter by or (R4 search).
type query struct {
	filters []filter
	count   int
	offset  int
}

type filter struct {
	param  string
	values []value
}

// value is one alternative of a filter. A nil system matches any.
type value struct {
	system *string
	text   string
}

const (
	pageSize    = 50
	largestPage = 250
)

// parseQuery reads the parameters of a search. Handling is strict: a parameter that this API does not
// know, or cannot honour, is refused rather than ignored, because a search that silently loses its
// filter answers with more than was asked for.
func (a *API) parseQuery(k *kind, params url.Values) (*query, *problem) {
	q := &query{count: pageSize}
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, raw := range params[name] {
			if p := a.addParameter(q, k, name, raw); p != nil {
				return nil, p
			}
		}
	}
	return q, nil
}

func (a *API) addParameter(q *query, k *kind, name, raw string) *problem {
	var p *problem
	switch name {
	case "_format": // acceptable has looked at it
	case "_count":
		q.count, p = number(name, raw)
		q.count = min(q.count, largestPage)
	case "_offset":
		q.offset, p = number(name, raw)
	case "_id":
		p = q.add(name, raw, func(s string) value { return value{text: s} })
	default:
		own := k.param(name)
		if own == nil {
			return unknownParameter(name, "a search for "+k.name)
		}
		p = q.add(name, raw, func(s string) value { return a.readValue(own, s) })
	}
	return p
}

func (q *query) add(name, raw string, read func(string) value) *problem {
	f := filter{param: name}
	for _, s := range splitList(raw) {
		if s == "" {
			return badParameter(name, "a value", "nothing")
		}
		f.values = append(f.values, read(s))
	}
	q.filters = append(q.filters, f)
	return nil
}

// readValue reads one value of a parameter: "system|code", "|code" or "code" of a token; of a reference,
// an id, "Type/id" or the URL of a record here.
func (a *API) readValue(p *param, s string) value {
	if p.of == "reference" {
		s = unescape(strings.TrimPrefix(s, a.Base+"/"))
		if !strings.Contains(s, "/") {
			s = p.target + "/" + s
		}
		return value{text: s}
	}
	if system, code, ok := strings.Cut(s, "|"); ok {
		system = unescape(system)
		return value{&system, unescape(code)}
	}
	return value{text: unescape(s)}
}

// splitList splits at commas that are not escaped (R4 search, "Escaping Search Parameters").
func splitList(s string) []string {
	if !strings.Contains(s, `\`) {
		return strings.Split(s, ",")
	}
	var out []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ',':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func number(name, raw string) (int, *problem) {
	n, err := strconv.Atoi(raw)
	if err != nil || n < 0 {
		return 0, badParameter(name, "a whole number", quoted(raw))
	}
	return n, nil
}

func badParameter(name, want, got string) *problem {
	text := "parameter " + quoted(name) + ": expected " + want + ", got " + got
	return &problem{status: http.StatusBadRequest, code: "value", safe: text, detail: text}
}

// unknownParameter names the parameter: it came from the caller, who may read it back.
func unknownParameter(name, where string) *problem {
	text := "parameter " + quoted(name) + " is not supported in " + where + "; the CapabilityStatement lists those that are"
	return &problem{status: http.StatusBadRequest, code: "not-supported", safe: text, detail: text}
}
