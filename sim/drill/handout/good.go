package handout

import (
	"slices"
	"time"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

// good is what good looks like: the reference's decisions as they were played, and the times it came to.
func (g Guide) good() page.Section {
	t := g.score.Times
	s := page.Section{Title: "What good looks like", Notes: []string{"One good play, and not the only one: what the reference decided, and what came of it. The score's 100 is its harm."},
		Items: []string{"looked into it by " + clockOr(t.Detect, "never") + ", right explanation with evidence by " + clockOr(t.Triage, "never") + ", the thief got nothing from " + clockOr(t.Contain, "never") +
			" on, the cause was gone by " + clockOr(t.Eradicate, "never") + ", everybody served again by " + clockOr(t.Recover, "never")},
		Head: []string{"At", "Decision", "Which is to", "What came of it"}}
	for _, one := range g.done {
		result := ""
		if n := len(one.Result); n > 0 {
			result = drill.Clock(one.When[n-1]) + ": " + one.Result[n-1]
		}
		s.Rows = append(s.Rows, []string{drill.Clock(one.At), one.Decision.String(), title(one.Do), result})
	}
	return s
}

func title(action string) string {
	all := drill.Catalogue()
	if i := slices.IndexFunc(all, func(a drill.Action) bool { return a.ID == action }); i >= 0 {
		return all[i].Title
	}
	return ""
}

func (g Guide) traps() page.Section {
	s := page.Section{Title: "Traps", Head: []string{"Walked into when", "Why it is one"}, None: "None."}
	for _, t := range g.file.Traps {
		s.Rows = append(s.Rows, []string{g.file.Say(t.When), t.Text})
	}
	return s
}

// duties are whom the law wants told; which apply is for players to judge, and stands here.
func (g Guide) duties() page.Section {
	s := page.Section{Title: "Whom to tell", Notes: []string{"As in " + drill.CountryName(g.file.Whose()) + ", for practice and not as legal advice; hours count from the message with which you know. Players judge which apply: telling others counts as needless."},
		Head: []string{"", "Whom", "Within", "By", "Called for here", "Law"}}
	known := time.Duration(-1)
	for _, in := range g.file.Injects {
		if at, came := g.idle[in.ID]; in.Aware && came && (known < 0 || at < known) {
			known = at
		}
	}
	for _, o := range g.file.Law() {
		by := "nobody knows"
		if known >= 0 {
			by = drill.Clock(known + o.Within)
		}
		s.Rows = append(s.Rows, []string{o.ID, o.To, drill.Span(o.Within), by, yesNo(slices.Contains(g.file.Duties, o.ID)), o.Law})
	}
	return s
}
