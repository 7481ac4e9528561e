package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// home is where one chooses: a scenario, an attack, the matrix, an earlier run.
type home struct {
	src    Source
	recent []report.Entry
	drills []Drill
	items  []homeItem // those that pass the filter
	list   list
	narrow filter
	now    string // the profile for runs
	// country is whose obligations apply in the next drill; the drill's own if empty.
	country string
}

// homeItem is something that can be chosen. One of its fields after group is set.
type homeItem struct {
	group    string
	scenario *Scenario
	attack   *report.Attack
	to       place
	kept     *report.Entry
	drill    *Drill
}

// The groups of home, in order.
const (
	groupScenarios = "WATCH A THEFT"
	groupDrills    = "PLAY A DRILL"
	groupLessons   = "LEARN"
	groupExplore   = "EXPLORE"
	groupAttacks   = "ONE ATTACK, ONE PROFILE"
	groupRecent    = "YOUR LAST RUNS"
)

const recentRuns = 6

func newHome(s Source) *home {
	h := &home{src: s, now: firstProfile(s)}
	h.fill()
	return h
}

// fill lists what passes the filter.
func (h *home) fill() {
	h.items = nil
	for i := range h.src.Scenarios {
		h.add(homeItem{group: groupScenarios, scenario: &h.src.Scenarios[i]})
	}
	if h.src.Lessons.All != nil {
		h.add(homeItem{group: groupLessons, to: placeLessons})
	}
	for i := range h.drills {
		h.add(homeItem{group: groupDrills, drill: &h.drills[i]})
	}
	if h.src.Traffic != nil {
		h.add(homeItem{group: groupExplore, to: placeTraffic})
	}
	for _, p := range []place{placeMatrix, placeAblate, placeRisk, placeClauses, placeRollout, placeHistory, placeLogs} {
		if p == placeRollout && h.src.Rollout == nil {
			continue
		}
		h.add(homeItem{group: groupExplore, to: p})
	}
	for i := range h.src.Attacks {
		h.add(homeItem{group: groupAttacks, attack: &h.src.Attacks[i]})
	}
	for i := range h.recent {
		h.add(homeItem{group: groupRecent, kept: &h.recent[i]})
	}
}

func (h *home) add(it homeItem) {
	text, flags := it.title(), []string{}
	if it.attack != nil {
		text += " " + it.attack.Name
		if it.attack.Beyond != "" {
			flags = append(flags, "beyond")
		}
	}
	if h.narrow.match(text, flags...) {
		h.items = append(h.items, it)
	}
}

func (h *home) setHistory(runs []report.Run) {
	entries := report.Entries(runs)
	h.recent = entries[:min(len(entries), recentRuns)]
	h.fill()
}

func (it homeItem) title() string {
	switch {
	case it.scenario != nil:
		return clean(it.scenario.Title)
	case it.attack != nil:
		return fmt.Sprintf("%-5s  %s", it.attack.ID, clean(it.attack.Title))
	case it.drill != nil:
		return it.drill.title()
	case it.kept != nil:
		return historyRow(*it.kept)
	}
	return exploreTitle[it.to]
}

var exploreTitle = map[place]string{
	placeLessons: "Lessons: eight short ones, from what a token is worth",
	placeTraffic: "Serving: what comes in at the server",
	placeMatrix:  "Matrix: every attack under every profile",
	placeAblate:  "Ablation: what each control is worth",
	placeRisk:    "Risk: what is left of the ways to steal",
	placeClauses: "Clauses: what the specifications ask, and what touches it",
	placeRollout: "Rollout: bring a whole ecosystem over, policies side by side",
	placeHistory: "History: every run that was kept",
	placeLogs:    "Logs: what the program noted down",
}

func (h *home) place() place     { return placeHome }
func (h *home) crumbs() []string { return []string{"Home"} }
func (h *home) context() string {
	return fmt.Sprintf("nothing leaves this machine   seed %d", h.src.Seed)
}

func (h *home) filter() filter { return h.narrow }

func (h *home) setFilter(f filter) {
	h.narrow = f
	h.list = list{}
	h.fill()
}

func (h *home) current() (homeItem, bool) {
	if h.list.cursor < 0 || h.list.cursor >= len(h.items) {
		return homeItem{}, false
	}
	return h.items[h.list.cursor], true
}

func (h *home) status() string {
	return fmt.Sprintf("%s, %s, %s; synthetic patients only",
		count(len(h.src.Scenarios), "scenario"), count(len(h.src.Attacks), "attack"), count(len(h.src.Profiles), "profile"))
}

