package drill

import (
	"fmt"
	"slices"
	"time"
)

// Sticky routing: all requests of an API stay on one node, which so remembers every proof. It is quick to order, and
// has a price: one node bears the load of all. Now and then it gives way, for half a minute nobody is served, and a
// thief who has just copied a request finds a node that has not seen it: neither what the first node answered, nor
// what nobody did, which a memory that the nodes share does not know either.

// stuck is an API whose requests stay on one node, and when something becomes of that next.
type stuck struct {
	api      string
	decision int
	next     time.Duration
	down     bool // the node answers nobody, and the load balancer has not noticed yet
}

const (
	overloadAfter = 75 * minute      // a node with everybody's load bears it for so long: assumed
	noticedAfter  = 30 * time.Second // a load balancer notices a node that does not answer
)

// nodesOf makes the plan of an order to the load balancer of an API.
func nodesOf(do string) func(*planner) error {
	return func(p *planner) error {
		if err := onAPI(do)(p); err != nil {
			return err
		}
		if a := p.file.api(p.args[0]); a.Nodes < 2 {
			return fmt.Errorf("expected an API of several nodes, got %s, which has one", a.Kind)
		}
		return nil
	}
}

// stick notes what an order to a load balancer leads to.
func (d *Drill) stick(o Order, decision int) {
	if o.Do != Stick && o.Do != Spread {
		return
	}
	d.agenda.stuck = slices.DeleteFunc(d.agenda.stuck, func(s stuck) bool { return s.api == o.On })
	if o.Do == Stick {
		d.agenda.stuck = append(d.agenda.stuck, stuck{api: o.On, decision: decision, next: d.now + overloadAfter})
	}
}

// overload lets nodes give way whose time has come, and load balancers notice.
func (d *Drill) overload() {
	for i := range d.agenda.stuck {
		s := &d.agenda.stuck[i]
		if s.next > d.now {
			continue
		}
		if s.down = !s.down; s.down {
			d.wire.Work() // what is under way while it goes down
			_, _ = d.wire.Carry(Order{Do: Overload, On: s.api})
			s.next = d.now + noticedAfter
			d.probe()
			continue
		}
		said, err := d.wire.Carry(Order{Do: FailOver, On: s.api})
		if err != nil {
			said = "it did not work: " + err.Error()
		}
		d.report(s.decision, said)
		s.next = d.now + overloadAfter
		if d.begun && slices.Contains(d.file.Thief.At, s.api) {
			d.strike(s.api)
		}
		d.probe()
	}
}
