package drill

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"thiefbox/sim/ecosystem"
)

// Who believes which of the server's keys. Each API goes by a copy of what was published when it last fetched; a key
// that is withdrawn is believed until then. The exemplars' copies are read on the wire, and those of the population
// follow from them (ecosystem.Copies).

// usualKeyAge is for how long an API keeps keys unless the file says otherwise; so do ours.
const usualKeyAge = 10 * minute

// believed is what the exemplars' copies have shown so far.
type believed struct {
	copies *ecosystem.Copies
	shown  []ecosystem.Shown // by kind of API
	kids   [][]string
	sign   []string // the kids of the server's keys, the present one last
}

// KeyView is how many APIs of a kind believe what a key of the server's signed.
type KeyView struct {
	API   string `json:"api"`
	Kid   string `json:"kid"`
	Count int    `json:"count"`
	Of    int    `json:"of"`
	Old   bool   `json:"old"`  // the server signs with it no more
	Asks  bool   `json:"asks"` // the APIs ask the server about each token besides, so that the key alone opens nothing
}

// String is how players read it.
func (k KeyView) String() string {
	name, asks := k.Kid, ""
	if k.Old {
		name += " (replaced)"
	}
	if k.Asks {
		asks = ", which ask about each token besides"
	}
	return fmt.Sprintf("%s: %d of %d at %s%s", name, k.Count, k.Of, k.API, asks)
}

// readKeys looks at the exemplars' copies.
func (d *Drill) readKeys() {
	b := &d.keys
	copies, signing := d.wire.Keys()
	if b.copies == nil {
		var apis []int
		for _, a := range d.file.World.APIs {
			apis = append(apis, a.Count)
		}
		b.copies = ecosystem.NewCopies(apis, d.popDice.Fork("keys"))
		b.shown, b.kids = make([]ecosystem.Shown, len(apis)), make([][]string, len(apis))
	}
	b.sign = signing
	for i, c := range copies {
		age := cmp.Or(d.file.World.APIs[i].KeyAge, usualKeyAge)
		if known := b.kids[i] != nil; c.Kids != nil && (!known || c.Fetched != b.shown[i].Fetched) {
			b.shown[i] = ecosystem.Shown{Age: age, Fetched: c.Fetched, Early: known && !c.Alone && c.Fetched-b.shown[i].Fetched < age}
		}
		b.kids[i] = c.Kids
	}
}

// published tells whether a key of the server's was published at a moment, by the orders that replaced it.
func (d *Drill) published(key int, at time.Duration) bool {
	n := 0
	for _, o := range d.carried {
		if o.Do != RotateServer {
			continue
		}
		if n == key-1 && at < o.at || n == key && at >= o.at+o.For {
			return false
		}
		n++
	}
	return true
}

// believing is how many APIs of a kind believe a key of the server's now.
func (d *Drill) believing(api, key int) int {
	b := &d.keys
	if b.kids[api] == nil {
		return 0 // they have had no use for keys yet
	}
	return b.copies.Count(api, d.now, b.shown[api], slices.Contains(b.kids[api], b.sign[key]), func(at time.Duration) bool { return d.published(key, at) })
}

// keysBelieved counts, for each key of the server's and each kind of API, who believes it now.
func (d *Drill) keysBelieved() (out []KeyView) {
	b := &d.keys
	for n, kid := range b.sign {
		for i, a := range d.file.World.APIs {
			out = append(out, KeyView{API: a.Kind, Kid: kid, Count: d.believing(i, n), Of: a.Count, Old: n < len(b.sign)-1, Asks: a.Asks})
		}
	}
	return out
}

// onOldKeys is how many APIs that judge tokens themselves believe a key that the server signs with no more, and how
// many such APIs there are.
func (d *Drill) onOldKeys() (n, of int) {
	b := &d.keys
	for i, a := range d.file.World.APIs {
		if a.Asks {
			continue
		}
		of += a.Count
		most := 0
		for k := range max(len(b.sign)-1, 0) {
			most = max(most, d.believing(i, k))
		}
		n += most
	}
	return n, of
}

// dropKeys notes, as time passes, that some APIs have fetched anew.
func (d *Drill) dropKeys() {
	if len(d.keys.sign) < 2 {
		return
	}
	if n, _ := d.onOldKeys(); n != d.history[len(d.history)-1].OldKey {
		d.moment()
	}
}
