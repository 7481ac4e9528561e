package drill

import (
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
)

// How things stand: what conditions ask of the configuration, and not of what was pressed. Whoever came to
// the same state by another way has come to it too.

// carried is an order, and when it was carried out.
type carried struct {
	Order
	at time.Duration
}

// isOn tells whether a control is on: "rs/dpop-jti@records" at a place as it stands; without a place, whether
// it was deployed somewhere while the drill ran, and not withdrawn since.
func (d *Drill) isOn(word string) bool {
	id, place, at := strings.Cut(word, "@")
	on := at && d.file.opening(place, id)
	for _, o := range d.carried {
		if o.What == id && (!at || o.On == place) && (o.Do == Deploy || o.Do == Withdraw) {
			on = o.Do == Deploy
		}
	}
	return on
}

// opening tells whether a control is on at a place when the drill begins. The names were checked.
func (f *File) opening(place, id string) bool {
	c, err := control.Lookup(id)
	p, unknown := control.ProfileNamed(f.World.Profile)
	if err != nil || unknown != nil {
		return false
	}
	change := f.World.Server
	if a := f.api(place); a != nil {
		change = a.Change
	}
	on := p.With(c).Controls == p.Controls
	return (on || slices.Contains(change.With, id)) && !slices.Contains(change.Without, id)
}

// rotated tells whether the key the server had at the start is published no more.
func (d *Drill) rotated() bool {
	return slices.ContainsFunc(d.carried, func(o carried) bool { return o.Do == RotateServer && o.at+o.For <= d.now })
}

// rolled tells whether the key a client had at the start is good no more: "auth web-ehr", "proof web-ehr". The server
// takes an old key for authentication, once there was an overlap, until the key is rolled without one.
func (d *Drill) rolled(word string) (yes bool) {
	use, client, _ := strings.Cut(word, " ")
	for _, o := range d.carried {
		if o.Do == RollKeys && o.What == use && o.On == client {
			yes = yes || o.For == 0 || use == "proof"
		}
	}
	return yes
}
