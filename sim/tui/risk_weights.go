package tui

import (
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/report"
)

// How common the ways to steal are, as whoever sits here thinks: family by family, or from a file. Every change is
// computed at once.

// RiskWish is how the ways to steal are weighed.
type RiskWish struct {
	ByAttack map[string]float64 // in any unit; nil weighs all alike
	// Concentration is how sure one is; 0 for the usual.
	Concentration float64
	// File is where they stand, as they are here; empty for what stands in none.
	File string
}

// weighing is the side of the risk screen where weights are set.
type weighing struct {
	list list
	wish RiskWish
	// from is the file that was read; the wish may have been changed since.
	from string
}

// The rows below the families.
const (
	rowSure = iota
	rowFile
	rowAlike
	rowKeep
	rowsBelow
)

var (
	weightSteps = []float64{0, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256}
	sureSteps   = []float64{3, 10, 30, 100, 300}
)

const usuallySure = 30 // of worth.UsualConcentration

// families are those of the ways to steal, in order, each with its attacks. Chains are made of the others.
func (r *riskScreen) families() (order []string, members map[string][]string) {
	members = map[string][]string{}
	for _, a := range r.src.Attacks {
		f := report.FamilyOf(a.ID)
		if f == "CH" {
			continue
		}
		if members[f] == nil {
			order = append(order, f)
		}
		members[f] = append(members[f], a.ID)
	}
	return order, members
}

func (w RiskWish) of(ids []string) (sum float64) {
	for _, id := range ids {
		if w.ByAttack == nil {
			sum++
			continue
		}
		sum += w.ByAttack[id]
	}
	return sum
}

// weigh gives a family another weight: its attacks keep their proportions, or share it if they had none.
func (r *riskScreen) weigh(family string, step int) bool {
	order, members := r.families()
	ids := members[family]
	was := r.weights.wish.of(ids)
	now := along(weightSteps, was, step)
	next := map[string]float64{}
	for _, f := range order {
		for _, id := range members[f] {
			next[id] = r.weights.wish.of([]string{id})
		}
	}
	for _, id := range ids {
		if was == 0 {
			next[id] = now / float64(len(ids))
			continue
		}
		next[id] *= now / was
	}
	if now == was || (RiskWish{ByAttack: next}).of(slices.Collect(maps.Keys(next))) == 0 {
		return false
	}
	r.weights.wish.ByAttack, r.weights.wish.File = next, ""
	return true
}

// change makes a step in the selected row; it is computed if it makes a difference.
func (r *riskScreen) change(a *app, step int) tea.Cmd {
	order, _ := r.families()
	at, w := r.weights.list.cursor, &r.weights.wish
	if at < len(order) {
		if !r.weigh(order[at], step) {
			a.note = "one weight at least has to be above 0, and " + number(weightSteps[len(weightSteps)-1]) + " is the most"
			return nil
		}
		return r.start(a, true)
	}
	switch at - len(order) {
	case rowSure:
		was := w.Concentration
		if was == 0 {
			was = usuallySure
		}
		w.Concentration, w.File = along(sureSteps, was, step), ""
	case rowFile:
		a.over = &weightsPrompt{of: r, typed: line{text: []rune(r.weights.from), most: longestWords}}
		return nil
	case rowAlike:
		r.weights.wish, r.weights.from = RiskWish{}, ""
	case rowKeep:
		return r.keep()
	}
	return r.start(a, true)
}

// weightsMsg is what came of a file: weights that were read, or the file that they were written to.
type weightsMsg struct {
	wish RiskWish
	kept bool
	err  error
}

func (r *riskScreen) keep() tea.Cmd {
	keep, wish := r.src.KeepWeights, r.weights.wish
	return func() tea.Msg {
		file, err := keep(wish)
		wish.File = file
		return weightsMsg{wish, true, err}
	}
}

func (r *riskScreen) read(file string) tea.Cmd {
	read := r.src.ReadWeights
	return func() tea.Msg {
		wish, err := read(file)
		return weightsMsg{wish, false, err}
	}
}

// weighed takes what came of a file.
func (r *riskScreen) weighed(a *app, msg weightsMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		a.note = msg.err.Error()
	case msg.kept:
		a.note = "kept in " + msg.wish.File + ", over no other file"
		r.weights.wish.File, r.weights.from = msg.wish.File, msg.wish.File
	default:
		r.weights.wish, r.weights.from = msg.wish, msg.wish.File
		return r.start(a, true)
	}
	return nil
}

// rows draws what can be set.
func (r *riskScreen) rows(t theme, w, h int) (lines []string) {
	order, members := r.families()
	total := 0.0
	for _, f := range order {
		total += r.weights.wish.of(members[f])
	}
	var rows []string
	for _, f := range order {
		sum := r.weights.wish.of(members[f])
		share := 0
		if total > 0 {
			share = int(100*sum/total + 0.5)
		}
		rows = append(rows, pad(f, 3)+pad(right(number(sum), 6), 7)+pad(right(itoa(share)+"%", 4), 5)+report.FamilyTitle(f))
	}
	sure := r.weights.wish.Concentration
	if sure == 0 {
		sure = usuallySure
	}
	from := r.weights.from
	if from == "" {
		from = "none"
	}
	rows = append(rows, "how sure    "+number(sure)+" (the smaller, the wider the intervals)", "from a file "+from, "all alike", "keep these in a file")
	first, to := r.weights.list.shown(len(rows), h)
	for i := first; i < to; i++ {
		mark, row := "  ", cut(clean(rows[i]), w-2)
		if i == r.weights.list.cursor {
			mark, row = "> ", t.strong.Render(row)
		}
		lines = append(lines, mark+row)
	}
	return lines
}

func right(s string, w int) string { return strings.Repeat(" ", max(0, w-width(s))) + s }

// weightsPrompt asks for a file of weights.
type weightsPrompt struct {
	of    *riskScreen
	typed line
}

func (p *weightsPrompt) key(a *app, msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		a.over = nil
	case "enter":
		a.over = nil
		if file := strings.TrimSpace(p.typed.String()); file != "" {
			return p.of.read(file)
		}
		p.of.weights.wish, p.of.weights.from = RiskWish{}, ""
		return p.of.start(a, true)
	default:
		p.typed.key(msg)
	}
	return nil
}

func (p *weightsPrompt) draw(a *app, w, h int) []string {
	inner := min(w-4, 90)
	lines := wrap("A file that says how common ways to steal are; `thiefbox explain weights` prints one to begin from. With nothing typed, all weigh alike.", inner-4)
	lines = append(append(lines, ""), wrap(p.typed.String()+"_", inner-4)...)
	box := pane{title: "Weights", lines: indent(" ", lines), focused: true}.draw(a.theme, inner, min(len(lines)+2, h))
	return append(blank((h-len(box))/2), indent(strings.Repeat(" ", (w-inner)/2), box)...)
}

func (p *weightsPrompt) status() string { return "enter reads it; esc leaves the weights as they were" }
