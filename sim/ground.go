package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"thiefbox/attacker"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/network"
)

// ground is the attacker.Ground of a world: the only way a technique touches it.
type ground struct {
	w   *World
	ctx context.Context
	rt  http.RoundTripper
	rng interface{ Token() string }
	aim string // base URL of the API he turns to
	// meanwhile is what others do while he waits, one thing each time.
	meanwhile []func()
}

func (w *World) ground(ctx context.Context) *ground {
	return &ground{w: w, ctx: ctx, rt: w.Net.Transport(thief), rng: w.dice.Fork("mallory's dice"), aim: fhirBase}
}

func (g *ground) Do(r *http.Request) (*http.Response, error) { return g.rt.RoundTrip(r) }

func (g *ground) DoWith(c *fapi.KeyPair, r *http.Request) (*http.Response, error) {
	return g.w.Net.TransportWith(thief, c.TLS()).RoundTrip(r)
}

func (g *ground) Serve(host string, h http.Handler) {
	g.w.Net.Serve(host, thief, h)
	g.w.takeHop(host)
}

func (g *ground) Overheard(v event.Vantage) []event.Message {
	return append([]event.Message(nil), g.w.overheard[v]...)
}

func (g *ground) Stolen(a event.Asset) []byte { return append([]byte(nil), g.w.stolen[a]...) }

func (g *ground) AtOnce(fs ...func()) { g.w.atOnce(fs...) }

func (g *ground) Wait(d time.Duration) {
	if len(g.meanwhile) > 0 {
		do := g.meanwhile[0]
		g.meanwhile = g.meanwhile[1:]
		do()
	}
	g.w.Clock.Advance(d)
	g.w.passTurn()
}

func (g *ground) Now() time.Time { return g.w.Clock.Now() }

func (g *ground) Random() string { return g.rng.Token() }

// Key is drawn from the thief's own dice: it can never coincide with a key of the honest.
func (g *ground) Key(name string) *fapi.Key { return g.w.stock.key("mallory's " + name) }

func (g *ground) ReadKey(jwk []byte) (*fapi.Key, error) { return g.w.stock.read(jwk) }

// Lure has the doctor follow a link. She behaves as ever: she signs in and agrees at her own
// authorization server, and nowhere else.
func (g *ground) Lure(url string) error { return g.lure(url, g.w.doctor.Visit) }

// LureAndInterrupt has her open the link and answer nothing.
func (g *ground) LureAndInterrupt(url string) error { return g.lure(url, g.w.doctor.browser.OpenUntil) }

func (g *ground) lure(url string, visit func(context.Context, string, string) (*network.Page, error)) error {
	if url == "" {
		return errors.New("expected a URL to lure somebody to, got none")
	}
	_, ctx := g.w.Log.Begin(g.ctx)
	g.w.tell(ctx, event.Lured{Victim: g.w.doctor.id, URL: url})
	// What becomes of the visit is for the network to show; the thief is not in the room.
	_, _ = visit(ctx, url, "")
	return nil
}

func (g *ground) Browser() attacker.Browser { return thiefsBrowser{g.w.mallory} }

type thiefsBrowser struct{ p *person }

func (b thiefsBrowser) Visit(ctx context.Context, url, stop string) (attacker.Page, error) {
	page, err := b.p.Visit(ctx, url, stop)
	if err != nil {
		return attacker.Page{}, fmt.Errorf("the thief's browser: %w", err)
	}
	return attacker.Page{URL: page.URL, Status: page.Status, Body: page.Body, Stopped: page.Stopped}, nil
}

func (g *ground) Target() attacker.Target {
	return attacker.Target{
		Issuer: issuer, FHIRBase: g.aim, OldBase: g.aim + "/v1", OtherNode: "node=b", LabBase: labBase, ClientURL: ehrURL,
		ClientLogin: ehrURL + "/login?issuer=", ClientCallback: ehrCallback, ClientRecord: ehrURL + "/patients/", ClientLogout: ehrURL + "/logout", ClientID: ehrClientID, BackendID: supplierClientID,
		ClientCertificate: g.w.publicCertificate(webEHR), ClientKey: g.w.publicKey(webEHR),
		AppLaunch: chartURL + "/launch?iss=", AppCallback: chartURL + "/callback", AppID: growthChart.id,
		AppFromEHR: ehrURL + "/launch?app=" + growthChart.id + "&patient=", AddedType: addedType, Portal: portalURL, PortalRecord: portalURL + portalRecord, MetPatient: population().met,
		OwnHost: "mallory.test", RogueHost: "rogue-as.test", HopHost: hopHost,
		Mark: g.w.stock.mark, OwnAPI: thiefsAPI, OwnPatient: g.w.mallory.rights[0], OwnUser: "Practitioner/" + g.w.mallory.subject, SharedPatient: g.w.shared(), Patients: strangersTo(g.w.mallory.rights),
		Blocked: g.w.blocker(), Labelled: population().labelled, Result: population().result, OtherClinic: population().numbers[population().first.Organization],
		Letter: population().letter,
	}
}
