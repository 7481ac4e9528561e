package cli

import (
	"context"
	"fmt"
	"slices"

	"thiefbox/attacker"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

// defaultProfile is where an attack is shown if nobody says where: the profile this program is about.
const defaultProfile = "fapi2-dpop"

// pair is one run to be made.
type pair struct {
	technique attacker.Technique
	profile   control.Profile
}

// play makes one run and says what the reviewed matrix has for it. With controls taken away the matrix
// has nothing to say.
func (a *app) play(ctx context.Context, p pair, without []*control.Control, wire string) (report.Run, error) {
	profile := p.profile
	for _, c := range without {
		profile = profile.Without(c)
		profile.Name += " without " + c.ID
	}
	run, err := sim.Judged(ctx, p.technique, sim.Options{Profile: profile, Seed: a.seed, Wire: wire, Sink: a.sink(ctx)})
	if err != nil {
		return report.Run{}, fmt.Errorf("%s under %s: %w", p.technique.ID, profile.Name, err)
	}
	if len(without) == 0 {
		run.Expected = a.expected(p.technique.ID, profile.Name)
	}
	return run, nil
}

// pairs decides under which profiles the subject is run: those that were asked for, else those of the
// scenario, else the usual one. It also returns those in which the attack makes no sense.
func (s subject) pairs(asked []control.Profile) (run, skipped []pair, err error) {
	t, err := s.technique()
	if err != nil {
		return nil, nil, err
	}
	if asked == nil && s.scenario != nil {
		if asked, err = findProfiles(s.scenario.Profiles); err != nil {
			return nil, nil, err
		}
	}
	if asked == nil {
		asked = []control.Profile{usualProfile(t)}
	}
	for _, p := range asked {
		if sim.Applies(t, p.Dialect) {
			run = append(run, pair{t, p})
		} else {
			skipped = append(skipped, pair{t, p})
		}
	}
	return run, skipped, nil
}

// usualProfile is the default, or the first in which the attack makes sense.
func usualProfile(t attacker.Technique) control.Profile {
	all := control.Profiles()
	fits := func(p control.Profile) bool { return sim.Applies(t, p.Dialect) }
	if i := slices.IndexFunc(all, func(p control.Profile) bool { return p.Name == defaultProfile && fits(p) }); i >= 0 {
		return all[i]
	}
	return all[max(0, slices.IndexFunc(all, fits))]
}

// notApplicable says why a pair is not run, and where the attack makes sense.
func (p pair) notApplicable() (what, instead string) {
	var fits []string
	for _, other := range control.Profiles() {
		if sim.Applies(p.technique, other.Dialect) {
			fits = append(fits, other.Name)
		}
	}
	var needs []string
	for _, trait := range p.technique.Against {
		needs = append(needs, string(trait))
	}
	return fmt.Sprintf("%s is not applicable under %s: it needs %s", p.technique.ID, p.profile.Name, words(needs, "and")),
		"it makes sense under " + words(fits, "and") + "."
}

// words joins a list as a person would.
func words(list []string, last string) string {
	switch n := len(list); n {
	case 0:
		return "nothing"
	case 1:
		return list[0]
	default:
		head := list[0]
		for _, w := range list[1 : n-1] {
			head += ", " + w
		}
		return head + " " + last + " " + list[n-1]
	}
}
