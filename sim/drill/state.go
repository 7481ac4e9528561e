package drill

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/sim/ecosystem"
)

// state is what has become of a drill so far. All of it follows from the tape.
type state struct {
	begun    bool // the thief
	failing  int  // rounds in a row in which nothing worked for him
	tries    []Try
	rounds   int // in which he tried
	numbered int // record numbers he has been through, if he goes by number
	records  float64
	broken   ecosystem.Cell // clients and clinics that are not served
	baseline int            // clients broken before anything was done

	clinicMinutes float64
	reloginVisits int
	receipts      []Receipt

	inbox    []Message
	done     []Done
	notes    map[string]time.Duration // when something was first so: "done deny", "believe h1"
	notedIn  map[string]int           // how many rounds the thief had tried by then
	beliefs  []Belief
	own      []Own                    // explanations of the players'
	links    map[string][]int         // evidence of each explanation, in order
	duties   map[string]time.Duration // when each was done
	answered map[string]time.Duration // injects
	said     []said                   // what was said, where it matters
	aware    time.Duration            // when the organisation knew; negative before
	reached  map[string]time.Duration // objectives
	trapped  map[int]time.Duration    // traps, by number
	logsFrom map[string]bool          // APIs whose logs can be read

	moves   []move
	tests   [][2]int // events of the responder's own tries
	history []Moment
	played  []bool // the reference's plays, for its bot
	fired   []bool // injects
}

// Try is a round of the thief's at one API, and when.
type Try struct {
	At      time.Duration
	Records float64 // that reached him, in the population
	Attempt
}

// said is a reply that was given, and why it should not have been, as things stood then.
type said struct {
	at    time.Duration
	to    *Inject
	reply *Reply
	wrong string
}

// Message is something that reached the players.
type Message struct {
	At                      time.Duration
	ID, Channel, From, Text string
	AnswerBy                time.Duration // 0 if nobody waits
	Answers                 []Choice      // what can be said to it, where it matters; in an order that says nothing
}

// Done is a decision and what came of it.
type Done struct {
	Decision
	N      int           // from 1, on the tape
	Starts time.Duration // when an operator takes it up, or took it up
	Ends   time.Duration // when it works, or worked
	Result []string
	When   []time.Duration // of each result
	// Cancelled: it was taken back before it had any effect.
	Cancelled bool
}

// Belief is how likely somebody said an explanation was, and by what evidence.
type Belief struct {
	At         time.Duration
	Hypothesis string
	Percent    int
	Mark       string // the word it was said by, if it was not a number
	Evidence   []int  // numbers of events: all that were linked to it by then
}

// Moment is the state after something changed, for the curve of a report.
type Moment struct {
	At      time.Duration `json:"at"`
	Success float64       `json:"success"` // of the thief's latest round
	Records float64       `json:"records"`
	Clients int           `json:"clients_broken"`
	Clinics int           `json:"clinics_dark"`
	Cause   bool          `json:"cause_gone"` // the cause is gone
	// OldKey is how many APIs that judge tokens themselves believe a key that the server signs with no more.
	OldKey int `json:"apis_on_old_key"`
}

// Receipt is one term of the harm, and what shows it.
type Receipt struct {
	At     time.Duration `json:"at"`
	Term   string        `json:"term"` // records, clinic_minutes, overdue_hours, unneeded_notifications
	Amount float64       `json:"amount"`
	Why    string        `json:"why"`
	Event  int           `json:"event,omitempty"` // of the wire's log
}

func newState(f *File) state {
	s := state{
		notes: map[string]time.Duration{}, notedIn: map[string]int{}, duties: map[string]time.Duration{}, answered: map[string]time.Duration{}, aware: -1,
		reached: map[string]time.Duration{}, trapped: map[int]time.Duration{}, links: map[string][]int{}, logsFrom: map[string]bool{},
		played: make([]bool, len(f.Reference)), fired: make([]bool, len(f.Injects)), baseline: -1,
	}
	if len(f.World.APIs) > 0 {
		s.logsFrom[f.World.APIs[0].Kind] = true // the others have to be asked for
	}
	for _, api := range f.Logs {
		s.logsFrom[api] = true
	}
	return s
}

func (d *Drill) note(what string) {
	if _, there := d.notes[what]; !there {
		d.notes[what], d.notedIn[what] = d.now, d.rounds
	}
}

