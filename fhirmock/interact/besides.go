package interact

import (
	"strings"

	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// Besides is records of one type that are found like stored ones and are not stored: a log, shown as resources when
// somebody asks for it. They are in no export and in no $everything, which are of what is stored.
type Besides struct {
	Type string
	// View adds them to a view of the store.
	View func(store.View) store.View
	// Resource is one of them, for a write that changes it and so has to store it first; nil if there is none.
	Resource func(id string) *r4.Node
	// Note says what a searchset of them lacks, to who asks; "" for nothing.
	Note func(Gate) string
}

// view is what a request looks at. Most have nothing to do with what stands besides, and do not pay for it.
func (e *Engine) view(r *Request, v store.View) store.View {
	if e.Besides == nil || r.Kind == Everything || !r.names(e.Besides.Type) {
		return v
	}
	return e.Besides.View(v)
}

// names tells whether a request is about a type, or mentions it: _revinclude, _has, a chain.
func (r *Request) names(resourceType string) bool {
	if r.Type == resourceType {
		return true
	}
	for name, values := range r.Params {
		if strings.Contains(name, resourceType) {
			return true
		}
		for _, v := range values {
			if strings.Contains(v, resourceType) {
				return true
			}
		}
	}
	return false
}

// found is what a write is about to change. What stands besides is stored as it is, to have a version before.
func (w *writer) found(r *Request) *store.Sealed {
	found := w.tx.Get(r.Type, r.ID)
	if b := w.e.Besides; found == nil && b != nil && b.Type == r.Type {
		if n := b.Resource(r.ID); n != nil {
			w.tx.Put(n, "POST")
			found = w.tx.Get(r.Type, r.ID)
		}
	}
	return found
}

// lacks adds to a searchset what it says of itself.
func (e *Engine) lacks(g Gate, b *bundle, r *Request) {
	if e.Besides == nil || r.Type != e.Besides.Type {
		return
	}
	if text := e.Besides.Note(g); text != "" {
		b.note("incomplete", text)
	}
}
