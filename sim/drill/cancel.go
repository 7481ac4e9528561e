package drill

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What was decided can be taken back until it comes into effect: while it waits for an operator, and while one is at
// it. It then has no effect at all, whoever was at it is free, and what waits is taken up sooner. That it was taken back
// is a decision like any other, and on the tape.

// Cancel is the decision to take another back. It is named by its number on the tape.
const Cancel = "cancel"

// cancel takes "4" and "#4".
func (p *planner) cancel() error {
	if err := p.want(1, 1); err != nil {
		return err
	}
	_, err := decisionNumber(p.args[0])
	return err
}

func decisionNumber(word string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(word, "#"))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("expected the number of a decision, such as 4, got %q", word)
	}
	return n, nil
}

// checkCancel refuses to take back what is on no tape. What has come into effect by now is no error here, for the same
// tape may have it earlier (WhatIf); at a seat it is (stillOpen).
func (d *Drill) checkCancel(w work) error {
	if w.Do != Cancel {
		return nil
	}
	n, _ := decisionNumber(w.Args[0])
	if n > len(d.tape.Decisions) {
		return d.notOpen(w.Args[0])
	}
	return nil
}

// stillOpen refuses to take back what is not under way any more.
func (d *Drill) stillOpen(one Decision) error {
	if one.Do != Cancel || len(one.Args) != 1 {
		return nil
	}
	n, err := decisionNumber(one.Args[0])
	if err != nil || d.open(n) >= 0 {
		return nil // what is no number, Decide says
	}
	return d.notOpen(one.Args[0])
}

func (d *Drill) open(n int) int {
	return slices.IndexFunc(d.pending, func(p work) bool { return p.n == n })
}

func (d *Drill) notOpen(word string) error {
	var open []string
	for _, p := range d.pending {
		open = append(open, strconv.Itoa(p.n)+" "+p.Decision.String())
	}
	if len(open) == 0 {
		return fmt.Errorf("expected a decision that is under way, got %s, and nothing is", word)
	}
	return fmt.Errorf("expected a decision that is under way (%s), got %s", strings.Join(open, ", "), word)
}

// cancel takes a decision back.
func (d *Drill) cancel(w work) string {
	n, _ := decisionNumber(w.Args[0])
	i := d.open(n)
	if i < 0 {
		return "it had come into effect, or been taken back: nothing changes"
	}
	gone := d.pending[i]
	d.pending = slices.Delete(d.pending, i, i+1)
	again := false // the same was decided another time
	for j := range d.done {
		if d.done[j].N == n {
			d.done[j].Cancelled, d.done[j].Ends = true, d.now
		}
		again = again || d.done[j].Do == gone.Do && !d.done[j].Cancelled
	}
	if !again {
		delete(d.notes, "ordered "+gone.Do) // conditions see what stands
	}
	d.requeue()
	if gone.begun(d.now) {
		return fmt.Sprintf("%s is taken back, and operator %d is free for something else; it had no effect", gone.Decision, gone.crew+1)
	}
	return gone.Decision.String() + " is taken back before anybody began it"
}

// enqueue has the operator who is free first take up a work.
func (d *Drill) enqueue(w work) {
	w.crew = 0
	for i, busy := range d.crew {
		if busy < d.crew[w.crew] {
			w.crew = i
		}
	}
	w.starts = max(d.now, d.crew[w.crew])
	w.ends = w.starts + w.lead
	d.crew[w.crew] = w.ends
	i, _ := slices.BinarySearchFunc(d.pending, w.ends, func(p work, t time.Duration) int {
		if p.ends <= t { // those that end together end in the order they were decided
			return -1
		}
		return 1
	})
	d.pending = slices.Insert(d.pending, i, w)
	for i := range d.done {
		if d.done[i].N == w.n {
			d.done[i].Starts, d.done[i].Ends = w.starts, w.ends
		}
	}
}

// begun tells whether an operator is at it, or was.
func (w work) begun(now time.Duration) bool { return w.starts < now || w.starts == w.At }

// Open tells whether a decision waits or is under way, and so can be taken back.
func (o Done) Open(now time.Duration) bool { return !o.Cancelled && o.Ends > now }

// Pace says of a decision that is open when it works, and when it is begun if it waits.
func (o Done) Pace(now time.Duration) string {
	if o.Starts > now {
		return "waits for an operator until " + Clock(o.Starts) + ", works at " + Clock(o.Ends)
	}
	return "works at " + Clock(o.Ends)
}

// openWords are the decisions that can be taken back.
func openWords(s Sight) (out []Choice) {
	for _, one := range s.Done {
		if one.Open(s.Now) {
			out = append(out, Choice{strconv.Itoa(one.N), one.Decision.String() + ": " + one.Pace(s.Now)})
		}
	}
	return out
}

// requeue hands out anew what nobody has begun, in the order it was decided.
func (d *Drill) requeue() {
	var begun, waiting []work
	for _, p := range d.pending {
		if p.begun(d.now) {
			begun = append(begun, p)
		} else {
			waiting = append(waiting, p)
		}
	}
	for i := range d.crew {
		d.crew[i] = min(d.crew[i], d.now) // whoever was free was so before
	}
	for _, p := range begun {
		d.crew[p.crew] = p.ends
	}
	slices.SortFunc(waiting, func(a, b work) int { return a.n - b.n })
	d.pending = begun
	for _, p := range waiting {
		d.enqueue(p)
	}
}

// renumber gives what takes decisions back the numbers that those have by now: from is where each decision of a tape
// stood before, from 1. What takes back a decision that is there no more, or comes later by now, goes too.
func renumber(all []Decision, from []int) []Decision {
	out := make([]Decision, 0, len(all))
	now := map[int]int{} // by number before
	for i, one := range all {
		if one.Do == Cancel && len(one.Args) == 1 {
			n, err := decisionNumber(one.Args[0])
			if err != nil || now[n] == 0 {
				continue
			}
			one.Args = []string{strconv.Itoa(now[n])}
		}
		out = append(out, one)
		now[from[i]] = len(out)
	}
	return out
}
