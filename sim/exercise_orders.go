package sim

import (
	"fmt"

	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/drill"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// carriers say what each verb of an order is to the operator. What comes back is for the player's log.
var carriers = map[string]func(*Exercise, drill.Order) (string, error){
	drill.Deploy:       (*Exercise).deploy,
	drill.Withdraw:     (*Exercise).deploy,
	drill.Oblige:       (*Exercise).oblige,
	drill.Release:      (*Exercise).oblige,
	drill.Revoke:       (*Exercise).revoke,
	drill.Disable:      (*Exercise).close,
	drill.Enable:       (*Exercise).close,
	drill.Deny:         (*Exercise).deny,
	drill.Admit:        (*Exercise).deny,
	drill.RollKeys:     (*Exercise).rollKeys,
	drill.RotateServer: (*Exercise).rotateServer,
	drill.RefreshKeys:  (*Exercise).refreshKeys,
	drill.TokenLife: func(x *Exercise, o drill.Order) (string, error) {
		x.op.TokenLifetime(x.ctx, o.For)
		return "access tokens issued from now on live " + drill.Span(o.For), nil
	},
	drill.ProofWindow: func(x *Exercise, o drill.Order) (string, error) {
		return "proofs may be " + drill.Span(o.For) + " old at " + o.On, x.op.ProofWindow(x.ctx, o.On, o.For)
	},
	drill.Offline: func(x *Exercise, o drill.Order) (string, error) {
		return o.On + " is offline", x.op.Offline(x.ctx, o.On)
	},
	drill.Stick: func(x *Exercise, o drill.Order) (string, error) {
		return "every request at " + o.On + " stays on one node", x.op.Stick(x.ctx, o.On, true)
	},
	drill.Spread: func(x *Exercise, o drill.Order) (string, error) {
		return "requests at " + o.On + " go to all nodes again", x.op.Stick(x.ctx, o.On, false)
	},
	drill.Overload: func(x *Exercise, o drill.Order) (string, error) {
		return "the node that has all requests at " + o.On + " is overloaded", x.op.Overload(x.ctx, o.On)
	},
	drill.FailOver: func(x *Exercise, o drill.Order) (string, error) {
		node, err := x.op.FailOver(x.ctx, o.On)
		return "the node was overloaded; all requests went to node " + node + ": what was under way was not answered, and that node knows nothing of it", err
	},
	drill.Online: func(x *Exercise, o drill.Order) (string, error) { return o.On + " is back", x.op.Online(x.ctx, o.On) },
	drill.Block: func(x *Exercise, o drill.Order) (string, error) {
		x.op.Block(x.ctx, o.On)
		return o.On + " is turned away everywhere", nil
	},
	drill.Unblock: func(x *Exercise, o drill.Order) (string, error) {
		x.op.Unblock(x.ctx, o.On)
		return o.On + " is let in again", nil
	},
	drill.Purge: func(x *Exercise, o drill.Order) (string, error) {
		x.w.purged[o.On] = true
		x.op.say(x.ctx, "purge", o.On, "")
		return "nothing more is written down there; what was read stays read", nil
	},
	drill.Mend: func(x *Exercise, o drill.Order) (string, error) {
		if !drill.Named[o.On] {
			return "", fmt.Errorf("%w with a name, got %q: suppliers of a whole kind are notified", errNoSuchClient, o.On)
		}
		policy := x.w.policyOf(namedActor)
		p := policy.Profile()
		p.Dialect.AssertionAudience = control.AudienceIssuer
		policy.Set(p)
		x.op.say(x.ctx, "mend", o.On, "assertion audience")
		return o.On + " addresses its assertions to the issuer", nil
	},
	drill.Notify: func(x *Exercise, o drill.Order) (string, error) {
		x.op.Notify(x.ctx, o.On, o.What)
		return "sent", nil
	},
}

// Carry carries an order out.
func (x *Exercise) Carry(o drill.Order) (string, error) {
	carry := carriers[o.Do]
	if carry == nil {
		return "", fmt.Errorf("no order is called %q", o.Do)
	}
	return carry(x, o)
}

func (x *Exercise) deploy(o drill.Order) (string, error) {
	c, err := control.Lookup(o.What)
	if err != nil {
		return "", err
	}
	if o.Do == drill.Withdraw {
		return c.ID + " is off at " + o.On, x.op.Withdraw(x.ctx, o.On, c)
	}
	return c.ID + " is on at " + o.On, x.op.Deploy(x.ctx, o.On, c)
}

func (x *Exercise) oblige(o drill.Order) (string, error) {
	c, err := control.Lookup(o.What)
	if err != nil {
		return "", err
	}
	id, err := x.clientID(o.On)
	if err != nil {
		return "", err
	}
	if o.Do == drill.Release {
		x.op.Release(x.ctx, id, c)
		return id + " is out from under " + c.ID, nil
	}
	x.op.Oblige(x.ctx, id, c)
	return id + " is held to " + c.ID, nil
}

// clientID is the client_id behind what an order calls a client: its kind, or the id itself.
func (x *Exercise) clientID(name string) (string, error) {
	if drill.Named[name] {
		return name, nil
	}
	for _, e := range x.w.cast.exemplars {
		if e.kind == name {
			return e.sys.id, nil
		}
	}
	if name == ehrClientID {
		return name, nil
	}
	return "", fmt.Errorf("%w, got %q", errNoSuchClient, name)
}

func (x *Exercise) revoke(o drill.Order) (string, error) {
	id, err := x.clientID(o.On)
	if err != nil && o.What != "grant" { // a grant may be of a client that is not the drill's: the thief's own
		return "", err
	}
	sel := idp.Selection{Client: id}
	switch o.What {
	case "client":
	case "subject":
		sel = idp.Selection{Client: id, Subject: x.w.doctor.subject}
	case "grant":
		sel = idp.Selection{Token: x.latestOf(o.Token)}
	case "key":
		sel = idp.Selection{Key: x.proofKeyOf(o.On)}
		if sel.Key == "" {
			return "", fmt.Errorf("%s has no key for proofs: its tokens are bearer tokens", id)
		}
	default:
		return "", fmt.Errorf("expected to revoke by client, subject, key or grant, got %q", o.What)
	}
	return fmt.Sprintf("%d tokens withdrawn at the authorization server", x.op.Revoke(x.ctx, sel)), nil
}

// latestOf is the newest access token of the grant that a token is of: the one in a log may have run out, while
// its grant lives on. It is read as an operator reads the issuance log: tokens of one person at one client, up to
// her next sign-in there. A client in its own name has a grant for each token.
func (x *Exercise) latestOf(jti string) string {
	var own event.Issued
	for _, e := range x.w.Log.Recording().Events {
		one, ok := e.Body.(event.Issued)
		switch {
		case !ok:
		case one.Type == "access_token" && one.ID == jti:
			own = one
		case own.ID == "" || own.Subject == own.Client || one.Client != own.Client || one.Subject != own.Subject:
		case one.Type == "code":
			return jti
		case one.Type == "access_token":
			jti = one.ID
		}
	}
	return jti
}

func (x *Exercise) close(o drill.Order) (string, error) {
	id, err := x.clientID(o.On)
	if err != nil {
		return "", err
	}
	if o.Do == drill.Enable {
		x.op.Enable(x.ctx, id)
		return id + " is let in again", nil
	}
	x.op.Disable(x.ctx, id)
	return id + " can no longer authenticate", nil
}

// proofKeyOf is the thumbprint of the key a client signs proofs with at present; empty if it has none.
func (x *Exercise) proofKeyOf(name string) string {
	id, err := x.clientID(name)
	if err != nil {
		return ""
	}
	if k := x.w.rolled[id+"/proof"]; k != nil {
		return k.Thumbprint()
	}
	if k := x.w.proofKey(x.systemOf(name)); k != nil {
		return k.Thumbprint()
	}
	return ""
}

func (x *Exercise) systemOf(name string) system {
	for _, e := range x.w.cast.exemplars {
		if e.kind == name {
			return e.sys
		}
	}
	return webEHR
}

func (x *Exercise) deny(o drill.Order) (string, error) {
	thumbprint := x.proofKeyOf(o.On)
	if thumbprint == "" {
		return "", fmt.Errorf("%s has no key for proofs", o.On)
	}
	if o.Do == drill.Admit {
		x.op.Admit(x.ctx, thumbprint)
		return "the key is good again", nil
	}
	return fmt.Sprintf("key %.8s… is refused, %d tokens withdrawn", thumbprint, x.op.Deny(x.ctx, thumbprint)), nil
}

// rollKeys gives a client a new key, at its own end and at the server. With an overlap the server takes
// the old one as well until the client's own order ends it.
func (x *Exercise) rollKeys(o drill.Order) (string, error) {
	id, err := x.clientID(o.On)
	if err != nil {
		return "", err
	}
	fresh := x.newKey(id, o.What)
	var auth, proof *fapi.Key
	switch o.What {
	case "auth":
		auth = fresh
		keys := []fapi.Public{fresh.Public()}
		if old := x.authKeyOf(o.On); o.For > 0 && old != nil {
			keys = append(keys, old.Public())
		}
		if !x.w.as.SetKeys(id, keys, nil) {
			return "", fmt.Errorf("%w, got %q", errNoSuchClient, id)
		}
	case "proof":
		proof = fresh
	default:
		return "", fmt.Errorf("expected to roll the key for auth or proof, got %q", o.What)
	}
	x.w.rolled[id+"/"+o.What] = fresh
	x.useKeys(o.On, auth, proof)
	x.op.say(x.ctx, "roll keys", id, o.What)
	if o.For > 0 && auth != nil {
		return id + " has a new key; the old one is good besides, until the key is rolled without overlap", nil
	}
	return id + " has a new key for " + map[string]string{"auth": "authentication", "proof": "proofs"}[o.What], nil
}

func (x *Exercise) authKeyOf(name string) *fapi.Key {
	id, _ := x.clientID(name)
	if k := x.w.rolled[id+"/auth"]; k != nil {
		return k
	}
	return x.w.authKey(x.systemOf(name))
}

func (x *Exercise) useKeys(name string, auth, proof *fapi.Key) {
	for _, e := range x.w.cast.exemplars {
		if e.kind != name {
			continue
		}
		for _, s := range e.at {
			s.UseKeys(auth, proof)
		}
		if e.ehr != nil {
			e.ehr.UseKeys(auth, proof)
		}
		return
	}
	x.w.ehr.UseKeys(auth, proof)
}
