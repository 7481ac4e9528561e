package drill

import (
	"context"
	"fmt"
)

// Checked is what playing a drill with every bot shows about its file.
type Checked struct {
	Problems Problems
	Harm     map[string]Harm // by bot
	Fired    map[string]bool // injects, under any bot
}

// Check plays a drill with every bot, and says what a trainer should look at: injects that never fire,
// objectives that nobody reaches, traps that the reference walks into, a panic that pays.
func Check(ctx context.Context, data []byte, seed uint64, maker Maker) (Checked, error) {
	c := Checked{Harm: map[string]Harm{}, Fired: map[string]bool{}}
	f, err := ParseFile(data)
	if err != nil {
		return c, err
	}
	v := &validator{file: f, data: data}
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
		for i, in := range f.Injects {
			c.Fired[in.ID] = c.Fired[in.ID] || d.fired[i]
		}
		if name == "reference" {
			d.checkReference(v)
		}
		if err := d.Close(); err != nil {
			return c, err
		}
	}
	for i, in := range f.Injects {
		if !c.Fired[in.ID] {
			v.at(fmt.Sprintf("$.injects[%d]", i), "inject %s never fires, whichever bot plays: a dead inject", in.ID)
		}
	}
	nothing, panicked, best := c.Harm["nothing"].Loss, c.Harm["panic"].Loss, c.Harm["reference"].Loss
	if best >= nothing {
		v.at("$.reference", "the reference does no better than doing nothing: a loss of %.0f against %.0f", best, nothing)
	}
	if panicked <= best {
		v.at("$.score", "panic does no worse than the reference: a loss of %.0f against %.0f", panicked, best)
	}
	c.Problems = v.problems
	return c, nil
}

func (d *Drill) checkReference(v *validator) {
	for i, r := range d.Objectives() {
		if r.Rating != Performed {
			v.at(fmt.Sprintf("$.objectives[%d]", i), "the reference does not reach objective %s by %s", r.ID, r.By)
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
