package fhirmock

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
)

// The log of accesses: who has asked for what, when, and what came of it, for every request that names a patient's
// record or would have. It is kept as a few words a request and shown as AuditEvent resources, which are written
// when somebody asks for them (audit_render.go) and found without being written (audit_terms.go), so that a request
// nobody asks about costs next to nothing. It holds the latest accesses and the latest refusals, each apart: a
// stranger who is refused ten thousand times pushes out refusals and no access. What is no longer there is counted,
// and an answer out of the log says so.
//
// Who may read it, and that nobody changes it, are controls (audit_guard.go). audit_keep.go keeps it in a file.

// auditEntry is one request, as the log has it. Its JSON is what the file holds.
type auditEntry struct {
	N        uint64        `json:"n"`
	At       time.Time     `json:"at"`
	Node     string        `json:"node"`
	Kind     interact.Kind `json:"kind,omitempty"` // empty if it could not be told
	Method   string        `json:"method"`
	Resource string        `json:"resource,omitempty"` // "Observation/obs-p07-1", "Observation"
	Query    string        `json:"query,omitempty"`    // of a search, as it came
	Status   int           `json:"status"`
	Control  string        `json:"control,omitempty"` // that refused
	Why      string        `json:"why,omitempty"`     // as the caller was told
	Client   string        `json:"client,omitempty"`  // of the token; empty if it was not found good
	Subject  string        `json:"subject,omitempty"`
	Token    string        `json:"token,omitempty"` // jti
	Address  string        `json:"address,omitempty"`
	Patients []string      `json:"patients,omitempty"`
	More     int           `json:"more,omitempty"`    // patients beside those
	Written  []string      `json:"written,omitempty"` // "Observation/x"
	Old      bool          `json:"old,omitempty"`     // at the old base
	Tenant   string        `json:"tenant,omitempty"`  // number of the organisation that the request named
	Purpose  string        `json:"purpose,omitempty"` // v3-ActReason, as the request said
	Reason   string        `json:"reason,omitempty"`
	Broke    string        `json:"broke,omitempty"` // the patient whose record was opened behind broken glass
}

const (
	auditPageSize = 512
	// mostAudited pages are kept of accesses, mostRefused of refusals: about 10,000 and 2,000 entries.
	mostAudited, mostRefused = 20, 4
	// mostNamed is how many patients an entry names. An export has more, and says how many.
	mostNamed = 250
)

// auditLog is the log of one API, whichever its node. The zero value is empty; it is safe for concurrent use.
type auditLog struct {
	mu       sync.Mutex
	last     uint64
	served   []*auditPage // oldest first
	refused  []*auditPage
	dropped  uint64 // entries that are no longer there
	file     *auditFile
	fileErrs uint64
}

// auditPage is a piece of the log.
type auditPage struct {
	entries []auditEntry
	made    *store.Page // of as many entries as it was made of
	of      int
}

// add writes an entry down.
func (l *auditLog) add(e auditEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.N = l.last
	l.place(e)
	if l.file != nil && l.file.add(e) != nil {
		l.fileErrs++
	}
}

func (l *auditLog) place(e auditEntry) {
	pages, most := &l.served, mostAudited
	if e.Status >= 400 {
		pages, most = &l.refused, mostRefused
	}
	n := len(*pages)
	if n == 0 || len((*pages)[n-1].entries) == auditPageSize {
		if n == most {
			l.dropped += uint64(len((*pages)[0].entries))
			*pages = append((*pages)[:0], (*pages)[1:]...)
		}
		*pages = append(*pages, &auditPage{entries: make([]auditEntry, 0, 4)})
		n = len(*pages)
	}
	p := (*pages)[n-1]
	p.entries = append(p.entries, e)
}

// find returns the entry of a number, or nothing.
func (l *auditLog) find(n uint64) (auditEntry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, pages := range [][]*auditPage{l.served, l.refused} {
		for _, p := range pages {
			for i := range p.entries {
				if p.entries[i].N == n {
					return p.entries[i], true
				}
			}
		}
	}
	return auditEntry{}, false
}

