package idp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"thiefbox/sim/control"
)

// What operators decided outlives the process like everything else: a door that was closed must not stand open
// after a restart.

// Barred are those on whom an operator has closed the door, by Disable and Deny.
type Barred struct {
	Clients []string `json:"clients"`
	Keys    []string `json:"keys"` // thumbprints of keys for proofs, and of certificates
}

// Barred lists them, in order.
func (s *Server) Barred() Barred {
	b := Barred{[]string{}, []string{}}
	if o := s.operations.Load(); o != nil {
		b.Clients, b.Keys = append(b.Clients, slices.Sorted(maps.Keys(o.closed))...), append(b.Keys, slices.Sorted(maps.Keys(o.denied))...)
	}
	return b
}

// Bar closes the door on those, and opens it to all others.
func (s *Server) Bar(b Barred) {
	s.decide(func(o *operations) {
		o.closed, o.denied = map[string]bool{}, map[string]bool{}
		for _, id := range b.Clients {
			o.closed[id] = true
		}
		for _, key := range b.Keys {
			o.denied[key] = true
		}
	})
}

const keptDecisions = "decisions"

type decisionsRecord struct {
	Barred
	Duties map[string][]string `json:"duties,omitempty"` // ids of controls by client
}

// decide is operate for what is kept.
func (s *Server) decide(change func(*operations)) {
	s.operate(change)
	s.ledger.put(keptDecisions, "", time.Time{}, func() any {
		r := decisionsRecord{Barred: s.Barred(), Duties: map[string][]string{}}
		for client, set := range s.operations.Load().duties {
			for _, c := range set.Controls() {
				r.Duties[client] = append(r.Duties[client], c.ID)
			}
		}
		return r
	})
	s.settle(context.Background())
}

func (b *reader) decisions(c Change) error {
	var r decisionsRecord
	if err := json.Unmarshal(c.Value, &r); err != nil {
		return err
	}
	b.s.Bar(r.Barred)
	for client, ids := range r.Duties {
		for _, id := range ids {
			duty, err := control.Lookup(id)
			if err != nil {
				return fmt.Errorf("a duty of %s: %w", client, err)
			}
			b.s.Oblige(client, duty)
		}
	}
	return nil
}
