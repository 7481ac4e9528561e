package tui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// The themes. Auto keeps to colours that read on black and on white, because asking the terminal
// for its background can stall for seconds.
const (
	themeAuto  = "auto"
	themeLight = "light"
	themeDark  = "dark"
	themeMono  = "mono"
)

var themes = []string{themeAuto, themeLight, themeDark, themeMono}

func checkTheme(name string) error {
	if slices.Contains(themes, name) {
		return nil
	}
	return fmt.Errorf("no theme is called %q; there are %s", name, strings.Join(themes, ", "))
}

// resolveTheme turns auto into something better where the environment says so: NO_COLOR
// (https://no-color.org) into mono, COLORFGBG, which some terminals set, into light or dark.
func resolveTheme(name string, env func(string) string) string {
	if name != themeAuto {
		return name
	}
	if env("NO_COLOR") != "" || env("TERM") == "dumb" {
		return themeMono
	}
	colours := env("COLORFGBG")
	switch background := colours[strings.LastIndex(colours, ";")+1:]; background {
	case "":
		return themeAuto
	case "7", "15":
		return themeLight
	default:
		return themeDark
	}
}

// theme is how words are set. Colour only repeats what they say.
type theme struct {
	name   string
	plain  lipgloss.Style
	strong lipgloss.Style // headings and whatever is selected
	accent lipgloss.Style // titles of panes, keys
	faint  lipgloss.Style // what is not in play at the moment
	leak   lipgloss.Style
	stop   lipgloss.Style
	odd    lipgloss.Style // void runs, surprises, errors
}

// newTheme uses the sixteen ANSI colours only, which users have already made readable for themselves.
func newTheme(name string) theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetHasDarkBackground(name != themeLight) // set, so that nobody asks the terminal
	r.SetColorProfile(termenv.ANSI)
	if name == themeMono {
		r.SetColorProfile(termenv.Ascii)
	}
	paint := func(colour string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(colour)) }
	t := theme{name: name, plain: r.NewStyle(), strong: r.NewStyle().Bold(true), faint: r.NewStyle().Faint(true)}
	switch name {
	case themeDark:
		t.accent, t.leak, t.stop, t.odd = paint("14"), paint("9").Bold(true), paint("10"), paint("11")
	case themeLight:
		t.accent, t.leak, t.stop, t.odd = paint("4"), paint("1").Bold(true), paint("2").Bold(true), paint("5")
	default:
		t.accent, t.leak, t.stop, t.odd = paint("6"), paint("1").Bold(true), paint("2"), paint("5")
	}
	return t
}

// next is the theme after this one.
func (t theme) next() theme {
	i := slices.Index(themes, t.name)
	return newTheme(themes[(i+1)%len(themes)])
}

// style is how a word for an outcome is set; any other text stays as it is.
func (t theme) style(word string) lipgloss.Style {
	switch word {
	case wordLeak:
		return t.leak
	case wordStop:
		return t.stop
	case wordVoid, wordFail:
		return t.odd
	case wordNone, wordOff:
		return t.faint
	}
	return t.plain
}

// word paints one of the words, whatever stands around it in the cell.
func (t theme) word(cell string) string {
	return t.style(strings.Trim(cell, " []!")).Render(cell)
}
