package store

import (
	"slices"
	"sync"
	"time"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/terms"
)

// Folk are patients whose records are made when they are first asked for. What stands about one refers to
// no other patient, and is made the same each time.
type Folk interface {
	Len() int
	ID(n int) string
	Patient(id string) (n int, ok bool) // the place of a patient
	// Owner is the place of the patient of a record, by its id, which is its identifier too.
	Owner(id string) (n int, ok bool)
	Holds(resourceType string) bool // whether charts have records of a type
	// Person makes the nth patient's own record.
	Person(n int) *Record
	// Terms calls see with what Person(n) can be found by under a parameter: what package terms would read out of
	// the record. The term is see's for the time of the call.
	Terms(n int, param string, see func(*terms.Term))
	// Referring lists those in whose charts a reference can stand ("Practitioner/x"), to what no chart holds and no
	// patient is: all of them, and perhaps some more.
	Referring(ref string) []int
	Stored() time.Time // when all of it was
	// Chart makes the records of the nth patient, the patient's own aside, in the order in which searches list
	// them: all, or those of one type only, which are the same. At most 4095 of a type.
	Chart(n int, only string) []*Record
	// Outline calls see with each record of the nth chart, in the order of Chart. The outline is see's for the time of the call.
	Outline(n int, see func(*Outline))
	// RecordID is the id of a record of the nth chart, by its number among those of its type, from 0, and Number
	// the other way round.
	RecordID(resourceType string, n, number int) string
	Number(resourceType, id string) (int, bool)
	// Role is who or what plays a part in the nth chart without being one of its records: the patient ("Patient/x") the
	// first of Roles. A record refers to what plays a part, or into the chart, or to what all of its shape refer to.
	Role(n, part int) string
}

// With puts folk below a base, behind its own records.
func (b *Base) With(folks Folk) *Base {
	f := &folk{Folk: folks, charts: map[chartOf]*chart{}}
	for _, s := range b.layer.shelves {
		f.past = max(f.past, uint64(len(s.list)))
	}
	f.roll = &shelf{roll: &roll{folk: f}}
	b.layer.folk = f
	return b
}

// Lazily makes a record whose text is written each time it is asked for. Its terms are not kept.
func Lazily(resourceType, id, patient string, updated time.Time, write func() *Record) *Record {
	return &Record{Type: resourceType, ID: id, Version: 1, Updated: updated, Patients: []string{patient}, later: write}
}

// Saying makes a record whose text is written each time it is asked for, and which need not be written to be found.
func Saying(resourceType, id string, patients []string, updated time.Time, says Says, write func() *Record) *Record {
	return &Record{Type: resourceType, ID: id, Version: 1, Updated: updated, Patients: patients, later: write, says: says}
}

// mostCharts is how many charts are kept, so that asking again is cheap. A whole one weighs about 120 kB, that of a type
// the less.
const mostCharts = 256

// lotBits is how many places of each type a patient has.
const lotBits = 12

// folk keeps the charts that were asked for lately.
type folk struct {
	Folk
	past   uint64 // the last place of what comes before
	roll   *shelf // their own records
	books  ledgers
	mu     sync.Mutex
	charts map[chartOf]*chart
	queue  []chartOf // in which they are forgotten, those asked for since they were last looked at aside
	at     int
}

// chartOf is a patient, and a type if it is not the whole chart.
type chartOf struct {
	n    int
	only string
}

// chart is what stands about one patient, by type.
type chart struct {
	once    sync.Once
	shelves map[string]*shelf
	used    bool
}

// whole returns the chart of the nth patient.
func (f *folk) whole(n int) map[string]*shelf { return f.kept(chartOf{n: n}).shelves }

// chart returns the records of one type in the nth chart, nil for none: out of the whole chart if that is at hand.
func (f *folk) chart(n int, only string) *shelf {
	f.mu.Lock()
	all := f.charts[chartOf{n: n}]
	f.mu.Unlock()
	if all != nil {
		return f.whole(n)[only]
	}
	return f.kept(chartOf{n, only}).shelves[only]
}

