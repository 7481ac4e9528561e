package interact

import (
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/fhirmock/terms"
)

// How much one bundle may be. A patient's bundle as Synthea writes it has some thousand entries of one or two KiB each, so
// that ten thousand are about as many as fit into the longest body. One that asks must not take more: entries that search
// cost by what they go through and not by their length, and what they find is held until all is done.
const (
	mostEntries  = 10_000
	mostSearches = 1000
	mostAnswer   = 64 << 20 // bytes
)

// item is one entry of a batch or transaction on its way.
type item struct {
	at      int // in the bundle
	full    string
	request *Request
	id      string // of a create: the id it will have
	done    *Response
}

// items reads the entries. Mistakes of a batch entry are its own; one mistake ends a transaction.
func (e *Engine) items(r *Request) ([]item, []error, error) {
	entries := r.Body.List("entry")
	if len(entries) > mostEntries {
		return nil, nil, problem(http.StatusRequestEntityTooLarge, "too-costly", "expected at most "+strconv.Itoa(mostEntries)+" entries, got "+strconv.Itoa(len(entries)))
	}
	items, wrong := make([]item, len(entries)), make([]error, len(entries))
	searches := 0
	for i, entry := range entries {
		items[i].at, items[i].full = i, entry.String("fullUrl")
		req, err := e.entryRequest(entry, r.Lenient)
		if err != nil {
			err.Expression = "Bundle.entry[" + strconv.Itoa(i) + "]"
			wrong[i] = err
		}
		items[i].request = req
		if req != nil && req.searches() {
			searches++
		}
	}
	if searches > mostSearches {
		return nil, nil, problem(http.StatusRequestEntityTooLarge, "too-costly", "expected at most "+strconv.Itoa(mostSearches)+" entries that search, list a history or ask for everything, got "+strconv.Itoa(searches))
	}
	return items, wrong, nil
}

// searches tells requests that cost by what they go through.
func (r *Request) searches() bool {
	switch r.Kind {
	case Search, HistoryInstance, HistoryType, Everything:
		return true
	}
	return false
}

// tooLong ends a bundle whose answer would be longer than anybody could want.
func tooLong() *query.Problem {
	return problem(http.StatusRequestEntityTooLarge, "too-costly", "expected a bundle whose answer is at most "+strconv.Itoa(mostAnswer>>20)+" MiB, got more")
}

func (e *Engine) entryRequest(entry *r4.Node, lenient bool) (*Request, *query.Problem) {
	req := entry.Get("request")
	method, target := req.String("method"), strings.TrimPrefix(strings.TrimPrefix(req.String("url"), e.Base), "/")
	if method == "" || target == "" {
		return nil, problem(http.StatusBadRequest, "required", "expected request.method and request.url")
	}
	path, rawQuery, _ := strings.Cut(target, "?")
	params, err := parseQuery(rawQuery)
	if err != nil {
		return nil, err.(*query.Problem)
	}
	r, p := Route(method, path, params)
	if p != nil {
		return nil, p
	}
	if r.Type == "" {
		return nil, problem(http.StatusBadRequest, "not-supported", "expected an interaction with a record or a type")
	}
	if r.Kind == Graph {
		return nil, problem(http.StatusBadRequest, "not-supported", "expected an interaction of REST, got $graphql: a query asks for several records by itself")
	}
	r.Lenient, r.Bare = lenient, method == http.MethodHead
	r.IfMatch, r.IfNoneMatch, r.IfNoneExist = req.String("ifMatch"), req.String("ifNoneMatch"), req.String("ifNoneExist")
	if span, ok := terms.Date(req.String("ifModifiedSince")); ok {
		r.IfModifiedSince = time.UnixMilli(int64(span.Hi))
	}
	r.Body = entry.Get("resource")
	switch r.Kind {
	case Create, Update, Validate:
		if r.Body == nil || r.Kind != Validate && r.Body.Resource() != r.Type {
			return nil, problem(http.StatusBadRequest, "invalid", "expected a resource of type "+r.Type)
		}
	case Patch:
		if r.Patch = wrappedPatch(r.Body); r.Patch == nil {
			return nil, problem(http.StatusBadRequest, "not-supported", "expected a JSON Patch in a Binary of contentType application/json-patch+json")
		}
		r.Body = nil
	}
	return r, nil
}

