package tui

import (
	"fmt"
	"math"
	"strings"

	"thiefbox/sim/ecosystem"
)

// body has the curve over the table, and beside them, where there is room, one of the sides; else tab turns over.
func (r *rolloutScreen) body(t theme, w, h int) []string {
	if r.got == nil {
		p := pane{title: "Rollout", focused: true, lines: []string{"", "  nothing yet; r plays it"}}
		if r.waiting {
			p.lines = []string{"", "  Playing the migration of 120 APIs and 1,800 clients under every policy."}
		}
		return p.draw(t, w, h)
	}
	if w < wideEnough {
		if r.side <= sideSet {
			return r.left(t, w, h, true)
		}
		return r.right(t, w, h)
	}
	left := w * 64 / 100
	return beside(r.left(t, left, h, false), r.right(t, w-left, h))
}

func (r *rolloutScreen) left(t theme, w, h int, narrow bool) []string {
	lower := r.policyRows(h) + 4
	curve := pane{title: "Exposed: " + clean(r.row().Policy.Name), right: "# median  . p5 to p95  o " + clean(r.got.Policies[0].Policy.Name), lines: r.curve(w-2, h-lower-2)}
	if r.waiting {
		curve.right = "playing"
	}
	table := pane{title: "Policies, on the same random numbers", focused: r.side != sideSet, lines: r.table(t, w-2, r.policyRows(h))}
	table.right = fmt.Sprintf("%d trials", r.got.Study.Trials)
	table.foot = moreOf(len(r.got.Policies), r.policyRows(h))
	if r.side == sideSet && narrow {
		table = pane{title: rolloutSideNames[sideSet], focused: true, right: "exposure " + bandOf(r.own().ClientDays) + "  broken " + bandOf(r.own().Broken), lines: indent(" ", r.sets(t, w-4, lower-2))}
	}
	return above(curve.draw(t, w, h-lower), table.draw(t, w, lower))
}

// policyRows are the policies shown at once in a body of this height: the curve has to stay readable.
func (r *rolloutScreen) policyRows(h int) int { return min(len(r.got.Policies), max(2, h*2/5-3)) }

// own is the user's own policy as it was played last.
func (r *rolloutScreen) own() ecosystem.Row { return r.got.Policies[len(r.got.Policies)-1] }

func (r *rolloutScreen) row() ecosystem.Row {
	return r.got.Policies[min(r.list.cursor, len(r.got.Policies)-1)]
}

// scaleAt is the room for numbers to the left of a curve.
const scaleAt = 7

// curve draws the selected policy's curve: time goes as the columns, so early days, when most happens, are wide.
func (r *rolloutScreen) curve(w, h int) []string {
	i := min(r.list.cursor, len(r.got.Curves)-1)
	if i < 0 || h < 4 || w < scaleAt+10 {
		return nil
	}
	c, cols, rows := r.got.Curves[i], w-scaleAt-2, h-2
	top := float64(r.got.Study.Clients)
	grid := make([]cells, rows)
	for y := range grid {
		grid[y] = canvas(w)
		if y == 0 || y == rows-1 || y%max(rows/4, 2) == 0 && y < rows-1 {
			grid[y].put(0, fitLeft(fmt.Sprintf("%.0f", top*float64(rows-1-y)/float64(rows-1)), scaleAt-1))
		}
		grid[y].put(scaleAt, "|")
	}
	level := func(n float64) int { return rows - 1 - int(math.Round(n/top*float64(rows-1))) }
	last := c.Days[len(c.Days)-1]
	for _, d := range r.row().Dates {
		for y := range grid {
			grid[y].put(scaleAt+1+column(d.Day, last, cols), "|")
		}
	}
	for x := range cols {
		k := dayAt(c.Days, last*float64(x)/float64(max(cols-1, 1)))
		for y := level(c.P95[k]); y <= level(c.P5[k]); y++ {
			grid[y].put(scaleAt+1+x, ".")
		}
		if i > 0 { // what doing nothing would come to; the days are the same
			grid[level(r.got.Curves[0].P50[k])].put(scaleAt+1+x, "o")
		}
		grid[level(c.P50[k])].put(scaleAt+1+x, "#")
	}
	axis, days := canvas(w), canvas(w)
	axis.put(scaleAt, "+"+strings.Repeat("-", cols))
	for d := 0.0; d <= last; d += 30 {
		x := scaleAt + 1 + column(d, last, cols)
		if axis.put(x, "+"); x+9 < w {
			days.put(x, fmt.Sprintf("%.0f", d))
		}
	}
	days.put(w-5, "days")
	var out []string
	for _, line := range append(grid, axis, days) {
		out = append(out, line.String())
	}
	return out
}

