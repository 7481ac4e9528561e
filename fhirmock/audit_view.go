package fhirmock

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// withAudit adds the log to a view of the store. Pieces of it that are full are made once; the last of each kind is made
// anew when it has grown.
func (a *API) withAudit(v store.View) store.View {
	l := &a.Records.audit
	l.mu.Lock()
	defer l.mu.Unlock()
	var pages []*auditPage
	for _, p := range slices.Concat(l.served, l.refused) {
		if p.made == nil || p.of != len(p.entries) {
			records := make([]*store.Record, 0, len(p.entries))
			for i := range p.entries { // an entry never changes, and stays where it is for whoever has it when they are moved
				records = append(records, a.auditRecord(&p.entries[i]))
			}
			p.made, p.of = store.NewPage(records, func(i int) uint64 { return store.PageSeq + p.entries[i].N }), len(p.entries)
		}
		pages = append(pages, p)
	}
	slices.SortFunc(pages, func(x, y *auditPage) int { return cmp.Compare(x.entries[0].N, y.entries[0].N) })
	made := make([]*store.Page, 0, len(pages))
	for _, p := range pages {
		made = append(made, p.made)
	}
	return v.With(made)
}

// auditNote is what an answer out of the log says of what is not in it; "" if all of it is there. How much that is, it
// tells auditors alone: it is a number of what others did.
func (a *API) auditNote(g interact.Gate) string {
	d, ours := g.(*door)
	l := &a.Records.audit
	l.mu.Lock()
	defer l.mu.Unlock()
	if whole := l.dropped == 0 && l.fileErrs == 0; !whole && (!ours || !d.v.auditor()) {
		return "the log keeps the latest entries only: earlier ones may be no longer here"
	}
	var said []string
	if l.dropped > 0 {
		said = append(said, "the log keeps the latest entries only: "+strconv.FormatUint(l.dropped, 10)+" earlier ones are no longer here")
	}
	if l.fileErrs > 0 {
		said = append(said, strconv.FormatUint(l.fileErrs, 10)+" entries could not be written to its file and will be gone after the next start")
	}
	return strings.Join(said, "; ")
}

// audited is an entry of the log as a resource that can be stored, for whoever is let change it; nil for none.
func (a *API) audited(id string) *r4.Node {
	n, ours := a.auditNumber(id)
	if !ours {
		return nil
	}
	e, there := a.Records.audit.find(n)
	if !there {
		return nil
	}
	r := a.auditRecord(&e)
	canary := ""
	if len(r.Patients) > 0 {
		canary = a.Canary(r.Patients[0])
	}
	return r.Node(canary)
}
