package interact

import (
	"iter"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

const (
	historyPage = 50
	largestPage = 250
)

// span is which part of a history is wanted.
type span struct {
	count int
	since float64
	at    *terms.Span // what stood at some time within, or nil
	after *store.Position
	show  query.Show
}

func readSpan(r *Request) (span, error) {
	s := span{count: historyPage}
	for name, values := range r.Params {
		raw := values[len(values)-1]
		var err error
		switch name {
		case "_format", "_pretty":
		case "_summary", "_elements":
			err = s.show.Read(name, raw)
		case "_count":
			s.count, err = strconv.Atoi(raw)
			if s.count = min(s.count, largestPage); err != nil || s.count < 0 {
				err = problem(http.StatusBadRequest, "value", "parameter \"_count\": expected a whole number, got "+query.Quote(raw))
			}
		case "_since":
			t, ok := terms.Date(strings.ReplaceAll(raw, " ", "+"))
			if !ok {
				err = problem(http.StatusBadRequest, "value", "parameter \"_since\": expected an instant, got "+query.Quote(raw))
			}
			s.since = t.Lo
		case "_at":
			if s.at, err = readAt(values); r.Kind == Everything {
				err = unknownParameter(name, r.Kind)
			}
		case "_page":
			s.after, err = query.ParseCursor(raw)
		default:
			if !r.Lenient {
				err = unknownParameter(name, r.Kind)
			}
		}
		if err != nil {
			return s, query.At(name, err)
		}
	}
	return s, nil
}

// readAt reads _at: a time, or the beginning and the end of one by prefixes (R4 http, "history").
func readAt(values []string) (*terms.Span, error) {
	at := terms.Span{Lo: math.Inf(-1), Hi: math.Inf(1)}
	for _, raw := range values {
		text := strings.ReplaceAll(raw, " ", "+")
		prefix := ""
		if len(text) > 2 && text[0] >= 'a' {
			prefix, text = text[:2], text[2:]
		}
		t, ok := terms.Date(text)
		switch {
		case !ok:
		case prefix == "" || prefix == "eq":
			at.Lo, at.Hi = max(at.Lo, t.Lo), min(at.Hi, t.Hi)
		case prefix == "ge":
			at.Lo = max(at.Lo, t.Lo)
		case prefix == "gt" || prefix == "sa":
			at.Lo = max(at.Lo, t.Hi+1)
		case prefix == "le":
			at.Hi = min(at.Hi, t.Hi)
		case prefix == "lt" || prefix == "eb":
			at.Hi = min(at.Hi, t.Lo-1)
		default:
			ok = false
		}
		if !ok {
			return nil, problem(http.StatusBadRequest, "value", "parameter \"_at\": expected a date and time, got "+query.Quote(raw))
		}
	}
	return &at, nil
}

// history lists versions, the latest first. Each is opened: who may see a record today may not have been
// meant to see what it once was, and the gate may say so.
func (e *Engine) history(g Gate, r *Request, v store.View) (*Response, error) {
	s, err := readSpan(r)
	if err != nil {
		return nil, err
	}
	if err := g.Enters(r.Kind, r.Type); err != nil {
		return nil, err
	}
	path, all, err := e.versions(g, r, v, s.after)
	if err != nil {
		return nil, err
	}
	b := e.newBundle("history", s.count)
	var page []*store.Record
	var next *store.Position
	for sealed := range all {
		if !s.wants(sealed) || s.at != nil && (sealed.When().Keys[0].Number > s.at.Hi || v.Until(sealed) <= s.at.Lo) {
			continue
		}
		rec, err := sealed.Open(g, store.AsHistory)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			continue
		}
		if len(page) == s.count {
			at := page[len(page)-1].When()
			next = &at
			break
		}
		page = append(page, rec)
	}
	if next == nil && s.after == nil {
		b.total(len(page))
	}
	b.link("self", path, r.Params)
	if next != nil {
		params := without(r.Params, "_page")
		params.Set("_page", query.Cursor(*next))
		b.link("next", path, params)
	}
	for _, rec := range page {
		b.version(rec, s.show)
	}
	return b.response(path)
}

// versions are those of a record, or of all records of a type, and the path of the request for them.
func (e *Engine) versions(g Gate, r *Request, v store.View, after *store.Position) (string, iter.Seq[*store.Sealed], error) {
	if r.Kind == HistoryInstance {
		all := v.Versions(r.Type, r.ID)
		if len(all) == 0 {
			return "", nil, missing()
		}
		rec, err := all[0].Open(g, store.AsRead)
		if rec == nil || err != nil {
			return "", nil, orMissing(err)
		}
		return r.Type + "/" + r.ID + "/_history", slices.Values(all), nil
	}
	v, err := query.Narrowed(v, g, r.Type, nil, store.AsHistory)
	return r.Type + "/_history", v.History(r.Type, after), err
}

func (s span) wants(sealed *store.Sealed) bool {
	at := sealed.When()
	return at.Keys[0].Number >= s.since && (s.after == nil || store.Later(*s.after, at))
}
