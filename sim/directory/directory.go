// Package directory tells the authorization server whose records a person may open an app on, out of the population that
// the API serves: in a product the two share that knowledge, here they meet over HTTP alone. Begin with New. It decides
// nothing about records: the API asks again, about each.
package directory

import (
	"strings"
	"sync"

	"thiefbox/fhirmock"
	"thiefbox/idp"
)

// Directory is an idp.Directory. It is safe for concurrent use.
type Directory struct {
	people  *fhirmock.People
	callers map[string]fhirmock.Caller
	names   func() map[string]string // of those whose records are always there
	glances fhirmock.Glances         // at the others
}

// New returns the directory of a population. callers says whom a token's sub stands for; nobody changes it.
func New(people *fhirmock.People, callers map[string]fhirmock.Caller) *Directory {
	return &Directory{people, callers, sync.OnceValue(func() map[string]string {
		names := map[string]string{}
		for _, p := range people.Patients() {
			names[p.ID] = p.Name
		}
		return names
	}), fhirmock.NewGlances(people)}
}

// Patients lists those of a person whose name or id holds a text, whatever its case.
func (d *Directory) Patients(subject, like string, most int) (out []idp.Choice) {
	like = strings.ToLower(strings.TrimSpace(like))
	for _, id := range d.people.Entitled(d.callers[subject]) {
		c := d.choice(id)
		if like == "" || strings.Contains(strings.ToLower(c.Text), like) {
			out = append(out, c)
		}
		if len(out) == most {
			break
		}
	}
	return out
}

// Patient is one of them.
func (d *Directory) Patient(subject, id string) (idp.Choice, bool) {
	if !d.people.May(d.callers[subject], id) {
		return idp.Choice{}, false
	}
	return d.choice(id), true
}

func (d *Directory) choice(id string) idp.Choice {
	name, here := d.names()[id]
	if !here {
		name = d.glances.Name(id)
	}
	if name != "" {
		return idp.Choice{ID: id, Text: name + " (" + id + ")"}
	}
	return idp.Choice{ID: id, Text: id}
}

// Encounters lists those of a patient, latest first.
func (d *Directory) Encounters(patient string, most int) (out []idp.Choice) {
	all := d.glances.Encounters(patient)
	for _, met := range all[:min(most, len(all))] {
		out = append(out, idp.Choice{ID: met.ID, Text: met.Day + " (" + met.ID + ")"})
	}
	return out
}
