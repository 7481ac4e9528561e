package interact

import (
	"net/http"
	"strings"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// writer carries writes out in one store transaction: one of a request of its own, all of a transaction
// bundle. What any of them is refused undoes them all.
type writer struct {
	e       *Engine
	g       Gate
	tx      *store.Tx
	written []*store.Record
	meant   map[string]map[string]string // by type: what conditional references mean, until one of the type is written
}

func (w *writer) wrote(rec *store.Record) {
	w.written = append(w.written, rec)
	delete(w.meant, rec.Type)
}

func (w *writer) do(r *Request) (*Response, error) {
	if err := w.g.Enters(r.Kind, r.Type); err != nil {
		return nil, err
	}
	if r.Kind == Create {
		return w.create(r, w.e.NewID())
	}
	if r.ID == "" {
		if err := w.pick(r); err != nil {
			return nil, err
		}
		if r.ID == "" { // a deletion of nothing
			w.g.Missed()
			return &Response{Status: http.StatusNoContent, Resource: r.Type}, nil
		}
	}
	switch r.Kind {
	case Update:
		return w.update(r)
	case Patch:
		return w.patch(r)
	}
	return w.remove(r)
}

// matching finds what a condition means: none, one, or too many (R4 http, "Conditional …").
func (w *writer) matching(r *Request, params map[string][]string) (*store.Record, error) {
	if err := w.g.Enters(Search, r.Type); err != nil {
		return nil, err
	}
	q, err := query.Parse(query.Context{Base: w.e.Base}, r.Type, params)
	if err != nil {
		return nil, err
	}
	if !q.Filtered() {
		return nil, problem(http.StatusPreconditionFailed, "required", "expected a condition, got none")
	}
	found, err := q.Find(w.e.view(r, w.tx.View()), w.g, 2)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if len(found) > 1 {
		return nil, problem(http.StatusPreconditionFailed, "multiple-matches", "expected at most one record that satisfies the condition, got more")
	}
	return found[0], nil
}

// pick settles which record a conditional update, patch or delete is about. A delete may be about none (R4 http,
// "Conditional delete"): what is not there, or not the caller's, need not go.
func (w *writer) pick(r *Request) error {
	rec, err := w.matching(r, r.Params)
	switch {
	case err != nil:
		return err
	case rec != nil:
		r.ID = rec.ID
		if r.Kind == Update && r.Body.Get("id") == nil {
			r.Body.SetID(rec.ID)
		}
	case r.Kind == Delete:
	case r.Kind != Update:
		return missing()
	case r.Body.String("id") != "":
		r.ID = r.Body.String("id")
	default:
		r.ID = w.e.NewID()
		r.Body.SetID(r.ID)
	}
	return nil
}

func (w *writer) create(r *Request, id string) (*Response, error) {
	if r.IfNoneExist != "" {
		rec, err := w.existing(r)
		if err != nil || rec != nil {
			return w.kept(rec), err
		}
	}
	r.Body.SetID(id)
	if err := w.e.valid(r.Body); err != nil {
		return nil, err
	}
	return w.put(r, http.MethodPost, http.StatusCreated)
}

func (w *writer) existing(r *Request) (*store.Record, error) {
	_, condition, has := strings.Cut(r.IfNoneExist, "?")
	if !has {
		condition = r.IfNoneExist
	}
	params, err := parseQuery(condition)
	if err != nil {
		return nil, err
	}
	return w.matching(r, params)
}

// kept answers a conditional create with what was there.
func (w *writer) kept(rec *store.Record) *Response {
	if rec == nil {
		return nil
	}
	return &Response{Status: http.StatusOK, Record: rec, Kept: true, Resource: rec.Type + "/" + rec.ID, Patients: rec.Patients,
		Body: w.e.Render(nil, rec, query.Show{})}
}

func (w *writer) update(r *Request) (*Response, error) {
	if got := r.Body.String("id"); got != r.ID {
		return nil, &query.Problem{Status: http.StatusBadRequest, Code: "invalid", Expression: r.Type + ".id",
			Text: "expected the id of the address, " + query.Quote(r.ID) + ", got " + query.Quote(got)}
	}
	// What is wrong with the resource itself is said first: said later, it would tell whether a record is
	// there that the caller may not know of.
	if err := w.e.valid(r.Body); err != nil {
		return nil, err
	}
	before, err := w.before(r)
	if err != nil {
		return nil, err
	}
	if before == nil || before.Deleted {
		if before == nil {
			if err := w.mayChoose(r); err != nil {
				return nil, err
			}
		}
		switch {
		case r.IfMatch == "":
		case before == nil: // 412 would tell it from a record that is not the caller's (RFC 9110 s13.1.1 leaves the status open)
			return nil, missing()
		case strings.TrimSpace(r.IfMatch) == "*":
			return nil, problem(http.StatusPreconditionFailed, "conflict", "expected the version of If-Match, got a record that was deleted")
		} // one that names the deletion brings the record back to life (R4 http, "delete")
		return w.put(r, http.MethodPut, http.StatusCreated)
	}
	w.keepLabels(r.Body, before)
	return w.put(r, http.MethodPut, http.StatusOK)
}

// mayChoose asks about a record that is to be created by an id which somebody might guess. To create it would tell that
// there was none, and elsewhere it is refused because there is: so it is asked about as if it were there, and somebody's
// of whom nothing is known. R4 http, "update as create", leaves to the server which ids a client may choose.
func (w *writer) mayChoose(r *Request) error {
	if w.e.Guessable == nil || !w.e.Guessable(r.ID) {
		return nil
	}
	standIn := &store.Record{Type: r.Type, Patients: []string{unknown}, Deleted: true} // it says nothing that a query could match
	opened, err := standIn.Open(w.g, store.AsChange)
	if err == nil && opened == nil {
		return missing()
	}
	return err
}

// unknown is nobody's id.
const unknown = "(unknown)"

// before opens what a write is about to replace, and holds it against If-Match. It is nil if there is
// nothing. The gate comes first: a version is nothing to tell a stranger either.
func (w *writer) before(r *Request) (*store.Record, error) {
	found := w.found(r)
	if found == nil {
		return nil, nil
	}
	rec, err := found.Open(w.g, store.AsChange)
	if err != nil || rec == nil {
		return nil, orMissing(err)
	}
	if r.IfMatch != "" && !matchesETag(r.IfMatch, rec) {
		return nil, problem(http.StatusPreconditionFailed, "conflict", "expected the version of If-Match, "+query.Quote(r.IfMatch)+", got "+rec.ETag())
	}
	return rec, nil
}

func (w *writer) patch(r *Request) (*Response, error) {
	before, err := w.before(r)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return nil, missing()
	}
	if before.Deleted {
		return nil, gone(before)
	}
	p, err := readPatch(r.Patch)
	if err != nil {
		return nil, err
	}
	if err := w.mayCompare(p, before); err != nil {
		return nil, err
	}
	text, err := patched(p, before.Append(nil, w.e.canary(before)))
	if err != nil {
		return nil, problem(http.StatusUnprocessableEntity, "processing", "the patch does not fit the record")
	}
	if r.Body, err = r4.Parse(text); err != nil || len(text) > maxPatched {
		return nil, problem(http.StatusUnprocessableEntity, "processing", "the patch makes something that is no resource")
	}
	if r.Body.Resource() != r.Type || r.Body.String("id") != r.ID {
		return nil, problem(http.StatusUnprocessableEntity, "invalid", "expected a patch that leaves resourceType and id alone")
	}
	if err := keepSafe(r.Body, before.Node(w.e.canary(before))); err != nil {
		return nil, err
	}
	w.keepLabels(r.Body, before)
	if err := w.e.valid(r.Body); err != nil {
		return nil, err
	}
	return w.put(r, http.MethodPatch, http.StatusOK)
}

