package report

import "thiefbox/sim/event"

// Exchange is one request with everything that became of it.
type Exchange struct {
	N         int
	Request   event.Request
	Response  *event.Message // nil if none came
	Lost      string         // why it never arrived
	Rulings   []event.Ruling // in the order the controls were asked
	Refused   []event.Refused
	Issued    []event.Issued
	Withdrawn []event.Withdrawn
	Disclosed []event.Disclosed
	Access    []event.Access
	Written   []event.Written
	SignedIn  []event.SignedIn
	Overheard []event.Overheard // what reached the thief of it, and where

	RequestEvent, ResponseEvent int // numbers of the events, 0 if there is none
	// RulingEvents are the numbers of Rulings, one each: verdict.Verdict.Decisive can be one of them.
	RulingEvents []int
}

// ExchangeOf gathers exchange n. It reports false if no request with that number was sent.
func ExchangeOf(rec event.Recording, n int) (Exchange, bool) {
	x := Exchange{N: n}
	for _, e := range rec.Events {
		x.add(e)
	}
	return x, n != 0 && x.RequestEvent != 0
}

func (x *Exchange) add(e event.Event) {
	if heard, ok := e.Body.(event.Overheard); ok {
		if heard.Of == x.N {
			x.Overheard = append(x.Overheard, heard)
		}
		return
	}
	if e.Exchange != x.N {
		return
	}
	switch b := e.Body.(type) {
	case event.Request:
		x.Request, x.RequestEvent = b, e.N
	case event.Response:
		x.Response, x.ResponseEvent = &b.Message, e.N
	case event.Lost:
		x.Lost = b.Why
	case event.Ruling:
		x.Rulings = append(x.Rulings, b)
		x.RulingEvents = append(x.RulingEvents, e.N)
	case event.Refused:
		x.Refused = append(x.Refused, b)
	case event.Issued:
		x.Issued = append(x.Issued, b)
	case event.Withdrawn:
		x.Withdrawn = append(x.Withdrawn, b)
	case event.Disclosed:
		x.Disclosed = append(x.Disclosed, b)
	case event.Access:
		x.Access = append(x.Access, b)
	case event.Written:
		x.Written = append(x.Written, b)
	case event.SignedIn:
		x.SignedIn = append(x.SignedIn, b)
	}
}

// exchanges gathers all of them in one pass, for those who need many.
func exchanges(events []event.Event) map[int]*Exchange {
	all := map[int]*Exchange{}
	at := func(n int) *Exchange {
		if all[n] == nil {
			all[n] = &Exchange{N: n}
		}
		return all[n]
	}
	for _, e := range events {
		n := e.Exchange
		if heard, ok := e.Body.(event.Overheard); ok {
			n = heard.Of
		}
		if n != 0 {
			at(n).add(e)
		}
	}
	return all
}