func (f *folk) kept(of chartOf) *chart {
	f.mu.Lock()
	c := f.charts[of]
	if c == nil {
		c = &chart{}
		f.charts[of] = c
		f.remember(of)
	}
	c.used = true
	f.mu.Unlock()
	c.once.Do(func() { c.shelves = f.shelve(of.n, of.only) })
	return c
}

func (f *folk) shelve(n int, only string) map[string]*shelf {
	out := map[string]*shelf{}
	for _, r := range f.Chart(n, only) {
		s := out[r.Type]
		if s == nil {
			s = newShelf()
			out[r.Type] = s
		}
		r.seq = f.firstOf(n) + uint64(len(s.list))
		s.add(r)
	}
	return out
}

// remember makes room for one chart more (second chance).
func (f *folk) remember(of chartOf) {
	if len(f.queue) < mostCharts {
		f.queue = append(f.queue, of)
		return
	}
	for {
		f.at = (f.at + 1) % len(f.queue)
		if old := f.charts[f.queue[f.at]]; old.used {
			old.used = false
			continue
		}
		delete(f.charts, f.queue[f.at])
		f.queue[f.at] = of
		return
	}
}

// firstOf is the place of the first record of a type in the nth chart.
func (f *folk) firstOf(n int) uint64 { return f.past + (uint64(n+1)<<lotBits | 1) } //nolint:gosec // n is not negative

// person is the nth patient's own record.
func (f *folk) person(n int) *Record {
	r := f.Person(n)
	r.seq = f.firstOf(n)
	return r
}

func (f *folk) find(resourceType, id string) *Record {
	if resourceType == "Patient" {
		if n, is := f.Patient(id); is {
			return f.person(n)
		}
		return nil
	}
	if n, ok := f.Owner(id); ok {
		if s := f.whole(n)[resourceType]; s != nil {
			return s.byID[id]
		}
	}
	return nil
}

// lastSeq leaves room for all that could be made.
func (f *folk) lastSeq() uint64 { return f.firstOf(f.Len()) }

// whose says in which charts the records are that satisfy the filters: all is true if nothing is known.
func (f *folk) whose(resourceType string, filters []Filter) (charts []int, all bool) {
	all = true
	for i := range filters {
		found, known := f.narrowed(resourceType, &filters[i])
		if !known {
			continue
		}
		slices.Sort(found)
		found = slices.Compact(found)
		if !all {
			found = slices.DeleteFunc(found, func(n int) bool { _, both := slices.BinarySearch(charts, n); return !both })
		}
		charts, all = found, false
	}
	return charts, all
}

// storedWithin tells whether any value of a filter is about the second in which all was stored.
func (f *folk) storedWithin(by *Filter) bool {
	one, at := spans{units: []unit{{}}}, float64(f.Stored().UnixMilli())
	return slices.ContainsFunc(by.Any, func(m Match) bool { return one.matches(&span{lo: at, hi: at + 999}, &m) })
}

// narrowed reads off a filter which patients it can be about: it names records, or refers to some.
func (f *folk) narrowed(resourceType string, by *Filter) (charts []int, known bool) {
	if by.Not || by.Missing != nil || len(by.Any) == 0 {
		return nil, false
	}
	if by.Param == "_lastUpdated" {
		return nil, !f.storedWithin(by)
	}
	named := by.Param == ID
	if p := r4.ParamNamed(resourceType, by.Param); !named && (p == nil || terms.KindOf(p) != terms.Reference && by.Param != "identifier") {
		return nil, false
	}
	for i := range by.Any {
		m := &by.Any[i]
		if m.Op != Is || m.Key == "" { // "system|" asks for any of it
			return nil, false
		}
		kind, id, isRef := cutRef(m.Key)
		if named || by.Param == "identifier" {
			id = m.Key
		} else if !isRef {
			return nil, false
		}
		n, ok := f.Owner(id)
		if kind == "Patient" {
			n, ok = f.Patient(id)
		}
		switch {
		case ok:
			charts = append(charts, n)
		case isRef && kind != "Patient" && !f.Holds(kind): // a professional, a place
			charts = append(charts, f.Referring(m.Key)...)
		}
	}
	return charts, true
}
