package tui

import (
	"slices"

	"thiefbox/sim/event"
)

// choose gives every actor a lane. If there are too many, those who do not matter to the attack share one.
func (d *diagram) choose(most int, stories []*story) {
	all := everybody(stories)
	order := all
	if len(order) > most {
		order = important(all, stories, most-1)
		for _, id := range all {
			d.lane[id] = 0
		}
		d.lanes = []string{others}
		d.shared = slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(order, id) })
	}
	for _, id := range order {
		d.lane[id] = len(d.lanes)
		d.lanes = append(d.lanes, id)
	}
	if len(d.lanes) == 0 {
		d.lanes = []string{others}
	}
}

// everybody is who takes part in any of the stories, in the order of lanes.
func everybody(stories []*story) []string {
	role := map[string]event.Role{}
	var all []string
	for _, s := range stories {
		for _, id := range s.order {
			if _, known := role[id]; !known {
				role[id] = s.cast[id].Role
				all = append(all, id)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return part(role[a]) - part(role[b]) })
	return all
}

// important picks the n who matter most: the thief, those where it is decided, those he deals with,
// and those without whom nobody sees how the token came about.
func important(all []string, stories []*story, n int) []string {
	weight := map[string]int{}
	for _, s := range stories {
		for _, step := range s.steps {
			points := 1
			switch {
			case step.Phase == event.PhaseAttack && step.Outcome != "":
				points = 5000
			case step.Phase == event.PhaseAttack:
				points = 1000
			}
			for _, id := range []string{step.From, step.To} {
				if s.cast[id].Role == event.RolePerson && step.Outcome == "" {
					weight[id]++ // a browser says much and decides nothing
					continue
				}
				weight[id] += points
			}
		}
		for id, a := range s.cast {
			switch a.Role {
			case event.RoleThief:
				weight[id] += 1 << 30
			case event.RoleClient, event.RoleAuthorizationServer:
				weight[id] += 500
			}
		}
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b string) int { return weight[b] - weight[a] })
	return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !slices.Contains(ranked[:n], id) })
}