// decided notes that a decision was made.
func (d *Drill) decided(w work) {
	d.done = append(d.done, Done{Decision: w.Decision, N: w.n, Starts: d.now, Ends: d.now + w.lead})
	d.note("ordered " + w.Do)
}

func (d *Drill) report(decision int, said string) {
	for i := range d.done {
		if d.done[i].N == decision {
			if len(d.done[i].Result) == 0 {
				d.done[i].Ends = d.now
			}
			d.done[i].Result, d.done[i].When = append(d.done[i].Result, said), append(d.done[i].When, d.now)
		}
	}
}

// finish is the end of a work's lead: now it works.
func (d *Drill) finish(w work) {
	for _, o := range w.orders {
		d.carry(o, w.n)
		d.stick(o, w.n)
	}
	d.fold(w.n)
	d.note("done " + w.Do)
	d.note("done " + w.Decision.String())
	if talk := talks[w.Do]; talk != nil {
		d.report(w.n, talk(d, w, w.n))
	}
	d.moment()
}

// fold says of checks that came with one decision in one line that they are on at a place.
func (d *Drill) fold(decision int) {
	for i := range d.done {
		one := &d.done[i]
		if one.N != decision {
			continue
		}
		for j := 1; j < len(one.Result); j++ {
			before, place, deployed := strings.Cut(one.Result[j-1], " on at ")
			id, there, another := strings.Cut(one.Result[j], " is on at ")
			if !deployed || !another || place != there || one.When[j-1] != one.When[j] {
				continue
			}
			ids := strings.TrimSuffix(strings.TrimSuffix(before, " is"), " are")
			one.Result[j-1] = ids + ", " + id + " are on at " + place
			one.Result, one.When = slices.Delete(one.Result, j, j+1), slices.Delete(one.When, j, j+1)
			j--
		}
	}
}

// talks are what actions do besides, or in place of, ordering something.
var talks = map[string]func(d *Drill, w work, n int) string{
	"believe": func(d *Drill, w work, _ int) string { return d.believed(w) },
	"suppose": func(d *Drill, w work, _ int) string { return d.suppose(w) },
	"link": func(d *Drill, w work, _ int) string {
		d.connect(w.Args[0], w.Args[1:])
		return "noted"
	},
	"unlink": func(d *Drill, w work, _ int) string {
		d.disconnect(w.Args[0], w.Args[1:])
		return "noted"
	},
	Cancel: func(d *Drill, w work, _ int) string { return d.cancel(w) },
	"warn": func(d *Drill, w work, _ int) string {
		if _, there := d.duties[w.Args[0]]; !there {
			d.duties[w.Args[0]] = d.now
			if !slices.Contains(d.file.Duties, w.Args[0]) {
				d.charge("unneeded_notifications", 1, "warned "+w.Args[0]+", which these facts do not call for", 0)
			}
		}
		return "they have been told"
	},
	"answer": func(d *Drill, w work, _ int) string {
		if _, there := d.answered[w.Args[0]]; there {
			return "it had been answered: what was said stands"
		}
		d.answered[w.Args[0]] = d.now
		if len(w.Args) == 1 {
			return "answered"
		}
		in := d.file.inject(w.Args[0])
		d.said = append(d.said, said{d.now, in, in.reply(w.Args[1]), d.wrongNow(in.reply(w.Args[1]))})
		d.note("said " + w.Args[0] + " " + w.Args[1])
		return "said: " + in.reply(w.Args[1]).Text
	},
	"inject": func(d *Drill, w work, _ int) string {
		i := slices.IndexFunc(d.file.Injects, func(in Inject) bool { return in.ID == w.Args[0] })
		if d.fired[i] {
			return "it had arrived"
		}
		d.fire(i)
		return "it arrives"
	},
	"logs": func(d *Drill, w work, _ int) string {
		d.logsFrom[w.Args[0]] = true
		return "the logs of " + w.Args[0] + " can be read"
	},
	"probe": func(d *Drill, w work, _ int) string {
		return d.selfTest(w.Args[0])
	},
	"notify": func(d *Drill, w work, _ int) string {
		kinds := []string{w.Args[0]}
		if w.Args[0] == "all" {
			kinds = nil
			for _, k := range d.file.World.Clients {
				if refusedBy[k.Kind] != "" {
					kinds = append(kinds, k.Kind)
				}
			}
		}
		reached := 0
		for _, k := range kinds {
			reached += d.putRight(k, ecosystem.Push{Told: true, Deadline: d.has("ordered deadline")})
		}
		if w.Args[0] == "all" && len(kinds) > 0 && !d.has("believe-true") {
			d.charge("unneeded_notifications", 1, "told every supplier before it was known whom it concerns", 0)
		}
		return strconv.Itoa(reached) + " suppliers reached"
	},
	"schedule": func(d *Drill, w work, n int) string {
		each, _ := strconv.Atoi(w.Args[0])
		d.agenda.tests = rota{each: each, decision: n, next: d.now}
		return "from now on, " + w.Args[0] + " APIs a day are tried"
	},
	"ratchet": func(d *Drill, _ work, _ int) string {
		d.pop.Hold()
		return "whoever has moved is not let back"
	},
	"deadline": func(d *Drill, w work, n int) string {
		within, _ := span(w.Args[1])
		at := d.now + within
		// A deadline that is moved is the same deadline at another time.
		d.agenda.deadlines = slices.DeleteFunc(d.agenda.deadlines, func(one deadline) bool { return one.kind == w.Args[0] })
		d.agenda.deadlines = append(d.agenda.deadlines, deadline{at, w.Args[0], n})
		d.putRight(w.Args[0], ecosystem.Push{Told: d.has("done notify"), Deadline: true})
		return "announced: " + w.Args[0] + " is refused from " + Clock(at)
	},
}

