package sim

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// Operator is the one door by which decisions enter a running world. Each of its verbs does what it says
// to the servers and clients that run, and is an event. What follows is for them to show.
//
// A world has places: "server", and each kind of API. In an ordinary world they share one policy; in one
// made with Options.Operated each has its own.
type Operator struct{ w *World }

// Operator returns the world's operator.
func (w *World) Operator() *Operator { return &Operator{w} }

func (o *Operator) say(ctx context.Context, do, on, detail string) {
	o.w.tell(ctx, event.Operated{Do: do, On: on, Detail: detail})
}

func (o *Operator) policy(place string) (*party.Policy, error) {
	if place == placeServer {
		return o.w.policyOf("as"), nil
	}
	if a := o.w.api(place); a != nil {
		return a.policy, nil
	}
	return nil, fmt.Errorf("expected a place of this world (server, or a kind of API), got %q", place)
}

// Deploy switches controls on at a place, from the next request on.
func (o *Operator) Deploy(ctx context.Context, place string, controls ...*control.Control) error {
	return o.change(ctx, "deploy", place, controls, control.Profile.With)
}

// Withdraw switches them off.
func (o *Operator) Withdraw(ctx context.Context, place string, controls ...*control.Control) error {
	return o.change(ctx, "withdraw", place, controls, control.Profile.Without)
}

func (o *Operator) change(ctx context.Context, do, place string, controls []*control.Control, to func(control.Profile, ...*control.Control) control.Profile) error {
	p, err := o.policy(place)
	if err != nil {
		return err
	}
	p.Set(to(p.Profile(), controls...))
	for _, c := range controls {
		o.say(ctx, do, place, c.ID)
	}
	return nil
}

// Revoke withdraws tokens at the authorization server and returns how many.
func (o *Operator) Revoke(ctx context.Context, sel idp.Selection) int {
	n := o.w.as.Revoke(ctx, sel)
	o.say(ctx, "revoke", sel.String(), strconv.Itoa(n)+" tokens")
	return n
}

// Disable closes a client's door, Enable opens it.
func (o *Operator) Disable(ctx context.Context, client string) {
	o.w.as.Disable(client)
	o.say(ctx, "disable", client, "")
}

// Enable opens a client's door again.
func (o *Operator) Enable(ctx context.Context, client string) {
	o.w.as.Enable(client)
	o.say(ctx, "enable", client, "")
}

// Deny refuses proofs by a key at the authorization server, and withdraws the tokens bound to it.
func (o *Operator) Deny(ctx context.Context, thumbprint string) int {
	o.w.as.Deny(thumbprint)
	n := o.w.as.Revoke(ctx, idp.Selection{Key: thumbprint})
	o.say(ctx, "deny", thumbprint, strconv.Itoa(n)+" tokens")
	return n
}

// Admit takes proofs by a key again.
func (o *Operator) Admit(ctx context.Context, thumbprint string) {
	o.w.as.Admit(thumbprint)
	o.say(ctx, "admit", thumbprint, "")
}

// Oblige puts one client under controls before all are; Release lifts that.
func (o *Operator) Oblige(ctx context.Context, client string, controls ...*control.Control) {
	o.w.as.Oblige(client, controls...)
	for _, c := range controls {
		o.say(ctx, "oblige", client, c.ID)
	}
}

// Release takes a client out from under controls.
func (o *Operator) Release(ctx context.Context, client string, controls ...*control.Control) {
	o.w.as.Release(client, controls...)
	for _, c := range controls {
		o.say(ctx, "release", client, c.ID)
	}
}

// TokenLifetime changes how long access tokens live that are issued from now on.
func (o *Operator) TokenLifetime(ctx context.Context, d time.Duration) {
	policy := o.w.policyOf("as")
	p := policy.Profile()
	p.Dialect.AccessTokenLifetime = d
	policy.Set(p)
	o.say(ctx, "token lifetime", placeServer, d.String())
}

// errNoSuchAPI is the answer to an order at an API that is not there.
func errNoSuchAPI(name string) error {
	return fmt.Errorf("expected a kind of API of this world, got %q", name)
}

// ProofWindow changes how old a proof may be at an API.
func (o *Operator) ProofWindow(ctx context.Context, place string, past time.Duration) error {
	a := o.w.api(place)
	if a == nil {
		return errNoSuchAPI(place)
	}
	for _, n := range a.nodes {
		w := n.ProofWindow()
		n.SetProofWindow(fapi.Window{Past: past, Future: min(w.Future, past)})
	}
	o.say(ctx, "proof window", place, past.String())
	return nil
}

// Offline takes an API off the network, Online puts it back.
func (o *Operator) Offline(ctx context.Context, place string) error { return o.shut(ctx, place, true) }

// Online puts an API back on the network.
func (o *Operator) Online(ctx context.Context, place string) error { return o.shut(ctx, place, false) }

func (o *Operator) shut(ctx context.Context, place string, shut bool) error {
	a := o.w.api(place)
	if a == nil {
		return errNoSuchAPI(place)
	}
	a.door.shut.Store(shut)
	o.say(ctx, map[bool]string{true: "offline", false: "online"}[shut], place, "")
	return nil
}

// Stick has the load balancer of an API keep all requests on one node, or spread them again.
func (o *Operator) Stick(ctx context.Context, place string, yes bool) error {
	b, err := o.balancer(place)
	if err != nil {
		return err
	}
	b.balancer.Stick(yes)
	b.door.full.Store(false)
	o.say(ctx, map[bool]string{true: "stick", false: "spread"}[yes], place, "")
	return nil
}

// Overload has the node that all requests of an API stay on answer none of them; FailOver gives them to the next, and
// returns its name. Nobody orders either: that is what sticking leads to.
func (o *Operator) Overload(ctx context.Context, place string) error {
	b, err := o.balancer(place)
	if err != nil {
		return err
	}
	b.door.full.Store(true)
	o.say(ctx, "overload", place, "")
	return nil
}

// FailOver ends an overload.
func (o *Operator) FailOver(ctx context.Context, place string) (node string, err error) {
	b, err := o.balancer(place)
	if err != nil {
		return "", err
	}
	node = b.balancer.FailOver()
	b.door.full.Store(false)
	o.say(ctx, "fail over", place, "to node "+node)
	return node, nil
}

func (o *Operator) balancer(kind string) (*place, error) {
	a := o.w.api(kind)
	if a == nil {
		return nil, errNoSuchAPI(kind)
	}
	if a.balancer == nil {
		return nil, fmt.Errorf("expected an API of several nodes, got %s, which has one", kind)
	}
	return a, nil
}

// Block turns away all that comes from an address, at every server; Unblock lets it in again.
func (o *Operator) Block(ctx context.Context, address string) {
	o.w.blocked.Store(address, true)
	o.w.blocks.Store(true)
	o.say(ctx, "block", address, "")
}

// Unblock lets an address in again.
func (o *Operator) Unblock(ctx context.Context, address string) {
	o.w.blocked.Delete(address)
	o.say(ctx, "unblock", address, "")
}

// Notify tells suppliers something. The world notes it; what suppliers make of it is for the population.
func (o *Operator) Notify(ctx context.Context, class, text string) {
	o.say(ctx, "notify", class, text)
}
