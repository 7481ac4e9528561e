package drill

import (
	"fmt"
	"strings"
)

// towards are decisions that bring about what a condition names, as far as decisions can.
func (f *File) towards(c Condition) (lines []string) {
	for _, u := range c.uses {
		line := ""
		switch u.name {
		case "done", "ordered", "rounds_since":
			line = f.anyOf(u.word)
		case "acked":
			line = "answer " + u.word
			if in := f.inject(u.word); in != nil && len(in.Answers) > 0 {
				line += " " + in.Answers[0].ID
			}
		case "said":
			line = "answer " + u.word
		case "believe":
			line = "believe " + u.word + " 90"
		case "probed", "found":
			line = "probe " + u.word
		case "notified":
			if line = "warn " + u.word; f.kind(u.word) != nil || u.word == "all" {
				line = "notify " + u.word
			}
		case "broken":
			line = "disable " + u.word
		case "rolled":
			line = "roll-key " + u.word
		case "rotated", "old_key":
			line = "rotate-server"
		case "on":
			id, place, at := strings.Cut(u.word, "@")
			if !at {
				place = placeServer
			}
			line = "deploy " + id + " " + place
		}
		if _, err := f.order(parseLine(line)); err == nil && line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// anyOf is a decision as it stands, or one of an action that is only named.
func (f *File) anyOf(line string) string {
	one := parseLine(line)
	a := actionOf(one.Do)
	if a == nil || len(one.Args) > 0 {
		return line
	}
	client := f.World.Clients[len(f.World.Clients)-1].Kind
	api := f.World.APIs[len(f.World.APIs)-1].Kind
	words := []string{a.ID}
	for _, w := range strings.Fields(a.Usage) {
		first, _, _ := strings.Cut(w, "|")
		switch first {
		case "CLIENT", "KIND":
			first = client
		case "API", "PLACE":
			first = api
		case "DURATION":
			first = "10m"
		case "LINE":
			first = someLine
		}
		if w[0] != '[' {
			words = append(words, first)
		}
	}
	return strings.Join(words, " ")
}

// someLine stands for a line of the logs, which are not there before a drill is played.
const someLine = "e1"

// pointed has a decision point to the latest line of the logs that names a token, in place of some line.
func (d *Drill) pointed(line string) string {
	logs := d.Evidence(1)
	for i := len(logs) - 1; i >= 0 && strings.HasSuffix(line, " "+someLine); i-- {
		if logs[i].Token != "" {
			return strings.TrimSuffix(line, someLine) + fmt.Sprintf("e%d", logs[i].N)
		}
	}
	return line
}

// besides makes decisions once somebody knows that something is up, beside those of another bot, which may be nil.
func besides(other Bot, lines []string) Bot {
	acted := false
	return func(d *Drill) (all []Decision) {
		if other != nil {
			all = other(d)
		}
		if acted || len(d.inbox) == 0 {
			return all
		}
		acted = true
		for _, l := range lines {
			all = append(all, parseLine(d.pointed(l)))
		}
		return all
	}
}
