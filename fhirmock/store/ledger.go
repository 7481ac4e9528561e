package store

import (
	"sort"
	"sync"
	"time"
)

// A ledger says of every record of one type in everybody's chart what it takes to find it, without its being made: what
// shape it is of, when it was, and what was measured. All else that a record says follows from these (shapes.go). The
// ledgers of all types are made together (drafting.go), in one pass over everybody that takes some 20 microseconds a
// patient, when somebody first searches a type among many; serve begins before that. A record weighs ten bytes, and four
// more where something can be measured, four for each value that is: in a town, 850 bytes a patient.

// Shape is what a record's terms follow from, but for when it was, what was measured, whose it is and what it refers to
// in the same chart. Records of one type and shape say the same.
type Shape struct {
	About, Of, Labels string
	Days              int   // from one date of it to another
	Measured          uint8 // how many values it has, at most two
}

// Outline is a record of a chart as a ledger has it.
type Outline struct {
	Type   string
	Shape  Shape
	When   time.Time // to the minute; the dates of the record move with it
	Values [2]uint16 // what was measured, in hundredths
}

// Roles is how many parts there are to Folk.Role. The first is the patient's.
const Roles = 5

// ledger has a place for each record, in the order in which searches list them.
type ledger struct {
	folk   *folk
	kind   string
	blocks []int32     // by so many patients: where the places of the first begin
	begins []uint16    // by patient: how many places after that his own begin; one more for the end
	shape  []uint16    // by place
	when   []int32     // by place: minutes since 1970
	values [][2]uint16 // by place; nil where nothing is measured
	shapes []Shape
	orders [orders]ordered

	sampling sync.Once
	sampled  *samples
}

// ordered are places by shape, and those of a shape by when they were or by what was measured.
type ordered struct {
	places []int32
	heads  []int32 // by shape: where its own begin; one more for the end
}

const (
	byTime = iota
	byFirst
	bySecond // value
	orders
)

// aBlock is how many patients share a beginning: so few that their places differ by less than a uint16.
const aBlock = 1 << (16 - lotBits)

func (o *ordered) of(shape int) []int32 { return o.places[o.heads[shape]:o.heads[shape+1]] }

func (g *ledger) size() int { return len(g.shape) }

// start is the place of the first record of the nth patient, or of whoever comes next.
func (g *ledger) start(n int) int32 { return g.blocks[n/aBlock] + int32(g.begins[n]) }

// patient is whose the record at a place is.
func (g *ledger) patient(place int32) int {
	b := sort.Search(len(g.blocks), func(i int) bool { return g.blocks[i] > place }) - 1
	n, last := b*aBlock, min((b+1)*aBlock, len(g.begins)-1)
	for n+1 < last && g.start(n+1) <= place {
		n++
	}
	return n
}

// number is whose the record at a place is, and its number in his chart.
func (g *ledger) number(place int32) (n, number int) {
	n = g.patient(place)
	return n, int(place - g.start(n))
}

func (g *ledger) seqAt(place int32) uint64 {
	n, number := g.number(place)
	return g.folk.firstOf(n) + uint64(number) //nolint:gosec // not negative
}

// after is the first place beyond a seq.
func (g *ledger) after(seq uint64) int32 {
	if seq <= g.folk.past {
		return 0
	}
	rest := seq - g.folk.past
	n, number := int(rest>>lotBits)-1, int32(rest&(1<<lotBits-1)) //nolint:gosec // a place in a chart
	switch {
	case n < 0:
		return 0
	case n >= g.folk.Len():
		return int32(g.size()) //nolint:gosec // see column.tuple
	}
	return min(g.start(n)+number, g.start(n+1))
}

func (g *ledger) placeOfID(id string) (int32, bool) {
	n, is := g.folk.Owner(id)
	number, named := g.folk.Number(g.kind, id)
	if !is || !named || number >= int(g.start(n+1)-g.start(n)) {
		return 0, false
	}
	return g.start(n) + int32(number), true //nolint:gosec // see column.tuple
}

// chart is the shelf of records of the type in the nth chart, made.
func (g *ledger) chart(n int) *shelf { return g.folk.chart(n, g.kind) }

// made is the record at a place, which is written when it is asked for what it says.
func (g *ledger) made(place int32) *Record {
	n, number := g.number(place)
	r := Lazily(g.kind, g.folk.RecordID(g.kind, n, number), g.folk.ID(n), g.folk.Stored(), func() *Record { return g.chart(n).list[number] })
	r.seq = g.folk.firstOf(n) + uint64(number) //nolint:gosec // not negative
	r.Confidentiality = g.samples().labels[g.shape[place]]
	r.knows = func(param string) ([]string, bool) { return g.leads(param, place, n) }
	return r
}
