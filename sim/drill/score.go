package drill

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// Harm is what happened to people, by kind, and the one number the drill's weights make of it.
type Harm struct {
	Records       float64 `json:"records"`
	ClinicMinutes float64 `json:"clinic_minutes"`
	OverdueHours  float64 `json:"overdue_hours"`
	Unneeded      float64 `json:"unneeded_notifications"`
	Loss          float64 `json:"loss"`
}

// Harm is the harm so far.
func (d *Drill) Harm() Harm {
	var h Harm
	for _, r := range d.receipts {
		switch r.Term {
		case "records":
			h.Records += r.Amount
		case "clinic_minutes":
			h.ClinicMinutes += r.Amount
		case "overdue_hours":
			h.OverdueHours += r.Amount
		case "unneeded_notifications":
			h.Unneeded += r.Amount
		}
	}
	h.Loss = d.file.Score.loss(h)
	return h
}

func (w Weights) loss(h Harm) float64 {
	return w.Records*h.Records + w.ClinicMinutes*h.ClinicMinutes + w.OverdueHours*h.OverdueHours + w.Unneeded*h.Unneeded
}

// Times are when things came about, computed from the state and not from what was pressed. -1 is never.
type Times struct {
	Detect    time.Duration `json:"detect"`    // the first decision after the first alarm that looks into it
	Triage    time.Duration `json:"triage"`    // the right explanation, with evidence the thief left
	Contain   time.Duration `json:"contain"`   // from here to the end the thief got nothing
	Eradicate time.Duration `json:"eradicate"` // from here to the end the cause was gone
	Recover   time.Duration `json:"recover"`   // contained, and from here to the end no more clients broken than at the start
}

const never = time.Duration(-1)

// Times reads them off the state.
func (d *Drill) Times() Times {
	t := Times{never, never, never, never, never}
	alarm := never
	if len(d.inbox) > 0 {
		alarm = d.inbox[0].At
	}
	for _, one := range d.done {
		if alarm >= 0 && one.At >= alarm && !one.Cancelled && t.Detect < 0 && slices.Contains([]string{"believe", "probe", "schedule", "logs"}, one.Do) {
			t.Detect = one.At
		}
	}
	for _, b := range d.beliefs {
		if h := d.file.hypothesis(b.Hypothesis); t.Triage < 0 && h != nil && h.True && b.Percent > 50 && d.bearsOnThief(b) {
			t.Triage = b.At
		}
	}
	if d.begun {
		t.Contain = d.lastBad(func(m Moment) bool { return m.Success > 0 })
	}
	t.Eradicate = d.lastBad(func(m Moment) bool { return !m.Cause })
	if t.Contain >= 0 {
		if ok := d.lastBad(func(m Moment) bool { return m.Clients > d.baseline }); ok >= 0 {
			t.Recover = max(ok, t.Contain)
		}
	}
	return t
}

// lastBad is the first moment after which nothing is bad to the end; never if the end is bad itself.
func (d *Drill) lastBad(bad func(Moment) bool) time.Duration {
	at := never
	for _, m := range d.history {
		if bad(m) {
			at = never
		} else if at < 0 {
			at = m.At
		}
	}
	return at
}

// bearsOnThief tells whether some of a belief's evidence was left by the thief, or by one's own try of what he
// does. Before he has tried anything there is nothing of his to point at, and any line of a log will do.
func (d *Drill) bearsOnThief(b Belief) bool {
	tried := false
	for _, t := range d.tries {
		if t.At > b.At {
			break
		}
		tried = true
		for _, n := range b.Evidence {
			if n >= t.First && n <= t.Last {
				return true
			}
		}
	}
	for _, n := range b.Evidence {
		for _, t := range d.tests {
			if n >= t[0] && n <= t[1] {
				return true
			}
		}
	}
	return !tried && len(b.Evidence) > 0
}

// Weigh tells of a belief whether its explanation is right, and whether its evidence bears on it.
func (d *Drill) Weigh(b Belief) (right, shown bool) {
	h := d.file.hypothesis(b.Hypothesis)
	return h != nil && h.True, d.bearsOnThief(b)
}

// Rating is how an objective went: P in time, S somewhat late, M late, U not at all.
type Rating string

// Ratings of objectives.
const (
	Performed Rating = "P"
	Some      Rating = "S"
	Major     Rating = "M"
	Unable    Rating = "U"
)

