package store

// refer looks for records that lead to a patient, to somebody who looks after him, or into his chart.
func (g *ledger) refer(by *Filter, v *sieve) {
	s := g.samples()
	var who [Roles]set
	var shapes [Roles][]int32
	v.crowd = []int32{}
	for part := range Roles {
		x := s.marked(by.Param, roleMark(part))
		if x == nil {
			continue
		}
		shapes[part] = x.placed(s.shelf.size())
		who[part] = g.folk.playing(part, by.Any)
		v.crowd = append(v.crowd, who[part].list()...)
		for _, shape := range shapes[part] {
			v.put(shape)
		}
	}
	v.match = func(place int32) bool {
		shape, n := int32(g.shape[place]), int32(g.patient(place)) //nolint:gosec // see column.tuple
		for part := range who {
			if who[part] != nil && who[part].has(n) && among(shapes[part], shape) {
				return true
			}
		}
		return false
	}
	g.only(g.inCharts(by, v), v)
}

// playing are the patients of whom one of some references is in a part.
func (f *folk) playing(part int, any []Match) set {
	out := newSet(f.Len())
	for i := range any {
		kind, id, _ := cutRef(any[i].Key)
		if kind == "Patient" {
			if n, is := f.Patient(id); is && part == 0 {
				out.put(int32(n)) //nolint:gosec // see column.tuple
			}
			continue
		}
		if f.Holds(kind) {
			continue
		}
		for _, n := range f.Referring(any[i].Key) {
			if f.Role(n, part) == any[i].Key {
				out.put(int32(n)) //nolint:gosec // see column.tuple
			}
		}
	}
	return out
}

// inCharts opens the charts that references lead into, and lists the places of records that hold one.
func (g *ledger) inCharts(by *Filter, v *sieve) (places []int32) {
	x := g.samples().marked(by.Param, chartMark)
	if x == nil {
		return nil
	}
	of := map[int][]Match{}
	var rest []Match
	for i := range by.Any {
		_, id, _ := cutRef(by.Any[i].Key)
		if n, is := g.folk.Owner(id); is {
			of[n] = append(of[n], by.Any[i])
		} else {
			rest = append(rest, by.Any[i])
		}
	}
	for _, shape := range x.probe(g.samples().shelf.size(), &Filter{Any: rest}).list() { // what all of them lie under
		v.says[shape] = every
	}
	for n, any := range of {
		shelf := g.chart(n)
		if shelf == nil {
			continue
		}
		for _, number := range shelf.positive(&Filter{Param: by.Param, Any: any}).list() {
			place := g.start(n) + number
			places = append(places, place)
			v.put(int32(g.shape[place]))
		}
	}
	return places
}