func (h *home) twin() string {
	it, _ := h.current()
	switch {
	case it.scenario != nil:
		return runCommand(it.scenario.Attack, strings.Join(it.scenario.Profiles, ","), h.src.Seed)
	case it.attack != nil:
		return runCommand(it.attack.ID, h.now, h.src.Seed)
	case it.drill != nil:
		return h.chosen(*it.drill).twin()
	case it.kept != nil && it.kept.One():
		return "thiefbox replay " + it.kept.ID()
	case it.kept != nil:
		return "thiefbox history --all"
	case it.to == placeTraffic:
		return "thiefbox serve --plain"
	case it.to == placeLessons:
		return "thiefbox lesson list"
	case it.to == placeMatrix:
		return fmt.Sprintf("thiefbox matrix --seed %d", h.src.Seed)
	case it.to == placeAblate:
		return "thiefbox ablate"
	case it.to == placeRisk:
		return "thiefbox risk"
	case it.to == placeClauses:
		return "thiefbox coverage"
	case it.to == placeRollout:
		return "thiefbox rollout"
	case it.to == placeHistory:
		return "thiefbox history"
	}
	return "thiefbox list"
}

func runCommand(attack, profiles string, seed uint64) string {
	return fmt.Sprintf("thiefbox run %s --profile %s --seed %d", attack, profiles, seed)
}

func (h *home) selection() (text, what string) { return h.twin(), "the command" }

func (h *home) act(a *app, k action) tea.Cmd {
	if h.list.act(k, len(h.items), homeListHeight(a.w, a.h-3)) {
		return nil
	}
	it, ok := h.current()
	switch k {
	case actProfile:
		if next := othersFrom(a.src.Profiles, a.profile, 1); len(next) > 0 {
			a.useProfile(next[0])
		}
	case actNextChoice, actLastChoice:
		h.changeCountry(a, it, k)
	case actCompare:
		if attack := it.attackID(); ok && attack != "" {
			return a.compareProfiles(attack, it.compared(h.src), 0)
		}
		a.note = "choose a scenario or an attack to compare"
	case actEnter:
		if ok {
			return h.choose(a, it)
		}
	}
	return nil
}

func (h *home) choose(a *app, it homeItem) tea.Cmd {
	switch {
	case it.scenario != nil:
		return a.compareProfiles(it.scenario.Attack, it.scenario.Profiles, 0)
	case it.attack != nil:
		return a.playHere(it.attack.ID)
	case it.drill != nil:
		return a.playDrill(h.chosen(*it.drill))
	case it.kept != nil && it.kept.One():
		return a.replay(it.kept.ID())
	case it.kept != nil:
		a.history.goTo(it.kept.ID())
		return a.jump(placeHistory)
	}
	return a.jump(it.to)
}

// useProfile is for the runs to come.
func (a *app) useProfile(name string) {
	a.profile, a.home.now = name, name
	a.note = "attacks run under " + name + " from now on"
}

// playHere runs an attack under the chosen profile, or if it makes no sense there under another.
func (a *app) playHere(attack string) tea.Cmd {
	return a.play(attack, append([]string{a.profile}, othersFrom(a.src.Profiles, a.profile, 1)...))
}

func (it homeItem) attackID() string {
	switch {
	case it.scenario != nil:
		return it.scenario.Attack
	case it.attack != nil:
		return it.attack.ID
	case it.kept != nil && it.kept.One():
		return it.kept.Runs[0].Attack.ID
	}
	return ""
}

func (it homeItem) compared(s Source) []string {
	if it.scenario != nil {
		return it.scenario.Profiles
	}
	return defaultComparison(s)
}

// defaultComparison is what the first scenario compares: the way in, and what stops it.
func defaultComparison(s Source) []string {
	if len(s.Scenarios) > 0 && len(s.Scenarios[0].Profiles) > 1 {
		return s.Scenarios[0].Profiles
	}
	var names []string
	for _, p := range s.Profiles[:min(2, len(s.Profiles))] {
		names = append(names, p.Name)
	}
	return names
}

// othersFrom lists the other profiles in the order in which one comes to them from the named one,
// forwards (1) or backwards (-1).
func othersFrom(all []report.Profile, name string, direction int) []string {
	at := slices.IndexFunc(all, func(p report.Profile) bool { return p.Name == name })
	var names []string
	for i := 1; i <= len(all); i++ {
		p := all[((at+i*direction)%len(all)+len(all))%len(all)]
		if p.Name != name {
			names = append(names, p.Name)
		}
	}
	return names
}
