package network

import (
	"slices"

	"thiefbox/sim/event"
)

// Tap is a place on the way from which somebody listens to requests, and can hold them back.
type Tap struct {
	// Match is asked before delivery. It must not change the message.
	Match func(exchange int, r event.Request) bool
	// Hold keeps a matching request from arriving: event.Lost is told, and the sender gets a *LostError.
	Hold bool
	// Passing lets Seen have a matching request while it is on its way, and not when the exchange is over.
	Passing bool
	// Seen is given its own copy of a matching request when the exchange is over: after the response was
	// delivered, or at once if the request was held. It may send requests itself. It may be nil.
	Seen func(exchange int, r event.Request)
}

// Tap puts up a tap. Taps are asked in the order in which they came.
func (n *Network) Tap(t Tap) (remove func()) {
	tap := &t
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taps = append(slices.Clip(n.taps), tap)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.taps = slices.DeleteFunc(slices.Clone(n.taps), func(other *Tap) bool { return other == tap })
	}
}

// matching returns the taps that want this request, and whether one of them holds it.
func matching(taps []*Tap, exchange int, r event.Request) (matched []*Tap, hold bool) {
	for _, t := range taps {
		if t.Match(exchange, r) {
			matched = append(matched, t)
			hold = hold || t.Hold
		}
	}
	return matched, hold
}

// passing shows a request to the taps that want it on its way, and returns the others.
func passing(taps []*Tap, exchange int, r event.Request) (others []*Tap) {
	for i, t := range taps {
		if t.Passing {
			show(taps[i:i+1], exchange, r)
			continue
		}
		others = append(others, t)
	}
	return others
}

func show(taps []*Tap, exchange int, r event.Request) {
	for _, t := range taps {
		if t.Seen == nil {
			continue
		}
		own := r
		own.Message.Header = r.Message.Header.Clone()
		own.Message.Body = slices.Clone(r.Message.Body)
		t.Seen(exchange, own)
	}
}
