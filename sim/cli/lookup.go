package cli

import (
	"slices"
	"strings"

	"thiefbox/attacker"
	"thiefbox/attacker/probe"
	"thiefbox/scenarios"
	"thiefbox/sim/control"
)

// subject is what a person named: exactly one field is set.
type subject struct {
	attack   *attacker.Technique
	scenario *scenarios.Scenario
	profile  *control.Profile
	control  *control.Control
	block    *attacker.Block // of the catalogue of attacks, that no attack plays
	try      *probe.Try      // of probe
}

// findSubject finds anything that has a name, by catalogue id or name.
func findSubject(name string) (subject, error) {
	if s, ok := lookUp(name); ok {
		return s, nil
	}
	if t, ok := tryNamed(name); ok {
		return subject{try: &t}, nil
	}
	if isFile(name) {
		p, err := profileFile(name)
		return subject{profile: &p}, err
	}
	if b, ok := unplayed(name); ok {
		return subject{block: &b}, nil
	}
	return subject{}, unknown(name, "attack, scenario, profile or control", allNames(), "`thiefbox list` shows what there is.")
}

func lookUp(name string) (subject, bool) {
	if t, ok := attackNamed(name); ok {
		return subject{attack: &t}, true
	}
	if s, ok := scenarioNamed(name); ok {
		return subject{scenario: &s}, true
	}
	for _, p := range control.Profiles() {
		if fold(name) == p.Name {
			return subject{profile: &p}, true
		}
	}
	if c, err := control.Lookup(fold(name)); err == nil {
		return subject{control: c}, true
	}
	return subject{}, false
}

// unplayed finds an entry of the catalogue of attacks that no attack plays.
func unplayed(id string) (attacker.Block, bool) {
	all := attacker.Unplayable()
	i := slices.IndexFunc(all, func(b attacker.Block) bool { return fold(id) == fold(b.ID) })
	if i < 0 {
		return attacker.Block{}, false
	}
	return all[i], true
}

func attackNamed(name string) (attacker.Technique, bool) {
	all := attacker.All()
	i := slices.IndexFunc(all, func(t attacker.Technique) bool { return fold(name) == fold(t.ID) || fold(name) == t.Name })
	if i < 0 {
		return attacker.Technique{}, false
	}
	return all[i], true
}

func scenarioNamed(name string) (scenarios.Scenario, bool) {
	all := scenarios.All()
	i := slices.IndexFunc(all, func(s scenarios.Scenario) bool { return fold(name) == s.Name })
	if i < 0 {
		return scenarios.Scenario{}, false
	}
	return all[i], true
}

// findPlayable finds an attack or a scenario: what can be run. A scenario may have the name of the attack
// it shows, and then goes first, because it knows the profiles worth comparing.
func findPlayable(name string) (subject, error) {
	if s, ok := scenarioNamed(name); ok {
		return subject{scenario: &s}, nil
	}
	s, ok := lookUp(name)
	block, known := unplayed(name)
	switch {
	case known && !ok:
		hint := "`thiefbox explain " + block.ID + "` says why."
		if block.As != "" {
			hint = "`thiefbox run " + block.As + "` plays what it leads to."
		}
		return subject{}, usage(hint, "%s is in the catalogue, and not played by itself: %s", block.ID, block.Title)
	case !ok:
		return subject{}, unknown(name, "attack or scenario", playableNames(), "`thiefbox list` shows them all.")
	case s.profile != nil:
		return subject{}, usage("`thiefbox run ID --profile "+s.profile.Name+"` runs an attack under it.",
			"expected an attack or a scenario, got the profile %q", s.profile.Name)
	case s.control != nil:
		return subject{}, usage("`thiefbox explain "+s.control.ID+"` says what it stops.",
			"expected an attack or a scenario, got the control %q", s.control.ID)
	}
	return s, nil
}

// findAttack finds one attack; a scenario stands for the attack it shows.
func findAttack(name string) (attacker.Technique, error) {
	s, err := findPlayable(name)
	if err != nil {
		return attacker.Technique{}, err
	}
	return s.technique()
}

// technique is the attack of an attack or a scenario.
func (s subject) technique() (attacker.Technique, error) {
	if s.attack != nil {
		return *s.attack, nil
	}
	if t, ok := attackNamed(s.scenario.Attack); ok {
		return t, nil
	}
	return attacker.Technique{}, environment("the scenario %q shows the attack %q, which this thiefbox does not have",
		s.scenario.Name, s.scenario.Attack)
}

// findProfiles reads the values of --profile: names, files, or "all". Naming one twice counts once.
func findProfiles(names []string) ([]control.Profile, error) {
	known := control.Profiles()
	var out []control.Profile
	for _, name := range names {
		if name = strings.TrimSpace(name); isFile(name) {
			p, err := profileFile(name)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(out, func(o control.Profile) bool { return o.Name == p.Name && o != p }) {
				return nil, usage("give one of them another name.", "%s: two profiles are called %q", name, p.Name)
			}
			out = append(out, p)
			continue
		}
		if name = fold(name); name == "all" {
			return known, nil
		}
		i := slices.IndexFunc(known, func(p control.Profile) bool { return p.Name == name })
		if i < 0 {
			return nil, unknown(name, "profile", append(profileNames(), "all"), "There are "+strings.Join(profileNames(), ", ")+", all, and files such as ./ours.yaml.")
		}
		if !slices.ContainsFunc(out, func(p control.Profile) bool { return p.Name == name }) {
			out = append(out, known[i])
		}
	}
	return out, nil
}

// findControls reads the values of --without.
func findControls(ids []string) ([]*control.Control, error) {
	var out []*control.Control
	for _, id := range ids {
		c, err := control.Lookup(fold(strings.TrimSpace(id)))
		if err != nil {
			return nil, unknown(id, "control", controlNames(), "`thiefbox list controls` shows them all.")
		}
		out = append(out, c)
	}
	return out, nil
}

func unknown(name, kind string, candidates []string, elsewhere string) error {
	return usage(didYouMean(name, candidates, elsewhere), "no %s is called %q", kind, name)
}

func playableNames() []string {
	var names []string
	for _, t := range attacker.All() {
		names = append(names, t.Name, t.ID)
	}
	for _, s := range scenarios.All() {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

func profileNames() []string {
	var names []string
	for _, p := range control.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

func controlNames() []string {
	var names []string
	for _, c := range control.All() {
		names = append(names, c.ID)
	}
	return names
}

func allNames() []string {
	return slices.Concat(playableNames(), profileNames(), controlNames(), tryNames())
}
