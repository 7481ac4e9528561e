package fhirmock

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/sim/control"
)

// Whatever address the router takes is in the inventory, with the method, and whatever is there the router takes. The
// addresses are all that can be put together, up to four deep, from words that mean something anywhere.
func TestTheInventoryHasWhatTheRouterTakes(t *testing.T) {
	all := Endpoints(nil)
	words := strings.Fields("x 1 metadata _history _search _export Patient.ndjson Unheard Patient Group Binary $everything $validate $export $meta $graphql $lastn")
	used := map[string]bool{}
	taken := 0
	var try func(path string, depth int)
	try = func(path string, depth int) {
		for _, method := range methods {
			taking := routes(method, path)
			e := Serves(all, method, path)
			if taking != (e != nil) {
				t.Errorf("%s %q: taken %t, in the inventory %t", method, path, taking, e != nil)
			}
			if e != nil {
				taken++
				used[method+" "+e.Path+" "+strings.Join(e.Types, ",")] = true
			}
		}
		if depth == 0 {
			return
		}
		for _, w := range words {
			try(strings.TrimPrefix(path+"/"+w, "/"), depth-1)
		}
	}
	try("", 3)
	for _, kind := range append([]string{"Unheard"}, query.Types...) {
		try(kind, 1)
		try(oldBase+"/"+kind, 1)
		try("Patient/x/"+kind, 0)
		try("Group/x/"+kind, 0)
		for _, word := range words { // the fourth, where there can be one
			try(kind+"/x/"+word, 0)
			try(kind+"/Patient/"+word, 0)
			try(kind+"/x/_history/"+word, 0)
			try(kind+"/x/"+word+"/1", 0)
		}
	}
	for _, e := range all {
		for _, method := range e.Methods {
			if below := strings.HasPrefix(e.Path, "{base}"); !below || strings.Contains(e.Path, "/.well-known/") || method == http.MethodHead {
				continue
			}
			if !used[method+" "+e.Path+" "+strings.Join(e.Types, ",")] {
				t.Errorf("%s %s of %v is in the inventory and nothing leads there", method, e.Path, e.Types)
			}
		}
	}
	if taken < 100 {
		t.Errorf("expected hundreds of addresses, got %d", taken)
	}
}

// routes tells whether there is anything at an address, at the base or the old one.
func routes(method, path string) bool {
	rest, old := belowOldBase(path)
	r, wrong := interact.Route(method, rest, url.Values{})
	if old {
		_, wrong = oldRoute(method, rest, r, wrong)
	}
	return wrong == nil
}

// What needs no token and is not of the router: who answers there.
func TestWellKnownAddressesAreInTheInventory(t *testing.T) {
	w := newWorld(t, strictest(t))
	for _, e := range Endpoints(nil) {
		if !strings.Contains(e.Path, ".well-known") {
			continue
		}
		address := strings.Replace(e.Path, "{base}", testBase, 1)
		if address == e.Path {
			address = "https://fhir.thiefbox.test" + e.Path + "/fhir"
		}
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if rec := w.send(w.a, r); rec.Code != http.StatusOK || e.Data != control.NoData {
			t.Errorf("%s: expected 200, got %d", address, rec.Code)
		}
	}
}
