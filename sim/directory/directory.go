// Package directory tells the authorization server whose records a person may open an app on, out of the population that
// the API serves: in a product the two share that knowledge, here they meet over HTTP alone. Begin with New. It decides
// nothing about records: the API asks again, about each.
package directory

import (
	"slices"
	"strings"
	"sync"

	"thiefbox/fhirmock"
	"thiefbox/idp"
)

// Directory is an idp.Directory. It is safe for concurrent use.
type Directory struct {
	people  *fhirmock.People
	callers map[string]fhirmock.Caller
	names   func() map[string]string
}

// New returns the directory of a population. callers says whom a token's sub stands for; nobody changes it.
func New(people *fhirmock.People, callers map[string]fhirmock.Caller) *Directory {
	return &Directory{people, callers, sync.OnceValue(func() map[string]string {
		names := map[string]string{}
		for _, p := range people.Patients() {
			names[p.ID] = p.Name
		}
		return names
	})}
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
	if name := d.names()[id]; name != "" {
		return idp.Choice{ID: id, Text: name + " (" + id + ")"}
	}
	return idp.Choice{ID: id, Text: id}
}

// Encounters lists those of a patient, latest first. Of people whose records are made only when they are read,
// there is none to pick.
func (d *Directory) Encounters(patient string, most int) (out []idp.Choice) {
	all := slices.Clone(d.people.RecordsOf("Encounter", patient))
	slices.SortStableFunc(all, func(a, b *fhirmock.Record) int { return b.Updated.Compare(a.Updated) })
	for _, r := range all[:min(most, len(all))] {
		out = append(out, idp.Choice{ID: r.ID, Text: r.Updated.Format("2006-01-02") + " (" + r.ID + ")"})
	}
	return out
}
