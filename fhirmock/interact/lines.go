package interact

import (
	"bytes"
	"math"
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// aLoad is how many records of a file are in memory at a time.
const aLoad = 500

// lines are the records of one file of an export, in order, as they are asked for.
type lines struct {
	j        *export
	g        Gate
	view     store.View
	kind     string
	filters  [][]store.Filter // any of these lists; one empty list for all
	at       int              // which list is gone through
	after    *store.Position
	search   *store.Search
	members  map[string]bool
	patience int // how many more searches may be begun
}

// lines begins a file.
func (j *export) lines(g Gate, kind string) (*lines, error) {
	l := &lines{j: j, g: g, kind: kind, patience: math.MaxInt}
	var since []store.Filter
	if j.since > 0 {
		since = append(since, store.Filter{Param: "_lastUpdated", Any: []store.Match{{Op: store.GreaterEqual, Lo: j.since, Hi: j.since}}})
	}
	for _, q := range j.only[kind] {
		filters, err := q.Conditions(j.view, g)
		if err != nil {
			return nil, err
		}
		l.filters = append(l.filters, append(filters, since...))
	}
	if l.filters == nil {
		l.filters = [][]store.Filter{since}
	}
	var err error
	if l.view, err = query.Narrowed(j.view, g, kind, since, store.AsExport); err != nil {
		return nil, err
	}
	if j.chosen {
		l.view, l.members = l.view.Among(j.members, nil), j.membership()
	}
	return l, nil
}

func (j *export) membership() map[string]bool {
	out := make(map[string]bool, len(j.members))
	for _, m := range j.members {
		out[m] = true
	}
	return out
}

// next returns the next record that may leave, or nil at the end of the file, or of patience.
func (l *lines) next() (*store.Record, error) {
	for l.at < len(l.filters) {
		if l.search == nil {
			if l.patience == 0 {
				return nil, nil
			}
			l.patience--
			l.search = l.view.Find(l.kind, l.filters[l.at], nil, l.after)
			if err := query.Waited(l.search); err != nil {
				l.search = nil
				return nil, err
			}
		}
		found := l.search.Next()
		if found == nil {
			if at := l.search.At(); l.search.Cut {
				l.after = &at
			} else {
				l.at, l.after = l.at+1, nil
			}
			l.search = nil
			continue
		}
		r, err := found.Open(l.g, store.AsExport)
		if err != nil {
			return nil, err
		}
		if r != nil && l.wants(r) && !l.listed(r) {
			return r, nil
		}
	}
	return nil, nil
}

// wants tells whether a record, which the door has opened, belongs to the export. A Binary of a patient's goes as the
// DocumentReference that leads to it, and not as itself (Bulk Data 2.0, "Binary Resources": SHALL).
func (l *lines) wants(r *store.Record) bool {
	if l.kind == "Binary" && len(r.Patients) > 0 {
		return false
	}
	if l.j.compartment && len(r.Patients) == 0 {
		return false
	}
	return !l.j.chosen || slices.ContainsFunc(r.Patients, func(p string) bool { return l.members[p] })
}

// listed tells whether an earlier of the searches has found a record.
func (l *lines) listed(r *store.Record) bool {
	for _, filters := range l.filters[:l.at] {
		itself := store.Filter{Param: store.ID, Any: []store.Match{{Key: r.ID}}}
		if l.view.Find(l.kind, append(slices.Clip(filters), itself), nil, nil).Next() != nil {
			return true
		}
	}
	return false
}

// load answers with the next records of a file, and a way to go on if there are more.
func (l *lines) load(resource string) (*Response, error) {
	out := &Response{Status: http.StatusOK, Resource: resource, Show: l.j.shows.of(l.kind)}
	for len(out.Lines) < aLoad {
		r, err := l.next()
		if err != nil {
			return nil, err
		}
		if r == nil {
			out.Patients = whose(out.Lines)
			return out, nil
		}
		out.Lines = append(out.Lines, r)
	}
	out.Patients = whose(out.Lines)
	out.More = func() (*Response, error) { return l.load(resource) }
	return out, nil
}

// relative is how an attachment's address begins that is one of this API. A quotation mark within a string has a backslash
// before it, so that it is found nowhere else.
var relative = []byte(`"url":"Binary/`)

// Line appends a record as a line of an export. Where its attachments are is said in full: the file leaves this API (Bulk
// Data 2.0, "Attachments").
func (e *Engine) Line(dst []byte, r *store.Record, show query.Show) []byte {
	from := len(dst)
	dst = e.Render(dst, r, show)
	if bytes.Contains(dst[from:], relative) {
		dst = append(dst[:from], bytes.ReplaceAll(dst[from:], relative, []byte(`"url":"`+e.Base+`/Binary/`))...)
	}
	return append(dst, '\n')
}

func whose(records []*store.Record) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range records {
		for _, p := range r.Patients {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// exportFile is one file.
func (e *Engine) exportFile(g Gate, r *Request) (*Response, error) {
	j, err := e.Exports.of(r.ID, g, e.Now())
	if err != nil {
		return nil, err
	}
	kind, is := strings.CutSuffix(r.Version, ".ndjson")
	switch {
	case is && kind == deletedFile && j.since > 0:
		return e.deletedFile(g, j)
	case is && kind == notesFile && len(j.notes) > 0:
		return j.notesFile(), nil
	}
	if !is || !slices.Contains(j.types, kind) {
		return nil, missing()
	}
	if err := g.Enters(Export, kind); err != nil {
		return nil, err
	}
	l, err := j.lines(g, kind)
	if err != nil {
		return nil, err
	}
	return l.load("_export/" + j.id + "/" + r.Version)
}
