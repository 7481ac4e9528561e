package store

import (
	"slices"
	"sync"
)

// large is how many records are gone through without asking first whose they are.
const large = 4096

// fewNamed is how many records a search may name without being held to be for many.
const fewNamed = 200

// panel are the patients whose records matter to somebody. What others have is passed over as if it were not there, and
// counts for nothing that a search is cut by.
type panel struct {
	patients []string
	entered  func(patient string) bool // of those who were entered later: whether theirs matter too; nil for all
	once     sync.Once
	has      map[string]bool
}

// Among is the view as it matters to somebody who may see the records of these patients, those of nobody, and those of
// patients who were entered later as entered says (nil for all). It is for speed, and lest a search tell of others by how
// soon it is cut; the door decides as ever.
func (v View) Among(patients []string, entered func(patient string) bool) View {
	if patients == nil {
		patients = []string{}
	}
	v.among, v.panel = patients, &panel{patients: patients, entered: entered}
	return v
}

// settled tells whether the base has a patient.
func (v View) settled(patient string) bool {
	base := v.s.layers[0]
	if s := base.shelves["Patient"]; s != nil && s.byID[patient] != nil {
		return true
	}
	if base.folk == nil {
		return false
	}
	_, is := base.folk.Patient(patient)
	return is
}

// matters tells whether a record is of patients all of whom are of the panel.
func (v View) matters(r *Record) bool {
	p := v.panel
	p.once.Do(func() {
		p.has = make(map[string]bool, len(p.patients))
		for _, patient := range p.patients {
			p.has[patient] = true
		}
	})
	return !slices.ContainsFunc(r.Patients, func(patient string) bool {
		is, known := p.has[patient]
		if !known && !v.settled(patient) {
			is = p.entered == nil || p.entered(patient)
			p.has[patient] = is
		}
		return !is
	})
}

// Many tells whether a search may have to go through more than is gone through without asking whose it is.
func (v View) Many(resourceType string, filters []Filter) bool {
	if slices.ContainsFunc(filters, func(f Filter) bool { return f.Param == ID && !f.Not && f.Missing == nil && len(f.Any) <= fewNamed }) {
		return false
	}
	n := 0
	for _, l := range v.s.layers {
		if s := l.shelves[resourceType]; s != nil {
			n += len(s.list)
		}
	}
	f := v.s.layers[0].folk
	switch {
	case n > large:
		return true
	case f == nil:
		return false
	case resourceType == "Patient":
		return true
	case !f.Holds(resourceType):
		return false
	}
	which, all := f.whose(resourceType, filters)
	return all || len(which) > fewCharts
}
