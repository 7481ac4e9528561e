package interact

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// bundle writes a Bundle as it goes. What is empty is left out: FHIR JSON has no empty arrays.
type bundle struct {
	e        *Engine
	b        []byte
	links    int
	entries  int
	records  int // of patients
	patients []string
	known    map[string]bool // of patients, when they are many
	full     map[string]bool // fullUrls that stand in it, of a batch or transaction
}

func (e *Engine) newBundle(kind string, entries int) *bundle {
	b := &bundle{e: e, b: make([]byte, 0, 1024+1536*entries)}
	b.b = append(b.b, `{"resourceType":"Bundle","type":"`...)
	b.b = append(b.b, kind...)
	b.b = append(b.b, '"')
	return b
}

func (b *bundle) total(n int) {
	if n >= 0 {
		b.b = append(b.b, `,"total":`...)
		b.b = strconv.AppendInt(b.b, int64(n), 10)
	}
}

// link repeats the request as a GET, which is how FHIR wants it even after a POST.
func (b *bundle) link(relation, path string, params url.Values) {
	b.list(&b.links, `,"link":[`)
	b.b = append(b.b, `{"relation":"`+relation+`","url":`...)
	b.b = r4.AppendString(b.b, b.e.Base+"/"+path+asQuery(params))
	b.b = append(b.b, '}')
}

// list begins an array, or goes on with it.
func (b *bundle) list(n *int, begin string) {
	if *n == 0 {
		b.b = append(b.b, begin...)
	} else {
		b.b = append(b.b, ',')
	}
	*n++
}

func (b *bundle) entry() {
	if b.entries == 0 && b.links > 0 {
		b.b = append(b.b, ']')
	}
	b.list(&b.entries, `,"entry":[`)
}

func (b *bundle) record(r *store.Record, show query.Show) {
	b.b = append(b.b, `"fullUrl":"`...)
	b.b = append(b.b, b.e.Base...) // it needs no escaping, or there would be no API of that base
	b.b = append(b.b, '/')
	b.b = append(b.b, r.Type...)
	b.b = append(b.b, '/')
	b.b = append(b.b, r.ID...)
	b.b = append(b.b, '"')
	if !r.Deleted {
		b.b = append(b.b, `,"resource":`...)
		b.b = b.e.Render(b.b, r, show)
		b.records += counted(r)
	}
	b.concerns(r.Patients)
}

func (b *bundle) concerns(patients []string) {
	for _, p := range patients {
		switch {
		case b.known == nil && slices.Contains(b.patients, p) || b.known[p]:
			continue
		case b.known != nil:
			b.known[p] = true
		case len(b.patients) == fewPatients: // a panel is about a thousand at once
			b.known = make(map[string]bool, len(patients))
			for _, known := range b.patients {
				b.known[known] = true
			}
			b.known[p] = true
		}
		b.patients = append(b.patients, p)
	}
}

// fewPatients is up to how many a scan finds one sooner than a map.
const fewPatients = 16

func (b *bundle) match(r *store.Record, mode string, show query.Show) {
	b.entry()
	b.b = append(b.b, '{')
	b.record(r, show)
	b.b = append(b.b, `,"search":{"mode":"`+mode+`"}}`...)
}

// note adds an OperationOutcome to a searchset.
func (b *bundle) note(code, text string) {
	b.entry()
	// Each entry has a fullUrl (R4 bundle, "fullUrl"); what is no record of this server has a UUID, the same for the same text.
	sum := sha256.Sum256([]byte(code + " " + text))
	id := hex.EncodeToString(sum[:16])
	b.b = append(b.b, `{"fullUrl":"urn:uuid:`+id[:8]+"-"+id[8:12]+"-8"+id[13:16]+"-8"+id[17:20]+"-"+id[20:]+`","resource":`...)
	b.b = append(b.b, Outcome(Issue{Severity: "warning", Code: code, Text: text})...)
	b.b = append(b.b, `,"search":{"mode":"outcome"}}`...)
}

// version adds an entry of a history. Revived says that the version before it was the record's deletion.
func (b *bundle) version(r *store.Record, revived bool, show query.Show) {
	b.entry()
	b.b = append(b.b, '{')
	b.record(r, show)
	method, status, path := r.Method, "200 OK", r.Type+"/"+r.ID
	switch {
	case method == "" || method == http.MethodPost:
		method, status, path = http.MethodPost, "201 Created", r.Type
	case r.Deleted:
		status = "204 No Content"
	case r.Version == 1, revived:
		status = "201 Created"
	}
	b.b = append(b.b, `,"request":{"method":"`+method+`","url":"`+path+`"},"response":{"status":"`+status+`"`...)
	b.b = append(b.b, `,"etag":"W/\"`+strconv.Itoa(r.Version)+`\"","lastModified":"`+instant(r)+`"}}`...)
}

func instant(r *store.Record) string { return r.Updated.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func (b *bundle) end() []byte {
	if b.entries > 0 || b.links > 0 {
		b.b = append(b.b, ']')
	}
	return append(b.b, '}')
}

func (b *bundle) response(what string) (*Response, error) {
	return &Response{Status: http.StatusOK, Body: b.end(), Resource: what, Patients: b.patients, records: b.records}, nil
}

func asQuery(params url.Values) string {
	if encoded := params.Encode(); encoded != "" {
		return "?" + encoded
	}
	return ""
}

func without(params url.Values, names ...string) url.Values {
	out := maps.Clone(params)
	if out == nil {
		out = url.Values{}
	}
	for _, n := range names {
		delete(out, n)
	}
	return out
}
