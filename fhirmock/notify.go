package fhirmock

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// Subscribers are sent what was written, if it meets their criteria. A notice is an access like any other, in the name of
// whoever subscribed and by the authority of the token that the subscription was last written with, at the moment at which
// it is sent: the door is asked about the record, and then whether the token is still good. Whoever may not open a record
// is not told that it was written either: an empty notice says that something met the criteria.
//
// What the guards decide, and that somebody was served, belongs to the request that subscribed, and is told there; what is
// sent came of the write.

// notify sends what was written to whom it concerns. It is called when the write stands and has not been answered yet:
// where there are sockets, a worker does what takes time (Hooks.Later).
func (a *API) notify(ctx context.Context, written []*store.Record) {
	subs := &a.Records.subscribers
	if len(written) == 0 || !subs.any.Load() {
		return
	}
	ctx = context.WithoutCancel(ctx) // whoever wrote may go; what he wrote stands
	for _, r := range written {
		if r.Deleted || r.Type == "Subscription" {
			continue
		}
		waiting := subs.active(a.Records.View(), a.Base, r.Type)
		if len(waiting) == 0 {
			continue
		}
		meets := r.Matching()
		for _, s := range waiting {
			if !s.asks.End.IsZero() && !s.asks.End.After(a.now()) || !meets(s.asks.Filters) {
				continue
			}
			a.at(s.Base).sendLater(ctx, &s, r)
		}
	}
}

// at is the API that took a token: its authorization server knows it.
func (a *API) at(base string) *API {
	if a.Hooks.At != nil && base != a.Base {
		if other := a.Hooks.At(base); other != nil {
			return other
		}
	}
	return a
}

// sendLater has the worker notify somebody who may open the record, or does it at once where there is no worker. The door
// is asked now: what others write, and he may not open, takes no room among what is to be sent. What is too much is not
// passed over in silence: the subscription is in error, and says so.
func (a *API) sendLater(ctx context.Context, s *subscriber, r *store.Record) {
	v, err := a.inNameOf(event.Within(ctx, s.exchange), s)
	if err != nil {
		a.failed(ctx, s, "the access token that it was requested with cannot be read: request the subscription anew", err)
		return
	}
	if query.Seek(v.door, r.Type, s.asks.Filters) != nil {
		return // that it meets the criteria would tell of elements that he is not shown
	}
	if r, err = r.Open(v.door, store.AsNotice); err != nil || r == nil {
		return
	}
	if a.Hooks.Later == nil {
		a.notice(ctx, v, s, r)
		return
	}
	one := *s
	exchange := event.ExchangeOf(ctx)
	if !a.Hooks.Later(func(ctx context.Context) { a.notice(event.Within(ctx, exchange), v, &one, r) }) {
		a.failed(ctx, &one, "more was to be sent than this API sends at a time, and some was left out: ask for what is missing, and request the subscription anew",
			errors.New("expected room among what is to be sent, got none"))
	}
}

// notice sends a record, which he may open, to a subscriber, if his token is good and his endpoint is his.
func (a *API) notice(ctx context.Context, v *visit, s *subscriber, r *store.Record) {
	if !a.waits(s) {
		return // one before it has failed, or the owner has ended it
	}
	then := event.Within(ctx, s.exchange)
	v.now = a.Party.Clock.Now()
	if v.dialect.Introspection {
		v.standing = a.authority.introspect(ctx, s.Token, v.dialect.SignedIntrospection)
	}
	if err := party.Enforce(then, a.Party, v, subscriberGuards); err != nil {
		a.refused(ctx, s, "the access token that it was requested with is good no longer: request the subscription anew, with another")
		return
	}
	if err := party.Enforce(then, a.Party, v, endpointGuards); err != nil {
		a.refused(ctx, s, "the endpoint is none that is registered for the client that subscribed")
		return
	}
	a.tellNotice(then, v, s, r)
	if err := a.deliver(ctx, s.asks, r); err != nil {
		a.failed(ctx, s, "the endpoint did not take what was sent to it, the last time too: request the subscription anew when it does", err)
	}
}

