package drill

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"thiefbox/sim/dice"
	"thiefbox/sim/ecosystem"
)

// Drill is an exercise that runs. It is for one goroutine.
type Drill struct {
	file *File
	tape *Tape
	make Maker
	wire Wire
	pop  *ecosystem.Population

	now     time.Duration
	over    bool
	pending []work // taken up or waiting, by when they end
	crew    []time.Duration
	agenda  agenda

	services []Service // as last probed
	keys     believed
	popDice  *dice.Dice
	carried  []carried // everything done to the world so far, for previews and for the state of things
	starts   Condition
	erad     Condition

	state
}

// New begins the drill of a tape and plays the tape's decisions. A drill that is not at its end can be
// played on with Advance and Decide. Close it afterwards.
func New(t *Tape, maker Maker) (*Drill, error) {
	f, err := ParseFile(t.File)
	if err != nil {
		return nil, err
	}
	d := &Drill{file: f, tape: &Tape{File: t.File, Seed: t.Seed}, make: maker, crew: make([]time.Duration, f.Crew)}
	d.starts, _ = Parse(f.Thief.Starts)
	d.erad, _ = Parse(f.Eradicated)
	d.state = newState(f)
	if d.wire, err = maker(f.World, f.Thief, t.Seed); err != nil {
		return nil, fmt.Errorf("the world of the drill: %w", err)
	}
	d.popDice = dice.New(t.Seed).Fork("drill " + f.ID)
	d.pop = ecosystem.New(mixOf(f), patchOf(f), f.Patch.Scale, d.popDice)
	d.probe()
	d.Advance(0) // what happens at the start has happened
	for _, one := range t.Decisions {
		d.Advance(one.At)
		if err := d.Decide(one); err != nil {
			return d, fmt.Errorf("the decision at %s: %w", one.At, err)
		}
	}
	return d, nil
}

func mixOf(f *File) ecosystem.Mix {
	m := ecosystem.Mix{Suppliers: f.World.Size.Suppliers, Clients: f.World.Size.Clients, Clinics: f.World.Size.Clinics}
	for _, k := range f.World.Clients {
		m.Kinds = append(m.Kinds, ecosystem.KindShare{Share: k.Share, Single: Named[k.Kind], Clinics: k.Clinics})
	}
	for _, a := range f.World.APIs {
		m.APIs = append(m.APIs, a.Count)
	}
	return m
}

func patchOf(f *File) ecosystem.Params {
	p := ecosystem.Defaults()
	p.Regress = f.Patch.Regress
	return p
}

// Close ends the drill's world.
func (d *Drill) Close() error {
	if d.wire == nil {
		return nil
	}
	return d.wire.Close()
}

// Now is the simulated time since the start.
func (d *Drill) Now() time.Duration { return d.now }

// Over tells whether the drill has come to its end.
func (d *Drill) Over() bool { return d.over }

// File is what is played. It must not be changed.
func (d *Drill) File() *File { return d.file }

// Tape is the tape so far.
func (d *Drill) Tape() *Tape { return d.tape.Clone() }

// ErrOver is the answer to a decision after the end.
var ErrOver = errors.New("the drill is over")

// Decide makes a decision, now. A decision that makes no sense changes nothing and is not on the tape.
func (d *Drill) Decide(one Decision) error {
	if d.over && one.Do != Wait {
		return ErrOver
	}
	w, err := d.file.order(one)
	if err != nil {
		return err
	}
	if err := d.findGrants(&w); err != nil {
		return err
	}
	if err := d.checkOwn(w); err != nil {
		return err
	}
	if err := d.checkCancel(w); err != nil {
		return err
	}
	w.At = d.now
	d.tape.Decisions = append(d.tape.Decisions, w.Decision)
	w.n = len(d.tape.Decisions)
	if one.Do == Wait {
		return nil
	}
	d.decided(w)
	if w.lead == 0 {
		d.finish(w)
		d.look()
		return nil
	}
	d.enqueue(w)
	return nil
}

// agenda is what comes at a time of its own.
type agenda struct {
	tick, round time.Duration // the next of each
	deadlines   []deadline
	tests       rota
	stuck       []stuck
	probes      []time.Duration // when to ask the exemplars again, soonest first
}

// later is when the effects of an order show that do not show at once: tokens live on, of ten minutes and
// of an hour.
var later = []time.Duration{11 * minute, 61 * minute}

// deadline is a date at which the old form of a kind is refused.
type deadline struct {
	at   time.Duration
	kind string
	n    int // of the decision
}

// Advance lets the drill run until a moment, or to its end.
func (d *Drill) Advance(to time.Duration) {
	to = min(to, d.file.Duration)
	for !d.over {
		next := d.next()
		if next > to {
			break
		}
		d.pass(next)
		d.happen()
	}
	if to > d.now {
		d.pass(to)
	}
	if d.now >= d.file.Duration && !d.over {
		d.over = true
		d.end()
	}
}

