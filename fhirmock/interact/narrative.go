package interact

import (
	"bytes"
	"net/http"

	"thiefbox/fhirmock/r4"
)

// keepSafe sees to it that a narrative does not go on telling what a patch has changed (R4 http, "patch": it must not be
// clinically unsafe). One that was made from the data goes, since nobody is there to make it anew; one that holds more
// than the data is the caller's to change along.
func keepSafe(n, before *r4.Node) error {
	told := n.Get("text")
	if told == nil || !same(told, before.Get("text")) || sameData(n, before) {
		return nil
	}
	if told.String("status") == "additional" {
		p := problem(http.StatusUnprocessableEntity, "business-rule", "expected a patch that changes the narrative too: it holds more than the data does, and would tell what was")
		p.Expression = n.Resource() + ".text"
		return p
	}
	n.Remove("text")
	return nil
}

// sameData tells whether two resources differ in nothing that a narrative tells of.
func sameData(a, b *r4.Node) bool {
	told := func(name string) bool { return name != "text" && name != "meta" }
	left := 0
	for _, name := range b.Names {
		if told(name) {
			left++
		}
	}
	for i, name := range a.Names {
		if !told(name) {
			continue
		}
		if left--; !same(a.Items[i], b.Get(name)) {
			return false
		}
	}
	return left == 0
}

func same(a, b *r4.Node) bool {
	return b != nil && bytes.Equal(a.Append(nil), b.Append(nil))
}
