package fhirmock

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/query"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// Subscriptions are in nobody's compartment, so that entitlement has nothing to say of them: whoever made one may see and
// change it, and nobody else. What it is sent is asked about when it is sent (notify.go).

// subscriptionGuards judge who sees a subscription, or changes it. They are asked by the door, by whatever way.
var subscriptionGuards = []control.Guard[visit]{
	{Control: control.RSSubscriptionOwner, Check: checkSubscriptionOwner, Answer: noSuchRecord},
}

// endpointGuards judge where it sends to: when it is written, and again each time something is sent, since what is
// registered for a client changes.
var endpointGuards = []control.Guard[visit]{
	{Control: control.RSSubscriptionEndpoint, Check: checkSubscriptionEndpoint, Answer: control.Answer{
		Status: http.StatusUnprocessableEntity, Code: "business-rule", Safe: "the endpoint is none that is registered for the client that subscribes"}},
}

// subscriberGuards judge whether what is sent would still be given to the token that subscribed. The records themselves the
// door has been asked about by then.
var subscriberGuards = []control.Guard[visit]{
	{Control: control.RSSubscriptionToken, Check: checkSubscriptionToken, Answer: badToken},
}

// checkSubscriptionOwner: OWASP API1:2023. It tells where somebody's results are sent, and by which password.
func checkSubscriptionOwner(v *visit) (string, error) {
	if caller := v.door.Caller(); caller != v.owner {
		return caller, control.Expected("caller", "whoever made the subscription, "+quoted(v.owner), caller)
	}
	return v.owner, nil
}

// checkSubscriptionEndpoint: OWASP API7:2023. A site is an origin: scheme, host and port.
func checkSubscriptionEndpoint(v *visit) (string, error) {
	if !slices.ContainsFunc(v.sites, func(registered string) bool { return sameSite(registered, v.site) }) {
		want := "a site of the client's: " + strings.Join(v.sites, " or ")
		if len(v.sites) == 0 {
			want = "a site of the client's, of which none is registered"
		}
		return v.site, control.ExpectedFix("endpoint", want, v.site, "have records sent to the origin of one of the client's redirect URIs, or to one that the operator of the API has named for it")
	}
	return v.site, nil
}

// sameSite compares origins. Of http on the machine itself any port will do, as with redirect URIs (RFC 8252 s7.3).
func sameSite(registered, site string) bool {
	if registered == site {
		return true
	}
	a, err := url.Parse(registered)
	b, worse := url.Parse(site)
	return err == nil && worse == nil && a.Scheme == "http" && b.Scheme == "http" && a.Hostname() == b.Hostname() && interact.Loopback(a.Hostname())
}

// checkSubscriptionToken: what is sent is sent by the authority of the token that the subscription was last written with,
// so it must be one that would be taken if it were shown.
func checkSubscriptionToken(v *visit) (string, error) {
	checks := []func(*visit) (string, error){checkTokenExpiry, checkTokenNotBefore}
	if v.dialect.Introspection {
		checks = append(checks, checkStandingKnown, checkTokenRevoked, ofAnswer(checkAnswerToken))
	}
	if v.dialect.Introspection && v.dialect.SignedIntrospection {
		checks = append(checks, ofAnswer(checkAnswerSignature), ofAnswer(checkAnswerAudience), ofAnswer(checkAnswerFresh))
	}
	for _, check := range checks {
		if saw, err := check(v); err != nil {
			return saw, err
		}
	}
	return clockTime(v.claims.Expires), nil
}

// originOf is scheme, host and port, the usual port left out.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return scheme + "://" + host
}

// subscribes asks about a subscription.
func (d *door) subscribes(w store.Way, r *store.Record) error {
	api := d.v.api
	found := api.Records.View().Get("Subscription", r.ID)
	written := w == store.AsChange && (found == nil || found.Version() < r.Version)
	one, known := api.Records.subscribers.whose(r.ID)
	if !known && (d.mine[r.ID] || written && r.ID != "" && r.Version == 1) {
		one.Owner, one.Client = d.Caller(), d.v.claims.ClientID
	}
	d.v.owner = one.Owner
	if err := party.Enforce(d.ctx, api.Party, d.v, subscriptionGuards); err != nil || !written || r.Deleted {
		return err
	}
	endpoint := r.Node("").Get("channel").String("endpoint")
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	d.v.site, d.v.sites = originOf(u), api.Hooks.sites(one.Client)
	if err := party.Enforce(d.ctx, api.Party, d.v, endpointGuards); err != nil {
		return err
	}
	if !known && api.subscriptionsOf(one.Owner)+len(d.mine) >= mostSubscriptions {
		return &query.Problem{Status: http.StatusUnprocessableEntity, Code: "too-costly", Expression: "Subscription",
			Text: "expected at most " + strconv.Itoa(mostSubscriptions) + " subscriptions at a time, got more: delete those that nobody needs, or turn them off"}
	}
	if d.mine == nil {
		d.mine = map[string]bool{}
	}
	d.mine[r.ID] = true
	return nil
}

// subscriptionsOf counts somebody's that are active.
func (a *API) subscriptionsOf(owner string) (n int) {
	for _, one := range a.Records.subscribers.active(a.Records.View(), a.Base, "") {
		if one.Owner == owner {
			n++
		}
	}
	return n
}

// subscribed notes down whose the subscriptions of this request are. Of one that was another's, which nobody may write
// where that is asked about, it stays so: what it is sent is what that other may see.
func (d *door) subscribed() error {
	var all []subscriber
	for id := range d.mine {
		one, known := d.v.api.Records.subscribers.whose(id)
		if known && one.Owner != d.Caller() {
			continue
		}
		all = append(all, subscriber{ID: id, Owner: d.Caller(), Client: d.v.claims.ClientID, Base: d.v.api.Base, Token: d.v.used.token, exchange: event.ExchangeOf(d.ctx)})
	}
	d.mine = nil
	slices.SortFunc(all, func(a, b subscriber) int { return strings.Compare(a.ID, b.ID) })
	if err := d.v.api.Records.subscribers.keep(all...); err != nil {
		return fmt.Errorf("%w: whose a subscription is: %w", store.ErrNotKept, err)
	}
	return nil
}