func column(day, last float64, cols int) int { return int(math.Round(day / last * float64(cols-1))) }

// dayAt is the last of some days, in order, that is not after a day; the first if all are.
func dayAt(days []float64, day float64) int {
	i := 0
	for i+1 < len(days) && days[i+1] <= day {
		i++
	}
	return i
}

// table has a row for each policy. A letter names it in the side that plots them.
func (r *rolloutScreen) table(t theme, w, rows int) []string {
	name, head := 16, ""
	for _, one := range r.got.Policies {
		name = max(name, width(one.Policy.Name))
	}
	name = max(16, min(name, w-50))
	better := w >= name+62
	if better {
		head = "  less exposed"
	}
	lines := []string{cut("     "+pad("policy", name)+pad("  exposure p5/p50/p95", 23)+pad("  broken p5/p50/p95", 20)+head, w)}
	from, to := r.list.shown(len(r.got.Policies), rows)
	for i := from; i < to; i++ {
		one := r.got.Policies[i]
		row := string(rune('a'+i)) + "  " + fit(clean(one.Policy.Name), name) + "  " + pad(bandOf(one.ClientDays), 21) + "  " + pad(bandOf(one.Broken), 18)
		if better {
			row += fmt.Sprintf("  in %3.0f %%", 100*one.Better)
		}
		mark := "  "
		if i == r.list.cursor {
			mark, row = "> ", t.strong.Render(cut(row, w-2))
		}
		lines = append(lines, mark+row)
	}
	if dates := r.row().Dates; len(dates) > 0 {
		var on []string
		for _, d := range dates {
			on = append(on, fmt.Sprintf("day %g: %s", d.Day, bandOf(d.Broken)))
		}
		lines = append(lines, cut("  broken on "+strings.Join(on, "   "), w))
	} else {
		lines = append(lines, "  no date: nobody is refused, and nobody broken")
	}
	return lines
}

// bandOf is a band with thousands as k, where that loses nothing that matters.
func bandOf(b ecosystem.Band) string { return kilo(b.P5) + "/" + kilo(b.P50) + "/" + kilo(b.P95) }

func kilo(n float64) string {
	if n >= 10000 {
		return fmt.Sprintf("%.0fk", n/1000)
	}
	return fmt.Sprintf("%.0f", n)
}

func (r *rolloutScreen) right(t theme, w, h int) []string {
	var lines []string
	switch r.side {
	case sideRests:
		lines = r.rests(t, w-4)
	case sideSet:
		lines = r.sets(t, w-4, h-4)
	case sideMoves:
		lines = r.moves(t, w-4)
	case sideTrade:
		lines = r.trade(w-4, h-4)
	default:
		for _, rule := range r.got.Rules {
			lines = append(append(lines, wrap(rule, w-4)...), "")
		}
	}
	p := pane{title: rolloutSideNames[r.side], right: "tab", focused: r.side == sideSet}
	p.lines, p.foot = r.at.from(indent(" ", lines), h-2)
	return p.draw(t, w, h)
}

