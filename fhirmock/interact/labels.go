package interact

import (
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
)

// keepLabels carries the security labels of a labelled record over to what replaces it (FHIR R4 http, update: labels
// are taken off by $meta-delete, which is not offered). Otherwise who changes a record could open it to everybody.
func (w *writer) keepLabels(n *r4.Node, before *store.Record) {
	if before.Confidentiality == store.Ordinary {
		return
	}
	meta := n.Get("meta")
	if meta == nil {
		meta = &r4.Node{Kind: r4.Object}
		n.Insert(2, "meta", meta)
	}
	security := meta.Get("security")
	if security == nil {
		security = &r4.Node{Kind: r4.Array}
		meta.Set("security", security)
	}
	for _, old := range before.Node(w.e.canary(before)).Get("meta").List("security") {
		if !holds(security, old) {
			security.Items = append(security.Items, old)
		}
	}
}

func holds(security, label *r4.Node) bool {
	for _, c := range security.Items {
		if c.String("system") == label.String("system") && c.String("code") == label.String("code") {
			return true
		}
	}
	return false
}
