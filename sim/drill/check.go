package drill

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Checked is what playing a drill with every bot shows about its file.
type Checked struct {
	Problems Problems
	Harm     map[string]Harm // by bot
	Fired    map[string]bool // injects, under any bot
}

// Check plays a drill with every bot, and says what a trainer should look at: injects that never fire,
// objectives that nobody reaches, traps that the reference walks into, a panic that pays.
func Check(ctx context.Context, data []byte, seed uint64, maker Maker, words Vocabulary) (Checked, error) {
	c := Checked{Harm: map[string]Harm{}, Fired: map[string]bool{}}
	f, err := ParseFile(data)
	if err != nil {
		return c, err
	}
	v := &validator{file: f, data: data}
	v.vocabulary(words)
	if v.staleSuccess(); len(v.problems) > 0 {
		return c, v.problems
	}
	for _, name := range Bots() {
		bot, err := BotNamed(name)
		if err != nil {
			return c, err
		}
		d, err := Play(ctx, &Tape{File: data, Seed: seed}, bot, maker)
		if err != nil {
			return c, fmt.Errorf("the %s bot: %w", name, err)
		}
		c.Harm[name] = d.Harm()
		if j, talk := d.Judgement(), d.Communication(); name == "nothing" && (j.Score != 0 || talk.Score != 0) {
			v.at("$", "doing nothing scores %.0f for judgement and %.0f for communication", j.Score, talk.Score)
		}
		c.fired(d)
		if name == "nothing" {
			d.checkThief(v)
		}
		if name == "reference" {
			d.checkReference(v)
		}
		if err := d.Close(); err != nil {
			return c, err
		}
	}
	for i, in := range f.Injects {
		if err := c.tryToFire(ctx, f, in, seed, maker); err != nil {
			return c, err
		}
		if !c.Fired[in.ID] {
			v.at(fmt.Sprintf("$.injects[%d]", i), "inject %s never fires, whichever bot plays, nor when all is done that its condition names: a dead inject", in.ID)
		}
	}
	c.compare(v, f.Score)
	c.Problems = v.problems
	return c, nil
}

// mostSkill is what panic may come to: hardly better than doing nothing.
const mostSkill = 30

// compare holds the bots against each other.
func (c *Checked) compare(v *validator, w Weights) {
	nothing, panicked, best := c.Harm["nothing"].Loss, c.Harm["panic"].Loss, c.Harm["reference"].Loss
	if best >= nothing {
		v.at("$.reference", "the reference does no better than doing nothing: a loss of %.0f against %.0f", best, nothing)
	}
	if panicked <= best {
		v.at("$.score", "panic does no worse than the reference: a loss of %.0f against %.0f", panicked, best)
	}
	if s := w.skill(c.Harm["panic"], c.Harm); s > mostSkill {
		v.at("$.score", "panic comes to a skill of %.0f; expected %d at most, where doing nothing is 0", s, mostSkill)
	}
}

func (c *Checked) fired(d *Drill) {
	for i, in := range d.file.Injects {
		c.Fired[in.ID] = c.Fired[in.ID] || d.fired[i]
	}
}

// tryToFire plays what an inject's condition names, alone and beside the reference, if no bot came to it: a
// message about a wrong decision waits for somebody who makes it.
func (c *Checked) tryToFire(ctx context.Context, f *File, in Inject, seed uint64, maker Maker) error {
	lines := f.towards(in.when)
	for _, beside := range []Bot{nil, reference} {
		if c.Fired[in.ID] || len(lines) == 0 {
			return nil
		}
		d, err := Play(ctx, &Tape{File: f.text, Seed: seed}, besides(beside, lines), maker)
		if err != nil {
			return fmt.Errorf("trying to fire %s: %w", in.ID, err)
		}
		c.fired(d)
		if err := d.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (d *Drill) checkReference(v *validator) {
	for i, r := range d.Objectives() {
		if r.Rating != Performed {
			v.at(fmt.Sprintf("$.objectives[%d]", i), "the reference does not reach objective %s by %s; at the end, %s", r.ID, Clock(r.By), d.stands(r.when))
		}
	}
	for i := range d.file.Traps {
		if at, there := d.trapped[i]; there {
			v.at(fmt.Sprintf("$.traps[%d]", i), "the reference walks into this trap at %s", Clock(at))
		}
	}
	for i, played := range d.played {
		if !played {
			v.at(fmt.Sprintf("$.reference[%d]", i), "the reference never comes to this play")
		}
	}
	for _, one := range d.done {
		for _, said := range one.Result {
			if len(said) > 16 && said[:16] == "it did not work:" {
				v.at("$.reference", "%s: %s", one.Decision, said)
			}
		}
	}
}

// vocabulary looks for what the thief would use and there is not.
func (v *validator) vocabulary(words Vocabulary) {
	t := v.file.Thief
	known := func(path string, all []string, what, got string) {
		if !slices.Contains(all, got) {
			v.at(path, "expected %s, got %q", what, got)
		}
	}
	given := slices.Concat(t.Has, t.Returns)
	for _, h := range t.Hears {
		given = append(given, h.Vantage)
	}
	for i, one := range t.Plan {
		path := fmt.Sprintf("$.thief.plan[%d]", i)
		known(path, words.Techniques, "a technique (thiefbox list)", one)
		for _, need := range words.Needs[one] {
			if !slices.Contains(given, need) {
				list := "has"
				if slices.Contains(words.Vantages, need) {
					list = "hears"
				}
				v.at(path, "%s cannot be tried without %s: expected it under %s", one, need, list)
			}
		}
	}
	for i, h := range t.Hears {
		known(fmt.Sprintf("$.thief.hears[%d].vantage", i), words.Vantages, "a place to listen, one of "+strings.Join(words.Vantages, ", "), h.Vantage)
	}
	for i, one := range t.Has {
		known(fmt.Sprintf("$.thief.has[%d]", i), words.Assets, "something to have, one of "+strings.Join(words.Assets, ", "), one)
	}
	for i, one := range t.Returns {
		known(fmt.Sprintf("$.thief.returns[%d]", i), words.Assets, "something to have, one of "+strings.Join(words.Assets, ", "), one)
	}
}

// checkThief tells of a thief who gets nothing though nobody stops him, and why.
func (d *Drill) checkThief(v *validator) {
	if slices.ContainsFunc(d.tries, func(t Try) bool { return t.Won }) {
		return
	}
	why := "he never begins"
	if n := len(d.tries); n > 0 {
		last := d.tries[n-1]
		if why = last.Reason; last.StoppedBy != "" {
			why = "stopped by " + last.StoppedBy + ": " + why
		}
	}
	v.at("$.thief", "the thief gets nothing, though nobody does anything: %s", why)
}

// stands says how what a condition asks for stands.
func (d *Drill) stands(c Condition) string {
	var parts []string
	for _, u := range c.uses {
		name := u.name
		if u.word != "" {
			name += "('" + u.word + "')"
		}
		parts = append(parts, fmt.Sprintf("%s is %g", name, d.fact(u.name, u.word)))
	}
	return strings.Join(parts, ", ")
}
