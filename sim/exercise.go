package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/drill"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/verdict"
)

// Exercise is the running world of a drill: the servers, one client of every kind, the doctor at her EHR,
// and the thief. It implements drill.Wire.
type Exercise struct {
	w     *World
	op    *Operator
	ctx   context.Context
	start time.Time
	thief drill.Thief
	intro []event.Event // who takes part and what must not leak: the judge wants it with every round
	rolls int           // keys made for clients so far
	raids int           // of the thief's so far
	// signing are the kids of the keys the authorization server has signed with, the present one last.
	signing []string
	// withdrawn is when keys of its that were replaced will be published no more, and alone when the exemplars last
	// fetched keys for that.
	withdrawn []time.Time
	alone     time.Duration
}

var _ drill.Wire = (*Exercise)(nil)

// NewExercise is a drill.Maker.
func NewExercise(setup drill.World, th drill.Thief, seed uint64) (drill.Wire, error) {
	return newExercise(setup, th, seed, nil)
}

// newExercise makes one over a stock of the seed, or one of its own for nil.
func newExercise(setup drill.World, th drill.Thief, seed uint64, shared *stock) (drill.Wire, error) {
	profile, err := control.ProfileNamed(setup.Profile)
	if err != nil {
		return nil, err
	}
	w, err := NewWorld(Options{Profile: profile, Seed: seed, cast: newCast(setup), stock: shared}, Scene{})
	if err != nil {
		return nil, err
	}
	x := &Exercise{w: w, op: w.Operator(), ctx: context.Background(), start: w.Clock.Now(), thief: th, signing: []string{w.tokenKey().ID}}
	if err := x.knows(th); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for _, e := range w.cast.exemplars {
		if err := e.settle(w); err != nil {
			return nil, fmt.Errorf("the exemplar of %s: %w", e.kind, err)
		}
	}
	return x, x.open()
}

// open begins the morning: everybody is introduced, the doctor signs in, and the thief gets what the
// drill says he has.
func (x *Exercise) open() error {
	w := x.w
	w.tell(x.ctx, w.began("", Options{Profile: w.Policy.Profile()}))
	w.introduce(x.ctx)
	for _, e := range w.cast.exemplars {
		w.tell(x.ctx, event.Actor{ID: e.actor, Name: e.sys.name, Role: event.RoleClient, Names: []string{e.sys.id}})
	}
	x.intro = w.Log.Events()
	if err := w.workday(x.ctx); err != nil {
		return fmt.Errorf("the doctor's morning: %w", err)
	}
	for _, h := range x.thief.Hears {
		if err := x.listen(h); err != nil {
			return err
		}
	}
	for _, asset := range slices.Concat(x.thief.Has, x.thief.Returns) {
		if err := w.steal(x.ctx, event.Asset(asset)); err != nil {
			return err
		}
	}
	return nil
}

// namedActor is who on the wire is the kind of client that has a name (drill.Named).
const namedActor = "ehr"

func (x *Exercise) listen(h drill.Hears) error {
	v, known := vantages[event.Vantage(h.Vantage)]
	if !known {
		return fmt.Errorf("this world has no vantage %q", h.Vantage)
	}
	x.w.tell(x.ctx, event.Granted{Vantage: event.Vantage(h.Vantage)})
	if a := x.w.api(h.At); a != nil {
		heard := at(a.actor)
		from := "client-" + h.From
		if drill.Named[h.From] {
			from = namedActor
		}
		v.hears = func(r event.Request) bool { return heard(r) && !x.w.purged[h.At] && (h.From == "" || r.From == from) }
	}
	if v.hears != nil {
		x.w.tap(event.Vantage(h.Vantage), v)
	}
	return nil
}

// Events are those from number n on.
func (x *Exercise) Events(n int) []event.Event {
	all := x.w.Log.Recording().Events
	return all[min(max(n-1, 0), len(all)):]
}

// Address is where an actor's messages come from.
func (x *Exercise) Address(actor string) string { return x.w.Net.Address(actor) }

// Move gives the thief another address, and has his browser use it too.
func (x *Exercise) Move() {
	x.w.Net.Move(thief)
	x.w.mallory.browser = x.w.Net.NewBrowser(thief)
}

// Close ends the world.
func (x *Exercise) Close() error { return x.w.Close() }

// Work is the doctor opening a record, and a client of each kind fetching one: what a thief can overhear.
// What he heard long ago is forgotten.
func (x *Exercise) Work() {
	for v, heard := range x.w.overheard {
		x.w.overheard[v] = heard[max(len(heard)-64, 0):]
	}
	for _, e := range x.w.cast.exemplars {
		if e.people {
			continue
		}
		for _, api := range x.w.apis {
			if x.heardAt(api.kind) {
				_ = e.call(x.ctx, x.w, api, x.patient(1)) // how they fare is what Probe asks
			}
		}
	}
	_ = x.w.openRecord(x.ctx)
	for _, asset := range x.thief.Returns {
		_ = x.w.steal(x.ctx, event.Asset(asset)) // where nobody is signed in there is nothing to take
	}
}

func (x *Exercise) heardAt(kind string) bool {
	return slices.ContainsFunc(x.thief.Hears, func(h drill.Hears) bool { return h.At == kind })
}

func (x *Exercise) patient(i int) string {
	all := x.w.onePatientOfEachClinic("supplier")
	return all[i%len(all)]
}

