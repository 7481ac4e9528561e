package drill

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"thiefbox/sim/control"
)

// Word is one word of a decision that somebody is putting together: what can stand there.
type Word struct {
	Name     string // as the usage says it: "CLIENT", "server|API"
	Choices  []Choice
	Free     bool // anything else may stand there too
	Optional bool
	Many     bool // further words of the same kind may follow
}

// Choice is a word, and what it means.
type Choice struct{ Word, Text string }

// words are what the names in the usages of actions stand for in one drill at one moment.
type words map[string][]Choice

// Words are what follows the id of an action, one after the other.
func (s Sight) Words(a Action) (out []Word) {
	for _, name := range strings.Fields(a.Usage) {
		w := Word{Name: strings.Trim(name, "[.]"), Optional: name[0] == '[', Many: strings.Contains(name, "...")}
		for _, part := range strings.Split(w.Name, "|") {
			switch all, known := s.words[part]; {
			case part == "INJECT" && a.Facilitator:
				w.Choices = append(w.Choices, s.words["COMING"]...)
			case known:
				w.Choices = append(w.Choices, all...)
			default:
				w.Choices = append(w.Choices, Choice{Word: part})
			}
			w.Free = w.Free || slices.Contains(free, part)
		}
		out = append(out, w)
	}
	return out
}

// free are the words that the choices are only examples of.
var free = []string{"DURATION", "OVERLAP", "PERCENT", "EVIDENCE", "ADDRESS", "NUMBER", "LINE", "WORDS"}

func wordsOf(f *File, s Sight) words {
	w := words{
		"NUMBER":   {{strconv.Itoa(max(1, f.apis()/5)), "a fifth of the APIs"}, {strconv.Itoa(f.apis()), "all of them"}},
		"PERCENT":  {{"50", "as likely as not"}, {"95", "all but certain"}},
		"DURATION": {{"1m", ""}, {"5m", ""}, {"10m", ""}, {"1h", ""}, {"24h", ""}},
		"OVERLAP":  {{"10m", "the old one is good for so long"}, {"1h", ""}},
		"PLACE":    {{placeServer, "the authorization server"}},
		"LINE":     tokenLines(s.Logs), "EVIDENCE": {}, "WORDS": {}, "ANSWER": {}, "INJECT": {}, "COMING": {}, "ADDRESS": addresses(s.Logs),
		"DECISION": openWords(s),
	}
	for _, one := range slices.Backward(Standings()) {
		w["PERCENT"] = slices.Insert(w["PERCENT"], 0, Choice{one.Word, one.Text})
	}
	for _, one := range s.Clients {
		w["CLIENT"] = append(w["CLIENT"], one)
		if refusedBy[one.Word] != "" {
			w["KIND"] = append(w["KIND"], one)
		}
	}
	if w["KIND"] == nil {
		w["KIND"] = w["CLIENT"]
	}
	for _, a := range f.World.APIs {
		w["API"] = append(w["API"], Choice{a.Kind, fmt.Sprintf("%s (%d)", a.Title, a.Count)})
	}
	w["PLACE"] = append(w["PLACE"], w["API"]...)
	for _, c := range control.All() {
		w["CONTROL"] = append(w["CONTROL"], Choice{c.ID, c.Title})
	}
	for _, h := range s.Suspects {
		w["HYPOTHESIS"] = append(w["HYPOTHESIS"], Choice{h.ID, h.Text})
	}
	for _, o := range s.Duties {
		w["OBLIGATION"] = append(w["OBLIGATION"], Choice{o.ID, o.To + ", " + o.Law})
	}
	for _, m := range waiting(s) {
		w["INJECT"] = append(w["INJECT"], Choice{m.ID, m.From + ": " + m.Text})
	}
	for _, m := range s.Coming {
		w["COMING"] = append(w["COMING"], Choice{m.ID, m.From + ": " + m.Text})
	}
	return w
}

// waiting are the messages that somebody may want to answer: those that wait for it, and all if none does.
func waiting(s Sight) (out []Message) {
	for _, m := range s.Inbox {
		answered := slices.ContainsFunc(s.Done, func(one Done) bool {
			return one.Do == "answer" && !one.Cancelled && len(one.Args) > 0 && one.Args[0] == m.ID
		})
		if m.AnswerBy > 0 && !answered {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return s.Inbox
	}
	return out
}

// clientsOf are the kinds of client there are now, and how many of each: what somebody finds out who goes through
// the login server's log.
func clientsOf(f *File, v View) (out []Choice) {
	for i, k := range f.World.Clients {
		clients, clinics := 0, 0
		for _, c := range v.Cells[i] {
			clients, clinics = clients+c.Clients, clinics+c.Clinics
		}
		text := fmt.Sprintf("%d clients, %d clinics: %s", clients, clinics, cmp.Or(k.Title, Kinds[k.Kind]))
		if Named[k.Kind] {
			text = fmt.Sprintf("one client, %d clinics: %s", clinics, cmp.Or(k.Title, Kinds[k.Kind]))
		}
		out = append(out, Choice{k.Kind, text})
	}
	return out
}

// addresses are those in the logs, the one that was seen last first.
func addresses(logs []Evidence) []Choice {
	seen, out := map[string]int{}, []Choice{}
	for i := len(logs) - 1; i >= 0; i-- {
		if seen[logs[i].Address]++; seen[logs[i].Address] == 1 {
			out = append(out, Choice{Word: logs[i].Address})
		}
	}
	for i := range out {
		out[i].Text = fmt.Sprintf("%d lines of the logs", seen[out[i].Word])
	}
	return out
}