// valid tells what is wrong with a resource, whoever wants to store it where.
func (e *Engine) valid(n *r4.Node) error {
	if issues := r4.Validate(n); len(issues) > 0 {
		return &Invalid{issues}
	}
	if n.Resource() == "Binary" && n.Get("securityContext").String("reference") == "" {
		return &query.Problem{Status: http.StatusUnprocessableEntity, Code: "business-rule", Expression: "Binary.securityContext",
			Text: "expected securityContext (or X-Security-Context): this API must know whose a Binary is"}
	}
	if n.Resource() == "Subscription" {
		return e.asked(n)
	}
	return nil
}

// put stores what was found valid.
func (w *writer) put(r *Request, method string, status int) (*Response, error) {
	w.localise(r.Body)
	if err := w.checkContext(r.Body); err != nil {
		return nil, err
	}
	if r.Type == "Subscription" {
		if err := w.waits(r); err != nil {
			return nil, err
		}
	}
	rec := w.tx.Put(r.Body, method)
	opened, err := rec.Open(w.g, store.AsChange)
	if err != nil || opened == nil {
		return nil, orMissing(err)
	}
	if err := w.g.Holds(r.Body); err != nil {
		return nil, err
	}
	w.wrote(rec)
	out := &Response{Status: status, Record: rec, Created: status == http.StatusCreated, Resource: rec.Type + "/" + rec.ID,
		Patients: rec.Patients, Written: []*store.Record{rec}}
	shown := rec
	if method == http.MethodPatch {
		// Who may change a record may not be meant to read it, and a patch that changes nothing would show it all.
		if opened, err = rec.Open(w.g, store.AsEcho); err != nil || opened == nil {
			return out, err
		}
		out.Shows, shown = true, opened
	}
	out.Body = w.e.Render(nil, shown, query.Show{})
	return out, nil
}

// finish makes sure that what was written may stay.
func (w *writer) finish() error {
	if err := w.checkReferences(); err != nil {
		return err
	}
	return w.g.Settle()
}

func (w *writer) remove(r *Request) (*Response, error) {
	before, err := w.before(r)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return nil, missing()
	}
	out := &Response{Status: http.StatusNoContent, Resource: r.Type + "/" + r.ID}
	if before.Deleted {
		out.Record = before
		return out, nil
	}
	rec := w.tx.Delete(r.Type, r.ID)
	w.wrote(rec)
	out.Written, out.Record = []*store.Record{rec}, rec
	return out, nil
}
