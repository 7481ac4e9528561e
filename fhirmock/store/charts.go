package store

import "slices"

// fewCharts is up to how many are opened and looked through, rather than a ledger.
const fewCharts = 8

// charts are runs of what stands in charts: of each chart if filters name few, or whoever asks may see few, and else of
// a ledger.
func (v View) charts(f *folk, resourceType string, above []*shelf, filters []Filter) (out []*run, ready bool) {
	which, all := f.whose(resourceType, filters)
	if v.among != nil {
		own := f.roll.roll.places(v.among)
		if all {
			which = own
		} else {
			which = slices.DeleteFunc(which, func(n int) bool { _, is := slices.BinarySearch(own, n); return !is })
		}
		all = false
	}
	if all || len(which) > fewCharts {
		if !f.books.ready(f) {
			return nil, false
		}
		book := f.books.of(f, resourceType)
		if book == nil {
			return nil, true
		}
		return []*run{{shelf: &shelf{book: book}, above: slices.Clip(above), sift: book.sift(filters, v.among), bySeq: true}}, true
	}
	for _, n := range which {
		if s := f.whole(n)[resourceType]; s != nil {
			out = append(out, newRun(s, slices.Clip(above), filters))
		}
	}
	return out, true
}

// Wide tells whether the search is for what many patients have: to count it takes as long as they are many.
func (s *Search) Wide() bool {
	return slices.ContainsFunc(s.runs, func(r *run) bool { return r.sift != nil })
}

// Charted tells whether records of a type stand in charts that are made on demand.
func (v View) Charted(resourceType string) bool {
	f := v.s.layers[0].folk
	return f != nil && f.Holds(resourceType)
}

// Leading tells whether it is known without making them where records of such a type lead under a parameter.
func (v View) Leading(resourceType, param string) bool {
	if !v.Charted(resourceType) {
		return false
	}
	f := v.s.layers[0].folk
	if !f.books.ready(f) {
		return false // and whoever searches is told to wait
	}
	book := f.books.of(f, resourceType)
	return book == nil || !book.samples().under[param+chartMark]
}
