package query

import (
	"math"

	"thiefbox/fhirmock/store"
)

// Result is a page.
type Result struct {
	Page     []*store.Record
	Included []*store.Record
	// Total counts the matches that the caller may see, on this page or another; -1 if that was not
	// asked for, or would have meant looking at too many.
	Total int
	Next  *Mark // where the next page begins; nil on the last
	// IncludesCut says that the page would have drawn in more than is sent at a time.
	IncludesCut bool

	counted int // matches that count, come by on the way
}

// mostCounted is how many matches are counted without being asked to.
const mostCounted = 2000

// mostLooked is how many records are looked at for it.
const mostLooked = 20000

// Run answers the query.
func (q *Query) Run(v store.View, d store.Door) (*Result, error) {
	filters, err := resolve(v, d, q.Type, q.filters, q.way(), q.asCount)
	if err != nil {
		return nil, err
	}
	for _, key := range q.Sort {
		if err := seekBy(d, q.Type, key.Param); err != nil {
			return nil, err
		}
	}
	everybodys := v
	asked := []store.Way{q.way()}
	if !q.NoTotal {
		asked = []store.Way{q.asCount, q.way()} // what is counted is asked about besides, and not less
	}
	if v, err = Narrowed(v, d, q.Type, filters, asked...); err != nil {
		return nil, err
	}
	res := &Result{Total: -1}
	counts := !q.NoTotal
	var search *store.Search
	if q.Count > 0 {
		var after *store.Position
		if q.After != nil {
			// In another order the mark names no place but one among all records, others' included.
			if len(q.After.Keys) != len(q.Sort) {
				return nil, At("_page", noMark(q.After.raw))
			}
			if after, err = q.After.Position(v, d, q.way(), q.blind, q.Type); err != nil {
				return nil, err
			}
		}
		search = v.Find(q.Type, filters, q.Sort, after)
		if err = Waited(search); err != nil {
			return nil, err
		}
		if err = q.page(search, d, res); err != nil {
			return nil, err
		}
		// What many have is not counted unless that is asked for.
		counts = counts && (q.Accurate || !search.Cut && (!search.Wide() || res.Next == nil && q.After == nil))
		if q.After != nil {
			search, res.counted = nil, 0 // what came before counts too
		}
	}
	if counts {
		if res.Total, err = q.total(v, d, filters, search, res.counted); err != nil {
			return nil, err
		}
	}
	res.Included, res.IncludesCut, err = q.gather(everybodys, d, res.Page)
	return res, err
}

// page fills a page, and counts the matches that it came by. The search has gone one match further, if there is one.
func (q *Query) page(search *store.Search, d store.Door, res *Result) error {
	var last Mark
	for found := search.Next(); found != nil; found = search.Next() {
		r, counts, err := q.match(d, found)
		if err != nil {
			return err
		}
		if counts {
			res.counted++
		}
		if r == nil {
			continue
		}
		if len(res.Page) == q.Count {
			res.Next = &last
			return nil
		}
		res.Page = append(res.Page, r)
		last = Mark{Keys: search.At().Keys, ID: r.ID}
	}
	if search.Cut {
		if len(q.Sort) > 0 {
			// The place to go on from would be that of a record which the caller may not see, and would
			// tell him what it is sorted by.
			return bad("too-costly", "expected a sorted search that finds something sooner: narrow it by a patient or a code, or sort by a date")
		}
		res.Next = &Mark{Hidden: q.blind.hide(search.At().Seq, q.Type)}
	}
	return nil
}

// total counts what a search, which has come by n matches, has yet to find; without one, all there is.
func (q *Query) total(v store.View, d store.Door, filters []store.Filter, search *store.Search, n int) (int, error) {
	if search == nil || len(q.Sort) > 0 && search.Wide() { // to count, they need no order
		search, n = v.Find(q.Type, filters, nil, nil), 0
		if err := Waited(search); err != nil {
			return 0, err
		}
	}
	t := store.Tally{Door: d, Way: q.asCount, N: n, Most: mostCounted, Patience: mostLooked}
	if q.Accurate {
		t.Most, t.Patience = math.MaxInt, math.MaxInt
	}
	all, err := search.Count(&t)
	if !all {
		return -1, err
	}
	return t.N, err
}

// match asks the door about a match twice: may it be counted, and may it be shown? A number tells what
// stands in a record as well as the record does.
func (q *Query) match(d store.Door, found *store.Sealed) (shown *store.Record, counts bool, err error) {
	if !q.NoTotal {
		r, err := found.Open(d, q.asCount)
		if err != nil {
			return nil, false, err
		}
		counts = r != nil
	}
	shown, err = found.Open(d, q.way())
	return shown, counts, err
}

// way is how matches leave: servers that keep what a search has found ask about it when they find it, and not again when
// a further page is fetched.
func (q *Query) way() store.Way {
	if q.After != nil && q.asMatch == store.AsMatch {
		return store.AsPage
	}
	return q.asMatch
}

// Find returns the first matches of a query without showing them, up to a number: for conditions.
func (q *Query) Find(v store.View, d store.Door, most int) ([]*store.Record, error) {
	filters, err := resolve(v, d, q.Type, q.filters, store.AsMatch, store.AsCondition)
	if err != nil {
		return nil, err
	}
	if v, err = Narrowed(v, d, q.Type, filters, store.AsCondition); err != nil {
		return nil, err
	}
	var out []*store.Record
	search := v.Find(q.Type, filters, nil, nil)
	if err := Waited(search); err != nil {
		return nil, err
	}
	for found := search.Next(); found != nil && len(out) < most; found = search.Next() {
		r, err := found.Open(d, store.AsCondition)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r)
		}
	}
	if search.Cut {
		return nil, bad("too-costly", "expected a condition that few records satisfy: narrow it")
	}
	return out, nil
}

// Filtered tells whether the query has a condition at all.
func (q *Query) Filtered() bool { return len(q.filters) > 0 }

// Conditions are what the query asks of a record, for who goes through the records himself.
func (q *Query) Conditions(v store.View, d store.Door) ([]store.Filter, error) {
	return resolve(v, d, q.Type, q.filters, store.AsExport)
}

// Plain tells whether the query has conditions and nothing else.
func (q *Query) Plain() bool {
	return q.Filtered() && len(q.Sort) == 0 && len(q.includes) == 0 && q.Show.All() && q.Count == pageSize && q.After == nil && !q.NoTotal && !q.Accurate
}
