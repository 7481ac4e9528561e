package drill

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Bot is somebody who plays alone: asked at every tick, it says what to do now.
type Bot func(*Drill) []Decision

// Bots are the players that need nobody, by name. They anchor the score: nothing does nothing, panic shuts
// whatever can be shut at the first alarm, reference plays as the drill's author would.
func Bots() []string { return []string{"nothing", "panic", "reference"} }

// BotNamed returns a bot.
func BotNamed(name string) (Bot, error) {
	switch name {
	case "nothing":
		return func(*Drill) []Decision { return nil }, nil
	case "panic":
		return signed(name, panicking()), nil
	case "reference":
		return signed(name, reference), nil
	}
	return nil, fmt.Errorf("no bot is called %q; there are %v", name, Bots())
}

// signed has the tape say which bot it was.
func signed(name string, bot Bot) Bot {
	return func(d *Drill) []Decision {
		all := bot(d)
		for i := range all {
			all[i].By = "bot " + name
		}
		return all
	}
}

// panicking waits for the first alarm, and then shuts everything and tells everybody.
func panicking() Bot {
	acted := false
	return func(d *Drill) (all []Decision) {
		if acted || len(d.inbox) == 0 {
			return nil
		}
		acted = true
		do := func(line string) { all = append(all, parseLine(line)) }
		for _, a := range d.file.World.APIs {
			do("offline " + a.Kind)
		}
		for _, k := range d.file.World.Clients {
			if Named[k.Kind] {
				do("revoke client " + k.Kind)
				do("disable " + k.Kind)
			}
		}
		do("nonce server")
		do("audience-rule all")
		do("keys-only")
		do("notify all")
		for _, o := range d.file.Law() {
			do("warn " + o.ID)
		}
		return all
	}
}

// reference plays the file's own plays, each once its time or condition has come.
func reference(d *Drill) (all []Decision) {
	for i := range d.file.Reference {
		p := &d.file.Reference[i]
		if d.played[i] || p.When == "" && d.now < p.At || p.When != "" && !p.when.met(d) {
			continue
		}
		d.played[i] = true
		one := parseLine(p.Do)
		if one.Do == "believe" && len(one.Args) == 2 {
			one.Args = append(one.Args, d.tellingEvidence()...)
		}
		all = append(all, one)
	}
	return all
}

// tellingEvidence is the newest of what can be read that the thief left behind, or one's own try of what he
// would do: the reference knows what to look for.
func (d *Drill) tellingEvidence() []string {
	readable := d.Evidence(1)
	spans := slices.Clone(d.tests)
	for _, t := range d.tries {
		spans = append(spans, [2]int{t.First, t.Last})
	}
	for _, s := range slices.Backward(spans) {
		for _, e := range readable {
			if e.N >= s[0] && e.N <= s[1] {
				return []string{fmt.Sprintf("e%d", e.N)}
			}
		}
	}
	return nil
}

// Play plays a drill to its end with a bot.
func Play(ctx context.Context, t *Tape, bot Bot, maker Maker) (*Drill, error) {
	d, err := New(t, maker)
	if err != nil {
		return d, err
	}
	for !d.over {
		if err := ctx.Err(); err != nil {
			return d, err
		}
		for _, one := range bot(d) {
			if err := d.Decide(one); err != nil {
				return d, fmt.Errorf("at %s: %w", Clock(d.now), err)
			}
		}
		d.Advance(max(d.now+1, d.agenda.tick))
	}
	return d, nil
}

// Replay plays a tape to the drill's end, with no more decisions than it has.
func Replay(ctx context.Context, t *Tape, maker Maker) (*Drill, error) {
	return Play(ctx, t, func(*Drill) []Decision { return nil }, maker)
}

// WhatIf is a tape with the nth decision (from 1) made at another time, or not at all.
func WhatIf(t *Tape, n int, change func(*Decision) (keep bool)) *Tape {
	out := t.Clone()
	if n < 1 || n > len(out.Decisions) {
		return out
	}
	from := make([]int, len(out.Decisions))
	for i := range from {
		from[i] = i + 1
	}
	one := out.Decisions[n-1]
	out.Decisions, from = slices.Delete(out.Decisions, n-1, n), slices.Delete(from, n-1, n)
	if !change(&one) {
		out.Decisions = renumber(out.Decisions, from)
		return out
	}
	at := slices.IndexFunc(out.Decisions, func(d Decision) bool { return d.At > one.At })
	if at < 0 {
		at = len(out.Decisions)
	}
	out.Decisions = renumber(slices.Insert(out.Decisions, at, one), slices.Insert(from, at, n))
	return out
}

// DefaultLook is how long after the first alarm the earliest decision of a "what if" is made: nobody
// decides in the minute the telephone rings.
const DefaultLook = 5 * time.Minute
