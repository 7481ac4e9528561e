package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"thiefbox/fhirmock"
	"thiefbox/sim/client"
	"thiefbox/sim/control"
	"thiefbox/sim/drill"
	"thiefbox/sim/party"
)

// cast is who takes part in a drill: kinds of API with a policy each, and one client of every kind, the
// exemplar, whose fate on the wire is the fate of its kind in the population. A nil cast is that of an
// ordinary world.
type cast struct {
	setup     drill.World
	exemplars []*exemplar
}

// exemplar is one client of a kind.
type exemplar struct {
	kind    string
	actor   string
	sys     system
	dialect func(*control.Dialect)
	skew    time.Duration
	deaf    bool // to nonces
	people  bool // people sign in at it; the others work in their own name

	at  map[string]*client.Supplier // by kind of API
	ehr *client.EHR                 // where people sign in
	url string
}

// slowBy is how far the slow clocks are behind: within the usual window of a minute, outside a half.
const slowBy = 40 * time.Second

func newExemplar(kind string) *exemplar {
	e := &exemplar{kind: kind, actor: "client-" + kind, at: map[string]*client.Supplier{}}
	e.dialect = func(d *control.Dialect) { d.AssertionAudience = control.AudienceIssuer }
	e.sys = system{
		id: e.actor, name: "a client of kind " + kind, key: e.actor, scope: scopeBackend, grants: []string{"client_credentials"}, organization: "supplier",
	}
	switch kind {
	case "token-url":
		e.dialect = func(d *control.Dialect) { d.AssertionAudience = control.AudienceEndpoint }
	case "audience-array":
		e.dialect = func(d *control.Dialect) { d.AssertionAudience = control.AudienceArray }
	case "no-nonce":
		e.deaf = true
	case "slow-clock":
		e.skew = -slowBy
	case "shared-secret":
		e.sys.key, e.sys.method = "", control.ClientSecretPost
		e.dialect = func(d *control.Dialect) { *d = legacyDialect() }
	case "no-par":
		e.people, e.url = true, "https://"+e.actor+".thiefbox.test"
		e.sys.redirectURI, e.sys.scope, e.sys.grants = e.url+"/callback", scopeClinician, []string{"authorization_code", "refresh_token"}
		e.dialect = func(d *control.Dialect) {
			d.AssertionAudience, d.Request = control.AudienceIssuer, control.PlainRequest
		}
	}
	return e
}

func legacyDialect() control.Dialect {
	p, err := control.ProfileNamed("legacy")
	if err != nil {
		panic("sim: " + err.Error())
	}
	return p.Dialect
}

// newCast makes the cast of a drill.
func newCast(setup drill.World) *cast {
	c := &cast{setup: setup}
	for _, k := range setup.Clients {
		if !drill.Named[k.Kind] {
			c.exemplars = append(c.exemplars, newExemplar(k.Kind))
		}
	}
	return c
}

func (c *cast) systems() (out []system) {
	if c == nil {
		return nil
	}
	for _, e := range c.exemplars {
		out = append(out, e.sys)
	}
	return out
}

// plans are the APIs of the world. The first kind of a drill is the one the EHR uses.
func (c *cast) plans(ordinary []placePlan) []placePlan {
	if c == nil {
		return ordinary
	}
	var out []placePlan
	for i, a := range c.setup.APIs {
		name := "api-" + a.Kind // a trainer may call an API as we call a client or a server
		p := placePlan{kind: a.Kind, actor: name, host: name + ".thiefbox.test", base: "https://" + name + ".thiefbox.test/fhir", id: name}
		if i == 0 {
			p.actor, p.host, p.base, p.id = ordinary[0].actor, ordinary[0].host, ordinary[0].base, ordinary[0].id
		}
		p.nodes, p.keyAge, p.keysByAge = max(a.Nodes, 1), a.KeyAge, a.KeysByAge
		out = append(out, p)
	}
	lab := ordinary[1] // is in every world, and here under a name that no drill can give
	lab.kind = "the laboratory of every world"
	return append(out, lab)
}

// join gives each party of the drill its own policy.
func (c *cast) join(w *World) {
	if c == nil {
		return
	}
	base := w.Policy.Profile()
	server := changed(base, c.setup.Server)
	if c.setup.TokenLife > 0 {
		server.Dialect.AccessTokenLifetime = c.setup.TokenLife
	}
	w.policies = map[string]*party.Policy{"as": party.NewPolicy(server), "ehr": party.NewPolicy(base)}
	for i, p := range c.plans(ordinaryAPIs) {
		profile := base
		if i < len(c.setup.APIs) {
			profile = changed(base, c.setup.APIs[i].Change)
			profile.Dialect.Introspection = c.setup.APIs[i].Asks
		}
		w.policies[p.actor] = party.NewPolicy(profile)
	}
	w.callers = maps.Clone(w.callers)
	for _, e := range c.exemplars {
		profile := base
		e.dialect(&profile.Dialect)
		w.policies[e.actor] = party.NewPolicy(profile)
		w.callers[e.sys.id] = fhirmock.Caller{Organization: e.sys.organization}
		if e.kind == "carrier" {
			w.Net.Share(e.actor, thief)
		}
	}
}

// changed is a profile as a place has it. The controls were checked when the drill was read.
func changed(p control.Profile, c drill.Change) control.Profile {
	for _, id := range c.With {
		if k, err := control.Lookup(id); err == nil {
			p = p.With(k)
		}
	}
	for _, id := range c.Without {
		if k, err := control.Lookup(id); err == nil {
			p = p.Without(k)
		}
	}
	return p
}

// settle puts an exemplar to work.
func (e *exemplar) settle(w *World) error {
	reg := client.Registration{Label: "National health login", Credentials: w.credentials(e.sys, issuer), Key: w.authKey(e.sys)}
	p := w.party(e.actor, e.skew)
	if e.people {
		var err error
		e.ehr, err = client.NewEHR(client.EHRConfig{
			Party: p, Name: e.sys.name, URL: e.url, HTTP: w.Net.Client(e.actor), Issuers: []client.Registration{reg},
			FHIRBase: w.apis[0].base, DPoPKey: w.proofKey(e.sys),
		})
		if err == nil {
			w.Net.Serve(e.actor+".thiefbox.test", e.actor, e.ehr)
		}
		return err
	}
	for _, a := range w.apis {
		s, err := client.NewSupplier(client.SupplierConfig{
			Party: p, HTTP: w.Net.Client(e.actor), FHIRBase: a.base, Registration: reg, DPoPKey: w.proofKey(e.sys), IgnoresNonces: e.deaf,
		})
		if err != nil {
			return err
		}
		e.at[a.kind] = s
	}
	return nil
}

// call is the exemplar's next legitimate call to an API.
func (e *exemplar) call(ctx context.Context, w *World, api *place, patient string) error {
	if !e.people {
		return e.at[api.kind].Sync(ctx, []string{patient})
	}
	for _, path := range []string{"/login?issuer=" + issuer, "/patients/" + w.patient} {
		page, err := w.doctor.Visit(ctx, e.url+path, "")
		if err != nil {
			return err
		}
		if page.Status != http.StatusOK {
			return fmt.Errorf("expected %s to answer with success, got %d", path, page.Status)
		}
	}
	return nil
}

var errNoSuchClient = errors.New("expected a client of this world")
