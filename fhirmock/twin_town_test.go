package fhirmock

import (
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"thiefbox/fhirmock/people"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// Twins of a town: what stands in its charts is found by way of ledgers, without being made, and much else by what is
// known of everybody. The second has other people, or none, in place of those whom the reader may not see.

// townPeople are three panels: most live in those before and after the reader's, and have more records than a search looks at.
const townPeople = 3000

func townOf(seed uint64) *People {
	p, err := people.Town(people.Settings{People: townPeople, Seed: seed})
	if err != nil {
		panic(err)
	}
	return p
}

var (
	townsmen  = sync.OnceValue(func() *People { return townOf(4) })
	strangers = sync.OnceValue(func() *People { return townOf(5) })
)

// few is a town with some of its people, some of whom are others than they were.
type few struct {
	store.Folk
	keep  []int
	other store.Folk
	mine  func(n int) bool
}

func (f *few) of(n int) (store.Folk, int) {
	n = f.keep[n]
	if f.mine(n) {
		return f.Folk, n
	}
	return f.other, n
}

func (f *few) at(n int, ok bool) (int, bool) {
	i, is := slices.BinarySearch(f.keep, n)
	return i, ok && is
}

func (f *few) Len() int                           { return len(f.keep) }
func (f *few) ID(n int) string                    { return f.Folk.ID(f.keep[n]) }
func (f *few) Patient(id string) (int, bool)      { return f.at(f.Folk.Patient(id)) }
func (f *few) Owner(id string) (int, bool)        { return f.at(f.Folk.Owner(id)) }
func (f *few) Person(n int) *store.Record         { who, n := f.of(n); return who.Person(n) }
func (f *few) Role(n, part int) string            { who, n := f.of(n); return who.Role(n, part) }
func (f *few) RecordID(t string, n, i int) string { return f.Folk.RecordID(t, f.keep[n], i) }

func (f *few) Terms(n int, param string, see func(*terms.Term)) {
	who, n := f.of(n)
	who.Terms(n, param, see)
}

func (f *few) Outline(n int, see func(*store.Outline)) {
	who, n := f.of(n)
	who.Outline(n, see)
}

func (f *few) Chart(n int, only string) []*store.Record {
	who, n := f.of(n)
	return who.Chart(n, only)
}

func (f *few) Referring(ref string) (out []int) {
	for _, n := range f.Folk.Referring(ref) {
		if i, is := f.at(n, true); is {
			out = append(out, i)
		}
	}
	return out
}

// townPairs are readers, each with what becomes of those whom he may not see: they work on, are others, or are not there.
var townPairs = [][2]string{{"patient", "gone"}, {"doctor", "changed"}, {"doctor", "gone"}, {"laboratory", "gone"}, {"supplier", "changed"}, {"glass", "gone"}, {"doctor", "busy"}}

// newTownTwins keeps few of those whom the reader may see, so that he does not come to the end of what is looked at by
// what is his.
func newTownTwins(name, other string) *twins {
	p := townsmen()
	those := readersOf(p, "t001104", "t000104", "")
	r := those[slices.IndexFunc(those, func(r reader) bool { return r.name == name })]
	tw := &twins{reader: r, people: p, hers: map[string][]string{}, not: map[string][]string{}, terms: map[string][]string{}}
	folk := p.Folk()
	sees := func(n int) bool {
		return r.sees(store.Lazily("Patient", folk.ID(n), folk.ID(n), folk.Stored(), nil), nil)
	} // the label aside
	var keep, hers []int
	var known []villager
	know := func(rec *store.Record, whose map[string][]string) {
		whose[rec.Type] = append(whose[rec.Type], rec.ID)
		known = append(known, villager{rec, rec.Node(people.CanaryMark)})
	}
	for n := range folk.Len() {
		if mine := sees(n); mine && n%20 != 3 {
			continue
		} else if mine {
			hers = append(hers, n)
		}
		keep = append(keep, n)
		if n%199 == 0 || n%100 == 3 {
			for _, rec := range append(folk.Chart(n, ""), folk.Person(n)) {
				if r.sees(rec, rec.Node(people.CanaryMark)) {
					know(rec, tw.hers)
				} else {
					know(rec, tw.not)
				}
			}
		}
	}
	mine := func(n int) bool { _, is := slices.BinarySearch(hers, n); return is }
	base := func(hidden bool) *store.Base {
		var all []*store.Record
		v := store.New(townOf(4).Base()).View() // a base keeps its records to itself
		for kind, ids := range townRegister() {
			for _, id := range ids {
				rec, _ := v.Get(kind, id).Open(insider{}, store.AsRead)
				if hidden || r.sees(rec, rec.Node(people.CanaryMark)) {
					all = append(all, rec)
				}
			}
		}
		return store.NewBase(all)
	}
	tw.bases[0] = base(true).With(&few{Folk: folk, keep: keep, other: folk, mine: mine})
	switch other {
	case "busy":
		tw.bases[1] = tw.bases[0]
	case "changed":
		tw.bases[1] = base(true).With(&few{Folk: folk, keep: keep, other: strangers().Folk(), mine: mine})
	default:
		tw.bases[1] = base(false).With(&few{Folk: folk, keep: hers, other: folk, mine: mine})
	}
	tw.terms = saidBy(known)
	return tw
}

// townRegister is what a town has beside what stands about its folk, by type.
var townRegister = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	p := townsmen()
	v, folk := store.New(p.Base()).View(), p.Folk()
	for _, kind := range query.Types {
		search := v.Find(kind, nil, nil, nil)
		for found := search.Next(); found != nil; found = search.Next() {
			_, charted := folk.Owner(found.ID())
			if _, one := folk.Patient(found.ID()); one || charted {
				break // they come last
			}
			out[kind] = append(out[kind], found.ID())
		}
	}
	return out
})

// A few draws for each reader, always the same: a town takes its time.
func TestWhatOneMayNotSeeOfATownDoesNotExist(t *testing.T) {
	for _, pair := range townPairs {
		t.Run(pair[0]+" "+pair[1], func(t *testing.T) {
			tw := newTownTwins(pair[0], pair[1])
			for i := range 3 {
				ws := tw.worlds(t, controlsThatCount...)
				rapid.Custom(func(rt *rapid.T) bool {
					for n := range 5 {
						if pair[1] == "busy" {
							tw.act(ws[1], tw.others(rt))
						}
						a := ask{method: "GET", target: "/" + tw.kind(rt) + "?"}
						a.target += tw.search(rt, a.target[1:len(a.target)-1]).Encode()
						switch {
						case n == 3:
							a = tw.reads(rt)
						case n == 4:
							a = tw.writes(rt)
						}
						if d := tw.tell(ws, a, 4); d != "" {
							t.Error(d)
						}
					}
					return true
				}).Example(i)
			}
		})
	}
}
