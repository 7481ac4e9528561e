package cli

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"thiefbox/scenarios"
	"thiefbox/sim/drill"
	"thiefbox/sim/tui"
)

// mostTapes are offered to be played on: the newest.
const mostTapes = 5

// screenDrills lists the drills, the short one first, and then the tapes that are not at their end.
func (a *app) screenDrills() ([]tui.Drill, error) {
	var out []tui.Drill
	for _, name := range scenarios.DrillNames() {
		f, err := drillFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, tui.Drill{Name: name, Title: f.Title, Length: f.Duration, Brief: f.Brief, Law: f.Whose()})
	}
	return append(out, a.openTapes()...), nil
}

// openTapes are the newest tapes among the data that can be played on.
func (a *app) openTapes() (out []tui.Drill) {
	dir, err := dataDir(a.data, goos, a.env.Getenv)
	if err != nil || a.noHistory {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(dir, "drills", "*.tape"))
	if err != nil {
		return nil
	}
	when := map[string]time.Time{}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			when[name] = info.ModTime()
		}
	}
	slices.SortFunc(names, func(x, y string) int { return when[y].Compare(when[x]) })
	for _, name := range names[:min(len(names), 4*mostTapes)] {
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		t, _ := drill.ReadTape(data) // of a torn one, what is whole
		if t == nil || len(t.Decisions) == 0 {
			continue
		}
		f, err := drill.ParseFile(t.File)
		at := t.Decisions[len(t.Decisions)-1].At
		if err != nil || at >= f.Duration {
			continue
		}
		come := "at " + drill.Clock(at) + " of " + drill.Clock(f.Duration)
		out = append(out, tui.Drill{Title: f.Title, Length: f.Duration, Brief: f.Brief, Tape: name, Come: come})
		if len(out) == mostTapes {
			break
		}
	}
	return out
}

// screenDrill sits down before a drill, or before what a tape has come to.
func (a *app) screenDrill(one tui.Drill) (tui.Exercise, string, error) {
	if one.Watch {
		w, err := a.watch(one.Tape)
		if err != nil {
			return nil, "", err
		}
		return w, one.Tape, nil
	}
	var args []string
	if one.Name != "" {
		args = []string{one.Name}
	}
	t, size, err := a.openTape(args, one.Tape, one.Country)
	if err != nil {
		return nil, "", err
	}
	seat, path, err := a.sit(t, size, one.Tape, one.Facilitator)
	if err != nil {
		return nil, "", err
	}
	return seat, path, nil
}
