package drill

import (
	"errors"
	"strings"
	"time"
)

// errNotHis is the answer to a player who reaches for what is the facilitator's.
var errNotHis = errors.New("that is for the facilitator")

// Sight is all that can be seen from a seat at one moment. It is a copy. What a player may not know yet is not
// in it: a count of stolen records would tell him whether he guessed right.
type Sight struct {
	View
	ID, Brief string
	Source    string        // what it is modelled on, which would give it away; known with the truth
	Country   string        // whose obligations apply
	Turn      time.Duration // how much time a turn lets pass, unless somebody wants it otherwise
	Clients   []Choice      // the kinds of client, and how many of each there are
	Suspects  []Suspect
	Aims      []Aim
	Actions   []Action
	Logs      []Evidence
	Weights   Weights
	Harm      Harm // records and loss are 0 for a player until the drill is over
	// Known tells whether Harm is whole.
	Known bool
	// Held: a facilitator at her desk has stopped the clock.
	Held bool
	// Truth is for a facilitator, and for everybody when the drill is over.
	Truth *Truth
	Guide *Guide // for a facilitator
	// Coming are the messages that have not arrived; for a facilitator.
	Coming []Message

	words words
}

// Suspect is an explanation, and how likely the player last said it was.
type Suspect struct {
	ID, Text string
	Percent  int    // -1 while nothing was said
	Mark     string // the word it was said by, if it was not a number
	Evidence []int
	At       time.Duration
	Own      bool   // in the players' words: nothing says whether it is right
	Right    string // yes or no, once it is known; empty for one of the players' own
}

// Aim is an objective as players read it.
type Aim struct {
	ID, Text string
	By       time.Duration
}

// Sight is what can be seen now.
func (s *Seat) Sight() Sight {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.drill
	out := Sight{
		View: d.View(), ID: d.file.ID, Brief: flat(d.file.Brief), Country: d.file.Whose(), Turn: d.file.turn(),
		Logs: s.evidence(), Weights: d.file.Score, Harm: d.Harm(), Known: s.facilitator || d.over, Held: s.held,
	}
	if !out.Known {
		out.Done = unheard(out.Done)
	}
	out.Clients = clientsOf(d.file, out.View)
	out.Suspects, out.Aims = d.suspects(), d.aims()
	for _, a := range catalogue {
		if a.ID != Wait && (s.facilitator || !a.Facilitator) {
			out.Actions = append(out.Actions, a)
		}
	}
	if out.Known {
		for i, one := range out.Suspects {
			if h := d.file.hypothesis(one.ID); h != nil {
				out.Suspects[i].Right = map[bool]string{true: "yes", false: "no"}[h.True]
			}
		}
		truth := d.Truth()
		out.Truth, out.Source = &truth, flat(d.file.Source)
	} else {
		out.Harm.Records, out.Harm.Loss = 0, 0
	}
	if s.facilitator {
		guide := d.file.Guide
		out.Guide = &guide
		for i, in := range d.file.Injects {
			if !d.fired[i] {
				out.Coming = append(out.Coming, Message{At: in.At, ID: in.ID, Channel: in.Channel, From: in.From, Text: in.Text})
			}
		}
	}
	out.words = wordsOf(d.file, out)
	return out
}

// turn is a round time of which some forty make the drill.
func (f *File) turn() time.Duration {
	for _, t := range []time.Duration{minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour} {
		if t >= f.Duration/40 {
			return t
		}
	}
	return 24 * hour
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func (d *Drill) aims() (out []Aim) {
	for _, o := range d.file.Objectives {
		out = append(out, Aim{o.ID, o.Text, o.By})
	}
	return out
}
