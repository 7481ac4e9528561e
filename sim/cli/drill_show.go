package cli

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"thiefbox/sim/drill"
)

const goos = runtime.GOOS

// look shows what a word asks for; false if it asks for nothing to look at. It does not change the drill.
func (l *lines) look(word, rest string) bool {
	switch word {
	case "help":
		l.help()
	case "mail":
		l.shown = 0
	case "log":
		l.log(rest)
	case "try":
		l.preview(rest)
	case "status":
		l.status()
	case "think":
		l.suspects()
	case "words":
		l.words()
	case "brief":
		l.a.brief(l.seat.File())
	case "score":
		l.harm()
	case "truth":
		l.facts()
	default:
		return false
	}
	return true
}

func (l *lines) help() {
	p := l.a.page()
	section(p, "Look", "mail                 all messages again", "log [WORDS]          new lines of the logs that hold all these words",
		"log all [WORDS]      all lines", "status               who works, what runs, who is broken, which clocks run",
		"try DECISION         whom it would break, tried on a copy of the world", "think                the explanations, how likely you said they are, and by what evidence",
		"suppose WORDS        an explanation of your own; link own1 e7 e9 gives it evidence, believe own1 likely says where it stands", "score                the harm so far, term by term", "brief                the page you began with", "words                what the words of the drill mean")
	section(p, "Time", "wait 10m             let time pass", "turn                 let a turn pass, "+shortSpan(l.turn), "next                 until something reaches you, and "+shortSpan(turnsAtMost*l.turn)+" at most", "speed N, pause       simulated seconds for each real one", "quit                 leave; the tape keeps everything")
	var lines []string
	for _, act := range l.sight.Actions {
		line := strings.TrimSpace(act.ID + " " + act.Usage)
		line = fmt.Sprintf("%-41s %s", line, act.Title)
		if act.Lead > 0 {
			line += ", " + shortSpan(act.Lead)
		}
		lines = append(lines, line)
	}
	section(p, "Decide", lines...)
}

// mostLines of a log are shown at once.
const mostLines = 30

func (l *lines) log(words string) {
	from := l.evidence + 1
	want := strings.Fields(words)
	if len(want) > 0 && want[0] == "all" {
		from, want = 1, want[1:]
	}
	all := slices.Clone(l.sight.Logs)
	all = slices.DeleteFunc(all, func(e drill.Evidence) bool { return e.N < from })
	if n := len(all); n > 0 {
		l.evidence = max(l.evidence, all[n-1].N)
	}
	all = slices.DeleteFunc(all, func(e drill.Evidence) bool {
		line := strings.ToLower(e.String())
		return slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(line, strings.ToLower(w)) })
	})
	if left := len(all) - mostLines; left > 0 {
		fmt.Fprintf(l.a.out, "%d earlier lines are left out: name words to narrow it down\n", left)
		all = all[left:]
	}
	for _, e := range all {
		fmt.Fprintln(l.a.out, oneLine(e.String()))
	}
	if len(all) == 0 {
		fmt.Fprintln(l.a.out, "no line")
	}
}

func (l *lines) preview(line string) {
	p, err := l.seat.Preview(line)
	if err != nil {
		fmt.Fprintln(l.a.out, oneLine(err.Error()))
		return
	}
	page := l.a.page()
	prose(page, "", p.String())
	for _, who := range p.Who {
		prose(page, "  ", who)
	}
	if p.Action.Stops != "" {
		prose(page, "", "It is meant to stop: "+p.Action.Stops+".")
	}
	if p.Action.SideEffect != "" {
		prose(page, "", "Known side effects: "+p.Action.SideEffect+".")
	}
}

// many is a count of things: 1 client, 2 clients.
func many(n int, thing string) string {
	return fmt.Sprintf("%d %s%s", n, thing, ifElse(n == 1, "", "s"))
}

