package fhirmock

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/store"
)

// mostSubscriptions is how many one caller may have at a time.
const mostSubscriptions = 32

// subscribers are whose the subscriptions of an API are, whichever its node. What a subscription asks for stands in the
// store; what it is sent, it is sent by the authority of the token with which whoever made it last wrote it. The zero value
// is empty, and safe for concurrent use.
type subscribers struct {
	any    atomic.Bool // whether there was ever one: who writes where there is none pays nothing
	mu     sync.Mutex
	byID   map[string]*subscriber
	inTurn []*subscriber
	nested atomic.Int32 // deliveries under way
	keeper subscriptionKeeper
}

// subscriptionKeeper is where they outlive the process.
type subscriptionKeeper interface {
	KeepSubscription(id string, text []byte) error
	KeptSubscriptions(see func(id string, text []byte) error) error
}

// subscriber is whose a subscription is. Its JSON is what the file holds.
type subscriber struct {
	ID       string `json:"id"`
	Owner    string `json:"owner"` // as door.Caller has it
	Client   string `json:"client"`
	Base     string `json:"base"` // of the API that took the token
	Token    string `json:"token"`
	exchange int    // in which it was asked for: what is decided about it later belongs there

	version int // of the resource, when it was read
	asks    *interact.Subscription
}

// whose finds a subscription's subscriber: a copy, without what it asks for.
func (s *subscribers) whose(id string) (subscriber, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.byID[id]; found != nil {
		return *found, true
	}
	return subscriber{}, false
}

// keep notes subscribers down, new ones and such as have a new token, before their resources are stored: a crash in between
// leaves a note about nothing.
func (s *subscribers) keep(all ...subscriber) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range all {
		if s.keeper != nil {
			text, err := json.Marshal(&all[i])
			if err == nil {
				err = s.keeper.KeepSubscription(all[i].ID, text)
			}
			if err != nil {
				return err
			}
		}
		s.add(&all[i])
	}
	return nil
}

func (s *subscribers) add(one *subscriber) {
	if was := s.byID[one.ID]; was != nil {
		was.Base, was.Token, was.exchange = one.Base, one.Token, one.exchange
		return
	}
	if s.byID == nil {
		s.byID = map[string]*subscriber{}
	}
	s.byID[one.ID] = one
	s.inTurn = append(s.inTurn, one)
	s.any.Store(true)
}

// open reads what a keeper has kept, and has it keep what is to come.
func (s *subscribers) open(k subscriptionKeeper) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keeper = k
	return k.KeptSubscriptions(func(id string, text []byte) error {
		one := &subscriber{}
		if err := json.Unmarshal(text, one); err != nil || one.ID != id {
			return errors.Join(err, fmt.Errorf("expected whose subscription %q is, got %.40q", id, text))
		}
		s.add(one)
		return nil
	})
}

// active are the subscriptions that wait for something, in the order in which they were made: for records of a type, or ""
// for all. Each is the caller's own copy.
func (s *subscribers) active(v store.View, base, resourceType string) []subscriber {
	if !s.any.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []subscriber
	gone := false
	for _, one := range s.inTurn {
		found := v.Get("Subscription", one.ID)
		if found == nil {
			continue // it is being made, or was not in the end
		}
		if found.Deleted() {
			gone = true
			continue
		}
		if one.version != found.Version() {
			r, _ := found.Open(insider{}, store.AsRead)
			one.version = found.Version()
			one.asks, _ = interact.ReadSubscription(base, r.Node("")) // what was stored was read before
		}
		if one.asks != nil && one.asks.Active && (resourceType == "" || one.asks.Type == resourceType) {
			out = append(out, *one)
		}
	}
	if gone { // it is kept whose they were, for their histories
		s.inTurn = slices.DeleteFunc(s.inTurn, func(one *subscriber) bool { f := v.Get("Subscription", one.ID); return f != nil && f.Deleted() })
	}
	return out
}
