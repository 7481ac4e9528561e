package report

import (
	"slices"
	"strings"

	"thiefbox/sim/verdict"
)

// PartOfMatrix marks the runs that were made for a matrix.
const PartOfMatrix = "matrix"

// Entry is one line of the history: a run, or all the runs of one matrix.
type Entry struct {
	Runs []Run // in the order of the history; never empty
}

// Entries puts the runs of a matrix together. The runs of one matrix are kept at the same moment and
// beside one another, which is how they are recognised.
func Entries(history []Run) []Entry {
	var out []Entry
	for _, r := range history {
		if n := len(out); n > 0 && sameWhole(out[n-1].Runs[0], r) {
			out[n-1].Runs = append(out[n-1].Runs, r)
			continue
		}
		out = append(out, Entry{Runs: []Run{r}})
	}
	return out
}

func sameWhole(a, b Run) bool {
	return a.Part != "" && a.Part == b.Part && a.Started.Equal(b.Started) && a.Seed == b.Seed
}

// One tells whether the entry is a single run.
func (e Entry) One() bool { return len(e.Runs) == 1 }

// ID names the entry: "r0007", or "r0001-r0506".
func (e Entry) ID() string {
	newest, oldest := e.Runs[0].ID, e.Runs[len(e.Runs)-1].ID
	if e.One() {
		return newest
	}
	return oldest + "-" + newest
}

// Count is how many of the runs ended so.
func (e Entry) Count(o verdict.Outcome) int {
	n := 0
	for _, r := range e.Runs {
		if r.Verdict.Outcome == o {
			n++
		}
	}
	return n
}

// Surprises is how many of the runs differ from the reviewed matrix.
func (e Entry) Surprises() int {
	n := 0
	for _, r := range e.Runs {
		if r.Surprise() {
			n++
		}
	}
	return n
}

// Profiles is how many profiles the runs are under.
func (e Entry) Profiles() int {
	var names []string
	for _, r := range e.Runs {
		if !slices.Contains(names, r.Profile) {
			names = append(names, r.Profile)
		}
	}
	return len(names)
}

// Tally counts the outcomes in the words a reader uses for them: "82 Breached, 424 Held".
func (e Entry) Tally(word func(verdict.Outcome) string) string {
	var parts []string
	for _, o := range []verdict.Outcome{verdict.Breached, verdict.Held, verdict.Void} {
		if n := e.Count(o); n > 0 {
			parts = append(parts, itoa(n)+" "+word(o))
		}
	}
	return strings.Join(parts, ", ")
}
