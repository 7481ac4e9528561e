package drill

import (
	"slices"
	"time"

	"thiefbox/sim/ecosystem"
)

// View is what players may see of a drill at one moment. It is a copy.
type View struct {
	Title     string
	Now, Ends time.Duration
	Over      bool
	Inbox     []Message
	Crew      []time.Duration // when each operator is free
	Done      []Done
	Beliefs   []Belief
	Own       []Own // explanations in the players' words
	Broken    int   // clients that are not served and were at the start
	Dark      int   // clinics that are not served
	Duties    []DutyView
	Services  []Service
	Keys      []KeyView          // who believes which of the server's keys, once there is more than one
	Cells     [][]ecosystem.Cell // clients and clinics, by kind of client and of API as the drill lists them
}

// DutyView is an obligation and its clock.
type DutyView struct {
	Obligation
	Due  time.Duration // 0 while nobody is aware of anything
	Done bool
}

// View is the present view.
func (d *Drill) View() View {
	v := View{
		Title: d.file.Title, Now: d.now, Ends: d.file.Duration, Over: d.over, Inbox: slices.Clone(d.inbox), Crew: slices.Clone(d.crew),
		Done: slices.Clone(d.done), Beliefs: slices.Clone(d.beliefs), Own: slices.Clone(d.own), Broken: d.broken.Clients - d.baseline, Dark: d.broken.Clinics, Services: slices.Clone(d.services),
	}
	if len(d.keys.sign) > 1 {
		v.Keys = d.keysBelieved()
	}
	for _, row := range d.pop.Cells() {
		v.Cells = append(v.Cells, slices.Clone(row))
	}
	for _, o := range d.file.Law() {
		_, told := d.duties[o.ID]
		one := DutyView{Obligation: o, Done: told}
		if d.aware >= 0 {
			one.Due = d.aware + o.Within
		}
		v.Duties = append(v.Duties, one)
	}
	return v
}

// Truth is what the facilitator sees besides.
type Truth struct {
	Tries    []Try
	Records  float64
	Success  float64
	Traps    []string
	Receipts []Receipt
	History  []Moment
}

// Truth is the present truth.
func (d *Drill) Truth() Truth {
	t := Truth{Tries: slices.Clone(d.tries), Records: d.records, Success: d.success(), Receipts: slices.Clone(d.receipts), History: slices.Clone(d.history)}
	for i, trap := range d.file.Traps {
		if at, there := d.trapped[i]; there {
			t.Traps = append(t.Traps, Clock(at)+" "+trap.Text)
		}
	}
	return t
}
