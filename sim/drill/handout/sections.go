package handout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/drill"
	"thiefbox/sim/drill/page"
)

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// glance is what a trainer wants to know before choosing.
func (g Guide) glance() page.Section {
	f := g.file
	played := drill.Span(f.Room) + " to play"
	if f.Room == 0 {
		played = "as long as you give it"
	}
	return page.Section{Title: "At a glance", Notes: []string{"Modelled on: " + flat(f.Source)}, Head: []string{"What", "How much"}, Rows: [][]string{
		{"Simulated time", drill.Span(f.Duration) + "; " + fmt.Sprint(f.Crew) + " operators to share out"},
		{"Time in the room", "10m for the brief, " + played + ", 20m afterwards"},
		{"The clock", fmt.Sprintf("it stands while a decision is put together, and when you stop it; at 60x all of it runs in %s", drill.Span((f.Duration / 60).Round(time.Minute)))},
		{"Messages", fmt.Sprintf("%d, of which %d wait for something to happen", len(f.Injects), conditional(f))},
		{"What comes of it", fmt.Sprintf("harm of %.0f if nobody does anything, %.0f by the reference, %.0f if everything is shut", g.score.Anchors["nothing"].Loss, g.score.Anchors["reference"].Loss, g.score.Anchors["panic"].Loss)},
		{"Seed", fmt.Sprintf("%d; the same seed and the same decisions give the same drill", g.seed)},
	}}
}

func conditional(f *drill.File) (n int) {
	for _, in := range f.Injects {
		if in.When != "" {
			n++
		}
	}
	return n
}

// room is how to run it with people.
func (g Guide) room() page.Section {
	return page.Section{Title: "In the room", Notes: []string{
		"Up to five people a table, one machine a table; with more people, more tables, which play the same seed, so that their reports can be laid side by side. Roles: who leads, who has the login server, who has the APIs and their logs, who speaks with suppliers, press and authorities, and one who writes down why.",
	}, Items: []string{
		"Before, for each player: thiefbox drill brief " + g.name,
		"Each table: thiefbox drill play " + g.name + " --tape table-1.tape",
		"You, in a terminal of your own on a table's machine (the truth, holding the clock, sending messages; they see nothing of it): thiefbox drill watch table-1.tape",
		"Afterwards, for each table: thiefbox drill report table-1.tape --format html > table-1.html",
		"A table that is stuck: ask from the list below before you tell. A table that is done early: have it play again and leave one decision out.",
	}}
}

func (g Guide) truth() page.Section {
	s := page.Section{Title: "What is true", Notes: []string{flat(g.file.Guide.Truth), "The cause is gone when " + g.file.Say(g.file.Eradicated) + "."}, Head: []string{"Explanation", "In words", "Right"}}
	for _, h := range g.file.Hypotheses {
		s.Rows = append(s.Rows, []string{h.ID, h.Text, yesNo(h.True)})
	}
	for _, e := range g.his {
		s.Items = append(s.Items, "A line that the thief left, if nobody acts: "+e.String())
	}
	return s
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (g Guide) goals() page.Section {
	s := page.Section{Title: "Goals", Head: []string{"No.", "Goal", "By", "The reference", "It counts as reached when"}}
	for _, o := range g.rated {
		s.Rows = append(s.Rows, []string{o.ID, o.Text, drill.Clock(o.By), clockOr(o.At, "never"), g.file.Say(o.When)})
	}
	return s
}

func clockOr(t time.Duration, otherwise string) string {
	if t < 0 {
		return otherwise
	}
	return drill.Clock(t)
}

// timetable has the messages in the order in which they come if nobody acts, and after them those that need a decision.
func (g Guide) timetable() page.Section {
	s := page.Section{Title: "Timetable", Notes: []string{"Messages that wait for something come when they come: the first time is when nobody acts, the second when the reference plays. You can have any of them arrive from your desk."},
		Head: []string{"No.", "Nobody acts", "Reference", "From", "What it says", "Look for"}}
	all := slices.Clone(g.file.Injects)
	first := func(in drill.Inject) time.Duration {
		for _, at := range []map[string]time.Duration{g.idle, g.reference} {
			if t, there := at[in.ID]; there {
				return t
			}
		}
		return g.file.Duration + 1
	}
	slices.SortStableFunc(all, func(a, b drill.Inject) int { return cmp.Compare(first(a), first(b)) })
	for _, in := range all {
		s.Rows = append(s.Rows, []string{in.ID, at(g.idle, in.ID), at(g.reference, in.ID), in.Channel + " from " + in.From, flat(in.Text), g.lookFor(in)})
	}
	return s
}

func at(when map[string]time.Duration, id string) string {
	if t, there := when[id]; there {
		return drill.Clock(t)
	}
	return "does not come"
}

// lookFor is what a facilitator has to know of a message besides what it says.
func (g Guide) lookFor(in drill.Inject) string {
	var parts []string
	if in.When != "" {
		parts = append(parts, "Comes when "+g.file.Say(in.When)+".")
	}
	if in.Aware {
		parts = append(parts, "From here on you know, and the clocks of the law run.")
	}
	if in.Misleads {
		parts = append(parts, "A red herring.")
	}
	if in.AnswerWithin > 0 {
		parts = append(parts, "Waits for an answer for "+drill.Span(in.AnswerWithin)+".")
	}
	if in.Prompt != "" {
		parts = append(parts, flat(in.Prompt))
	}
	return strings.Join(parts, " ")
}

// questions are what can be said where it matters what is said.
func (g Guide) questions() page.Section {
	s := page.Section{Title: "What may be said", Head: []string{"To", "Answer", "In words", "Does it stand"}, None: "To no message it matters what is said; talk about what they would say."}
	for _, in := range g.file.Injects {
		for _, r := range in.Answers {
			stands := "yes"
			switch {
			case r.WrongWhen != "":
				stands = "not while " + g.file.Say(r.WrongWhen) + ": " + flat(r.Wrong)
			case r.Wrong != "":
				stands = "no: " + flat(r.Wrong)
			}
			s.Rows = append(s.Rows, []string{in.ID + ", " + in.From, r.ID, flat(r.Text), stands})
		}
	}
	return s
}
