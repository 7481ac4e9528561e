package tui

import (
	"slices"
	"strings"

	"thiefbox/sim/drill"
)

// setDrills keeps the cursor where it is: the list comes while the first screen is already read.
func (h *home) setDrills(msg drillsMsg) {
	if msg.err != nil {
		return // they are then not offered; `thiefbox drill list` says why
	}
	before, had := h.current()
	h.drills = msg.drills
	h.fill()
	for i, it := range h.items {
		if had && it.group == before.group && it.title() == before.title() {
			h.list.cursor = i
			return
		}
	}
}

func (d Drill) title() string {
	if d.Tape != "" {
		return "go on: " + clean(d.Title) + ", " + d.Come
	}
	return clean(d.Title) + " (" + span(d.Length) + " simulated)"
}

func (d Drill) twin() string {
	if d.Tape != "" {
		return "thiefbox drill play --tape " + d.Tape
	}
	if d.Country != "" {
		return "thiefbox drill play " + d.Name + " --country " + d.Country
	}
	return "thiefbox drill play " + d.Name
}

// chosen is a drill under the obligations of the chosen country. A tape has those it was begun with.
func (h *home) chosen(d Drill) Drill {
	if d.Tape == "" {
		d.Country = h.country
	}
	return d
}

// changeCountry takes the next country; after the last, the drill's own choice.
func (h *home) changeCountry(a *app, it homeItem, k action) {
	if it.drill == nil || it.drill.Tape != "" {
		a.note = "choose a drill first: [ and ] say whose obligations apply in it"
		return
	}
	all := append([]string{""}, drill.Countries()...)
	step := 1
	if k == actLastChoice {
		step = len(all) - 1
	}
	h.country = all[(slices.Index(all, h.country)+step)%len(all)]
}

func (h *home) duties(d Drill) string {
	if h.country == "" {
		return drill.CountryName(d.Law) + "; [ and ] choose another country"
	}
	return drill.CountryName(h.country) + ", as you chose; [ and ] choose another"
}

func (d Drill) detail(t theme, w int, duties string) []string {
	brief := append(wrap(strings.Join(strings.Fields(d.Brief), " "), w), "")
	if d.Tape != "" {
		lines := []string{t.strong.Render(cut("Press enter: it goes on where you were, "+d.Come, w)), ""}
		return append(append(lines, brief...), fields(w, "Command", d.twin(), "Trainers", "thiefbox drill watch "+d.Tape)...)
	}
	lines := []string{t.strong.Render(cut("Press enter: the clock waits until you start it", w))}
	lines = append(append(lines, fields(w, "Duties", duties)...), "")
	return append(append(lines, brief...), fields(w, "Simulated", span(d.Length)+", until "+drill.Clock(d.Length), "You need", "nothing; the brief says what is wanted",
		"Command", d.twin(), "Trainers", "thiefbox drill brief "+d.Name+" --facilitator")...)
}
