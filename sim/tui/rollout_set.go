package tui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/ecosystem"
)

// What can be set on the screen of the rollout: the user's own policy, the numbers of the model that matter to it, and
// whose clients it is about. Every change is played at once.

// setting is one of them. change goes a step up (1) or down (-1).
type setting struct {
	name, value string
	low, high   float64 // of a slider; equal for none
	at          float64
	about       string
	change      func(w *RolloutWish, step int)
	ask         bool // a line is typed for it
}

// ownDates are the days that the user's own policy can have; 0 is none.
var ownDates = []float64{0, 7, 14, 21, 30, 45, 60, 90, 120, 180}

// slid are the numbers that have a slider, and what they are called there. The others, --set sets.
var slid = []struct{ name, say string }{
	{"mandate", "mandate"}, {"notified", "being told"}, {"reach", "reach"}, {"regress", "fall back"}, {"api", "APIs"},
	{"api_never", "APIs never"}, {"shock", "common shock"},
}

// sliderSteps lie between the ends of a number's range.
const sliderSteps = 8

func (r *rolloutScreen) settings() []setting {
	own, w := r.wish.Own, r.wish
	date := "none"
	if own.Deadline > 0 {
		date = "day " + number(own.Deadline)
	} else if len(own.Phased) > 0 {
		date = strings.TrimSuffix(strings.Split(own.Spec(), ",")[0], " d") + ", phased"
	}
	out := []setting{
		{name: "your date", value: date, about: "your own policy: the day from which the old form is refused", low: 0, high: 180, at: own.Deadline, change: func(w *RolloutWish, step int) {
			w.Own.Deadline, w.Own.Phased = along(ownDates, w.Own.Deadline, step), nil
		}},
		{name: "tell suppliers", value: yesNo(own.Notify), about: "your own policy: suppliers are told, with the exact change", change: func(w *RolloutWish, _ int) { w.Own.Notify = !w.Own.Notify }},
		{name: "ratchet", value: yesNo(own.Ratchet), about: "your own policy: a client that has moved is never let back", change: func(w *RolloutWish, _ int) { w.Own.Ratchet = !w.Own.Ratchet }},
	}
	for _, one := range slid {
		p := w.Params.Known(one.name)
		usual := ecosystem.Defaults().Known(one.name)
		s := setting{name: one.say, value: strings.TrimSpace(number(p.Value) + " " + p.Unit), low: usual.Low, high: usual.High, at: p.Value, about: fmt.Sprintf("%s; from %s to %s. %s", p.Name, number(usual.Low), number(usual.High), p.Source)}
		s.change = func(w *RolloutWish, step int) {
			next := p.Value + float64(step)*(s.high-s.low)/sliderSteps
			next = math.Round(min(max(next, s.low), s.high)*1000) / 1000
			if q, err := w.Params.With(one.name, next); err == nil {
				w.Params = q
			}
		}
		out = append(out, s)
	}
	clients := "invented"
	if w.Clients != "" {
		clients = w.Clients + ", " + w.Since + " to " + w.AsOf
	}
	return append(out,
		setting{name: "draw numbers", value: yesNo(w.Vary), about: "each trial draws the model's numbers from their ranges: not knowing them, besides chance", change: func(w *RolloutWish, _ int) { w.Vary = !w.Vary }},
		setting{name: "trials", value: itoa(w.Trials), about: "more trials narrow the error of the median, and not the band", change: func(w *RolloutWish, step int) {
			w.Trials = int(along([]float64{200, 500, 2000, 5000}, float64(w.Trials), step))
		}},
		setting{name: "clients", value: clients, ask: true,
			about: "a table with the columns supplier and first_green; the model is fitted to it, those that are not green yet counted as open"})
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// along is the next of some values in a direction; at the end it stays. A value between two goes to one of them.
func along(all []float64, now float64, step int) float64 {
	at, there := slices.BinarySearch(all, now)
	if !there && step > 0 {
		at-- // the next one up is where it would stand
	}
	return all[min(max(at+step, 0), len(all)-1)]
}

// change makes a step and plays it.
func (r *rolloutScreen) change(a *app, s setting, step int) tea.Cmd {
	if s.ask {
		a.over = r.askClients()
		return nil
	}
	s.change(&r.wish, step)
	r.wish.Own = ecosystem.Own(r.wish.Own)
	r.toOwn()
	return r.start(a, true)
}

// sets draws what can be set, h lines high.
func (r *rolloutScreen) sets(t theme, w, h int) (lines []string) {
	all := r.settings()
	about := wrap(all[min(r.set.cursor, len(all)-1)].about, w)
	about = about[:min(len(about), max(2, h-len(all)-1))]
	from, to := r.set.shown(len(all), max(h-1-len(about), 1))
	const name = 14
	for i := from; i < to; i++ {
		s := all[i]
		row := pad(s.name, name) + " " + slider(s) + cut(clean(s.value), max(w-name-16, 4))
		mark := "  "
		if i == r.set.cursor {
			mark, row = "> ", t.strong.Render(row)
		}
		lines = append(lines, mark+row)
	}
	return append(append(lines, ""), about...)
}

// slider shows where in its range a number stands; nothing where there is none to show.
func slider(s setting) string {
	const room = 9
	if s.high <= s.low {
		return ""
	}
	at := int(math.Round((min(max(s.at, s.low), s.high) - s.low) / (s.high - s.low) * (room - 1)))
	return "[" + strings.Repeat("-", at) + "|" + strings.Repeat("-", room-1-at) + "] "
}

// clientsPrompt asks for the user's own clients.
type clientsPrompt struct {
	of    *rolloutScreen
	typed line
}

func (r *rolloutScreen) askClients() *clientsPrompt {
	p := &clientsPrompt{of: r, typed: line{most: longestWords}}
	if w := r.wish; w.Clients != "" {
		p.typed.text = []rune(w.Clients + " " + w.Since + " " + w.AsOf)
	}
	return p
}

func (p *clientsPrompt) key(a *app, msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		a.over = nil
	case "enter":
		words := strings.Fields(p.typed.String())
		if n := len(words); n != 0 && (n < 3 || !isDay(words[n-2]) || !isDay(words[n-1])) {
			a.note = "expected a file and two days, such as clients.csv 2026-01-01 2026-11-01"
			return nil
		}
		w := &p.of.wish
		w.Clients, w.Since, w.AsOf = "", "", ""
		if n := len(words); n > 0 { // a path may have spaces
			w.Clients, w.Since, w.AsOf = strings.Join(words[:n-2], " "), words[n-2], words[n-1]
		}
		a.over = nil
		return p.of.start(a, true)
	default:
		p.typed.key(msg)
	}
	return nil
}

func isDay(word string) bool {
	_, err := time.Parse(time.DateOnly, word)
	return err == nil
}

func (p *clientsPrompt) draw(a *app, w, h int) []string {
	inner := min(w-4, 90)
	lines := wrap("A table of your own clients, the day on which the work began, and the day on which the table was made. Nothing leaves this machine. With nothing typed, clients are invented.", inner-4)
	lines = append(append(lines, ""), wrap(p.typed.String()+"_", inner-4)...)
	lines = append(lines, "", "such as: clients.csv 2026-01-01 2026-11-01")
	box := pane{title: "Your clients", lines: indent(" ", lines), focused: true}.draw(a.theme, inner, min(len(lines)+2, h))
	return append(blank((h-len(box))/2), indent(strings.Repeat(" ", (w-inner)/2), box)...)
}

func (p *clientsPrompt) status() string { return "enter fits the model to it; esc leaves it as it was" }
