package worth

import (
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Breakage is which honest clients a control breaks if it is switched on, by control id.
type Breakage map[string][]string

// Rollout is an order in which to deploy controls, from where somebody stands.
type Rollout struct {
	From string   `json:"from"`
	Open []string `json:"open"` // attacks that get in at the beginning
	// Void are attacks whose run proves nothing at the beginning: they take no part.
	Void  []string `json:"void"`
	Steps []Deploy `json:"steps"`
	Left  []string `json:"left"` // attacks that no control of this dialect stops
	// Idle are controls that stop none of the attacks that are still open when the steps are done.
	Idle []string `json:"idle"`
	// Blocked are controls that break honest clients which speak as the dialect says.
	Blocked []Blocked `json:"blocked"`
}

// Deploy is one step: a control, or several that only work together.
type Deploy struct {
	Controls []string `json:"controls"`
	Stops    []string `json:"stops"`   // attacks that get in before and not after
	LetsIn   []string `json:"lets_in"` // attacks that get in after and not before
	Breaks   []string `json:"breaks"`  // honest clients that fail from then on
	AsGood   []string `json:"as_good"` // controls that stop as many attacks at this point
	Why      string   `json:"why"`     // why this one before those
	Open     int      `json:"open"`    // attacks that get in after the step
}

// Blocked is a control that cannot be switched on before clients change.
type Blocked struct {
	Control string   `json:"control"`
	Breaks  []string `json:"breaks"`
}

// Order chooses at each step the control that stops the most attacks that still get in. It is greedy:
// no step looks further ahead than its own, except that among equals the one goes first that breaks
// fewest clients, and then the one with the greater share in stopping what is left.
func Order(p control.Profile, maps []Map, breaks Breakage) Rollout {
	r := Rollout{From: p.Name, Open: []string{}, Void: []string{}, Steps: []Deploy{}, Left: []string{}, Idle: []string{}, Blocked: []Blocked{}}
	o := orderer{on: p.Controls, upper: p.Full().Controls.Union(p.Controls), breaks: breaks}
	for _, m := range maps {
		switch a, _ := m.At(p.Controls); a.Verdict.Outcome {
		case verdict.Void:
			r.Void = append(r.Void, m.Attack)
			continue
		case verdict.Breached:
			r.Open = append(r.Open, m.Attack)
		}
		o.maps = append(o.maps, m)
	}
	for {
		step, ok := o.next()
		if !ok {
			break
		}
		r.Steps = append(r.Steps, step)
	}
	r.Left = append(r.Left, o.open(o.on)...)
	r.Idle = append(r.Idle, ids(o.upper.Minus(o.on))...)
	for _, c := range control.Everything().Minus(o.upper).Controls() {
		r.Blocked = append(r.Blocked, Blocked{c.ID, notNil(breaks[c.ID])})
	}
	return r
}

type orderer struct {
	on, upper control.Set
	maps      []Map
	breaks    Breakage
}

// open are the attacks that get in under a set of controls.
func (o *orderer) open(s control.Set) (attacks []string) {
	for _, m := range o.maps {
		if a, ok := m.At(s); !ok || a.Verdict.Outcome == verdict.Breached {
			attacks = append(attacks, m.Attack)
		}
	}
	return attacks
}

// candidate is a set of controls that could be switched on next.
type candidate struct {
	set          control.Set
	stops, letIn []string
	share        float64
}

func (c candidate) gain() int { return len(c.stops) - len(c.letIn) }

func (o *orderer) try(s control.Set) candidate {
	before, after := o.open(o.on), o.open(o.on.Union(s))
	return candidate{set: s, stops: without(before, after), letIn: without(after, before)}
}

func (o *orderer) next() (Deploy, bool) {
	var all []candidate
	for _, c := range o.upper.Minus(o.on).Controls() {
		all = append(all, o.try(control.SetOf(c)))
	}
	best := 0
	for _, c := range all {
		best = max(best, c.gain())
	}
	if best == 0 {
		all = o.together()
		for _, c := range all {
			best = max(best, c.gain())
		}
	}
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.gain() < best })
	if best <= 0 || len(all) == 0 {
		return Deploy{}, false
	}
	o.weigh(all)
	slices.SortStableFunc(all, o.compare)
	return o.deploy(all), true
}

// together are the smallest sets that stop something no single control stops.
func (o *orderer) together() (all []candidate) {
	for _, m := range o.maps {
		part := m.Within(o.on, o.upper)
		if a, ok := part.At(o.on); ok && a.Verdict.Outcome != verdict.Breached {
			continue
		}
		for _, s := range part.StopSets() {
			if s.Len() > 1 && !slices.ContainsFunc(all, func(c candidate) bool { return c.set == s }) {
				all = append(all, o.try(s))
			}
		}
	}
	return all
}

// weigh says how much of stopping what is left each candidate would carry.
func (o *orderer) weigh(all []candidate) {
	if len(all) < 2 {
		return
	}
	for _, m := range o.maps {
		part := m.Within(o.on, o.upper)
		if a, ok := part.At(o.on); ok && a.Verdict.Outcome != verdict.Breached {
			continue
		}
		for _, s := range part.Shares() {
			for i := range all {
				if within(control.SetOf(s.Control), all[i].set) {
					all[i].share += s.Value
				}
			}
		}
	}
}

func (o *orderer) broken(s control.Set) (who []string) {
	for _, id := range ids(s) {
		for _, b := range o.breaks[id] {
			if !slices.Contains(who, b) {
				who = append(who, b)
			}
		}
	}
	return who
}

func (o *orderer) compare(a, b candidate) int {
	if d := a.set.Len() - b.set.Len(); d != 0 {
		return d
	}
	if d := len(o.broken(a.set)) - len(o.broken(b.set)); d != 0 {
		return d
	}
	return compareFloats(round(b.share), round(a.share))
}

// deploy switches the first of the best on, and says why it goes first.
func (o *orderer) deploy(all []candidate) Deploy {
	c := all[0]
	d := Deploy{Controls: ids(c.set), Stops: notNil(c.stops), LetsIn: notNil(c.letIn), Breaks: notNil(o.broken(c.set)), AsGood: []string{}}
	for _, other := range all[1:] {
		d.AsGood = append(d.AsGood, ids(other.set)...)
	}
	if len(all) > 1 {
		switch second := all[1]; {
		case c.set.Len() < second.set.Len():
			d.Why = "it takes fewer controls"
		case len(o.broken(c.set)) < len(o.broken(second.set)):
			d.Why = "it breaks fewer clients"
		case round(c.share) > round(second.share):
			d.Why = "it has the greater share in stopping what is left"
		default:
			d.Why = "it comes first in the catalogue, and nothing else sets them apart"
		}
	}
	o.on = o.on.Union(c.set)
	d.Open = len(o.open(o.on))
	return d
}

// without are the members of a that are not in b.
func without(a, b []string) (out []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