// next is when something happens next.
func (d *Drill) next() time.Duration {
	next := min(d.agenda.tick, d.agenda.round)
	if len(d.pending) > 0 {
		next = min(next, d.pending[0].ends)
	}
	for _, one := range d.agenda.deadlines {
		next = min(next, one.at)
	}
	if len(d.agenda.probes) > 0 {
		next = min(next, d.agenda.probes[0])
	}
	for _, one := range d.agenda.stuck {
		next = min(next, one.next)
	}
	if d.agenda.tests.running() {
		next = min(next, d.agenda.tests.next)
	}
	if at, any := d.pop.Next(); any {
		next = min(next, at)
	}
	return max(next, d.now)
}

// pass lets time pass in which nothing happens: what is broken stays broken for so long.
func (d *Drill) pass(to time.Duration) {
	d.accrue(to - d.now)
	d.now = to
	d.wire.At(to)
}

// happen lets everything happen whose time has come, in a fixed order: work is done, dates come, suppliers
// release, the thief tries, and then whoever watches looks.
func (d *Drill) happen() {
	for len(d.pending) > 0 && d.pending[0].ends <= d.now {
		w := d.pending[0]
		d.pending = d.pending[1:]
		d.finish(w)
	}
	for i := 0; i < len(d.agenda.deadlines); i++ {
		if one := d.agenda.deadlines[i]; one.at <= d.now {
			d.agenda.deadlines = slices.Delete(d.agenda.deadlines, i, i+1)
			i--
			d.carry(Order{Do: Deploy, On: placeServer, What: refusedBy[one.kind]}, one.n)
		}
	}
	if d.pop.Advance(d.now) > 0 {
		d.fare()
	}
	if len(d.agenda.probes) > 0 && d.agenda.probes[0] <= d.now {
		d.agenda.probes = slices.DeleteFunc(d.agenda.probes, func(at time.Duration) bool { return at <= d.now })
		d.probe()
	}
	if d.agenda.tests.running() && d.agenda.tests.next <= d.now {
		d.test()
	}
	d.overload()
	if d.agenda.round <= d.now {
		d.round()
		d.agenda.round = d.now + d.file.Thief.Every
	}
	if d.agenda.tick <= d.now {
		d.agenda.tick = d.now + d.file.Tick
		d.dropKeys()
	}
	d.look()
}

// carry carries an order out, and asks the exemplars how they fare since.
func (d *Drill) carry(o Order, decision int) {
	before := d.services
	if o.Do != Notify {
		before = d.wire.Probe() // sessions run out by themselves: that is nobody's order
	}
	said, err := d.wire.Carry(o)
	if err != nil {
		said = "it did not work: " + err.Error()
	}
	d.report(decision, said)
	d.carried = append(d.carried, carried{o, d.now})
	if o.Do == Notify || err != nil {
		return
	}
	d.probe()
	if n, of := d.onOldKeys(); o.Do == RotateServer || o.Do == RefreshKeys {
		still := ""
		if o.Do == RefreshKeys && n > 0 && !d.rotated() {
			still = "; the server still publishes it, so whoever fetches its keys has it again"
		}
		d.report(decision, fmt.Sprintf("%d of the %d APIs that judge tokens themselves believe an old key%s", n, of, still))
	}
	d.relogins(before, o)
	for _, span := range later {
		d.agenda.probes = append(d.agenda.probes, d.now+span)
	}
	slices.Sort(d.agenda.probes)
}

// probe asks every exemplar, and reckons what that means for the population.
func (d *Drill) probe() {
	d.services = d.wire.Probe()
	d.readKeys()
	d.fare()
}

// round is the thief's.
func (d *Drill) round() {
	d.wire.Work()
	if !d.begun && (d.now < d.file.thiefStarts(d.tape.Seed) || d.file.Thief.Starts != "" && !d.starts.met(d)) {
		return
	}
	d.begun = true
	d.rounds++
	for _, api := range d.file.Thief.At {
		d.strike(api)
	}
	d.readKeys()
	if m := d.file.Thief.Moves; m > 0 && d.failing >= m && d.isBlocked() {
		d.moves = append(d.moves, move{len(d.wire.Events(1)) + 1, d.wire.Address(thiefsActor)})
		d.wire.Move()
		d.failing = 0
	}
}

// strike is the thief at one API: the first of his techniques that works.
func (d *Drill) strike(api string) {
	var try Attempt
	for _, technique := range d.file.Thief.Plan {
		if try = d.wire.Strike(Raid{technique, api, d.numbered, d.rounds * d.file.Thief.Rising}); try.Won {
			break
		}
	}
	d.tried(try)
}
