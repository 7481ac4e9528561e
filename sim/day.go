package sim

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/network"
	"thiefbox/sim/telemetry"
)

// day is a kind of honest day: nobody steals anything, but not everything goes by the book. What rules ring for
// on such days is a false alarm.
type day struct {
	name, about string
	// heldOut: no rule was written or chosen with a view to such a day.
	heldOut bool
	scene   Scene
	odd     func(*World, context.Context) // nil for nothing
	address func(actor string, exchange int) string
}

var days = []day{
	{name: "quiet", about: "the morning, a supplier's sync, a nightly job, an old client that is refused or not"},
	{name: "long", about: "hours of work: tokens run out and are refreshed, records of several patients are opened", odd: longShift},
	{name: "signs in again", about: "signs out and in, twice", odd: signsInAgain},
	{name: "clock ahead", about: "the client's clock is four seconds fast", scene: Scene{ClientClockAhead: 4 * time.Second}},
	{name: "clock behind", about: "the client's clock is twenty seconds slow", scene: Scene{ClientClockAhead: -20 * time.Second}},
	{name: "lost", about: "requests to the API and to the token endpoint get lost, and people try again", odd: linesFail},
	{name: "resent", about: "an answer gets lost, and a library of the client's sends the same request again", odd: resends},
	{name: "reloaded", about: "she reloads the page at which her sign-in ended", odd: reloads},
	{name: "mistyped", about: "she types a patient's number wrong, and asks for a record that is not hers", odd: mistypes},
	{name: "from home", about: "she takes her computer home and goes on there, and signs in once more", odd: goesOnAtHome, address: athome},
	{name: "an app", about: "she opens a growth chart from the EHR, and another by itself", scene: Scene{AppThere: true}, odd: opensApps},
	{name: "two lines", about: "the client's office has two lines to the network, and uses both", odd: longShift, address: twoLines},

	{name: "writes", heldOut: true, about: "a locum's app enters an allergy, corrects it and reads it back", odd: locumWrites},
	{name: "bulk", heldOut: true, about: "a supplier exports the patients of its clinics, twice", odd: exports},
	{name: "two machines", heldOut: true, about: "she signs in on a second computer and works on both", odd: secondMachine},
	{name: "night", heldOut: true, about: "jobs without people run many times, a few minutes apart", odd: manyJobs},
	{name: "API down", heldOut: true, about: "the API is away for ten minutes, and people and jobs try again", odd: outage},
	{name: "emergency", heldOut: true, about: "somebody is brought in whom she does not treat; she opens the record and says why, and it is reviewed", scene: Scene{Reviewed: true}, odd: emergencyRoom},
	{name: "server's key", heldOut: true, about: "the authorization server signs with a new key, and publishes the old one for an hour more", odd: newServerKey},
	{name: "release", heldOut: true, about: "a release of the EHR brings new keys, for authentication and for proofs", odd: newClientKeys},
	{name: "balancer", heldOut: true, about: "a load balancer takes every other request to the API's second node", odd: otherNode},
	{name: "locum", heldOut: true, about: "a locum breaks the glass for somebody who is brought in unconscious, and signs in again for it", odd: emergency},
	{name: "operators", heldOut: true, about: "an operator withdraws her tokens and closes the supplier's door for an hour", odd: operators},
}

func (d day) play(ctx context.Context, o Options) (event.Recording, error) {
	w, err := NewWorld(o, d.scene)
	if err != nil {
		return event.Recording{}, err
	}
	defer w.Close()
	w.tell(ctx, w.began("", o))
	w.introduce(ctx)
	w.tell(ctx, event.Phase{Name: event.PhaseJourney})
	w.journey(ctx)
	if d.odd != nil {
		w.step(ctx, w.doctor.id, "has a day on which "+d.about)
		d.odd(w, ctx)
	}
	w.confidential(ctx)
	w.supplierSync(ctx)
	w.nightlyJob(ctx)
	w.tryOldSupplier(ctx)
	return w.Log.Recording(), ctx.Err()
}