// Rated is an objective and how it went; a proposal, for a person to confirm.
type Rated struct {
	Objective
	Rating Rating        `json:"rating"`
	At     time.Duration `json:"at"` // -1 if never
}

// Objectives rates them.
func (d *Drill) Objectives() (out []Rated) {
	for _, o := range d.file.Objectives {
		r := Rated{o, Unable, never}
		if at, there := d.reached[o.ID]; there {
			r.At = at
			switch {
			case at <= o.By:
				r.Rating = Performed
			case at <= o.By*3/2:
				r.Rating = Some
			default:
				r.Rating = Major
			}
		}
		out = append(out, r)
	}
	return out
}

// Judgement is how decisions were come by.
type Judgement struct {
	// Informed is the share of decisions that changed a machine and were made after the right explanation
	// had been given with evidence; 0 if there were none.
	Informed float64 `json:"informed"`
	// Brier is the mean squared error of the odds that were given, from 0 to 1; -1 if none were.
	Brier float64  `json:"brier"`
	Traps []string `json:"traps"` // walked into
	Score float64  `json:"score"` // from 0 to 100
}

// Judgement judges.
func (d *Drill) Judgement() Judgement {
	j := Judgement{Brier: -1, Traps: []string{}}
	triage := d.Times().Triage
	technical, informed := 0, 0
	for _, one := range d.done {
		if a := actionOf(one.Do); !a.Changes() || one.Cancelled {
			continue
		}
		if technical++; triage >= 0 && one.At >= triage {
			informed++
		}
	}
	if technical > 0 {
		j.Informed = float64(informed) / float64(technical)
	}
	latest := map[string]int{} // of the file's: whether the players' own are right, nothing says
	for _, b := range d.beliefs {
		if d.file.hypothesis(b.Hypothesis) != nil {
			latest[b.Hypothesis] = b.Percent
		}
	}
	for _, h := range d.file.Hypotheses {
		if p, said := latest[h.ID]; said {
			j.Brier = max(j.Brier, 0) + math.Pow(float64(p)/100-truth(h.True), 2)/float64(len(latest))
		}
	}
	for i, trap := range d.file.Traps {
		if _, there := d.trapped[i]; there {
			j.Traps = append(j.Traps, trap.Text)
		}
	}
	odds := 0.0
	if j.Brier >= 0 {
		odds = 1 - j.Brier
	}
	if technical+len(latest) > 0 {
		j.Score = max(0, 50*j.Informed+50*odds-15*float64(len(j.Traps)))
	}
	return j
}

// Communication is whether those were told who had to be.
type Communication struct {
	Met      []string `json:"met"`
	Missed   []string `json:"missed"`
	Unneeded int      `json:"unneeded"`
	Wrong    []string `json:"wrong,omitempty"` // what should not have been said, and why
	Score    float64  `json:"score"`           // from 0 to 100
}

// Communication judges: duties and answers that were due within the drill, or were met before they were.
func (d *Drill) Communication() Communication {
	c := Communication{Met: []string{}, Missed: []string{}}
	judge := func(name string, at time.Duration, told bool, due time.Duration) {
		switch {
		case told && at <= due:
			c.Met = append(c.Met, name)
		case told || due <= d.now:
			c.Missed = append(c.Missed, name)
		}
	}
	for _, o := range d.file.Law() {
		at, told := d.duties[o.ID]
		switch {
		case !slices.Contains(d.file.Duties, o.ID):
			if told {
				c.Unneeded++
			}
		case d.aware >= 0:
			judge(o.ID, at, told, d.aware+o.Within)
		}
	}
	for _, m := range d.inbox {
		if m.AnswerBy > 0 {
			at, there := d.answered[m.ID]
			judge(AnswerTo(m.ID, m.From), at, there, m.AnswerBy)
		}
	}
	for _, s := range d.said {
		if s.wrong != "" {
			c.Wrong = append(c.Wrong, s.to.ID+", "+Clock(s.at)+": "+s.wrong)
		}
	}
	if n := len(c.Met) + len(c.Missed) + len(c.Wrong); n > 0 {
		c.Score = max(0, 100*float64(len(c.Met))/float64(n)-10*float64(c.Unneeded))
	}
	return c
}

