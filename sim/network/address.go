package network

import "strconv"

// Addresses. Each actor has one of its own, unless somebody moves it or has it share another's.

// Address is the address an actor sends from.
func (n *Network) Address(actor string) string { return n.endpoint(actor).addr }

// Move gives an actor another address, one that nobody has had, and returns it. Transports made before
// keep the old one. With 254 addresses in use there is none left, and the actor stays where it is.
func (n *Network) Move(actor string) string {
	old := n.endpoint(actor)
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := 1; i < 255; i++ {
		if b := byte(i); !n.taken[b] {
			n.taken[b] = true
			n.endpoints[actor] = &endpoint{actor: actor, addr: "198.51.100." + strconv.Itoa(i), lent: old.lent}
			return n.endpoints[actor].addr
		}
	}
	return old.addr
}

// Share has an actor send from another's address, as those behind one carrier's translation do. It is for
// before the actor's first Transport.
func (n *Network) Share(actor, with string) {
	other := n.endpoint(with)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.endpoints[actor] = &endpoint{actor: actor, addr: other.addr, lent: n.lendsTo(actor)}
}
