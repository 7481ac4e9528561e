package interact

import (
	"net/http"
	"strconv"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
)

// answer adds what became of an entry of a batch or transaction, as much of it as the caller wants returned.
func (b *bundle) answer(e *Engine, res *Response, returns string) {
	b.entry()
	b.b = append(b.b, '{')
	outcome := []byte(nil)
	if res.Changes() && (returns == "minimal" || returns == "OperationOutcome") {
		brief := *res
		brief.Body = nil
		if res = &brief; returns == "OperationOutcome" {
			outcome = res.Outcome()
		}
	}
	if rec := res.Record; rec != nil && !rec.Deleted {
		if full := e.Base + "/" + rec.Type + "/" + rec.ID; b.once(full, rec, res.Body != nil) {
			b.b = append(b.b, `"fullUrl":"`+full+`",`...)
		}
		if res.Body != nil {
			b.b = append(b.b, `"resource":`...)
			b.b = append(b.b, res.Body...)
			b.b = append(b.b, ',')
		}
	} else if res.Body != nil {
		b.b = append(b.b, `"resource":`...)
		b.b = append(b.b, res.Body...)
		b.b = append(b.b, ',')
	}
	b.concerns(res.Patients)
	b.status(res.Status)
	if rec := res.Record; rec != nil {
		if res.Created {
			b.b = append(b.b, `,"location":"`+Location(e.Base, res)+`"`...)
		}
		b.b = append(b.b, `,"etag":"W/\"`+strconv.Itoa(rec.Version)+`\"","lastModified":"`+instant(rec)+`"`...)
	}
	if outcome != nil {
		b.b = append(append(b.b, `,"outcome":`...), outcome...)
	}
	b.b = append(b.b, `}}`...)
}

// once tells whether a fullUrl may stand in the bundle: of one version of a record, with the resource or without, it may
// once (R4 bundle, bdl-7), though several entries may have asked for it.
func (b *bundle) once(full string, r *store.Record, shown bool) bool {
	if shown {
		full += " " + strconv.Itoa(r.Version)
	}
	if b.full[full] {
		return false
	}
	if b.full == nil {
		b.full = map[string]bool{}
	}
	b.full[full] = true
	return true
}

// Changes tells whether it answers an interaction that changes records, so that the caller may say how much of one he
// wants back (R4 http, "Managing Return Content"): a conditional create that found its record is one.
func (res *Response) Changes() bool { return len(res.Written) > 0 || res.Kept }

// Outcome says in words what was done.
func (res *Response) Outcome() []byte {
	text := "done"
	if res.Kept {
		text = "there is such a record: nothing was created"
	}
	return Outcome(Issue{Severity: "information", Code: "informational", Text: text})
}

// outcome adds the refusal of an entry.
func (b *bundle) outcome(status int, outcome []byte) {
	b.entry()
	b.b = append(b.b, '{')
	b.status(status)
	b.b = append(b.b, `,"outcome":`...)
	b.b = append(b.b, outcome...)
	b.b = append(b.b, `}}`...)
}

func (b *bundle) status(status int) {
	b.b = append(b.b, `"response":{"status":"`+strconv.Itoa(status)+" "+http.StatusText(status)+`"`...)
}

// Location is the address of the version that a create or update made.
func Location(base string, res *Response) string {
	return base + "/" + res.Record.Type + "/" + res.Record.ID + "/_history/" + strconv.Itoa(res.Record.Version)
}

// Shown tells how much of a resource a request with these parameters shows: for callers that render later.
func Shown(r *Request) (query.Show, error) { return onlyShow(r) }
