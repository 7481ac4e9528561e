package tui

import (
	"strings"
	"testing"
)

// No key means two things on one screen.
func TestKeysAreUnique(t *testing.T) {
	for _, p := range places {
		seen := map[string]action{}
		for _, b := range bindingsAt(p.place) {
			for _, k := range b.Keys() {
				if other, ok := seen[k]; ok {
					t.Errorf("%s: %q means both %d and %d", p.name, k, other, b.act)
				}
				seen[k] = b.act
			}
		}
	}
}

// Terminals do not pass on Alt, function keys or ctrl+enter reliably.
func TestKeysReachTheProgram(t *testing.T) {
	for _, p := range places {
		for _, b := range bindingsAt(p.place) {
			for _, k := range b.Keys() {
				if strings.Contains(k, "alt+") || strings.HasPrefix(k, "f") && len(k) > 1 || k == "ctrl+enter" {
					t.Errorf("%s: %q does not reach the program everywhere", p.name, k)
				}
			}
		}
	}
}

// Help names every key, directly or as half of a pair like "h/l".
func TestHelpIsComplete(t *testing.T) {
	for _, p := range places {
		text := strings.Join(newHelp(p.place, local[p.place]).lines, "\n")
		for _, b := range bindingsAt(p.place) {
			if shown := b.Help().Key; b.act != actJump && !strings.Contains(text, shown) {
				t.Errorf("help for %s does not name %q", p.name, shown)
			}
			if b.Help().Desc == "" {
				t.Errorf("%s: %q is not described", p.name, b.Help().Key)
			}
		}
	}
}

func TestFooterEndsWithTheWayOut(t *testing.T) {
	for _, w := range []int{60, 80, 120, 200} {
		a := testApp(t, w, 30)
		for _, p := range []string{"1", "4", "6", "7"} {
			press(t, a, p)
			want := "esc back"
			if p == "1" {
				want = "q quit"
			}
			if f := a.footer(); !strings.HasSuffix(f, want) || width(f) > w {
				t.Errorf("%d: expected the footer to end with %q, got %q", w, want, f)
			}
		}
	}
}

func TestThemesCycle(t *testing.T) {
	a := testApp(t, 80, 24)
	a.theme = newTheme(themeAuto)
	for _, want := range []string{themeLight, themeDark, themeMono, themeAuto} {
		if press(t, a, "t"); a.theme.name != want {
			t.Errorf("expected %s, got %s", want, a.theme.name)
		}
	}
	if got := a.theme.leak.Render("LEAK"); !strings.Contains(got, "\x1b[") {
		t.Errorf("expected colour, got %q", got)
	}
}

func TestResolveTheme(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{themeAuto, nil, themeAuto},
		{themeAuto, map[string]string{"NO_COLOR": "1"}, themeMono},
		{themeAuto, map[string]string{"TERM": "dumb"}, themeMono},
		{themeAuto, map[string]string{"COLORFGBG": "0;15"}, themeLight},
		{themeAuto, map[string]string{"COLORFGBG": "15;default;0"}, themeDark},
		{themeDark, map[string]string{"NO_COLOR": "1"}, themeDark}, // asked for by name
	} {
		if got := resolveTheme(c.name, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s with %v: expected %s, got %s", c.name, c.env, c.want, got)
		}
	}
	if err := checkTheme("pink"); err == nil || !strings.Contains(err.Error(), "mono") {
		t.Errorf("expected an unknown theme to be told the known ones, got %v", err)
	}
}
