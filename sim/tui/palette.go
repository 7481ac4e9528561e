package tui

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
)

// palette finds anything by name: what the screen can do, the screens, the scenarios, the attacks and
// the profiles. It shows the key beside each command, which is how people learn keys.
type palette struct {
	typed   line
	entries []entry
	found   []entry
	list    list
}

// entry is one thing that can be done.
type entry struct {
	name string
	key  string
	do   func(*app) tea.Cmd
}

func newPalette(a *app) *palette {
	p := &palette{}
	for _, b := range slices.Concat(a.localAt(a.top().place()), everywhere) {
		if b.say != "" {
			p.entries = append(p.entries, entry{b.say, b.Help().Key, func(a *app) tea.Cmd { return a.do(b) }})
		}
	}
	if a.top().place() == placeDrill {
		p.entries = append(p.entries, a.drill.orders()...)
	}
	for _, s := range a.src.Scenarios {
		p.entries = append(p.entries, entry{name: "watch " + clean(s.Title), do: func(a *app) tea.Cmd {
			return a.compareProfiles(s.Attack, s.Profiles, 0)
		}})
	}
	for _, attack := range a.src.Attacks {
		name := fmt.Sprintf("run %s %s (%s)", attack.ID, clean(attack.Title), attack.Name)
		p.entries = append(p.entries, entry{name: name, do: func(a *app) tea.Cmd { return a.playHere(attack.ID) }})
	}
	for _, one := range a.home.drills {
		p.entries = append(p.entries, entry{name: "drill " + one.title(), do: func(a *app) tea.Cmd { return a.playDrill(one) }})
	}
	for _, profile := range a.src.Profiles {
		p.entries = append(p.entries, entry{name: "profile " + profile.Name + ": " + clean(profile.Title), do: func(a *app) tea.Cmd {
			a.useProfile(profile.Name)
			return nil
		}})
	}
	p.find()
	return p
}

// find lists what fits the typed text, best first.
func (p *palette) find() {
	type scored struct {
		entry
		score int
	}
	var hits []scored
	for _, e := range p.entries {
		if score, ok := fuzzy(p.typed.String(), e.name); ok {
			hits = append(hits, scored{e, score})
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].score > hits[j].score })
	p.found = p.found[:0]
	for _, h := range hits {
		p.found = append(p.found, h.entry)
	}
	p.list = list{}
}

// fuzzy tells whether the letters of typed occur in name in this order, and how well: letters that
// begin words or follow one another count for more, and letters in between for less.
func fuzzy(typed, name string) (score int, ok bool) {
	want := []rune(strings.ToLower(strings.ReplaceAll(typed, " ", "")))
	letters := []rune(strings.ToLower(name))
	if len(want) == 0 {
		return 0, true
	}
	for start, r := range letters {
		if r != want[0] {
			continue
		}
		if s, found := fuzzyFrom(want, letters, start); found && (!ok || s > score) {
			score, ok = s, true
		}
	}
	if strings.Contains(strings.ToLower(name), strings.ToLower(typed)) {
		score += 20
	}
	return score, ok
}

// fuzzyFrom takes each letter at the first place from start on.
func fuzzyFrom(want, letters []rune, start int) (score int, ok bool) {
	i, run := 0, 0
	for at := start; at < len(letters) && i < len(want); at++ {
		if letters[at] != want[i] {
			run = 0
			score--
			continue
		}
		i++
		run++
		score += run
		if at == 0 || !unicode.IsLetter(letters[at-1]) && !unicode.IsDigit(letters[at-1]) {
			score += 4
		}
	}
	return score, i == len(want)
}

func (p *palette) key(a *app, msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "esc", "ctrl+p":
		a.over = nil
	case "enter":
		a.over = nil
		if p.list.cursor < len(p.found) {
			return p.found[p.list.cursor].do(a)
		}
	case "down", "ctrl+n", "tab":
		p.list.act(actDown, len(p.found), p.height(a.h-3))
	case "up", "shift+tab":
		p.list.act(actUp, len(p.found), p.height(a.h-3))
	default:
		before := p.typed.String()
		p.typed.key(msg)
		if p.typed.String() != before {
			p.find()
		}
	}
	return nil
}

func (p *palette) height(h int) int { return max(1, min(h-5, 18)) }

func (p *palette) draw(a *app, w, h int) []string {
	inner := min(w-4, 90)
	n := p.height(h)
	lines := []string{" : " + p.typed.String() + "_", ""}
	from, to := p.list.shown(len(p.found), n)
	for i := from; i < to; i++ {
		e := p.found[i]
		row := "   " + spread(cut(e.name, inner-14), e.key+" ", inner-5)
		if i == p.list.cursor {
			row = a.theme.strong.Render(" > " + row[3:])
		}
		lines = append(lines, row)
	}
	if len(p.found) == 0 {
		lines = append(lines, "   nothing is called that")
	}
	box := pane{title: "Palette", lines: lines, focused: true, foot: moreOf(len(p.found), n)}.draw(a.theme, inner, n+4)
	return append(blank((h-len(box))/2), indent(strings.Repeat(" ", (w-inner)/2), box)...)
}

func (p *palette) status() string { return "type a few letters; enter does it, esc closes" }