// wrappedPatch is the JSON Patch in an entry: no resource itself, it comes in a Binary. It is nil if there is none.
func wrappedPatch(n *r4.Node) []byte {
	t, _, err := mime.ParseMediaType(n.String("contentType"))
	if err != nil || n.Resource() != "Binary" || t != "application/json-patch+json" {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(n.String("data"))
	if err != nil {
		return nil
	}
	return data
}

// batch carries each entry out by itself.
func (e *Engine) batch(g Gate, r *Request) (*Response, error) {
	items, wrong, err := e.items(r)
	if err != nil {
		return nil, err
	}
	out := &Response{Status: http.StatusOK, Shows: true, Resource: "batch of " + strconv.Itoa(len(items))}
	b := e.newBundle("batch-response", len(items))
	for i := range items {
		err := wrong[i]
		var res *Response
		if err == nil && len(b.b) > mostAnswer {
			err = tooLong()
		}
		if err == nil {
			res, err = e.Do(g, items[i].request)
			err = items[i].place(err)
		}
		if err != nil {
			status, outcome := g.Refuse(err)
			b.outcome(status, outcome)
			continue
		}
		res = items[i].shown(res)
		g.Handed(res.Handed())
		b.answer(e, res, r.Returns)
		out.Written = append(out.Written, res.Written...)
	}
	out.Body, out.Patients = b.end(), b.patients
	return out, nil
}

// transaction carries all entries out, or none, in the order of R4 http, "Transaction Processing Rules":
// deletes, whatever else writes, reads.
func (e *Engine) transaction(g Gate, r *Request) (*Response, error) {
	items, wrong, err := e.items(r)
	if err != nil {
		return nil, err
	}
	for _, err := range wrong {
		if err != nil {
			return nil, err
		}
	}
	if err := overlap(items); err != nil {
		return nil, err
	}
	out := &Response{Status: http.StatusOK, Shows: true, Resource: "transaction of " + strconv.Itoa(len(items))}
	err = e.Store.Update(e.Now, func(tx *store.Tx) error {
		w := &writer{e: e, g: g, tx: tx}
		if err := w.name(items); err != nil {
			return err
		}
		if err := overlap(items); err != nil { // of those that conditions have picked
			return err
		}
		ordered := slices.Clone(items)
		slices.SortStableFunc(ordered, func(a, b item) int { return rank(a.request) - rank(b.request) })
		size := 0
		for _, it := range ordered {
			done, err := w.step(it)
			if err == nil && size > mostAnswer {
				err = tooLong()
			}
			if err != nil {
				return it.place(err)
			}
			size += len(done.Body)
			g.Handed(it.shown(done).Handed())
			items[it.at].done = done
		}
		out.Written = w.written
		return w.finish()
	})
	if err != nil {
		return nil, err
	}
	b := e.newBundle("transaction-response", len(items))
	for i := range items {
		b.answer(e, items[i].shown(items[i].done), r.Returns)
	}
	out.Body, out.Patients = b.end(), b.patients
	return out, nil
}

// shown is an answer as the entry's method wants it: to HEAD there is none of the resource.
func (it *item) shown(res *Response) *Response {
	if !it.request.Bare {
		return res
	}
	bare := *res
	bare.Body = nil
	return &bare
}

// place says of an error at which entry it arose.
func (it *item) place(err error) error {
	entry := "Bundle.entry[" + strconv.Itoa(it.at) + "]"
	var p *query.Problem
	var invalid *Invalid
	switch {
	case errors.As(err, &p):
		placed := *p
		placed.Expression = entry
		if p.Expression != "" {
			placed.Expression = within(entry, p.Expression)
		}
		return &placed
	case errors.As(err, &invalid):
		placed := &Invalid{slices.Clone(invalid.Issues)}
		for i := range placed.Issues {
			placed.Issues[i].Expression = within(entry, placed.Issues[i].Expression)
		}
		return placed
	case err != nil:
		return &atEntry{entry, err}
	}
	return nil
}

// atEntry is whatever else went wrong at an entry. A guard's refusal is placed as a missing record is: otherwise the
// two could be told apart.
type atEntry struct {
	entry string
	error
}

func (e *atEntry) Unwrap() error { return e.error }

// PlaceOf is the FHIRPath of the entry at which a guard refused, or "".
func PlaceOf(err error) string {
	if at := (*atEntry)(nil); errors.As(err, &at) {
		return at.entry
	}
	return ""
}

// within turns "Patient.name" into a path from the entry on.
func within(entry, expression string) string {
	switch {
	case strings.HasPrefix(expression, "Bundle."):
		return expression
	case strings.HasPrefix(expression, "http."): // a parameter
		return entry + ".request.url"
	}
	_, rest, has := strings.Cut(expression, ".")
	if entry += ".resource"; has {
		entry += "." + rest
	}
	return entry
}

func (w *writer) step(it item) (*Response, error) {
	switch r := it.request; r.Kind {
	case Create:
		if it.done != nil { // a conditional create that found one
			return it.done, nil
		}
		r.IfNoneExist = ""
		if err := w.g.Enters(Create, r.Type); err != nil {
			return nil, err
		}
		if err := w.resolve(r.Body); err != nil {
			return nil, err
		}
		return w.create(r, it.id)
	case Update:
		if err := w.resolve(r.Body); err != nil {
			return nil, err
		}
		return w.do(r)
	case Patch, Delete:
		return w.do(r)
	case Read, VRead:
		return w.e.read(w.g, r, w.e.view(r, w.tx.View()))
	case Search:
		return w.e.search(w.g, r, w.e.view(r, w.tx.View()))
	case HistoryInstance, HistoryType:
		return w.e.history(w.g, r, w.e.view(r, w.tx.View()))
	case Everything:
		return w.e.everything(w.g, r, w.tx.View())
	default:
		return w.e.validate(w.g, r)
	}
}

// rank puts patients before what is about them, so that it is known whose they are, a Binary behind what says whose
// it is, and what refers by a condition behind what may satisfy it. Since no record is meant by two entries, it is all
// one whether creates come before updates.
func rank(r *Request) int {
	n := 0
	switch r.Kind {
	case Delete:
		return n
	case Create, Update, Patch:
	default:
		return 9
	}
	switch {
	case r.Type == "Patient":
		n = 3
	case r.Type == "Binary":
		n = 7
	case len(r4.Compartment(r.Type)) > 0:
		n = 5
	default: // professionals and places
		n = 1
	}
	later := 0
	if r.Body != nil {
		eachReference(r.Body, func(ref *r4.Node) {
			if conditional(ref.Text) {
				later = 1
			}
		})
	}
	return n + later
}

// overlap: no record may be meant by two entries.
func overlap(items []item) error {
	seen := map[string]bool{}
	for _, it := range items {
		r := it.request
		if r == nil || r.ID == "" || r.Kind != Update && r.Kind != Patch && r.Kind != Delete {
			continue
		}
		name := r.Type + "/" + r.ID
		if seen[name] {
			return it.place(problem(http.StatusBadRequest, "invalid", "expected each record once in a transaction, got "+query.Quote(name)+" twice"))
		}
		seen[name] = true
	}
	return nil
}
