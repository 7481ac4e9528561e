package sim

import (
	"errors"
	"slices"
	"time"

	"thiefbox/sim/drill"
)

// Keys are the copies that the APIs keep of the authorization server's keys. Of an API's nodes the one counts whose
// copy is oldest: whoever seeks a node that believes an old key finds it.
func (x *Exercise) Keys() (copies []drill.KeyCopy, signing []string) {
	for _, a := range x.w.cast.setup.APIs {
		var oldest drill.KeyCopy
		for _, n := range x.w.api(a.Kind).nodes {
			c := n.Keys()
			at := c.Fetched.Sub(x.start)
			if len(c.Kids) > 0 && (oldest.Kids == nil || at < oldest.Fetched) {
				oldest.Kids, oldest.Fetched = c.Kids, at
			}
		}
		oldest.API, oldest.Alone = a.Kind, oldest.Kids != nil && oldest.Fetched == x.alone
		copies = append(copies, oldest)
	}
	return copies, slices.Clone(x.signing)
}

// rotateServer gives the authorization server another signing key. The old one is published for the
// overlap; APIs trust it for as long as they keep it.
func (x *Exercise) rotateServer(o drill.Order) (string, error) {
	next := x.newKey("as", "signing")
	if x.w.Policy.Profile().Dialect.TokenAlg == "RS256" {
		if next = nextRSAKey(); slices.Contains(x.signing, next.ID) {
			return "", errors.New("expected one rotation at most: RSA keys are not made while a drill runs")
		}
	}
	if o.For == 0 {
		x.standLast()
	} else {
		x.withdrawn = append(x.withdrawn, x.w.Clock.Now().Add(o.For))
		slices.SortFunc(x.withdrawn, time.Time.Compare)
	}
	x.w.as.RotateKey(next, o.For)
	x.signing = append(x.signing, next.ID)
	x.op.say(x.ctx, "rotate server key", placeServer, "overlap "+o.For.String())
	if o.For == 0 {
		return "the old key is no longer published: live tokens die as APIs notice", nil
	}
	return "a new key signs; the old one is published for another " + drill.Span(o.For), nil
}

// refreshKeys has the nodes of an API drop their copies: they fetch what is published with the next token.
func (x *Exercise) refreshKeys(o drill.Order) (string, error) {
	a := x.w.api(o.On)
	if a == nil {
		return "", errNoSuchAPI(o.On)
	}
	for _, n := range a.nodes {
		n.ForgetKeys()
	}
	x.op.say(x.ctx, "refresh keys", o.On, "")
	return o.On + " fetches the server's keys anew", nil
}

// standLast has the exemplars of the APIs fetch the server's keys, as is done right before one of them is withdrawn. An
// exemplar stands for all APIs of its kind, which fetch at times of their own: of those the thief seeks the one that
// will believe the old key longest, and that is who fetched last.
func (x *Exercise) standLast() {
	for _, a := range x.w.cast.setup.APIs {
		for _, n := range x.w.api(a.Kind).nodes {
			n.ForgetKeys()
		}
	}
	x.alone = x.w.Clock.Now().Sub(x.start)
	x.Probe()
}

// At moves the clock on. Where a key of the server's is withdrawn on the way, the exemplars have just fetched.
func (x *Exercise) At(t time.Duration) {
	to := x.start.Add(t)
	for len(x.withdrawn) > 0 && x.withdrawn[0].Before(to) {
		x.advance(x.withdrawn[0].Add(-time.Second))
		x.withdrawn = x.withdrawn[1:]
		x.standLast()
	}
	x.advance(to)
}

func (x *Exercise) advance(to time.Time) {
	if ahead := to.Sub(x.w.Clock.Now()); ahead > 0 {
		x.w.Clock.Advance(ahead)
	}
}
