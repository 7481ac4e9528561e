package store

// Coarse is a Door that can say of a way and a type that its answer about a record follows from whose the record is, and how
// it is labelled: then one of each kind is asked about for all when records are counted.
type Coarse interface {
	Door
	Coarse(w Way, resourceType string) bool
}

// Tally is how results are counted.
type Tally struct {
	Door     Door
	Way      Way
	Most     int // it ends when there are more
	Patience int // and when so many more have been looked at
	N        int
}

// over tells whether it has ended before its time.
func (t *Tally) over() bool { return t.N > t.Most || t.Patience < 0 }

func (t *Tally) ask(r *Record) (bool, error) {
	t.Patience--
	opened, err := seal(r).Open(t.Door, t.Way)
	return opened != nil, err
}

// Count counts the results that are left and that a door opens, and tells whether these were all. Nothing can be
// searched on afterwards.
func (s *Search) Count(t *Tally) (all bool, err error) {
	for _, r := range s.runs {
		if r.sift != nil {
			err = r.tally(t)
		} else {
			err = r.count(t)
		}
		if err != nil || t.over() {
			return false, err
		}
	}
	return true, nil
}

func (r *run) count(t *Tally) error {
	for ; r.next < r.size && !t.over(); r.next++ {
		if r.fit != nil && !r.fit.has(r.places[r.next]) {
			continue
		}
		if r.mine != nil && !r.mine(r.place(r.next)) {
			continue
		}
		rec := r.good(r.next)
		if rec == nil {
			t.Patience--
			continue
		}
		opened, err := t.ask(rec)
		if err != nil {
			return err
		}
		if opened {
			t.N++
		}
	}
	return nil
}

// tally counts what a run has left in a ledger.
func (r *run) tally(t *Tally) error {
	g := r.sift.g
	covered := r.covered()
	coarse, is := t.Door.(Coarse)
	is = is && coarse.Coarse(t.Way, g.kind)
	labels := g.samples().labels
	end := int32(-1)            // of the present patient's places
	var asked, opened [256]bool // of his records, by label
	for (r.next < r.size || r.refill()) && !t.over() {
		for _, place := range r.places[r.next:r.size] {
			if covered[place] {
				continue
			}
			if place >= end || !is {
				end, asked = g.start(g.patient(place)+1), [256]bool{}
			}
			label := labels[g.shape[place]]
			if !asked[label] {
				yes, err := t.ask(g.made(place))
				if err != nil {
					return err
				}
				asked[label], opened[label] = true, yes
			}
			if opened[label] {
				t.N++
			}
		}
		r.next = r.size
	}
	return nil
}

// covered are the places of records that have been written over.
func (r *run) covered() map[int32]bool {
	out := map[int32]bool{}
	for _, s := range r.above {
		for id := range s.byID {
			if place, is := r.sift.g.placeOfID(id); is {
				out[place] = true
			}
		}
	}
	return out
}