// Score is what a drill came to, each part beside the others. Nothing adds them up.
type Score struct {
	Harm          Harm            `json:"harm"`
	Skill         float64         `json:"skill"` // 0 is doing nothing, 100 the reference; from -50 to 110
	Times         Times           `json:"times"`
	Par           Times           `json:"par"` // of the reference
	Judgement     Judgement       `json:"judgement"`
	Communication Communication   `json:"communication"`
	Anchors       map[string]Harm `json:"anchors"` // of the bots
	// Robust: halving or doubling any one weight leaves the player on the same side of both anchors.
	Robust     bool    `json:"robust"`
	Objectives []Rated `json:"objectives"`
	// Facilitated is since when somebody sat where the truth can be seen; empty if nobody did.
	Facilitated string    `json:"facilitated,omitempty"`
	Receipts    []Receipt `json:"receipts"`
}

// Judge scores a drill that is over, by playing the bots under the same seed.
func (d *Drill) Judge(ctx context.Context) (Score, error) {
	s := Score{Harm: d.Harm(), Times: d.Times(), Judgement: d.Judgement(), Communication: d.Communication(), Anchors: map[string]Harm{},
		Objectives: d.Objectives(), Receipts: append([]Receipt{}, d.receipts...)}
	if at, ever := d.tape.Facilitated(); ever {
		s.Facilitated = "from " + Clock(at)
	}
	played := make([]anchor, len(Bots()))
	var all sync.WaitGroup
	for i, name := range Bots() { // each has a world of its own
		all.Add(1)
		go func() {
			defer all.Done()
			played[i] = d.anchor(ctx, name)
		}()
	}
	all.Wait()
	for i, name := range Bots() {
		if err := played[i].err; err != nil {
			return s, fmt.Errorf("the %s bot: %w", name, err)
		}
		s.Anchors[name] = played[i].harm
		if name == "reference" {
			s.Par = played[i].times
		}
	}
	s.Skill = d.file.Score.skill(s.Harm, s.Anchors)
	s.Robust = d.file.Score.robust(s.Harm, s.Anchors)
	return s, nil
}

// anchor is what a bot came to.
type anchor struct {
	harm  Harm
	times Times
	err   error
}

// anchor has a bot play the same drill under the same seed.
func (d *Drill) anchor(ctx context.Context, name string) anchor {
	bot, err := BotNamed(name)
	if err != nil {
		return anchor{err: err}
	}
	played, err := Play(ctx, &Tape{File: d.tape.File, Seed: d.tape.Seed}, bot, d.make)
	if err != nil {
		return anchor{err: err}
	}
	return anchor{played.Harm(), played.Times(), played.Close()}
}

// skill places a loss between the anchors.
func (w Weights) skill(h Harm, anchors map[string]Harm) float64 {
	nothing, best := w.loss(anchors["nothing"]), w.loss(anchors["reference"])
	if nothing <= best {
		return 0 // the reference is no better than doing nothing: the drill's check says so
	}
	return max(-50, min(110, 100*(nothing-w.loss(h))/(nothing-best)))
}

// robust tells whether the rank among the anchors survives other weights.
func (w Weights) robust(h Harm, anchors map[string]Harm) bool {
	rank := func(w Weights) (r [2]bool) {
		return [2]bool{w.loss(h) < w.loss(anchors["nothing"]), w.loss(h) <= w.loss(anchors["reference"])}
	}
	usual := rank(w)
	for _, by := range []float64{0.5, 2} {
		for i := range 4 {
			other := w
			switch i {
			case 0:
				other.Records *= by
			case 1:
				other.ClinicMinutes *= by
			case 2:
				other.OverdueHours *= by
			case 3:
				other.Unneeded *= by
			}
			if rank(other) != usual {
				return false
			}
		}
	}
	return true
}

// Formula is the arithmetic of the loss, for whoever asks.
func (s Score) Formula(w Weights) string {
	return strings.Join([]string{
		fmt.Sprintf("loss %.1f = %g x %.0f records", s.Harm.Loss, w.Records, s.Harm.Records),
		fmt.Sprintf("%g x %.0f clinic-minutes", w.ClinicMinutes, s.Harm.ClinicMinutes),
		fmt.Sprintf("%g x %.1f overdue hours", w.OverdueHours, s.Harm.OverdueHours),
		fmt.Sprintf("%g x %.0f unneeded notifications", w.Unneeded, s.Harm.Unneeded),
	}, " + ")
}
