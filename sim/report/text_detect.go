package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"thiefbox/sim/detect"
)

// Detection is what `detect` found out.
type Detection struct {
	Seed     uint64
	Profiles []string
	Days     [][2]string // kinds of honest day, and what they are
	detect.Measure
}

// WriteDetect writes rules with their precision and recall, then what is seen of each attack, then what the
// figures mean.
func WriteDetect(w io.Writer, attacks []Attack, d Detection, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.entry("", 0, fmt.Sprintf("%s of attacks and %s, under %s, read by %s.", count(d.Runs, "run"), count(d.Honest, "honest day"),
		count(len(d.Profiles), "profile"), count(len(d.Scores), "rule")))
	p.line("")
	p.line("%-32s %-9s %-24s %-24s %s", "RULE", "LEVEL", "PRECISION", "RECALL", "RINGS FOR")
	for _, s := range d.Scores {
		p.line("%-32s %-9s %-24s %-24s %s", s.Rule, s.Level, share(s.Precision), share(s.Recall), count(len(s.Attacks), "attack"))
		if len(s.Days) > 0 {
			p.entry("", 4, "false alarms on days: "+strings.Join(s.Days, ", "))
		}
	}
	p.line("%-32s %-9s %-24s %-24s", "any of them", "", share(d.Precision), share(d.Recall))
	p.line("")
	p.line("What is seen of each attack (runs with an alarm, of its runs)")
	titles := map[string]string{}
	for _, a := range attacks {
		titles[a.ID] = a.Title
	}
	for _, t := range d.Traces {
		if t.Seen.N == 0 {
			continue
		}
		var rules []string
		for _, name := range slices.Sorted(maps.Keys(t.Rules)) {
			rules = append(rules, fmt.Sprintf("%s %d", name, t.Rules[name]))
		}
		p.entry("", 2, fmt.Sprintf("%s %d of %d: %s", t.Attack, t.Seen.N, t.Seen.Of, strings.Join(rules, ", ")))
	}
	if unseen := d.Untraced(); len(unseen) > 0 {
		p.line("")
		p.line("No rule sees")
		for _, id := range unseen {
			p.entry("", 2, Clean(id+" "+titles[id]))
		}
	}
	p.line("")
	p.entry("", 0, detectCaveat)
	return p.err
}

// detectCaveat goes with the figures wherever they are shown.
const detectCaveat = "What the figures mean: a share of this catalogue's runs and of these kinds of honest day, each counted once, " +
	"whatever its weight in the world. Attacks in the world do not come in these proportions, and honest days outnumber them by far: the " +
	"share of alarms that are attacks will be much lower there. The rules were chosen with this catalogue in view, so on attacks that " +
	"are not in it they will do worse; and many ring because a check of the server refused something, which says little of thefts " +
	"that succeed. The honest days are few in kind and alike within a kind. The " +
	"interval (95%, Wilson) says how sure a count of this size is if runs were drawn at random, which they are not."

func share(s detect.Share) string {
	if s.Of == 0 {
		return "- (0 of 0)"
	}
	return fmt.Sprintf("%3.0f%% [%.0f-%.0f] %d/%d", 100*s.Value(), 100*s.Low, 100*s.High, s.N, s.Of)
}

// WriteDetectJSON writes the same as one document.
func WriteDetectJSON(w io.Writer, d Detection) error {
	return writeJSON(w, detectDocument{SchemaDetect, d.Seed, d.Profiles, honestKinds(d.Days), d.Measure, d.Untraced(), detectCaveat})
}

// SchemaDetect names the layout of WriteDetectJSON.
const SchemaDetect = "thiefbox.detect/1"

type detectDocument struct {
	Schema   string         `json:"schema"`
	Seed     uint64         `json:"seed"`
	Profiles []string       `json:"profiles"`
	Days     []honestKind   `json:"kinds_of_honest_day"`
	Measure  detect.Measure `json:"measure"`
	Unseen   []string       `json:"attacks_no_rule_sees"`
	Caveat   string         `json:"what_the_figures_mean"`
}

type honestKind struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

func honestKinds(days [][2]string) []honestKind {
	out := []honestKind{}
	for _, d := range days {
		out = append(out, honestKind{d[0], d[1]})
	}
	return out
}
