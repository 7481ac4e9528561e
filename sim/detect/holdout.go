package detect

import (
	"maps"
	"slices"
	"strings"
)

// Trial is a pack measured twice: over the corpus that its rules were chosen on, and over one that had no part in
// choosing them. The first says what the pack was made to do, the second is the nearer to what it would do elsewhere.
type Trial struct {
	InView  Measure `json:"in_view"`
	HeldOut Measure `json:"held_out"`
	// Unproven are the rules that hang on one family, by that family: with it held out they are not chosen. Where that is so of
	// several, each of them alone, it is the first.
	Unproven map[string]string `json:"rules_of_one_family"`
}

// HoldOut measures a pack over held-out samples family by family, so that no attack is read by a rule that is in
// the pack because of its own family. For each family the rules are chosen anew, from the samples in view without
// that family: a rule is chosen if it rang for an attack there, and at least as often for attacks as on honest
// days. Honest days are read by the rules that all samples in view speak for.
//
// What this cannot undo: the rules were written by people who had read the whole catalogue. Only attacks from
// elsewhere would be a test of that.
func HoldOut(rules []*Rule, inView, heldOut []Sample) Trial {
	t := Trial{InView: Count(rules, inView), Unproven: map[string]string{}}
	all := chosen(rules, inView, "")
	without := map[string][]*Rule{}
	var read []Sample
	for _, s := range heldOut {
		by := all
		if s.Attack != "" {
			f := family(s.Attack)
			if _, known := without[f]; !known {
				without[f] = chosen(rules, inView, f)
			}
			by = without[f]
		}
		s.Fired = slices.DeleteFunc(slices.Clone(s.Fired), func(f Fired) bool { return !slices.Contains(by, f.Rule) })
		read = append(read, s)
	}
	t.HeldOut = Count(rules, read)
	for _, r := range all {
		for _, f := range slices.Sorted(maps.Keys(without)) {
			if !slices.Contains(without[f], r) {
				t.Unproven[r.Handle()] = f
				break
			}
		}
	}
	return t
}

// family is what an attack's id begins with.
func family(id string) string {
	f, _, _ := strings.Cut(id, "-")
	return f
}

// chosen are the rules that samples speak for, those of one family left out.
func chosen(rules []*Rule, samples []Sample, except string) (out []*Rule) {
	tallies := map[*Rule]*tally{}
	for _, r := range rules {
		tallies[r] = &tally{}
	}
	for _, s := range samples {
		if s.Attack != "" && family(s.Attack) == except {
			continue
		}
		for _, f := range s.Fired {
			if t := tallies[f.Rule]; t != nil {
				t.add(s)
			}
		}
	}
	for _, r := range rules {
		if t := tallies[r]; t.hits > 0 && t.hits >= t.false {
			out = append(out, r)
		}
	}
	return out
}