// waits tells whether a subscription is still active.
func (a *API) waits(s *subscriber) bool {
	found := a.Records.View().Get("Subscription", s.ID)
	if found == nil || found.Deleted() || found.Version() == s.version {
		return found != nil && !found.Deleted()
	}
	r, _ := found.Open(insider{}, store.AsRead)
	return r.Node("").String("status") == "active"
}

// inNameOf makes the visit that a notice is: somebody's, though nobody has come.
func (a *API) inNameOf(ctx context.Context, s *subscriber) (*visit, error) {
	method := http.MethodPost
	if s.asks.Payload != "" {
		method = http.MethodPut
	}
	v := &visit{api: a, now: a.Party.Clock.Now(), dialect: a.Party.Dialect(), used: &credential{scheme: schemeBearer, token: s.Token, place: "header"}, known: true, admitted: true,
		http:  &http.Request{Method: method, URL: s.asks.Endpoint, Header: http.Header{}},
		route: route{Request: &interact.Request{Kind: interact.Notify, Type: "Subscription", ID: s.ID, Params: url.Values{}}}}
	v.credentials = []credential{*v.used}
	if p := v.readToken(); p != nil {
		return nil, p
	}
	v.site, v.sites = originOf(s.asks.Endpoint), a.Hooks.sites(s.Client)
	v.door = newDoor(ctx, v)
	return v, nil
}

// tellNotice puts into both logs what is about to be sent. An empty notice tells that a record meets the criteria.
func (a *API) tellNotice(ctx context.Context, v *visit, s *subscriber, r *store.Record) {
	e := a.auditOf(v, http.StatusOK)
	e.Resource, e.Patients, e.Address = r.Type+"/"+r.ID, r.Patients, s.asks.Endpoint.Hostname()
	a.Records.audit.add(e)
	told := event.Access{Node: a.node, Interaction: string(interact.Notify), Resource: e.Resource, Subject: v.claims.Subject, Client: v.claims.ClientID, Token: v.claims.JTI}
	if s.asks.Payload == "" {
		told.Told = r.Patients
	} else {
		told.Patients = r.Patients
	}
	a.Party.Tell(ctx, told)
}

// refused ends a subscription that a control has refused.
func (a *API) refused(ctx context.Context, s *subscriber, text string) { a.end(ctx, s, "error", text) }

// failed ends a subscription that cannot be served. What the network said is for the log: to whoever chose the address it
// would tell what is there.
func (a *API) failed(ctx context.Context, s *subscriber, text string, err error) {
	a.Party.Tell(event.Within(ctx, s.exchange), event.Refused{Party: a.Party.Name, Status: http.StatusBadGateway, Code: "transient",
		Detail: "Subscription/" + s.ID + " could not be served: " + err.Error(), Clause: "FHIR R4 subscription, rest-hook"})
	a.end(ctx, s, "error", text)
}

// endSubscriptions turns off those whose end has passed. It is asked for when somebody is about to look.
func (a *API) endSubscriptions() {
	for _, s := range a.Records.subscribers.active(a.Records.View(), a.Base, "") {
		if !s.asks.End.IsZero() && !s.asks.End.After(a.now()) {
			a.end(context.Background(), &s, "off", "")
		}
	}
}

// end has a subscription wait for nothing any more, unless its owner has written it anew meanwhile.
func (a *API) end(ctx context.Context, s *subscriber, status, text string) {
	err := a.Records.Update(a.now, func(tx *store.Tx) error {
		found := tx.Get("Subscription", s.ID)
		if found == nil || found.Deleted() || found.Version() != s.version {
			return nil
		}
		r, _ := found.Open(insider{}, store.AsRead)
		n := r.Node("")
		n.Set("status", r4.Text(status))
		if text != "" {
			n.Set("error", r4.Text(text))
		}
		tx.Put(n, http.MethodPut)
		return nil
	})
	if err != nil {
		a.problemOf(ctx, err)
	}
}
