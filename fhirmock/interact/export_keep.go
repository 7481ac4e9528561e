package interact

import (
	"encoding/json"
	"fmt"
	"time"

	"thiefbox/fhirmock/store"
)

// What is kept of an export is what was asked for, and the mark of the view: after a restart the same records are found
// at the same time, so that its files are what they were, and transactionTime with them. Only how far the list of files
// had come is found out again.

// ExportKeeper is where exports are kept. KeepExport and DropExport return when they outlive a crash.
type ExportKeeper interface {
	// KeepExport keeps one, and forgets those that are over.
	KeepExport(id string, text []byte, over []string) error
	DropExport(id string) error
	KeptExports(see func(id string, text []byte) error) error
}

type keptExport struct {
	Owner       string    `json:"owner"`
	Request     string    `json:"request"`
	Base        string    `json:"base"`
	At          time.Time `json:"at"`
	Mark        uint64    `json:"mark"`
	Types       []string  `json:"types"`
	Since       float64   `json:"since,omitempty"`
	Filters     []string  `json:"filters,omitempty"`
	Shows       shows     `json:"shows,omitempty"`
	Compartment bool      `json:"compartment,omitempty"`
	Chosen      bool      `json:"chosen,omitempty"`
	Members     []string  `json:"members,omitempty"`
	Notes       []Issue   `json:"notes,omitempty"`
	// People are those over whom the store lay. Over others the same mark is another view.
	People string `json:"people"`
}

func (j *export) kept() keptExport {
	return keptExport{Owner: j.owner, Request: j.request, Base: j.base, At: j.at, Mark: j.view.Mark(), Types: j.types, Since: j.since, Filters: j.filters,
		Shows: j.shows, Compartment: j.compartment, Chosen: j.chosen, Members: j.members, Notes: j.notes}
}

// keep writes an export down, and forgets those that are over.
func (x *Exports) keep(j *export, over []string) error {
	k := j.kept()
	k.People = x.people
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return x.keeper.KeepExport(j.id, text, over)
}

// Open reads what a keeper has kept, over the same people as then, and has it keep what is to come. It returns the marks
// of the views that the exports are of, which Resume must be given before anybody asks for one.
func (x *Exports) Open(k ExportKeeper, people string) (marks []uint64, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keeper, x.people, x.jobs, x.marks = k, people, map[string]*export{}, map[string]uint64{}
	err = k.KeptExports(func(id string, text []byte) error {
		var got keptExport
		if err := json.Unmarshal(text, &got); err != nil {
			return fmt.Errorf("expected an export, got %.40q: %w", text, err)
		}
		if got.People != people {
			return nil // it is over: those people are not served any more
		}
		j := &export{id: id, owner: got.Owner, request: got.Request, base: got.Base, at: got.At, types: got.Types, since: got.Since, shows: got.Shows,
			compartment: got.Compartment, chosen: got.Chosen, members: got.Members, notes: got.Notes}
		if len(got.Filters) > 0 {
			if err := j.readFilters(got.Filters); err != nil {
				return err
			}
		}
		x.jobs[id], x.marks[id] = j, got.Mark
		marks = append(marks, got.Mark)
		return nil
	})
	return marks, err
}

// Resume gives the exports their views, by mark. One whose view is not there is over.
func (x *Exports) Resume(views map[uint64]store.View) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, j := range x.jobs {
		view, is := views[x.marks[id]]
		if !is {
			delete(x.jobs, id)
			continue
		}
		j.view = view
	}
	x.marks = nil
}
