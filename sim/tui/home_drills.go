package tui

import (
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
	return "thiefbox drill play " + d.Name
}

func (d Drill) detail(t theme, w int) []string {
	lines := append(wrap(strings.Join(strings.Fields(d.Brief), " "), w), "")
	if d.Tape != "" {
		return append(lines, fields(w, "Enter", "goes on where you were: "+d.Come, "Command", d.twin())...)
	}
	lines = append(lines, t.strong.Render(cut("Press enter: the clock waits until you start it", w)), "")
	return append(lines, fields(w, "Simulated", span(d.Length)+", until "+drill.Clock(d.Length), "You need", "nothing; the brief says what is wanted",
		"Command", d.twin(), "Trainers", "thiefbox drill brief "+d.Name+" --facilitator")...)
}
