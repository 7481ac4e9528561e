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
	Days     [][2]string // kinds of honest day in view, and what they are
	// OtherSeed and OtherDays are those of what is held out.
	OtherSeed uint64
	OtherDays [][2]string
	detect.Trial
}

// WriteDetect writes rules with their precision and recall, then what is seen of each attack, then what the
// figures mean.
func WriteDetect(w io.Writer, attacks []Attack, d Detection, opt TextOptions) error {
	p := &page{w: w, opt: opt}
	p.entry("", 0, fmt.Sprintf("In view: %s of attacks and %s, seed %d, under %s, read by %s. The rules were chosen on such runs.", count(d.InView.Runs, "run"),
		count(d.InView.Honest, "honest day"), d.Seed, count(len(d.Profiles), "profile"), count(len(d.InView.Scores), "rule")))
	p.line("")
	p.scores(d.InView)
	p.entry("", 0, fmt.Sprintf("Held out: %s of attacks and %s of other kinds (%s), seed %d. A family of attacks is read only by rules that the other families speak for.",
		count(d.HeldOut.Runs, "run"), count(d.HeldOut.Honest, "honest day"), namesOf(d.OtherDays), d.OtherSeed))
	p.line("")
	p.scores(d.HeldOut)
	for _, rule := range slices.Sorted(maps.Keys(d.Unproven)) {
		p.entry("", 0, fmt.Sprintf("%s would not be chosen without family %s, so it reads nothing of that family when held out.", rule, d.Unproven[rule]))
	}
	p.line("")
	p.families(d.Trial)
	p.line("What is seen of each attack (runs with an alarm, of its runs)")
	about := map[string]Attack{}
	for _, a := range attacks {
		about[a.ID] = a
	}
	for _, t := range d.InView.Traces {
		if t.Seen.N == 0 {
			continue
		}
		var rules []string
		for _, name := range slices.Sorted(maps.Keys(t.Rules)) {
			rules = append(rules, fmt.Sprintf("%s %d", name, t.Rules[name]))
		}
		p.entry("", 2, fmt.Sprintf("%s %d of %d: %s", t.Attack, t.Seen.N, t.Seen.Of, strings.Join(rules, ", ")))
	}
	if unseen := d.InView.Untraced(); len(unseen) > 0 {
		p.line("")
		p.line("No rule sees, and what there is to see")
		for _, id := range unseen {
			p.entry("", 2, Clean(id+" "+about[id].Title))
			p.entry("", 4, Clean(about[id].Evidence))
		}
	}
	p.line("")
	p.entry("", 0, detectCaveat)
	return p.err
}

// scores are the rules of one corpus, each with its figures.
func (p *page) scores(m detect.Measure) {
	p.line("%-30s %-8s %-23s %-23s %-23s %s", "RULE", "LEVEL", "PRECISION", "RECALL, BREACHED", "RECALL, STOPPED", "RINGS FOR")
	for _, s := range m.Scores {
		p.line("%-30s %-8s %-23s %-23s %-23s %s", s.Rule, s.Level, share(s.Precision), share(s.Breached), share(s.Held), count(len(s.Attacks), "attack"))
		if len(s.Days) > 0 {
			p.entry("", 4, "false alarms on days: "+strings.Join(s.Days, ", "))
		}
	}
	p.line("%-30s %-8s %-23s %-23s %-23s", "any of them", "", share(m.Precision), share(m.Breached), share(m.Held))
	p.line("")
}

// families are the attacks by family, as the pack sees them in view and held out.
func (p *page) families(t detect.Trial) {
	heldOut := map[string]detect.Family{}
	for _, f := range t.HeldOut.Families {
		heldOut[f.Family] = f
	}
	inView := slices.Clone(t.InView.Families)
	slices.SortFunc(inView, func(a, b detect.Family) int { return strings.Compare(a.Family, b.Family) })
	p.line("%-8s %-23s %-23s %-23s %s", "FAMILY", "RECALL, BREACHED", "HELD OUT", "RECALL, STOPPED", "HELD OUT")
	for _, f := range inView {
		other := heldOut[f.Family]
		p.line("%-8s %-23s %-23s %-23s %s", f.Family, share(f.Breached), share(other.Breached), share(f.Held), share(other.Held))
	}
	p.line("")
}

func namesOf(days [][2]string) string {
	var names []string
	for _, d := range days {
		names = append(names, d[0])
	}
	return strings.Join(names, ", ")
}

// detectCaveat goes with the figures wherever they are shown.
const detectCaveat = "What the figures mean: a share of this catalogue's runs and of these kinds of honest day, each counted once, " +
	"whatever its weight in the world. Attacks in the world do not come in these proportions, and honest days outnumber them by far: the " +
	"share of alarms that are attacks will be much lower there. The rules were written with this catalogue in view; what is held out had no " +
	"part in choosing among them, but cannot undo that they were written by people who had read it, so on attacks that are not in it they " +
	"will do worse still. Many ring because a check of the server refused something, which says little of thefts " +
	"that succeed: those are counted by themselves. The honest days are few in kind and alike within a kind. The " +
	"interval (95%, Wilson) says how sure a count of this size is if runs were drawn at random, which they are not."

func share(s detect.Share) string {
	if s.Of == 0 {
		return "- (0 of 0)"
	}
	return fmt.Sprintf("%3.0f%% [%.0f-%.0f] %d/%d", 100*s.Value(), 100*s.Low, 100*s.High, s.N, s.Of)
}

// WriteDetectJSON writes the same as one document.
func WriteDetectJSON(w io.Writer, d Detection) error {
	return writeJSON(w, detectDocument{SchemaDetect, d.Seed, d.Profiles, honestKinds(d.Days), d.OtherSeed, honestKinds(d.OtherDays), d.Trial, d.InView.Untraced(), detectCaveat})
}

// SchemaDetect names the layout of WriteDetectJSON.
const SchemaDetect = "thiefbox.detect/2"

type detectDocument struct {
	Schema   string       `json:"schema"`
	Seed     uint64       `json:"seed"`
	Profiles []string     `json:"profiles"`
	Days     []honestKind `json:"kinds_of_honest_day"`
	Seed2    uint64       `json:"seed_held_out"`
	Days2    []honestKind `json:"kinds_of_honest_day_held_out"`
	detect.Trial
	Unseen []string `json:"attacks_no_rule_sees"`
	Caveat string   `json:"what_the_figures_mean"`
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