// Probe asks each kind of client for its next legitimate call to each kind of API.
func (x *Exercise) Probe() []drill.Service {
	var out []drill.Service
	for _, k := range x.w.cast.setup.Clients {
		if drill.Named[k.Kind] {
			out = append(out, x.probeEHR(k.Kind)...)
			continue
		}
		i := slices.IndexFunc(x.w.cast.exemplars, func(e *exemplar) bool { return e.kind == k.Kind })
		e := x.w.cast.exemplars[i]
		for j, a := range x.w.cast.setup.APIs {
			if e.people && j > 0 {
				out = append(out, drill.Service{Client: k.Kind, API: a.Kind, State: out[len(out)-1].State, Why: out[len(out)-1].Why})
				continue
			}
			s := drill.Service{Client: k.Kind, API: a.Kind}
			if err := e.call(x.ctx, x.w, x.w.api(a.Kind), x.patient(0)); err != nil {
				s.State, s.Why = drill.Broken, err.Error()
			}
			out = append(out, s)
		}
	}
	return out
}

// probeEHR has the doctor open her patient's record; if she cannot, she signs in again.
func (x *Exercise) probeEHR(kind string) []drill.Service {
	s := drill.Service{Client: kind}
	if err := x.w.openRecord(x.ctx); err != nil {
		s.State, s.Why = drill.Relogin, err.Error()
		if err := x.w.workday(x.ctx); err != nil {
			s.State, s.Why = drill.Broken, err.Error()
		}
	}
	var out []drill.Service
	for _, a := range x.w.cast.setup.APIs {
		s.API = a.Kind
		out = append(out, s)
	}
	return out
}

// Strike lets the thief try, and asks the judge.
func (x *Exercise) Strike(aim drill.Raid) drill.Attempt {
	w := x.w
	try := drill.Attempt{Technique: aim.Technique, API: aim.API}
	t, a := techniqueOf(aim.Technique), w.api(aim.API)
	if t == nil || a == nil {
		try.Reason = fmt.Sprintf("there is no technique %q, or no API of kind %q", aim.Technique, aim.API)
		return try
	}
	try.Title = t.Title
	before := len(w.Log.Recording().Events)
	base, _ := w.Log.Begin(x.ctx)
	g := &aimed{ground: w.ground(x.ctx), Raid: aim}
	g.aim, g.slow = a.base, x.thief.Slow
	if x.raids++; x.raids > 1 { // else what he names at random would be the same each time, as if it were sent again
		g.rng = w.dice.Fork("mallory's dice, raid " + strconv.Itoa(x.raids))
	}
	w.tell(x.ctx, event.Phase{Name: event.PhaseAttack})
	fault := w.attackFrom(x.ctx, *t, g)
	w.tell(x.ctx, event.Ended{Error: fault})
	round := w.Log.Recording().Events[before:]
	try.First, try.Last = before+1, before+len(round)
	v := verdict.Judge(x.docket(round, base))
	try.Won, try.StoppedBy, try.Reason = v.Outcome == verdict.Breached, v.StoppedBy, v.Reason
	for _, f := range v.Facts {
		if f.Patient != "" && !slices.Contains(try.Patients, f.Patient) {
			try.Patients = append(try.Patients, f.Patient)
		}
	}
	return try
}

// docket is a round as the judge reads it: a log of its own, numbered from one.
func (x *Exercise) docket(round []event.Event, base int) []event.Event {
	out := slices.Concat(x.intro, round)
	for i := range out {
		out[i].N = i + 1
		out[i].Exchange = max(out[i].Exchange-base, 0)
		if r, ok := out[i].Body.(event.Request); ok {
			r.Cause = max(r.Cause-base, 0)
			out[i].Body = r
		}
	}
	return out
}

func techniqueOf(id string) *attacker.Technique {
	all := attacker.All()
	if i := slices.IndexFunc(all, func(t attacker.Technique) bool { return t.ID == id }); i >= 0 {
		return &all[i]
	}
	return nil
}

// aimed is a ground whose thief turns to one API: of what he overheard he uses what went there.
type aimed struct {
	*ground
	drill.Raid
	slow time.Duration // the clock of his machine, by so much
}

// Now is the time as his machine has it.
func (g *aimed) Now() time.Time { return g.ground.Now().Add(-g.slow) }

// Target is what he goes for: of the strangers those whose numbers are next, round and round.
func (g *aimed) Target() attacker.Target {
	t := g.ground.Target()
	if n := len(t.Patients); g.Most > 0 && n > 0 {
		from := g.After % n
		t.Patients = slices.Concat(t.Patients[from:], t.Patients[:from])[:min(g.Most, n)]
	}
	return t
}

func (g *aimed) Overheard(v event.Vantage) []event.Message {
	return slices.DeleteFunc(g.ground.Overheard(v), func(m event.Message) bool {
		return strings.HasPrefix(m.URL, "https://") && v != event.TokenLog && !strings.HasPrefix(m.URL, g.aim+"/")
	})
}

// Wait passes a moment only: in a drill the thief's patience is the drill's to plan.
func (g *aimed) Wait(d time.Duration) { g.ground.Wait(min(d, time.Second)) }

// newKey makes a key that nobody has had.
func (x *Exercise) newKey(client, use string) *fapi.Key {
	x.rolls++
	return x.w.stock.key(fmt.Sprintf("%s-%s-%d", client, use, x.rolls))
}
