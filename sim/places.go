package sim

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// placeServer is the authorization server, as an operator calls it. APIs go by their kind.
const placeServer = "server"

// place is one kind of API of a world: its nodes, and the door before them.
type place struct {
	kind, actor, base string
	id                string // at introspection
	policy            *party.Policy
	nodes             []*fhirmock.API
	door              *door
	balancer          *fhirmock.Balancer // nil where there is one node
}

// placePlan is how a kind of API is made.
type placePlan struct {
	kind, actor, host, base, id string
	nodes                       int
	keyAge                      time.Duration
	keysByAge                   bool
}

func (w *World) api(kind string) *place {
	for _, a := range w.apis {
		if a.kind == kind {
			return a
		}
	}
	return nil
}

// recordsInAMinute is the bound of these APIs. Forty patients have some twenty records each, and no clinician has more than
// eight patients: a hundred are whole charts of four or five, which nobody reads in a minute.
const recordsInAMinute = 100

// policyOf is the policy of a party: the world's, unless parties have their own.
func (w *World) policyOf(name string) *party.Policy {
	if p := w.policies[name]; p != nil {
		return p
	}
	return w.Policy
}

// door stands before a server: it can be shut, and it turns away blocked addresses.
type door struct {
	w    *World
	name string
	shut atomic.Bool
	full atomic.Bool // the node behind it has more to do than it can
	next http.Handler
}

func (d *door) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if d.w.blocks.Load() {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if _, blocked := d.w.blocked.Load(host); blocked {
			d.turnAway(rw, r, http.StatusForbidden, "blocked", "the address "+host+" is blocked")
			return
		}
	}
	if d.shut.Load() {
		d.turnAway(rw, r, http.StatusServiceUnavailable, "offline", "an operator has taken it off the network")
		return
	}
	if d.full.Load() {
		d.turnAway(rw, r, http.StatusServiceUnavailable, "overloaded", "the node that has all requests has more than it can serve")
		return
	}
	d.next.ServeHTTP(rw, r)
}

func (d *door) turnAway(rw http.ResponseWriter, r *http.Request, status int, code, detail string) {
	d.w.tell(r.Context(), event.Refused{Party: d.name, Status: status, Code: code, Detail: detail})
	http.Error(rw, http.StatusText(status), status)
}

// addAPI puts the nodes of an API behind its address.
func (w *World) addAPI(p placePlan) error {
	shared, records := fhirmock.NewReplayMemory(), fhirmock.NewRecords(w.people)
	if p.kind == ordinaryAPIs[0].kind {
		if err := w.stand(records); err != nil {
			return fmt.Errorf("what stands in the records of the scene: %w", err)
		}
	}
	a := &place{kind: p.kind, actor: p.actor, base: p.base, id: p.id, policy: w.policyOf(p.actor)}
	nodes := map[string]http.Handler{}
	for i := range p.nodes {
		name, party := p.actor, string(rune('a'+i))
		if p.nodes > 1 {
			name += "/" + party
		}
		api, err := fhirmock.New(fhirmock.Config{
			Party: w.partyUnder(name, 0, a.policy), Base: p.base, Issuer: issuer, HTTP: w.hop(w.Net.Client(p.actor)), KeyAge: p.keyAge, KeysByAge: p.keysByAge,
			ID: p.id, Secret: w.asker(p.base, p.id).Secret, People: w.people, Callers: w.callers, Shared: shared,
			Records: records, Canary: w.canary, Marks: w.marksIn, StepUps: stepUps, Volume: recordsInAMinute, Since: w.added(), Memo: w.stock.memo,
			Hooks: fhirmock.Hooks{Sites: w.sitesOf},
		})
		if err != nil {
			return err
		}
		a.nodes, nodes[party] = append(a.nodes, api), api
	}
	handler := nodes["a"]
	if p.nodes > 1 {
		a.balancer = fhirmock.Balance(nodes, "a")
		handler = a.balancer
	}
	a.door = &door{w: w, name: p.actor, next: handler}
	w.apis = append(w.apis, a)
	w.Net.ServeMutual(p.host, p.actor, a.door)
	return nil
}
