// Package worth computes what controls are worth, from runs.
//
// It is given a Runner, which plays an attack under a profile, and knows nothing else of the world.
// Begin with Explore: the Map it returns says what an attack does under every set of controls there
// is, found in a few dozen runs rather than 2^100. Everything else reads maps: ablate.go (which
// control is missed), share.go (the Shapley value), sets.go (the smallest sets that stop an attack),
// order.go (what to deploy next), risk.go (what is left of the ways to steal).
//
// Why so few runs suffice. A run is decided by the seed, the dialect and what control.Enforce read: it
// is the only code that reads a switch, and it says so each time. So
//
//   - a control that was never asked could have been on or off: the run is the same run;
//   - a control that was on, and passed each time, could have been off: all that a check which passes
//     leaves behind is its own memory, which nobody reads but the check itself.
//
// The second holds because a guard has no effect but its answer; a test in package sim plays runs
// again without a control that only passed, and insists on the same transcript. What is left to matter
// are the controls that refused or asked to try again, and those that were asked while off. Nothing
// here assumes that more controls are safer: that is tested, and told.
//
// The package decides nothing about OAuth and writes no text; sim/report does.
package worth

import (
	"context"
	"slices"

	"thiefbox/sim/control"
	"thiefbox/sim/verdict"
)

// Runner plays an attack, named by its id, under a profile.
type Runner func(ctx context.Context, attack string, p control.Profile) (Answer, error)

// Answer is what one run tells: a verdict that holds for every set of controls, under the same dialect,
// that has all of Must and none of Off.
type Answer struct {
	Verdict verdict.Verdict // facts may be left out
	Must    control.Set     // on, and refused or asked to try again at least once
	Off     control.Set     // asked while off
	// Records is how many patients' records the thief learnt.
	Records int
}

// settles tells whether the answer holds for s.
func (a Answer) settles(s control.Set) bool { return within(a.Must, s) && s.Minus(a.Off) == s }

// within tells whether every control of a is in b.
func within(a, b control.Set) bool { return a.Minus(b) == control.Set{} }

// Book is what is known of one attack under one dialect. It asks for a new run only if no earlier one
// answers. It is not safe for concurrent use: attacks go side by side, each with its own book.
type Book struct {
	Attack  string
	Profile control.Profile // its dialect counts; its controls do not
	Answers []Answer        // in the order in which they were found
	Runs    int             // how many were played, rather than looked up
	runner  Runner
}

// NewBook opens a book, with the answers that are already known.
func NewBook(r Runner, attack string, p control.Profile, known []Answer) *Book {
	return &Book{Attack: attack, Profile: p, Answers: slices.Clone(known), runner: r}
}

// Ask returns the answer for a set of controls.
func (b *Book) Ask(ctx context.Context, s control.Set) (Answer, error) {
	for _, a := range b.Answers {
		if a.settles(s) {
			return a, nil
		}
	}
	p := b.Profile
	p.Controls = s
	a, err := b.runner(ctx, b.Attack, p)
	if err != nil {
		return Answer{}, err
	}
	b.Runs++
	b.Answers = append(b.Answers, a)
	return a, nil
}
