package detect

import "math"

// Sample is the log of one run, and what it is a log of.
type Sample struct {
	Attack string // catalogue id; empty for honest traffic
	Under  string // profile
	// Breached: the attack succeeded. What rings for one that was stopped is mostly the refusal.
	Breached bool
	Day      string // honest traffic: what sort of day
	Fired    []Fired
}

// Share is a count out of a count, with a 95% interval (Wilson's): how far other runs of the same kind might lie
// from it. It says nothing about another world.
type Share struct {
	Of   int     `json:"of"`
	N    int     `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// NewShare counts n of all.
func NewShare(n, all int) Share {
	s := Share{Of: all, N: n, High: 1}
	if all == 0 {
		return s
	}
	const z = 1.959964
	p, m := float64(n)/float64(all), float64(all)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	reach := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	s.Low, s.High = max(0, middle-reach), min(1, middle+reach)
	return s
}

// Value is the share itself, 0 of nothing.
func (s Share) Value() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

// Score is how a rule did. Precision is the share of its alarms that were attacks, recall the share of attacks
// that it rang for; an alarm is a run in which it fired at all.
type Score struct {
	Rule      string   `json:"rule"`
	Title     string   `json:"title"`
	Level     string   `json:"level"`
	Precision Share    `json:"precision"`
	Recall    Share    `json:"recall"`
	Breached  Share    `json:"recall_of_breached"` // of the attacks that succeeded
	Held      Share    `json:"recall_of_stopped"`  // of those that did not
	Attacks   []string `json:"attacks"`            // that it rang for, under one profile at least
	Days      []string `json:"honest_days"`        // kinds of honest day that it rang on
}

// Traced is which rules ring for an attack, and in how many of its runs any does.
type Traced struct {
	Attack string         `json:"attack"`
	Rules  map[string]int `json:"rules"` // in how many runs
	Seen   Share          `json:"seen"`
}

// Measure is a pack over a corpus.
type Measure struct {
	Runs   int      `json:"attack_runs"`
	Honest int      `json:"honest_days"`
	Scores []Score  `json:"rules"`
	Traces []Traced `json:"attacks"`
	// Families are the attacks by family.
	Families []Family `json:"families"`
	// Pack is all rules together: precision of its alarms (runs in which any rang), recall over attack runs.
	Precision Share `json:"precision"`
	Recall    Share `json:"recall"`
	Breached  Share `json:"recall_of_breached"`
	Held      Share `json:"recall_of_stopped"`
}

// Untraced are the attacks for which no rule rang in any run.
func (m Measure) Untraced() (out []string) {
	for _, t := range m.Traces {
		if t.Seen.N == 0 {
			out = append(out, t.Attack)
		}
	}
	return out
}

// Count measures rules over samples.
func Count(rules []*Rule, samples []Sample) Measure {
	m := Measure{Scores: []Score{}, Traces: []Traced{}}
	scores := map[*Rule]*tally{}
	for _, r := range rules {
		scores[r] = &tally{}
	}
	traces := map[string]*Traced{}
	var order []string
	var any tally
	breached := 0
	for _, s := range samples {
		rings := false
		for _, f := range s.Fired {
			if t := scores[f.Rule]; t != nil {
				t.add(s)
				rings = true
			}
		}
		if s.Attack == "" {
			m.Honest++
		} else {
			m.Runs++
			if s.Breached {
				breached++
			}
			if traces[s.Attack] == nil {
				traces[s.Attack], order = &Traced{Attack: s.Attack, Rules: map[string]int{}}, append(order, s.Attack)
			}
			traces[s.Attack].add(s, scores, rings)
		}
		if rings {
			any.add(s)
		}
	}
	for _, r := range rules {
		t := scores[r]
		score := Score{Rule: r.Handle(), Title: r.Title, Level: r.Level, Attacks: nonNil(t.attacks), Days: nonNil(t.days)}
		score.Precision, score.Recall, score.Breached, score.Held = t.shares(m.Runs, breached)
		m.Scores = append(m.Scores, score)
	}
	for _, id := range order {
		t := traces[id]
		t.Seen = NewShare(t.Seen.N, t.Seen.Of)
		m.Traces = append(m.Traces, *t)
	}
	m.Families = families(scores, samples)
	m.Precision, m.Recall, m.Breached, m.Held = any.shares(m.Runs, breached)
	return m
}

func (t *Traced) add(s Sample, counted map[*Rule]*tally, rings bool) {
	t.Seen.Of++
	if rings {
		t.Seen.N++
	}
	for _, f := range s.Fired {
		if counted[f.Rule] != nil {
			t.Rules[f.Rule.Handle()]++
		}
	}
}

type tally struct {
	hits, false   int
	breached      int // of the hits
	attacks, days []string
}

// shares are precision, and recall of all, of the attacks that succeeded and of those that were stopped.
func (t *tally) shares(runs, breached int) (precision, recall, succeeded, stopped Share) {
	return NewShare(t.hits, t.hits+t.false), NewShare(t.hits, runs), NewShare(t.breached, breached), NewShare(t.hits-t.breached, runs-breached)
}

func (t *tally) add(s Sample) {
	if s.Attack == "" {
		t.false++
		t.days = once(t.days, s.Day)
		return
	}
	t.hits++
	if s.Breached {
		t.breached++
	}
	t.attacks = once(t.attacks, s.Attack)
}

func once(list []string, word string) []string {
	for _, w := range list {
		if w == word {
			return list
		}
	}
	return append(list, word)
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
