package interact

import (
	"encoding/json"
	"net/http"
	"strconv"

	"thiefbox/fhirmock/store"
)

type manifest struct {
	TransactionTime     string         `json:"transactionTime"`
	Request             string         `json:"request"`
	RequiresAccessToken bool           `json:"requiresAccessToken"`
	Output              []manifestFile `json:"output"`
	Deleted             []manifestFile `json:"deleted,omitempty"`
	Error               []manifestFile `json:"error"`
}

type manifestFile struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// look is how far the list of an export's files has come: whether there is anything in a file can take
// more looking than one answer should wait for.
type look struct {
	types int    // through with
	at    *lines // in the midst of one
	files []string
}

// looks is how many searches are begun for one answer about an export.
const looks = 2

// exportStatus lists the files of an export: those in which there is anything for the caller. While it does not
// know, it says how far it has come.
func (e *Engine) exportStatus(g Gate, r *Request) (*Response, error) {
	j, err := e.Exports.of(r.ID, g, e.Now())
	if err != nil {
		return nil, err
	}
	out := &Response{Resource: "_export/" + j.id, Plain: true}
	done, err := j.look(g)
	if err != nil {
		return nil, err
	}
	if !done {
		out.Status, out.RetryAfter = http.StatusAccepted, 1
		out.Progress = strconv.Itoa(j.looked.types) + " of " + strconv.Itoa(len(j.types)) + " resource types"
		return out, nil
	}
	m := manifest{j.at.UTC().Format("2006-01-02T15:04:05.000Z07:00"), j.request, true, []manifestFile{}, nil, []manifestFile{}}
	for _, kind := range j.looked.files {
		m.Output = append(m.Output, manifestFile{kind, e.Base + "/_export/" + j.id + "/" + kind + ".ndjson"})
	}
	gone, err := j.deleted(g, 1)
	if err != nil {
		return nil, err
	}
	if len(gone) > 0 {
		m.Deleted = []manifestFile{{"Bundle", e.Base + "/_export/" + j.id + "/" + deletedFile + ".ndjson"}}
	}
	if len(j.notes) > 0 {
		m.Error = []manifestFile{{"OperationOutcome", e.Base + "/_export/" + j.id + "/" + notesFile + ".ndjson"}}
	}
	out.Status, out.Expires = http.StatusOK, j.at.Add(lasting)
	out.Body, err = json.Marshal(m)
	return out, err
}

// look goes on looking which files there are, and tells whether it knows. What it found for one gate holds for the
// next: both are of the owner, and each record is opened again when it is fetched.
func (j *export) look(g Gate) (done bool, err error) {
	j.looking.Lock()
	defer j.looking.Unlock()
	for l := &j.looked; l.types < len(j.types); {
		kind := j.types[l.types]
		if l.at == nil {
			if l.at, err = j.lines(g, kind); err != nil {
				return false, err
			}
		}
		l.at.g, l.at.patience = g, looks
		some, err := l.at.next()
		if err != nil {
			l.at = nil
			return false, err
		}
		if some == nil && l.at.at < len(l.at.filters) {
			return false, nil
		}
		if some != nil {
			l.files = append(l.files, kind)
		}
		l.types, l.at = l.types+1, nil
	}
	return true, nil
}

// deletedFile is the name of the file of what was deleted.
const deletedFile = "deleted"

// deleted lists deletions since the time that the export begins at, the latest first, up to a number; 0 for all.
func (j *export) deleted(g Gate, most int) ([]*store.Record, error) {
	if j.since == 0 {
		return nil, nil
	}
	var out []*store.Record
	members := j.membership()
	for _, kind := range j.types {
		for found := range j.view.History(kind, nil) {
			if found.When().Keys[0].Number < j.since {
				break
			}
			if now := j.view.Get(kind, found.ID()); !found.Deleted() || !now.Deleted() || !now.Same(found) {
				continue
			}
			r, err := found.Open(g, store.AsExport)
			if err != nil {
				return nil, err
			}
			l := lines{j: j, members: members}
			if r == nil || !l.wants(r) {
				continue
			}
			if out = append(out, r); len(out) == most {
				return out, nil
			}
		}
	}
	return out, nil
}

// deletedFile is a line for each deletion: a transaction that would repeat it (Bulk Data 2.0, "deleted").
func (e *Engine) deletedFile(g Gate, j *export) (*Response, error) {
	gone, err := j.deleted(g, 0)
	if err != nil {
		return nil, err
	}
	out := &Response{Status: http.StatusOK, Resource: "_export/" + j.id + "/" + deletedFile + ".ndjson", Patients: whose(gone)}
	for _, r := range gone {
		out.Body = append(out.Body, `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"`+r.Type+"/"+r.ID+`"}}]}`+"\n"...)
	}
	return out, nil
}

// notesFile is the name of the file of what the caller should know: an OperationOutcome a line (Bulk Data 2.0, "error").
const notesFile = "notes"

func (j *export) notesFile() *Response {
	out := &Response{Status: http.StatusOK, Resource: "_export/" + j.id + "/" + notesFile + ".ndjson"}
	for _, note := range j.notes {
		out.Body = append(append(out.Body, Outcome(note)...), '\n')
	}
	return out
}

// exportDelete forgets an export.
func (e *Engine) exportDelete(g Gate, r *Request) (*Response, error) {
	if _, err := e.Exports.of(r.ID, g, e.Now()); err != nil {
		return nil, err
	}
	if err := e.Exports.remove(r.ID); err != nil {
		return nil, err
	}
	return &Response{Status: http.StatusAccepted, Resource: "_export/" + r.ID}, nil
}
