package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/event"
)

// place names a screen.
type place int

// The places, in the order of their digits.
const (
	placeHome place = iota + 1
	placeRun
	placeInspect
	placeMatrix
	placeCompare
	placeHistory
	placeLogs
	placeAblate
	placeRisk
	placeClauses
	placeDrill
	placeLessons
	placeLesson
	placeTraffic
	placeRollout
)

// places are the screens: a row each, and its digit is its position; the tenth has 0, those after it none.
var places = []struct {
	place place
	name  string
}{
	{placeHome, "home"},
	{placeRun, "run"},
	{placeInspect, "inspect"},
	{placeMatrix, "matrix"},
	{placeCompare, "compare"},
	{placeHistory, "history"},
	{placeLogs, "logs"},
	{placeAblate, "ablation"},
	{placeRisk, "risk"},
	{placeClauses, "clauses"},
	{placeDrill, "drill"},
	{placeLessons, "lessons"},
	{placeLesson, "lesson"},
	{placeTraffic, "serving"},
	{placeRollout, "rollout"},
}

// screen is one of them. Only act changes it, and what act wants done it returns as a command.
type screen interface {
	place() place
	crumbs() []string // where this is, after "thiefbox"
	context() string  // the right end of the top line
	status() string   // one sentence
	body(t theme, w, h int) []string
	act(a *app, k action) tea.Cmd
	twin() string // the command that prints the same
}

// What some screens can do besides.
type (
	// filterable screens have a list that `/` narrows.
	filterable interface {
		filter() filter
		setFilter(filter)
	}
	// player screens have something that plays.
	player interface{ player() *playback }
	// ticker screens go on by themselves, by what they fetch.
	ticker interface {
		ticks(a *app) bool
		tick(a *app) tea.Cmd
		stop()
	}
	// copier screens have something selected, and say what it is.
	copier interface{ selection() (text, what string) }
	// requester screens have a request at hand that could be sent again.
	requester interface{ request() (event.Message, bool) }
	// explainer screens can say more about what is selected.
	explainer interface {
		explanation(t theme, w int) (title string, lines []string)
	}
)

// screenAt finds the screen of a place, or says why there is nothing to see there yet.
func (a *app) screenAt(p place) (screen, string) {
	switch p {
	case placeRun:
		if a.run == nil {
			return nil, "no run yet: choose one at home and press enter"
		}
		return a.run, ""
	case placeInspect:
		if a.run == nil {
			return nil, "no run to inspect yet: choose one at home and press enter"
		}
		return newInspect(a.run.story, a.run.current()), ""
	case placeMatrix:
		return a.matrix, ""
	case placeCompare:
		if a.compare == nil {
			return nil, "nothing to compare yet: press c on a scenario or an attack"
		}
		return a.compare, ""
	case placeHistory:
		return a.history, ""
	case placeLogs:
		return a.logs, ""
	case placeAblate:
		return a.ablate, ""
	case placeRisk:
		return a.risk, ""
	case placeClauses:
		return a.clauses, ""
	case placeRollout:
		return a.rollout, ""
	case placeTraffic:
		if a.traffic == nil {
			return nil, "nothing is served: thiefbox serve does"
		}
		return a.traffic, ""
	case placeLessons:
		return a.lessons, ""
	case placeLesson:
		if a.lesson == nil {
			return a.lessons, ""
		}
		return a.lesson, ""
	case placeDrill:
		if a.drill == nil {
			return nil, "no drill is open: choose one at home and press enter"
		}
		return a.drill, ""
	}
	return a.home, ""
}

// enter is what has to be fetched when a place is entered.
func (a *app) enter(p place) tea.Cmd {
	switch p {
	case placeMatrix:
		return a.matrix.start(a, false)
	case placeHome, placeHistory:
		return tea.Batch(a.fetchHistory(), a.fetchDrills())
	case placeLessons:
		return a.fetchLessons()
	case placeLogs:
		return a.fetchLogs()
	case placeAblate:
		return a.ablate.start(a)
	case placeRisk:
		return a.risk.start(a, false)
	case placeClauses:
		return a.clauses.start(a)
	case placeRollout:
		return a.rollout.start(a, false)
	}
	return nil
}
