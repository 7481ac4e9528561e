package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"thiefbox/attacker"
	"thiefbox/scenarios"
	"thiefbox/sim"
	"thiefbox/sim/control"
	"thiefbox/sim/report"
)

func names(ps []control.Profile) (out []string) {
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return out
}

func TestFindProfiles(t *testing.T) {
	for _, tt := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"legacy"}, []string{"legacy"}},
		{[]string{"hardened", "legacy"}, []string{"hardened", "legacy"}}, // in the order asked for
		{[]string{" legacy ", "LEGACY"}, []string{"legacy"}},             // once
		{[]string{"all"}, names(control.Profiles())},
		{[]string{"legacy", "all"}, names(control.Profiles())},
	} {
		got, err := findProfiles(tt.in)
		if err != nil || !slices.Equal(names(got), tt.want) {
			t.Errorf("findProfiles(%q) = %q, %v; want %q", tt.in, names(got), err, tt.want)
		}
	}
	for in, advice := range map[string]string{"legcy": `did you mean "legacy"?`, "": "There are legacy", "al": `did you mean "all"?`} {
		_, err := findProfiles([]string{in})
		var f *failure
		if !errors.As(err, &f) || f.status != exitUsage || !strings.Contains(f.advice, advice) {
			t.Errorf("findProfiles(%q): %v, want wrong usage with %q", in, err, advice)
		}
	}
}

// Whatever list shows, explain and run must find, however it is typed.
func TestEverythingListedIsFound(t *testing.T) {
	for _, name := range allNames() {
		for _, typed := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, "-", "_")} {
			if _, err := findSubject(typed); err != nil {
				t.Errorf("findSubject(%q): %v", typed, err)
			}
		}
	}
	for _, tech := range attacker.All() {
		for _, name := range []string{tech.ID, tech.Name, strings.ToLower(tech.ID)} {
			if got, err := findAttack(name); err != nil || got.ID != tech.ID {
				t.Errorf("findAttack(%q) = %q, %v; want %q", name, got.ID, err, tech.ID)
			}
		}
	}
	for _, s := range scenarios.All() {
		got, err := findPlayable(s.Name)
		if err != nil {
			t.Errorf("findPlayable(%q): %v", s.Name, err)
			continue
		}
		run, skipped, err := got.pairs(nil)
		if err != nil || len(run) != len(s.Profiles) || len(skipped) > 0 {
			t.Errorf("the scenario %q plays %d of its %d profiles: %v", s.Name, len(run), len(s.Profiles), err)
		}
	}
}

// Two things of one name would make one of them unreachable. A scenario may share its name with the
// attack it shows: whichever is found, the same attack is played.
func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range allNames() {
		if seen[fold(n)] {
			t.Errorf("two things are called %q", n)
		}
		seen[fold(n)] = true
	}
	for _, s := range scenarios.All() {
		if tech, ok := attackNamed(s.Name); ok && tech.ID != s.Attack {
			t.Errorf("the scenario %q shows %s, but %s has its name", s.Name, s.Attack, tech.ID)
		}
	}
}

// Without --profile an attack must still be played somewhere, and where it makes sense.
func TestUsualProfile(t *testing.T) {
	for _, tech := range attacker.All() {
		p := usualProfile(tech)
		if !sim.Applies(tech, p.Dialect) {
			t.Errorf("%s is played under %s, where it is not applicable", tech.ID, p.Name)
		}
		fapi, err := control.ProfileNamed(defaultProfile)
		if err != nil {
			t.Fatal(err)
		}
		if sim.Applies(tech, fapi.Dialect) && p.Name != defaultProfile {
			t.Errorf("%s is played under %s, want %s", tech.ID, p.Name, defaultProfile)
		}
	}
}

func TestFindControls(t *testing.T) {
	got, err := findControls([]string{"rs/dpop-htu", " AS/PKCE-required"})
	if err != nil || len(got) != 2 || got[0] != control.RSDPoPHTU || got[1] != control.ASPKCERequired {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = findControls([]string{"rs/dpop-htv"})
	var f *failure
	if !errors.As(err, &f) || !strings.Contains(f.advice, "rs/dpop-ht") {
		t.Errorf("got %v, want a suggestion", err)
	}
}

func TestWords(t *testing.T) {
	for want, list := range map[string][]string{
		"nothing": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"},
	} {
		if got := words(list, "and"); got != want {
			t.Errorf("words(%q) = %q, want %q", list, got, want)
		}
	}
}

// Whatever a thief begins with, whoever he is and whatever family his attack is of has words.
func TestFootholdsAndFamiliesHaveWords(t *testing.T) {
	for _, attack := range describeAll() {
		for _, needs := range attack.Needs {
			if len(strings.Fields(needs)) < 4 {
				t.Errorf("%s: expected a foothold in words, got %q", attack.ID, needs)
			}
		}
		for _, class := range attack.Model {
			if words := report.AttackerWords(class); !strings.HasPrefix(words, class+": ") {
				t.Errorf("%s: expected words for the attacker %q, got %q", attack.ID, class, words)
			}
		}
		if f := report.FamilyOf(attack.ID); report.FamilyTitle(f) == "" || report.FamilyHeading(f) == f {
			t.Errorf("expected to be told what the family %s is about", f)
		}
	}
}
