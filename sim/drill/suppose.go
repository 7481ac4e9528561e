package drill

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Explanations of the players' own. A drill's file lists some, and knows which is right; players may add others in
// their own words. Nothing knows whether those are right, so they are kept and shown, and never scored.

// Own is an explanation in the players' words.
type Own struct {
	At       time.Duration
	ID, Text string
	By       string
}

const (
	ownPrefix = "own"
	mostOwn   = 20  // of one drill
	ownText   = 240 // bytes of one
	// mostLinks are the lines of the logs that one decision can name.
	mostLinks = 18
)

// isOwn tells an explanation of the players' from one of the file's: own1, own2.
func isOwn(id string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(id, ownPrefix))
	return err == nil && strings.HasPrefix(id, ownPrefix) && n > 0
}

// Standing is a word for how likely an explanation is, and the odds it stands for.
type Standing struct {
	Word    string
	Percent int
	Text    string
}

// Standings are the words that can be said in place of a percentage.
func Standings() []Standing {
	return []Standing{{"likely", 80, "80 %"}, {"confirmed", 100, "certain: the evidence leaves nothing else"}, {"refuted", 0, "impossible: the evidence speaks against it"}, {"unlikely", 20, "20 %"}}
}

// odds reads how likely somebody says an explanation is: 80, 80%, likely.
func odds(word string) (percent int, mark string, err error) {
	for _, s := range Standings() {
		if word == s.Word {
			return s.Percent, word, nil
		}
	}
	if percent, err = strconv.Atoi(strings.TrimSuffix(word, "%")); err != nil || percent < 0 || percent > 100 {
		return 0, "", fmt.Errorf("expected a percentage from 0 to 100, or likely, confirmed, refuted or unlikely, got %q", word)
	}
	return percent, "", nil
}

func (p *planner) suppose() error {
	text := strings.Join(p.args, " ")
	if text == "" || len(text) > ownText {
		return fmt.Errorf("expected an explanation in your words, of at most %d bytes, got %d", ownText, len(text))
	}
	return nil
}

// hypothesis takes an explanation of the file's, or one that may be the players' own: that, the drill knows.
func (p *planner) hypothesis(id string) error {
	if p.file.hypothesis(id) == nil && !isOwn(id) {
		var names []string
		for _, h := range p.file.Hypotheses {
			names = append(names, h.ID)
		}
		return fmt.Errorf("expected an explanation (%s, or one of your own), got %q", strings.Join(names, ", "), id)
	}
	return nil
}

func (p *planner) believe() error {
	if err := p.want(2, 2+mostLinks); err != nil {
		return err
	}
	if err := p.hypothesis(p.args[0]); err != nil {
		return err
	}
	_, _, err := odds(p.args[1])
	return err
}

func (p *planner) link() error {
	if err := p.want(2, 1+mostLinks); err != nil {
		return err
	}
	for _, word := range p.args[1:] {
		if _, err := lineNumber(word); err != nil {
			return err
		}
	}
	return p.hypothesis(p.args[0])
}

// checkOwn refuses an explanation too many, and one of the players' own that there is not.
func (d *Drill) checkOwn(w work) error {
	switch w.Do {
	case "suppose":
		if len(d.own) >= mostOwn {
			return fmt.Errorf("expected at most %d explanations of your own, got one more", mostOwn)
		}
	case "believe", "link", "unlink":
		if id := w.Args[0]; !d.suspected(id) {
			return fmt.Errorf("expected an explanation that there is (suppose adds one), got %q", id)
		}
	}
	if w.Do == "link" {
		return d.checkLines(w.Args[1:])
	}
	return nil
}

// checkLines refuses what is no line of a log that can be read.
func (d *Drill) checkLines(words []string) error {
	var all []int
	for _, e := range d.Evidence(1) {
		all = append(all, e.N)
	}
	for _, word := range words {
		n, err := lineNumber(word)
		if _, there := slices.BinarySearch(all, n); err != nil || !there {
			return fmt.Errorf("expected a line of the logs that can be read, got %q", word)
		}
	}
	return nil
}

// suspected tells whether an explanation is there, the file's or the players'.
func (d *Drill) suspected(id string) bool {
	return d.file.hypothesis(id) != nil || slices.ContainsFunc(d.own, func(o Own) bool { return o.ID == id })
}

func (d *Drill) suppose(w work) string {
	id := ""
	for n := 1; id == "" || d.suspected(id); n++ { // a trainer may have called one so
		id = ownPrefix + strconv.Itoa(n)
	}
	d.own = append(d.own, Own{At: d.now, ID: id, Text: strings.Join(w.Args, " "), By: w.By})
	return "noted as " + id
}

func (d *Drill) believed(w work) string {
	percent, mark, _ := odds(w.Args[1])
	d.connect(w.Args[0], w.Args[2:])
	b := Belief{At: d.now, Hypothesis: w.Args[0], Percent: percent, Mark: mark, Evidence: slices.Clone(d.links[w.Args[0]])}
	d.beliefs = append(d.beliefs, b)
	if percent > 50 {
		d.note("believe " + b.Hypothesis)
		if d.bearsOnThief(b) {
			d.note("shown " + b.Hypothesis)
		}
	}
	return "noted"
}

// connect adds lines to the evidence of an explanation.
func (d *Drill) connect(id string, lines []string) {
	for _, word := range lines {
		if n, err := lineNumber(word); err == nil && !slices.Contains(d.links[id], n) {
			d.links[id] = append(d.links[id], n)
		}
	}
	slices.Sort(d.links[id])
}

func (d *Drill) disconnect(id string, lines []string) {
	d.links[id] = slices.DeleteFunc(d.links[id], func(n int) bool {
		return slices.ContainsFunc(lines, func(word string) bool { m, _ := lineNumber(word); return m == n })
	})
}

// suspects are the explanations there are, the file's before the players' own, and where they stand.
func (d *Drill) suspects() (out []Suspect) {
	for _, h := range d.file.Hypotheses {
		out = append(out, Suspect{ID: h.ID, Text: h.Text, Percent: -1})
	}
	for _, o := range d.own {
		out = append(out, Suspect{ID: o.ID, Text: o.Text, Percent: -1, Own: true})
	}
	for i := range out {
		one := &out[i]
		one.Evidence = slices.Clone(d.links[one.ID])
		for _, b := range d.beliefs {
			if b.Hypothesis == one.ID {
				one.Percent, one.Mark, one.At = b.Percent, b.Mark, b.At
			}
		}
	}
	return out
}

// Odds says how likely the player last said it was; empty while nothing was said.
func (s Suspect) Odds() string {
	if s.Percent < 0 {
		return ""
	}
	return cmp.Or(s.Mark, strconv.Itoa(s.Percent)+" %")
}

// Linked are the numbers of the log lines that are linked to an explanation, in order.
func (d *Drill) Linked(id string) []int { return slices.Clone(d.links[id]) }