// twoLines: every third exchange of a client's leaves by the other line.
func twoLines(actor string, exchange int) string {
	if exchange%3 == 0 {
		return telemetry.Home(actor+"'s second line", exchange)
	}
	return telemetry.Home(actor, exchange)
}

// athome: from some point on, people are at another address than in the morning. Systems stay where they are.
func athome(actor string, exchange int) string {
	if actor == population().first.ID && exchange > 60 {
		return telemetry.Home(actor+" at home", exchange)
	}
	return telemetry.Home(actor, exchange)
}

func goesOnAtHome(w *World, ctx context.Context) {
	longShift(w, ctx)
	w.visit(ctx, "/logout")
	_ = w.workday(ctx)
}

// longShift opens a few records, with breaks between them that outlast a token.
func longShift(w *World, ctx context.Context) {
	d := w.dice.Fork("a long shift")
	for i := range 4 {
		w.Clock.Advance(time.Duration(5+d.IntN(70)) * time.Minute)
		w.visit(ctx, "/patients/"+w.doctor.rights[(i+d.IntN(3))%len(w.doctor.rights)])
	}
}

func (w *World) visit(ctx context.Context, path string) {
	// What she gets to see is in the log; an error page is a part of such a day.
	_, _ = w.doctor.Visit(ctx, ehrURL+path, "")
}

func signsInAgain(w *World, ctx context.Context) {
	for range 2 {
		w.Clock.Advance(7 * time.Minute)
		w.visit(ctx, "/logout")
		_ = w.workday(ctx)
	}
}

// linesFail loses the next request to the API, and then the next to the token endpoint.
func linesFail(w *World, ctx context.Context) {
	for _, place := range []func(event.Request) bool{at("fhir"), at("as", "/token")} {
		lost := false
		remove := w.Net.Tap(network.Tap{Hold: true, Match: func(_ int, r event.Request) bool {
			mine := !lost && place(r)
			lost = lost || mine
			return mine
		}})
		_ = w.workday(ctx)
		remove()
		w.Clock.Advance(time.Minute)
		_ = w.workday(ctx)
	}
}

func opensApps(w *World, ctx context.Context) {
	w.openApp(ctx)
	w.Clock.Advance(9 * time.Minute)
	w.openAppByItself(ctx)
}

// resends sends a request to the API again, as it was: the same token, and the same proof.
func resends(w *World, ctx context.Context) {
	sent := false
	remove := w.Net.Tap(network.Tap{
		Match: func(_ int, r event.Request) bool { return !sent && at("fhir")(r) && r.From == "ehr" },
		Seen: func(_ int, r event.Request) {
			sent = true
			again, err := http.NewRequestWithContext(ctx, r.Message.Method, r.Message.URL, bytes.NewReader(r.Message.Body))
			if err != nil {
				return
			}
			again.Header = r.Message.Header
			if resp, err := w.Net.Transport("ehr").RoundTrip(again); err == nil {
				_ = resp.Body.Close()
			}
		},
	})
	defer remove()
	_ = w.openRecord(ctx)
}

// reloads opens the address at which the sign-in came back once more: its code is used up.
func reloads(w *World, ctx context.Context) {
	address := ""
	remove := w.Net.Tap(network.Tap{
		Match: func(_ int, r event.Request) bool {
			return at("ehr", "/callback")(r) && r.Message.Method == http.MethodGet
		},
		Seen: func(_ int, r event.Request) { address = r.Message.URL },
	})
	defer remove()
	_ = w.workday(ctx)
	if address != "" {
		_, _ = w.doctor.Visit(ctx, address, "")
	}
	_ = w.openRecord(ctx)
}

func mistypes(w *World, ctx context.Context) {
	for _, id := range population().patients {
		if !slices.Contains(w.doctor.rights, id) {
			w.visit(ctx, "/patients/"+id)
			break
		}
	}
	w.Clock.Advance(20 * time.Second) // to see what it is, and type again
	w.visit(ctx, fmt.Sprintf("/patients/%s0", w.patient))
}
