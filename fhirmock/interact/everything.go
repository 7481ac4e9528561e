package interact

import (
	"math"
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// everythingPage is how much of a patient is sent at a time if no _count is given.
const everythingPage = 500

// everything is Patient/$everything: the patient, what lies in the compartment, and what those records
// refer to that is nobody's: professionals and places.
func (e *Engine) everything(g Gate, r *Request, v store.View) (*Response, error) {
	types, rest, err := takeTypes(r)
	if err != nil {
		return nil, err
	}
	care, err := takeCare(rest)
	if err != nil {
		return nil, err
	}
	inner := &Request{Kind: r.Kind, Params: rest, Lenient: r.Lenient}
	s, err := readSpan(inner)
	if err != nil {
		return nil, err
	}
	counts := s.counts()
	switch {
	case counts:
		s.count, s.mark = math.MaxInt, nil
	case len(rest["_count"]) == 0:
		s.count = everythingPage
	}
	if err := g.Enters(Everything, r.Type); err != nil {
		return nil, err
	}
	if err := e.goesOn(g, s); err != nil {
		return nil, err
	}
	found := v.Get(r.Type, r.ID)
	if found == nil {
		return nil, missing()
	}
	patient, err := found.Open(g, store.AsEverything)
	if err != nil || patient == nil {
		return nil, orMissing(err)
	}
	if patient.Deleted {
		return nil, gone(patient)
	}
	c := collector{g: g, v: v, blind: e.Blind, span: s, types: types, care: care, seen: map[string]bool{}}
	if s.mark == nil && c.wants(patient) {
		c.page = append(c.page, patient)
		c.seen["Patient/"+patient.ID] = true
	}
	if err := c.compartment(patient.ID); err != nil {
		return nil, err
	}
	if counts {
		b := e.newBundle("searchset", 0)
		b.total(len(c.page))
		b.link("self", "Patient/"+r.ID+"/$everything", r.Params)
		return b.response("Patient/" + r.ID + "/$everything")
	}
	if err := c.surroundings(); err != nil {
		return nil, err
	}
	return e.everythingBundle(g, r, &c)
}

func (e *Engine) everythingBundle(g Gate, r *Request, c *collector) (*Response, error) {
	path := "Patient/" + r.ID + "/$everything"
	b := e.newBundle("searchset", len(c.page)+len(c.around))
	if c.next == nil && c.span.mark == nil {
		b.total(len(c.page))
	}
	b.link("self", path, r.Params)
	if c.next != nil {
		params := without(r.Params, "_page")
		params.Set("_page", c.next.For(e.Blind, g.Caller()))
		b.link("next", path, params)
	}
	for _, rec := range c.page {
		b.match(rec, "match", c.span.show)
	}
	for _, rec := range c.around {
		b.match(rec, "include", c.span.show)
	}
	return b.response(path)
}

func takeTypes(r *Request) ([]string, map[string][]string, error) {
	rest := without(r.Params, "_type")
	var types []string
	for _, raw := range r.Params["_type"] {
		for t := range strings.SplitSeq(raw, ",") {
			if !query.Served(t) {
				return nil, nil, query.At("_type", problem(http.StatusBadRequest, "value", "parameter \"_type\": expected resource types that are served, got "+query.Quote(t)))
			}
			types = append(types, t)
		}
	}
	return types, rest, nil
}

// takeCare reads start and end: between them lies the care that is wanted, by the dates that records are found by.
func takeCare(params map[string][]string) (*terms.Span, error) {
	out := terms.Span{Lo: math.Inf(-1), Hi: math.Inf(1)}
	for _, name := range []string{"start", "end"} {
		for _, raw := range params[name] {
			day, ok := terms.Date(raw)
			if !ok {
				return nil, query.At(name, problem(http.StatusBadRequest, "value", "parameter \""+name+"\": expected a date, got "+query.Quote(raw)))
			}
			if name == "start" {
				out.Lo = day.Lo
			} else {
				out.Hi = day.Hi
			}
		}
		delete(params, name)
	}
	if math.IsInf(out.Lo, 0) && math.IsInf(out.Hi, 0) {
		return nil, nil
	}
	return &out, nil
}

// collector gathers a compartment, a page at a time. Its cursor says at which type, and after which
// record of it, to go on.
type collector struct {
	g      Gate
	v      store.View
	blind  query.Blind
	span   span
	types  []string
	care   *terms.Span // nil for ever
	seen   map[string]bool
	page   []*store.Record
	around []*store.Record
	next   *query.Mark
}

func (c *collector) wants(r *store.Record) bool {
	return c.inTime(r) && (len(c.types) == 0 || slices.Contains(c.types, r.Type)) && float64(r.Updated.UnixMilli()) >= c.span.since
}

// inTime tells whether a record is about the time that is wanted; what has no date is about all of it, and a patient
// is one whenever she was born.
func (c *collector) inTime(r *store.Record) bool {
	if c.care == nil || r.Type == "Patient" {
		return true
	}
	dates := r.Dates()
	return len(dates) == 0 || slices.ContainsFunc(dates, func(d terms.Span) bool { return d.Lo <= c.care.Hi && d.Hi >= c.care.Lo })
}

func (c *collector) compartment(patient string) error {
	from := 0
	if mark := c.span.mark; mark != nil && len(mark.Keys) == 1 {
		from = max(0, min(int(mark.Keys[0].Number), len(query.Types)))
	}
	for i := from; i < len(query.Types) && c.next == nil; i++ {
		resourceType := query.Types[i]
		if resourceType == "Patient" || len(c.types) > 0 && !slices.Contains(c.types, resourceType) {
			continue
		}
		var after *store.Position
		if c.span.mark != nil && i == from {
			var err error
			if after, err = c.span.mark.Position(c.v, c.g, store.AsEverything, c.blind, resourceType); err != nil {
				return err
			}
		}
		if err := c.ofType(i, resourceType, patient, after); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) ofType(number int, resourceType, patient string, after *store.Position) error {
	all, making := c.v.InCompartment(resourceType, r4.Compartment(resourceType), patient, after)
	if making {
		return query.Wait()
	}
	for _, found := range all {
		if c.seen[found.Ref()] {
			continue
		}
		r, err := found.Open(c.g, store.AsEverything)
		if err != nil {
			return err
		}
		if r == nil || !c.wants(r) {
			continue
		}
		if len(c.page) >= c.span.count {
			c.next = &query.Mark{Keys: []store.Key{{Number: float64(number)}}}
			if n := len(c.page); n > 0 && c.page[n-1].Type == resourceType {
				c.next.ID = c.page[n-1].ID
			}
			return nil
		}
		c.seen[found.Ref()] = true
		c.page = append(c.page, r)
	}
	return nil
}

// surroundings draws in what the page refers to and is in no patient's compartment.
func (c *collector) surroundings() error {
	for _, r := range c.page {
		for _, ref := range r.References("*") {
			resourceType, id, _ := strings.Cut(ref, "/")
			if c.seen[ref] || len(r4.Compartment(resourceType)) > 0 || resourceType == "Patient" || !query.Served(resourceType) || len(c.types) > 0 && !slices.Contains(c.types, resourceType) {
				continue
			}
			c.seen[ref] = true
			found := c.v.Get(resourceType, id)
			if found == nil || found.Deleted() {
				continue
			}
			near, err := found.Open(c.g, store.AsEverything)
			if err != nil {
				return err
			}
			if near != nil {
				c.around = append(c.around, near)
			}
		}
	}
	return nil
}