func (r *rolloutScreen) rests(t theme, w int) []string {
	s := r.got.Study
	lines := fields(w, "APIs", itoa(s.APIs), "Suppliers", itoa(s.Suppliers), "Clients", itoa(s.Clients), "Clinics", itoa(s.Clinics),
		"Trials", itoa(s.Trials)+", seed "+fmt.Sprint(s.Seed), "Median ±", kilo(r.row().ClientDays.Error)+" by chance of the trials", "Hash", r.got.Hash)
	lines = append(append(lines, "", t.strong.Render("Measured on the wire")), wrap(r.got.Measured, w)...)
	if r.got.Fitted != "" {
		lines = append(append(lines, "", t.strong.Render("Your clients")), wrap(r.got.Fitted, w)...)
	}
	lines = append(lines, "", t.strong.Render("Assumed, or from the literature"), cut("tier, share, median, spread, never", w))
	for _, p := range s.Params.Tiers {
		lines = append(lines, cut(fmt.Sprintf("%-5s %2.0f %%  %2.0f d  s %.1f  never %.0f %%", p.Name, 100*p.Share, p.Median, p.Spread, 100*p.Never), w))
	}
	p := s.Params
	lines = append(lines, cut(fmt.Sprintf("APIs        %2.0f d  s %.1f  never %.0f %%", p.API, p.APISpread, 100*p.APINever), w),
		cut(fmt.Sprintf("told x%.2g, a date x%.2g, shock s %.2g", p.Notified, p.Mandate, p.Shock), w))
	return append(append(lines, ""), wrap("e lists every number with its range and source. None was measured at a real network.", w)...)
}

func (r *rolloutScreen) moves(t theme, w int) []string {
	if r.got.Sensitivity == nil {
		return []string{"", "playing it with each number at either end"}
	}
	lines := wrap("The median exposure without a date, with one number at either end of its range and the others as they are.", w)
	widest := 1.0
	for _, s := range r.got.Sensitivity {
		widest = max(widest, math.Abs(s.High-s.Low))
	}
	for _, s := range r.got.Sensitivity[:min(10, len(r.got.Sensitivity))] {
		bar := max(1, int(math.Abs(s.High-s.Low)/widest*float64(max(w-26, 4))))
		lines = append(lines, "", t.strong.Render(cut(clean(s.Param.Name), w)),
			cut(fmt.Sprintf("%6.4g: %-6s %6.4g: %-6s ", s.From, kilo(s.Low), s.To, kilo(s.High))+strings.Repeat("#", bar), w))
	}
	return lines
}

// trade plots each policy by what it exposes and whom it breaks.
func (r *rolloutScreen) trade(w, h int) []string {
	h = max(min(h-4, 24), 6)
	grid := make([]cells, h)
	for y := range grid {
		grid[y] = canvas(w)
		grid[y].put(scaleAt, "|")
	}
	most, broken := 1.0, 1.0
	for _, one := range r.got.Policies {
		most, broken = max(most, one.ClientDays.P50), max(broken, one.Broken.P50)
	}
	for i, one := range r.got.Policies {
		y := h - 1 - int(one.ClientDays.P50/most*float64(h-1))
		x := scaleAt + 1 + int(one.Broken.P50/broken*float64(w-scaleAt-3))
		for ; grid[y][x] != ' ' && x+1 < len(grid[y]); x++ { // on top of each other: side by side
		}
		grid[y].put(x, string(rune('a'+i)))
	}
	grid[0].put(0, fitLeft(kilo(most), scaleAt-1))
	grid[h-1].put(0, fitLeft("0", scaleAt-1))
	lines := []string{"client-days exposed, median"}
	for _, line := range grid {
		lines = append(lines, line.String())
	}
	axis := canvas(w)
	axis.put(scaleAt, "+"+strings.Repeat("-", max(w-scaleAt-2, 0)))
	lines = append(lines, axis.String(), spread(strings.Repeat(" ", scaleAt)+"0   clients broken, median", kilo(broken), w-1))
	return append(append(lines, ""), wrap("Down and to the left is better. Letters are those of the table.", w)...)
}
