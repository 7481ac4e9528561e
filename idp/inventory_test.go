package idp

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/control"
)

// Every route is in the inventory with each of its methods, and nothing else is.
func TestTheInventoryHasEveryRoute(t *testing.T) {
	all := Endpoints()
	listed := map[string]*control.Endpoint{}
	for i := range all {
		listed[all[i].Path] = &all[i]
	}
	for path, r := range routes {
		e := Serves(all, path)
		if strings.HasSuffix(path, "/") {
			e = Serves(all, path+"x")
		}
		if e == nil {
			t.Errorf("%s is served and not in the inventory", path)
			continue
		}
		for method, handler := range map[string]bool{http.MethodGet: r.get != nil, http.MethodHead: r.get != nil, http.MethodPost: r.post != nil, http.MethodPut: r.put != nil, http.MethodDelete: r.del != nil} {
			if handler != slices.Contains(e.Methods, method) {
				t.Errorf("%s %s: served %t, in the inventory %v", method, path, handler, e.Methods)
			}
		}
		if e.Title == "" || e.Data == "" {
			t.Errorf("%s: expected to be told what it is for, and what data are there", path)
		}
		delete(listed, e.Path)
	}
	for path := range listed {
		t.Errorf("%s is in the inventory and not served", path)
	}
}
