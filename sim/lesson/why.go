package lesson

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/report"
	"thiefbox/sim/verdict"
)

// Plain says in words what came of a run: "the thief got in".
func Plain(happened string) string {
	switch by, held := strings.CutPrefix(happened, "held by "); {
	case held:
		return "the thief was refused, by " + named(by)
	case happened == "held":
		return "the thief was refused"
	case happened == "breached":
		return "the thief got in"
	}
	return "the run was " + happened
}

// named is a control by its name and what it demands.
func named(id string) string {
	if c, err := control.Lookup(id); err == nil {
		return id + " (" + c.Title + ")"
	}
	return id
}

// Why explains from what ran why a prediction was wrong: what gave the record away or refused it, at which step, and
// what became of the check that was counted on. It is empty for a right one.
func Why(predicted string, r report.Run) (out []string) {
	if Agrees(predicted, Happened(r)) {
		return nil
	}
	steps := report.StepsOf(r)
	if r.Verdict.Outcome == verdict.Breached {
		if i := slices.IndexFunc(steps, func(s report.Step) bool { return s.Outcome == report.Leak }); i >= 0 {
			out = append(out, fmt.Sprintf("Step %d: %s.", steps[i].Event, strings.TrimSuffix(steps[i].Sentence, ".")))
		}
		if by, counted := strings.CutPrefix(predicted, "held by "); counted {
			return append(out, fate(by, r))
		}
		return append(out, asked(steps, r.Profile))
	}
	for _, e := range slices.Backward(r.Recording.Events) {
		if b, ok := e.Body.(event.Ruling); ok && b.Outcome == "refused" && b.Control == r.Verdict.StoppedBy {
			out = append(out, fmt.Sprintf("Step %d: he was refused by %s: %s.", e.N, named(b.Control), strings.TrimSuffix(b.Cause, ".")))
			break
		}
	}
	if by, counted := strings.CutPrefix(predicted, "held by "); counted {
		out = append(out, fate(by, r))
	}
	return out
}

// fate is what became of one check, the last time it could have been made of the thief's request.
func fate(id string, r report.Run) string {
	for _, e := range slices.Backward(r.Recording.Events) {
		b, ok := e.Body.(event.Ruling)
		if !ok || b.Control != id {
			continue
		}
		switch b.Outcome {
		case "off":
			return fmt.Sprintf("Step %d: the check you counted on, %s, was off in this run, so nobody made it.", e.N, named(id))
		case "pass":
			return fmt.Sprintf("Step %d: the check you counted on, %s, was made, and passed%s.", e.N, named(id), saw(b))
		}
		return fmt.Sprintf("Step %d: the check you counted on, %s, did refuse a request, but not the one that mattered.", e.N, named(id))
	}
	return "Nobody made the check you counted on, " + named(id) + ": nothing in this run called for it."
}

func saw(b event.Ruling) string {
	if b.Saw == "" {
		return ""
	}
	return ": it saw " + b.Saw
}

// mostNamed are the checks that are named, of each outcome.
const mostNamed = 4

// asked says which checks were made of the request that gave the record away. Those that the run switched off, as the
// name of its profile says, come first.
func asked(steps []report.Step, profile string) string {
	i := slices.IndexFunc(steps, func(s report.Step) bool { return s.Outcome == report.Leak })
	if i < 0 {
		return "No check refused him."
	}
	by := map[string][]string{}
	for _, b := range steps[i].Rulings {
		if switched := strings.Contains(profile, b.Control); switched {
			by[b.Outcome] = slices.Insert(by[b.Outcome], 0, b.Control)
		} else {
			by[b.Outcome] = append(by[b.Outcome], b.Control)
		}
	}
	if len(by["pass"])+len(by["off"]) == 0 {
		return "Nobody checked anything about that request."
	}
	return fmt.Sprintf("Of that request %s passed%s, and %s off%s.", count(len(by["pass"]), "check"), some(by["pass"]), wereOff(len(by["off"])), some(by["off"]))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func wereOff(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

func some(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	more := ""
	if n := len(ids) - mostNamed; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return " (" + strings.Join(ids[:min(len(ids), mostNamed)], ", ") + more + ")"
}
