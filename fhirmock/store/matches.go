package store

// Matches tells whether a record meets every one of some conditions, by itself: it is searched for on a shelf where it
// stands alone, so that this and a search cannot disagree. It takes some tens of microseconds. A record that was
// deleted says nothing, and matches nothing.
func (r *Record) Matches(filters []Filter) bool { return r.Matching()(filters) }

// Matching is Matches for who asks it often: what the record is found by is worked out once.
func (r *Record) Matching() func(filters []Filter) bool {
	if r.Deleted {
		return func([]Filter) bool { return false }
	}
	alone := newShelf()
	alone.add(r)
	return func(filters []Filter) bool {
		for i := range filters {
			if !alone.probe(&filters[i]).match(0) {
				return false
			}
		}
		return true
	}
}
