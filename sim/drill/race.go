package drill

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"thiefbox/sim/dice"
)

// Tests that run by themselves, and the race of them with the thief: who comes to the weak API first depends on
// the dice, so one drill says little about it. How often the tests are first is counted over many seeds.

// rota is a test that runs each day, on so many APIs of the population, one after the other.
type rota struct {
	each     int // APIs a day; 0 if none runs
	decision int
	next     time.Duration
	tried    int
}

func (t rota) running() bool { return t.each > 0 }

const day = 24 * hour

// apis is how many APIs the population has.
func (f *File) apis() (n int) {
	for _, a := range f.World.APIs {
		n += a.Count
	}
	return n
}

// setUp is how long it takes to set up the test of one API.
const setUp = 5 * minute

func (p *planner) schedule() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	n, err := strconv.Atoi(p.args[0])
	if most := p.file.apis(); err != nil || n < 1 || n > most {
		return fmt.Errorf("expected a number of APIs from 1 to %d, got %q", most, p.args[0])
	}
	p.lead = time.Duration(n) * setUp
	return nil
}

// turnOf is on which place of the tests' order the API of each number stands.
func (f *File) turnOf(seed uint64) []int {
	order := make([]int, f.apis())
	rng := dice.New(seed).Fork("order of tests").Fast()
	for i := range order {
		j := int(rng.Uint64() % uint64(i+1))
		order[i], order[j] = order[j], i
	}
	return order
}

// kindOfAPI is the kind of the API of a number.
func (f *File) kindOfAPI(n int) int {
	for i, a := range f.World.APIs {
		if n -= a.Count; n < 0 {
			return i
		}
	}
	return 0
}

// test is a day's tests. The exemplar of a kind stands for each API of it.
func (d *Drill) test() {
	t, all := &d.agenda.tests, d.file.apis()
	today := make([]bool, len(d.file.World.APIs))
	for number, turn := range d.file.turnOf(d.tape.Seed) {
		if behind := (turn - t.tried%all + all) % all; behind < t.each {
			today[d.file.kindOfAPI(number)] = true
		}
	}
	t.tried += t.each
	t.next += day
	for kind, yes := range today {
		api := d.file.World.APIs[kind].Kind
		before := d.has("found " + api)
		if !yes {
			continue
		}
		if said := d.selfTest(api); d.has("found "+api) && !before {
			d.report(t.decision, said)
		}
	}
}

// thiefStarts is when he begins, where the dice say so; at once elsewhere.
func (f *File) thiefStarts(seed uint64) time.Duration {
	b := f.Thief.StartsBetween
	if len(b) != 2 {
		return 0
	}
	span := int64(b[1] - b[0])
	at := b[0] + time.Duration(dice.New(seed).Fork("when the thief starts").Fast().Float()*float64(span))
	return at.Truncate(f.Tick)
}

// Race is how often daily tests come to the API that the thief turns to before he does.
type Race struct {
	Each  int     `json:"apis_a_day"`
	From  string  `json:"from"` // when they begin
	First float64 `json:"first"`
	Seeds int     `json:"seeds"`
}

const raceSeeds = 1000

// Races counts, for several sizes of a daily test that was decided on an hour into the drill, and for the one that
// was decided on, in which share of seeds it is first. It is empty for a drill whose thief does not begin by the
// dice. That the API is open, and that a test tells, was seen on the wire; the seeds say when.
func (d *Drill) Races() (out []Race) {
	if len(d.file.Thief.StartsBetween) == 0 {
		return nil
	}
	all := d.file.apis()
	for _, each := range []int{max(1, all/10), max(1, all/5), max(1, all/2), all} {
		from := hour + max(hour, time.Duration(each)*setUp)
		out = append(out, Race{each, Clock(from), d.file.first(each, from), raceSeeds})
	}
	if t := d.agenda.tests; t.running() {
		if i := slices.IndexFunc(d.done, func(one Done) bool { return one.N == t.decision }); i >= 0 {
			from := t.next - time.Duration(t.tried/t.each)*day
			out = append(out, Race{t.each, Clock(from), d.file.first(t.each, from), raceSeeds})
		}
	}
	return out
}

// first is the share of seeds in which tests come before the thief.
func (f *File) first(each int, from time.Duration) float64 {
	won := 0
	for seed := range uint64(raceSeeds) {
		if f.TestsFirst(seed, each, from) {
			won++
		}
	}
	return float64(won) / raceSeeds
}

// TestsFirst tells whether, under a seed, daily tests of so many APIs that begin at a time come to the API that
// the thief turns to before he does.
func (f *File) TestsFirst(seed uint64, each int, from time.Duration) bool {
	weak := 0 // the number of the first API of the kind he turns to
	for _, a := range f.World.APIs {
		if slices.Contains(f.Thief.At, a.Kind) {
			break
		}
		weak += a.Count
	}
	return from+time.Duration(f.turnOf(seed)[weak]/each)*day < f.thiefStarts(seed)
}