func (l *lines) status() {
	v, p := l.sight, l.a.page()
	fmt.Fprintf(p, "%s of %s. %s broken, %s not served.\n", drill.Clock(v.Now), drill.Clock(v.Ends), many(v.Broken, "client"), many(v.Dark, "clinic"))
	for i, free := range v.Crew {
		text := "free"
		if free > v.Now {
			text = "busy until " + drill.Clock(free)
		}
		fmt.Fprintf(p, "operator %d is %s\n", i+1, text)
	}
	var open, broken, clocks []string
	for _, one := range v.Done {
		if one.Open(v.Now) {
			open = append(open, fmt.Sprintf("%d: %s, %s", one.N, one.Decision, one.Pace(v.Now)))
		}
	}
	for _, s := range v.Services {
		if s.State != drill.Served {
			broken = append(broken, oneLine(s.String()))
		}
	}
	for _, d := range v.Duties {
		text := d.ID + ": " + d.To + ", within " + shortSpan(d.Within) + " of awareness (" + d.Law + ")"
		switch {
		case d.Done:
			text += ", done"
		case d.Due > 0 && d.Due < v.Now:
			text += ", OVERDUE since " + drill.Clock(d.Due)
		case d.Due > 0:
			text += ", due " + drill.Clock(d.Due)
		}
		clocks = append(clocks, text)
	}
	var clients []string
	for _, c := range v.Clients {
		clients = append(clients, c.Word+": "+c.Text)
	}
	var keys []string
	for _, k := range v.Keys {
		keys = append(keys, k.String())
	}
	section(p, "APIs that believe what a key of the login server signed", keys...)
	section(p, "Clients, as decisions name them (their client= in the logs has the same word in it)", clients...)
	section(p, "Under way (cancel and the number takes one back)", open...)
	section(p, "Not served", broken...)
	section(p, "Obligations, for practice and not as legal advice; which apply here is for you to judge", clocks...)
}

// harm is the arithmetic of the harm as far as it is known; what the thief has is not, until the end.
func (l *lines) harm() {
	p, v := l.a.page(), l.sight
	records := "?"
	if v.Known {
		records = fmt.Sprintf("%.0f", v.Harm.Records)
	}
	section(p, "Harm so far", fmt.Sprintf("%g x %s records that reached the thief", v.Weights.Records, records),
		fmt.Sprintf("%g x %.0f clinic-minutes without service", v.Weights.ClinicMinutes, v.Harm.ClinicMinutes),
		fmt.Sprintf("%g x %.1f hours that duties and answers were overdue", v.Weights.OverdueHours, v.Harm.OverdueHours),
		fmt.Sprintf("%g x %.0f needless notifications", v.Weights.Unneeded, v.Harm.Unneeded))
	prose(p, "", "Skill, times and objectives are reckoned when the drill is over, against bots that play the same drill.")
}

func (l *lines) words() {
	p := l.a.page()
	for _, w := range drill.Glossary() {
		prose(p, "", w.Word+": "+w.Text)
	}
}

// suspects are the explanations, and where the player stands on each.
func (l *lines) suspects() {
	p := l.a.page()
	for _, one := range l.sight.Suspects {
		odds := "nothing said"
		if one.Percent >= 0 {
			odds = one.Odds() + " at " + drill.Clock(one.At)
		}
		own := ifElse(one.Own, "in your words: ", "")
		prose(p, "", fmt.Sprintf("%s: %s%s (%s)", one.ID, own, one.Text, odds))
		for _, e := range l.sight.Logs {
			if slices.Contains(one.Evidence, e.N) {
				prose(p, "    ", oneLine(e.String()))
			}
		}
	}
}

func (l *lines) facts() {
	t, p := l.sight.Truth, l.a.page()
	if t == nil {
		fmt.Fprintln(l.a.out, "the truth is for the facilitator: play with --facilitator")
		return
	}
	fmt.Fprintf(p, "%.0f records have reached the thief; his last round had its way at %.0f %% of the APIs he turned to.\n", t.Records, 100*t.Success)
	for _, try := range t.Tries[max(len(t.Tries)-5, 0):] {
		prose(p, "  ", fmt.Sprintf("%s %s at %s: %s", drill.Clock(try.At), try.Name(), try.API, try.Reason))
	}
	if g := l.sight.Guide; g != nil {
		section(p, "What is true", strings.Join(strings.Fields(g.Truth), " "))
		section(p, "Ask", g.Prompts...)
	}
	var coming []string
	for _, m := range l.sight.Coming {
		coming = append(coming, m.ID+" from "+m.From+": "+m.Text)
	}
	section(p, "Still to come (inject ID has one arrive now)", coming...)
	section(p, "Traps", t.Traps...)
}
