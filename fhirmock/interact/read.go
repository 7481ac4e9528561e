package interact

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// read is FHIR's read and vread.
func (e *Engine) read(g Gate, r *Request, v store.View) (*Response, error) {
	show, err := onlyShow(r)
	if err != nil {
		return nil, err
	}
	if err := g.Enters(r.Kind, r.Type); err != nil {
		return nil, err
	}
	found, way := v.Get(r.Type, r.ID), store.AsRead
	if r.Kind == VRead {
		n, err := strconv.Atoi(r.Version)
		if err != nil {
			return nil, missing()
		}
		found, way = v.Version(r.Type, r.ID, n), store.AsVersion
	}
	if found == nil {
		return nil, missing()
	}
	rec, err := opened(g, v, found, way)
	if err != nil {
		return nil, err
	}
	if rec == nil {
		return nil, missing()
	}
	if rec.Deleted {
		return nil, gone(rec)
	}
	out := &Response{Status: http.StatusOK, Record: rec, Resource: r.Type + "/" + r.ID, Patients: rec.Patients}
	if unchanged(r, rec) {
		out.Status = http.StatusNotModified
		return out, nil
	}
	out.Body = e.Render(make([]byte, 0, rec.Size()), rec, show)
	return out, nil
}

// opened asks about a version, and about the one that stands in its place today: what was once for everybody's eyes and no
// longer is, is not to be had as it was before.
func opened(g Gate, v store.View, found *store.Sealed, way store.Way) (*store.Record, error) {
	if now := v.Present(found); now != nil {
		if r, err := now.Open(g, way); r == nil || err != nil {
			return nil, err
		}
	}
	return found.Open(g, way)
}

// onlyShow reads the parameters of an interaction that has none but those which say how much is shown.
func onlyShow(r *Request) (query.Show, error) {
	var show query.Show
	for name, values := range r.Params {
		switch name {
		case "_format", "_pretty":
		case "_summary", "_elements":
			for _, raw := range values {
				if err := show.Read(name, raw); err != nil {
					return show, query.At(name, err)
				}
				if show.Summary == "count" {
					return show, query.At(name, problem(http.StatusBadRequest, "value", "parameter \"_summary\": expected true, text, data or false, got \"count\", which is for searches"))
				}
			}
		default:
			if !r.Lenient {
				return show, query.At(name, unknownParameter(name, r.Kind))
			}
		}
	}
	return show, nil
}

// known are the parameters of interactions other than searches.
var known = []string{"_format", "_pretty", "_summary", "_elements", "_count", "_since", "_at", "_type", "_typeFilter", "_outputFormat", "patient", "start", "end"}

func unknownParameter(name string, k Kind) *query.Problem {
	return problem(http.StatusBadRequest, "not-supported", "parameter "+query.Quote(name)+" is not supported in "+string(k)+query.DidYouMean(name, known))
}

// unchanged: a conditional read whose caller has this version already. If-None-Match goes before
// If-Modified-Since (RFC 9110 s13.2.2).
func unchanged(r *Request, rec *store.Record) bool {
	if r.IfNoneMatch != "" {
		return matchesETag(r.IfNoneMatch, rec)
	}
	return !r.IfModifiedSince.IsZero() && !rec.Updated.Truncate(time.Second).After(r.IfModifiedSince)
}

// matchesETag compares weakly, as FHIR's tags are; a bare version number is taken as well, since clients send it.
func matchesETag(header string, rec *store.Record) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == strconv.Itoa(rec.Version) {
			return true
		}
	}
	return false
}

// search answers a search with a searchset.
func (e *Engine) search(g Gate, r *Request, v store.View) (*Response, error) {
	if err := g.Enters(Search, r.Type); err != nil {
		return nil, err
	}
	q, err := query.Parse(query.Context{Base: e.Base, Lenient: r.Lenient, Blind: e.Blind}, r.Type, r.Params)
	if err != nil {
		return nil, err
	}
	if q.After != nil {
		if err := e.turns(g, q.After.Link); err != nil {
			return nil, err
		}
	}
	path := r.Type
	if r.Within != "" { // R4 http, "Variant Searches"
		path = "Patient/" + r.Within + "/" + r.Type
		within, err := inCompartment(v, r.Type, r.Within)
		if err != nil {
			return nil, err
		}
		q.Among(within)
	}
	res, err := q.Run(v, g)
	if err != nil {
		return nil, err
	}
	b := e.newBundle("searchset", len(res.Page)+len(res.Included))
	b.total(res.Total)
	params := without(r.Params, q.Ignored...)
	b.link("self", path, params)
	if res.Next != nil {
		params = without(params, "_page")
		params.Set("_page", res.Next.For(e.Blind, g.Caller()))
		b.link("next", path, params)
	}
	for _, rec := range res.Page {
		b.match(rec, "match", q.Show)
	}
	for _, rec := range res.Included {
		b.match(rec, "include", query.Show{Summary: q.Show.Summary}) // R4 search, "Elements": not of what is included
	}
	if res.IncludesCut {
		b.note("too-costly", "more would belong to this page than is sent at a time: ask for fewer entries")
	}
	e.lacks(g, b, r)
	return b.response(path + asQuery(params))
}

// turns asks whether a link to a further page is the caller's to follow.
func (e *Engine) turns(g Gate, l query.Link) error { return g.Turns(l.MadeFor(e.Blind, g.Caller())) }

// inCompartment lists the ids of what lies in a patient's compartment: she herself, and what names her. That there are some is
// nothing to tell: each is opened when it is found.
func inCompartment(v store.View, resourceType, patient string) ([]string, error) {
	var out []string
	if resourceType == "Patient" {
		out = append(out, patient)
	}
	all, making := v.InCompartment(resourceType, r4.Compartment(resourceType), patient, nil)
	if making {
		return nil, query.Wait()
	}
	for _, found := range all {
		out = append(out, found.ID())
	}
	return out, nil
}
