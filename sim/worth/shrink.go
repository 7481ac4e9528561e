package worth

import (
	"context"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Shrunk are the sets that a search found where a map was too large to be drawn whole. From none of them can a control
// be taken: of a set of Stops, any one missing lets the attack through; of a set of Breaks, any one that stays keeps it
// out. There may be others, and smaller ones.
type Shrunk struct {
	Stops  []control.Set // sets that stop the attack with nothing else on
	Breaks []control.Set // sets of Own whose loss lets it through
	Own    control.Set   // the controls that are lost from
	// Asked is how many questions it took, ShrinkBudget at most. If that was too few, Unshrunk of the sets do what is
	// said of them, and may do it with fewer controls.
	Asked, Unshrunk int
}

// ShrinkBudget is how many questions may be put to a book for the sets of one attack. Questions, not runs: what was
// known before must not change what is found. A set of n controls takes between n and n*n/2 of them.
const ShrinkBudget = 4000

// Shrink makes the sets that an incomplete map shows smaller until each control in them counts. Half of the
// questions may go into the sets that stop, the rest into those whose loss lets in.
func Shrink(ctx context.Context, b *Book, m Map, own control.Set, budget int) (Shrunk, error) {
	s := shrinker{ctx: ctx, book: b}
	out := Shrunk{Own: own}
	stop := func(set control.Set) (control.Set, bool, error) { return s.stops(m.Lower, set) }
	loss := func(set control.Set) (control.Set, bool, error) { return s.letsIn(own, set) }
	// What the map shows first of all are its largest sets, with all controls and with none of them.
	all, stopped, err := stop(m.Upper.Minus(m.Lower))
	if err != nil {
		return out, err
	}
	seeds := m.StopSets()
	if stopped {
		seeds = append(seeds, all)
	}
	s.left = budget / 2
	stops, loose := s.shrinkAll(seeds, stop)
	out.Stops, out.Unshrunk = stops, loose

	none, in, err := loss(own)
	if err != nil {
		return out, err
	}
	seeds = nil
	if whole, err := s.ask(own); err == nil && whole.Verdict.Outcome == verdict.Held {
		if seeds = m.Within(control.Set{}, own).BreakSets(); in {
			seeds = append(seeds, none)
		}
	}
	s.left = budget - s.asked
	breaks, loose := s.shrinkAll(seeds, loss)
	out.Breaks, out.Unshrunk, out.Asked = breaks, out.Unshrunk+loose, s.asked
	return out, s.err
}

// shrinker asks questions until they are used up.
type shrinker struct {
	ctx         context.Context
	book        *Book
	asked, left int
	err         error
}

func (s *shrinker) ask(on control.Set) (Answer, error) {
	if err := s.ctx.Err(); err != nil {
		return Answer{}, err
	}
	s.asked++
	s.left--
	return s.book.Ask(s.ctx, on)
}

// stops tells whether a set stops the attack with nothing on but lower, and what of the set the answer depends on.
func (s *shrinker) stops(lower, set control.Set) (control.Set, bool, error) {
	a, err := s.ask(lower.Union(set))
	return a.Must.Minus(lower), a.Verdict.Outcome == verdict.Held, err
}

// letsIn tells whether the attack gets in when a set is lost from own, and what of the set it would have met.
func (s *shrinker) letsIn(own, set control.Set) (control.Set, bool, error) {
	a, err := s.ask(own.Minus(set))
	return common(a.Off, own), a.Verdict.Outcome == verdict.Breached, err
}

// question asks whether a set still does what it is to do, and if so with which part of it.
type question func(control.Set) (part control.Set, does bool, err error)

// shrinkAll shrinks the smallest sets first. A set with a smaller one in it that was found before says nothing new.
func (s *shrinker) shrinkAll(sets []control.Set, does question) (found []control.Set, unshrunk int) {
	slices.SortStableFunc(sets, compareSets)
	var loose []control.Set
	for _, set := range sets {
		if slices.ContainsFunc(found, func(f control.Set) bool { return within(f, set) }) {
			continue
		}
		small, minimal := s.shrink(set, does)
		if s.err != nil {
			return nil, 0
		}
		if minimal {
			found = append(found, small)
		} else {
			loose = append(loose, small)
		}
	}
	found = smallest(found)
	for _, set := range smallest(loose) {
		if !slices.ContainsFunc(found, func(f control.Set) bool { return within(f, set) }) {
			found = append(found, set)
			unshrunk++
		}
	}
	return found, unshrunk
}

// shrink takes out one control after the other for as long as the rest does without. Since more is not always safer,
// one that counted before may not count any more in what is left: it ends with a round in which every control counts.
func (s *shrinker) shrink(set control.Set, does question) (small control.Set, minimal bool) {
	for again := true; again; {
		again = false
		for _, c := range set.Controls() {
			if !within(control.SetOf(c), set) { // went with another
				continue
			}
			if s.left <= 0 {
				return set, false
			}
			part, still, err := does(set.Without(c))
			if err != nil {
				s.err = err
				return set, false
			}
			if still {
				set, again = part, true
			}
		}
	}
	return set, true
}