func (d *Drill) has(note string) bool {
	_, there := d.notes[note]
	return there
}

func (d *Drill) putRight(kind string, push ecosystem.Push) int {
	for i, k := range d.file.World.Clients {
		if k.Kind == kind {
			return d.pop.PutRight(d.now, i, push)
		}
	}
	return 0
}

// selfTest tries the thief's techniques at an API. What it gets hold of is the responder's own test data:
// the log shows it, and no harm is counted.
func (d *Drill) selfTest(api string) string {
	d.wire.Work()
	var open []string
	for _, t := range d.file.Thief.Plan {
		try := d.wire.Strike(Raid{Technique: t, API: api, Most: 1}) // one record is enough to see
		if d.tests = append(d.tests, [2]int{try.First, try.Last}); try.Won {
			open = append(open, try.Name())
		}
	}
	d.note("probed " + api)
	if len(open) == 0 {
		return api + ": every try was refused"
	}
	d.note("found " + api)
	return api + ": open to: " + strings.Join(open, "; ")
}

// tried notes a try of the thief's.
func (d *Drill) tried(a Attempt) {
	t := Try{At: d.now, Attempt: a}
	if a.Won {
		d.failing = 0
		t.Records = float64(d.file.Thief.Harvest)
		if d.file.Thief.Rising > 0 {
			t.Records *= float64(len(a.Patients))
			d.numbered += len(a.Patients)
		}
		d.records += t.Records
		d.charge("records", t.Records, a.Name()+" at "+a.API, a.Last)
	} else {
		d.failing++
	}
	d.tries = append(d.tries, t)
	d.moment()
}

// isBlocked tells whether the thief's address is turned away: he notices, and moves.
func (d *Drill) isBlocked() bool {
	blocked := false
	for _, o := range d.carried {
		switch {
		case o.Do == Block && o.On == d.wire.Address(thiefsActor):
			blocked = true
		case o.Do == Unblock && o.On == d.wire.Address(thiefsActor):
			blocked = false
		}
	}
	return blocked
}

// thiefsActor is how the wire calls the thief.
const thiefsActor = "mallory"

// Clock writes a time since the start as people in a drill say it: T+12m, T+2h05m, T+72h01m. Hours go on past the
// first day, for so the law counts them, and the drill's file.
func Clock(t time.Duration) string {
	t = t.Round(minute)
	h, m := int(t/hour), int(t%hour/minute)
	if h > 0 {
		return "T+" + strconv.Itoa(h) + "h" + strconv.Itoa(m/10) + strconv.Itoa(m%10) + "m"
	}
	return "T+" + strconv.Itoa(m) + "m"
}

// Span writes a length of time as people in a drill say it: 5m, 2h, 1h30m.
func Span(d time.Duration) string {
	s := d.String()
	if minutes, whole := strings.CutSuffix(s, "m0s"); whole {
		s = minutes + "m"
	}
	if hours, whole := strings.CutSuffix(s, "h0m"); whole {
		s = hours + "h"
	}
	return s
}
