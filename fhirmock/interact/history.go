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
	// mostVersions is how many versions are counted when the number is asked for.
	mostVersions = 5000
)

// span is which part of a history is wanted.
type span struct {
	count int
	since float64
	at    *terms.Span // what stood at some time within, or nil
	after *store.Position
	mark  *query.Mark // in place of after, of $everything
	link  *query.Link // by which a further page is asked for; nil for the first
	show  query.Show
}

// counts tells that the number is wanted and no entry (R4 search, "_summary").
func (s span) counts() bool { return s.count == 0 || s.show.Summary == "count" }

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
			if r.Kind == Everything {
				if s.mark, err = query.ParseMark(raw); err == nil {
					s.link = &s.mark.Link
				}
			} else {
				s.link = &query.Link{}
				s.after, *s.link, err = query.ParseCursor(raw)
			}
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
// meant to see what it once was, and the gate may say so; nor is it shown to who may not see it as it is today.
func (e *Engine) history(g Gate, r *Request, v store.View) (*Response, error) {
	s, err := readSpan(r)
	if err != nil {
		return nil, err
	}
	if err := g.Enters(r.Kind, r.Type); err != nil {
		return nil, err
	}
	if err := e.goesOn(g, s); err != nil {
		return nil, err
	}
	if s.counts() {
		s.after = nil // what came before counts too
	}
	path, all, err := e.versions(g, r, v, s.after)
	if err != nil {
		return nil, err
	}
	page, next, n, err := e.historyPage(g, v, all, s)
	if err != nil {
		return nil, err
	}
	b := e.newBundle("history", len(page))
	if next == nil && s.after == nil {
		b.total(n)
	}
	b.link("self", path, r.Params)
	if next != nil {
		params := without(r.Params, "_page")
		params.Set("_page", query.Cursor(*next, e.Blind, g.Caller()))
		b.link("next", path, params)
	}
	for _, rec := range page {
		back, err := revived(g, v, rec)
		if err != nil {
			return nil, err
		}
		b.version(rec, back, s.show)
	}
	return b.response(path)
}

// revived tells whether a version brought a deleted record back, so that its update was answered 201 (R4 http, "update").
// Who may not see the deletion is not told of it.
func revived(g Gate, v store.View, r *store.Record) (bool, error) {
	if r.Version == 1 || r.Deleted || r.Method != http.MethodPut {
		return false, nil
	}
	all := v.Versions(r.Type, r.ID)
	at := slices.IndexFunc(all, func(s *store.Sealed) bool { return s.Version() == r.Version-1 })
	if at < 0 || !all[at].Deleted() {
		return false, nil
	}
	rec, err := opened(g, v, all[at], store.AsHistory)
	return rec != nil, err
}

// goesOn asks whether a further page is the caller's.
func (e *Engine) goesOn(g Gate, s span) error {
	if s.link == nil {
		return nil
	}
	return e.turns(g, *s.link)
}

// historyPage opens versions until a page is full, or to count them all, and tells how many it came by.
func (e *Engine) historyPage(g Gate, v store.View, all iter.Seq[*store.Sealed], s span) (page []*store.Record, next *store.Position, n int, err error) {
	for sealed := range all {
		if sealed.When().Keys[0].Number < s.since { // and so are all that follow
			break
		}
		if !s.wants(sealed) || s.at != nil && (sealed.When().Keys[0].Number > s.at.Hi || v.Until(sealed) <= s.at.Lo) {
			continue
		}
		rec, err := opened(g, v, sealed, store.AsHistory)
		if err != nil {
			return nil, nil, 0, err
		}
		if rec == nil {
			continue
		}
		if n++; s.counts() {
			if n > mostVersions {
				return nil, nil, 0, problem(http.StatusBadRequest, "too-costly", "expected a history of at most "+strconv.Itoa(mostVersions)+" versions to count, got more: narrow it by _since")
			}
			continue
		}
		if n > s.count {
			at := page[len(page)-1].When()
			return page, &at, n, nil
		}
		page = append(page, rec)
	}
	return page, nil, n, nil
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
	return s.after == nil || store.Later(*s.after, sealed.When())
}
