package fhirmock

import (
	"net/http"
	"slices"
	"sync/atomic"
)

// Balancer puts several nodes behind one address. The cookie node=<name> sticks a caller to a node; everybody else gets
// the first. An operator can have it stick instead: then it goes by itself, whatever a request asks for, and all
// requests stay on one node until that one fails.
type Balancer struct {
	names  []string
	nodes  []http.Handler
	sticky atomic.Bool
	at     atomic.Int32 // the node that has the requests while it sticks
}

// Balance puts nodes behind one address. It panics if there is none of the first's name.
func Balance(nodes map[string]http.Handler, first string) *Balancer {
	if nodes[first] == nil {
		panic("fhirmock: Balance has no node " + first)
	}
	b := &Balancer{names: []string{first}}
	for name := range nodes {
		if name != first {
			b.names = append(b.names, name)
		}
	}
	slices.Sort(b.names[1:])
	for _, name := range b.names {
		b.nodes = append(b.nodes, nodes[name])
	}
	return b
}

func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.sticky.Load() {
		b.nodes[b.at.Load()].ServeHTTP(w, r)
		return
	}
	if c, err := r.Cookie("node"); err == nil {
		if i := slices.Index(b.names, c.Value); i >= 0 {
			b.nodes[i].ServeHTTP(w, r)
			return
		}
	}
	b.nodes[0].ServeHTTP(w, r)
}

// Stick has all requests stay on one node, or lets them go to whichever they ask for again.
func (b *Balancer) Stick(yes bool) {
	b.at.Store(0)
	b.sticky.Store(yes)
}

// FailOver takes the requests away from the node that has them and gives them to the next, which knows nothing of what
// came before, and returns its name.
func (b *Balancer) FailOver() string {
	next := (b.at.Load() + 1) % int32(len(b.nodes))
	b.at.Store(next)
	return b.names[next]
}
