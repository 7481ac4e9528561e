package report

import (
	"html/template"
	"strings"
)

// Album is what a page shows of runs, put together while they are made: the runs of an attack are told together once
// the next attack begins, and what is kept of them is the text and the diagrams of the page. So a page over thousands
// of runs never holds more than the tellings of one attack.
type Album struct {
	rounds rounds
	told   map[string]template.HTML // by attack
	open   []Telling                // of the attack that is being played
}

// NewAlbum returns an empty album.
func NewAlbum() *Album {
	return &Album{rounds: rounds{numbers: map[string]int{}, asked: map[string]bool{}}, told: map[string]template.HTML{}}
}

// Add takes in what is told of a run. Those of one attack come one after the other, as in a matrix.
func (a *Album) Add(t Telling) error {
	if len(a.open) > 0 && a.open[0].Attack != t.Attack {
		if err := a.close(); err != nil {
			return err
		}
	}
	a.open = append(a.open, t)
	return nil
}

// close puts down the attack that is open, if any.
func (a *Album) close() error {
	t, err := parsed()
	if err != nil || len(a.open) == 0 {
		return err
	}
	var tellings []pageTelling
	for _, t := range Together(a.open) {
		tellings = append(tellings, a.rounds.telling(t))
	}
	var b strings.Builder
	err = t.ExecuteTemplate(&b, "tellings", tellings)
	attack := a.open[0].Attack
	a.told[attack] += template.HTML(b.String()) // the template has escaped it
	a.open = nil
	return err
}
