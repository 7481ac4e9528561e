package fhirmock

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"thiefbox/fhirmock/store"
)

// Glances shows what a list of patients needs to know of each, made when it is asked for like any record of a large
// population. It asks nobody whether he may know: that is for whoever makes the list.
type Glances struct{ view func() store.View }

// NewGlances returns the glances at a population as it was before anybody wrote.
func NewGlances(p *People) Glances {
	return Glances{sync.OnceValue(func() store.View { return store.New(p.Base()).View() })}
}

// Name is a patient's, or "".
func (g Glances) Name(patient string) string {
	found := g.view().Get("Patient", patient)
	if found == nil {
		return ""
	}
	r, _ := found.Open(insider{}, store.AsRead)
	names := r.Node("").List("name")
	if len(names) == 0 {
		return ""
	}
	var words []string
	for _, given := range names[0].List("given") {
		words = append(words, given.Text)
	}
	return strings.TrimSpace(strings.Join(words, " ") + " " + names[0].String("family"))
}

// Met is an encounter, and the day on which it began.
type Met struct{ ID, Day string }

// Encounters are those of a patient, latest first; none while what finds them is still being made.
func (g Glances) Encounters(patient string) (out []Met) {
	all, _ := g.view().InCompartment("Encounter", []string{"patient"}, patient, nil)
	for _, found := range all {
		r, _ := found.Open(insider{}, store.AsRead)
		began := ""
		if period := r.Node("").Get("period"); period != nil {
			began = period.String("start")
		}
		out = append(out, Met{r.ID, began[:min(len(began), len(time.DateOnly))]})
	}
	slices.SortStableFunc(out, func(a, b Met) int { return cmp.Compare(b.Day, a.Day) })
	return out
}
