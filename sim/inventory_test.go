package sim

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"thiefbox/attacker"
	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// The inventory is a table beside the code, so it is held against what happens: in no run of any attack does a
// control rule at an endpoint that the inventory does not list it for, and each that a guard stands for is listed
// somewhere.
func TestInventoryListsWhateverRules(t *testing.T) {
	as, rs := idp.Endpoints(), fhirmock.Endpoints(stepUps)
	var mu sync.Mutex
	wrong := map[string]bool{}
	var profiles []control.Profile
	for _, name := range []string{"legacy", "fapi2-mtls", "fapi2-message-signing", "hardened+entitlement"} {
		profiles = append(profiles, profile(t, name).Full())
	}
	some := map[string]bool{}
	for _, a := range techniques() {
		some[a.ID] = true
	}
	inParallel(t, profiles, func(p control.Profile, a attacker.Technique) {
		if !some[a.ID] {
			return
		}
		rec, err := Run(context.Background(), a, under(p))
		if err != nil {
			t.Error(err)
			return
		}
		for _, problem := range unlisted(rec.Events, as, rs) {
			mu.Lock()
			wrong[problem] = true
			mu.Unlock()
		}
	})
	for problem := range wrong {
		t.Error(problem)
	}
	var listed control.Set
	for _, e := range slices.Concat(as, rs) {
		listed = listed.With(e.Controls...)
	}
	for _, c := range slices.Concat(idp.Guards(), fhirmock.Guards()) {
		if !slices.Contains(listed.Controls(), c) {
			t.Errorf("%s stands at no endpoint of the inventory", c)
		}
	}
}

// unlisted are rulings of a run at endpoints that do not list the control.
func unlisted(events []event.Event, as, rs []control.Endpoint) (problems []string) {
	at := map[int]*control.Endpoint{}
	for _, e := range events {
		switch b := e.Body.(type) {
		case event.Request:
			u, err := url.Parse(b.Message.URL)
			if err != nil {
				continue
			}
			switch b.To {
			case "as":
				at[e.Exchange] = idp.Serves(as, u.Path)
			case "fhir", "lab":
				at[e.Exchange] = fhirmock.Serves(rs, fhirmock.MethodOf(b.Message.Method, b.Message.Header), strings.TrimPrefix(strings.TrimPrefix(u.Path, "/fhir"), "/"))
			}
		case event.Ruling:
			party, _, _ := strings.Cut(b.Control, "/")
			endpoint := at[e.Exchange]
			if party == string(control.Client) || b.Outcome == string(control.Off) && endpoint == nil {
				continue
			}
			if endpoint == nil {
				problems = append(problems, b.Control+" ruled at an address that the inventory does not have")
			} else if !slices.ContainsFunc(endpoint.Controls, func(c *control.Control) bool { return c.ID == b.Control }) {
				problems = append(problems, b.Control+" rules at "+endpoint.Path+" "+strings.Join(endpoint.Types, ",")+", and is not listed there")
			}
		}
	}
	return problems
}