// auditServed writes down what was served or stored, and whose records decided about the answer unseen.
func (a *API) auditServed(v *visit, done *interact.Response, told []string) {
	e := a.auditOf(v, done.Status)
	if done.Resource != "" && v.route.Kind != interact.Search {
		e.Resource = done.Resource
	}
	shown := done.Patients
	if len(shown) > mostNamed {
		e.More, shown = len(shown)-mostNamed, shown[:mostNamed]
	}
	e.Patients = slices.Clip(shown) // shared, and added to elsewhere
	for _, r := range done.Written {
		e.Written = append(e.Written, r.Type+"/"+r.ID)
		for _, p := range r.Patients {
			e.name(p)
		}
	}
	for _, p := range told {
		e.name(p)
	}
	if v.route.Kind == interact.Graph {
		a.asked(&e, done.Asked)
	}
	if v.route.Kind == interact.Search {
		a.asked(&e, v.route.Params)
		if a.People.Knows(v.route.Within) {
			e.name(v.route.Within)
		}
	}
	a.Records.audit.add(e)
}

// auditRefused writes down that somebody was refused, and by which control.
func (a *API) auditRefused(v *visit, p *problem, err error) {
	if v.route.Request == nil || v.route.Kind == interact.Capabilities {
		return // no such address, and nobody's record
	}
	e := a.auditOf(v, p.status)
	e.Why = p.safe
	if r := control.RefusalOf(err); r != nil {
		e.Control = r.Control.ID
		if r.Answer == noSuchRecord && v.patient != "" {
			e.name(v.patient) // who was tried is what is asked of a log later
		}
		if r.Answer.Challenge {
			return // an invitation to try again (a nonce, a better sign-in) has not settled anything
		}
	}
	a.Records.audit.add(e)
}

// asked names the patients whom a search is about, whether or not anything was found.
func (a *API) asked(e *auditEntry, params url.Values) {
	for _, name := range []string{"patient", "subject", "patient:Patient", "subject:Patient"} {
		for _, raw := range params[name] {
			for id := range strings.SplitSeq(raw, ",") {
				if id = strings.TrimPrefix(id, "Patient/"); a.People.Knows(id) {
					e.name(id)
				}
			}
		}
	}
}

func (a *API) auditOf(v *visit, status int) auditEntry {
	e := auditEntry{At: v.now, Node: a.Party.Name, Old: v.route.old, Tenant: v.tenant.number, Kind: v.route.Kind, Method: v.http.Method, Status: status, Resource: v.route.Type}
	e.Purpose, e.Reason, e.Broke = v.purpose.code, v.purpose.reason, v.broke
	switch {
	case v.route.ID != "":
		e.Resource += "/" + v.route.ID
	case v.route.Within != "":
		e.Resource = "Patient/" + v.route.Within + "/" + e.Resource
	}
	switch v.route.Kind {
	case interact.Search, interact.HistoryType, interact.Export:
		e.Query = quotedShort(v.route.Params.Encode())
	case interact.Graph:
		e.Resource = strings.TrimPrefix(e.Resource+"/$graphql", "/")
		e.Query = quotedShort(url.Values{"query": {v.route.Graph.Query}}.Encode())
	}
	if v.known { // what a token says that was not found good is nothing to put anybody's name to
		e.Client, e.Subject, e.Token = v.claims.ClientID, v.claims.Subject, v.claims.JTI
	}
	if host, _, err := net.SplitHostPort(v.http.RemoteAddr); err == nil {
		e.Address = host
	}
	return e
}

// quotedShort bounds what somebody sent.
func quotedShort(s string) string {
	const most = 1024
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// name adds a patient, once.
func (e *auditEntry) name(patient string) {
	if slices.Contains(e.Patients, patient) {
		return
	}
	if len(e.Patients) >= mostNamed {
		e.More++
		return
	}
	e.Patients = append(e.Patients, patient)
}
