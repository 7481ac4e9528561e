package sim

import (
	"context"
	"errors"
	"net/http"
	"time"

	"thiefbox/attacker"
	"thiefbox/idp"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The days here were written after the detection rules, and no rule was changed because of them. Keep it so: a
// rule that is mended for one of them makes it a day in view.

// locumWrites: the app of a clinician who helps out does what it is for. In other runs it is the thief's; its
// owner has patients of his own, and on this day keeps to them.
func locumWrites(w *World, ctx context.Context) {
	w.report(ctx, "a locum's app enters an allergy", errors.Join(w.steal(ctx, event.OwnClient), attacker.OwnWork(ctx, w.ground(ctx))))
}

func exports(w *World, ctx context.Context) {
	for range 2 {
		w.supplierExport(ctx)
		w.Clock.Advance(20 * time.Minute)
	}
}

// secondMachine: the same person, password and patients, and another browser.
func secondMachine(w *World, ctx context.Context) {
	here, there := w.doctor.browser, w.Net.NewBrowser(w.doctor.id)
	for range 3 {
		w.doctor.browser = there
		_ = w.workday(ctx)
		w.doctor.browser = here
		w.Clock.Advance(4 * time.Minute)
		_ = w.openRecord(ctx)
	}
}

func manyJobs(w *World, ctx context.Context) {
	for range 4 {
		w.Clock.Advance(5 * time.Minute)
		w.nightlyJob(ctx)
		w.supplierSync(ctx)
	}
}

func outage(w *World, ctx context.Context) {
	_ = w.Operator().Offline(ctx, ordinaryAPIs[0].kind) // the world has it
	for range 3 {
		w.visit(ctx, "/patients/"+w.patient)
		w.supplierSync(ctx)
		w.Clock.Advance(3 * time.Minute)
	}
	_ = w.Operator().Online(ctx, ordinaryAPIs[0].kind)
	_ = w.openRecord(ctx)
}

func operators(w *World, ctx context.Context) {
	w.Operator().Revoke(ctx, idp.Selection{Subject: w.doctor.subject})
	w.visit(ctx, "/patients/"+w.patient)
	w.Operator().Disable(ctx, cloudSupplier.id)
	w.supplierSync(ctx)
	w.Clock.Advance(time.Hour)
	w.Operator().Enable(ctx, cloudSupplier.id)
	w.visit(ctx, "/logout")
	_ = w.workday(ctx)
}

// newServerKey is a change of keys as it should be: tokens under the old key live on until they expire.
func newServerKey(w *World, ctx context.Context) {
	w.as.RotateKey(w.nextTokenKey(), time.Hour)
	for range 3 {
		_ = w.openRecord(ctx)
		w.supplierSync(ctx)
		w.Clock.Advance(11 * time.Minute)
	}
	w.visit(ctx, "/logout")
	_ = w.workday(ctx)
}

// newClientKeys: the server knows both keys for assertions while the release goes out, and is told of the new key
// for proofs. Tokens that are bound to the old one are no longer taken, and are refreshed.
func newClientKeys(w *World, ctx context.Context) {
	auth, proof := w.stock.key("release-auth"), w.stock.key("release-dpop")
	if old := w.authKey(webEHR); old != nil {
		w.as.SetKeys(ehrClientID, []fapi.Public{auth.Public(), old.Public()}, []string{proof.Thumbprint()})
	}
	w.ehr.UseKeys(auth, proof)
	for range 2 {
		_ = w.openRecord(ctx)
		w.Clock.Advance(4 * time.Minute)
	}
	w.nightlyJob(ctx)
	w.visit(ctx, "/logout")
	_ = w.workday(ctx)
}

func otherNode(w *World, ctx context.Context) {
	d, n := w.api(ordinaryAPIs[0].kind).door, 0
	nodes := d.next
	d.next = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if n++; n%2 == 0 {
			r.AddCookie(&http.Cookie{Name: "node", Value: "b"})
		}
		nodes.ServeHTTP(rw, r)
	})
	for range 3 {
		_ = w.openRecord(ctx)
		w.supplierSync(ctx)
		w.Clock.Advance(3 * time.Minute)
	}
}

// emergency is what the word is for. Nothing in it differs from what a curious doctor does but the reason.
func emergency(w *World, ctx context.Context) {
	w.report(ctx, "a locum opens a record in an emergency", errors.Join(w.steal(ctx, event.OwnClient), attacker.OwnEmergency(ctx, w.ground(ctx))))
}
