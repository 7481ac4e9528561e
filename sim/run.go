package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"thiefbox/attacker"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
	"thiefbox/sim/report"
)

// Applies tells whether a technique makes sense against a dialect: it has every trait it depends on.
func Applies(t attacker.Technique, d control.Dialect) bool {
	for _, trait := range t.Against {
		if !hasTrait(d, trait) {
			return false
		}
	}
	return true
}

func hasTrait(d control.Dialect, t attacker.Trait) bool {
	switch t {
	case attacker.Bound:
		return d.Constraint != control.Bearer
	case attacker.Unbound:
		return d.Constraint == control.Bearer
	case attacker.ProofBound:
		return d.Constraint == control.DPoP
	case attacker.CertificateBound:
		return d.Constraint == control.MTLS
	case attacker.CertificateAuth:
		return d.ClientAuth.ByCertificate()
	case attacker.Pushed:
		return d.Request != control.PlainRequest
	case attacker.SignedRequests:
		return d.Request == control.SignedRequest
	case attacker.SignedResponses:
		return d.Response == control.JWTResponse
	case attacker.Introspected:
		return d.Introspection
	case attacker.SignedAnswers:
		return d.Introspection && d.SignedIntrospection
	case attacker.KeyAuth:
		return d.ClientAuth == control.PrivateKeyJWT
	case attacker.Secrets:
		return d.ClientAuth == control.ClientSecretBasic || d.ClientAuth == control.ClientSecretPost
	case attacker.PKCE:
		return d.PKCE
	case attacker.PerAPI:
		return d.PerAPITokens
	case attacker.Rotated:
		return d.RefreshRotation
	}
	return false
}

// Run plays a technique in a fresh world. The error is about the world (no sockets, a cancelled
// context); whatever becomes of the attack is in the recording.
func Run(ctx context.Context, t attacker.Technique, o Options) (event.Recording, error) {
	w, err := NewWorld(o, t.Scene)
	if err != nil {
		return event.Recording{}, err
	}
	defer w.Close()
	if err := w.run(ctx, t, o); err != nil {
		return event.Recording{}, err
	}
	return w.Log.Recording(), ctx.Err()
}

func (w *World) run(ctx context.Context, t attacker.Technique, o Options) error {
	w.tell(ctx, w.began(t.ID, o))
	w.introduce(ctx)
	return w.play(ctx, t)
}

func (w *World) began(technique string, o Options) event.Began {
	b := event.Began{Technique: technique, Profile: o.Profile.Name, Seed: o.Seed, Wire: o.Wire}
	if b.Wire == "" {
		b.Wire = WireMemory
	}
	controls := o.Profile.Controls.Controls()
	b.Controls = slices.Grow(b.Controls, len(controls))
	for _, c := range controls {
		b.Controls = append(b.Controls, c.ID)
	}
	return b
}

func (w *World) play(ctx context.Context, t attacker.Technique) error {
	w.tell(ctx, event.Phase{Name: event.PhaseFoothold})
	scenes, err := w.grant(ctx, t.Needs)
	if err != nil {
		return fmt.Errorf("%s: %w", t.ID, err)
	}
	w.tell(ctx, event.Phase{Name: event.PhaseJourney})
	w.journey(ctx)
	if t.Scene.Reported {
		w.reportResult(ctx)
	}
	if t.Scene.Subscribed {
		w.subscribeInbox(ctx)
	}
	for _, scene := range scenes {
		scene(ctx)
	}
	if t.Scene.Portal {
		w.openPortal(ctx)
	}
	if t.Scene.AppOpened {
		w.openApp(ctx)
	}
	if t.Scene.Emergency {
		w.openInEmergency(ctx)
	}
	if t.Scene.Exported {
		w.supplierExport(ctx)
	}
	if t.Scene.Listed {
		w.supplierList(ctx)
	}
	if t.Scene.LookedUp {
		w.supplierLookUp(ctx)
	}
	for _, asset := range t.Has {
		if err := w.steal(ctx, asset); err != nil {
			return fmt.Errorf("%s: %w", t.ID, err)
		}
	}
	if t.Scene.KeysReplaced {
		w.step(ctx, "as", "throws its signing key away and signs with another from now on")
		w.as.RotateKey(w.nextTokenKey(), 0)
	}
	w.tell(ctx, event.Phase{Name: event.PhaseAttack})
	w.tell(ctx, event.Ended{Error: w.attack(ctx, t)})
	return nil
}

// attack runs the technique. A panic in it is a fault like any other: it makes the run void, and
// never reaches the person at the keyboard as a stack trace.
func (w *World) attack(ctx context.Context, t attacker.Technique) (fault string) {
	g := w.ground(ctx)
	if t.Scene.OwnClientNarrowed {
		g.meanwhile = append(g.meanwhile, func() { w.narrow(ctx, w.ownApp(), "openid") })
	}
	if t.Scene.OwnClientRevoked {
		g.meanwhile = append(g.meanwhile, func() { w.throwOut(ctx) })
	}
	if t.Scene.Amended {
		g.meanwhile = append(g.meanwhile, func() { w.amendResult(ctx) })
	}
	return w.attackFrom(ctx, t, g)
}

// narrow has an operator cut down what a system may ask for. What is wrong with the registration of a cast
// member is a fault of ours.
func (w *World) narrow(ctx context.Context, s system, to fapi.Scope) {
	w.step(ctx, "as", "takes everything but "+string(to)+" out of what "+s.name+" may ask for")
	for _, c := range w.registrations() {
		if c.ID != s.id {
			continue
		}
		c.Scope = to
		if err := w.as.Register(c); err != nil {
			panic("sim: the registration of " + c.ID + ": " + err.Error())
		}
	}
}

func (w *World) attackFrom(ctx context.Context, t attacker.Technique, g attacker.Ground) (fault string) {
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Sprintf("the technique crashed: %v\n%s", p, debug.Stack())
		}
	}()
	err := t.Run(ctx, g)
	if err == nil || errors.Is(err, attacker.ErrStopped) {
		return ""
	}
	return err.Error()
}

// Honest plays every honest journey in a fresh world, with no thief listening.
func Honest(ctx context.Context, o Options) (event.Recording, error) {
	w, err := NewWorld(o, Scene{AppThere: true, Reviewed: true, Reported: true, Portal: true})
	if err != nil {
		return event.Recording{}, err
	}
	defer w.Close()
	w.tell(ctx, w.began("", o))
	w.introduce(ctx)
	w.tell(ctx, event.Phase{Name: event.PhaseJourney})
	w.journey(ctx)
	w.openApp(ctx)
	w.openAppByItself(ctx)
	w.supplierSync(ctx)
	w.nightlyJob(ctx)
	w.reportResult(ctx)
	w.confidential(ctx)
	w.openInEmergency(ctx)
	w.review(ctx)
	w.openPortal(ctx)
	w.tryOldSupplier(ctx)
	return w.Log.Recording(), ctx.Err()
}

// tryOldSupplier shows what a profile does to a client that never changed. Being refused by a control
// is no failed journey: it is the price of the profile, and told as a step.
func (w *World) tryOldSupplier(ctx context.Context) {
	patients := w.onePatientOfEachClinic("oldsupplier")
	w.step(ctx, "oldsupplier", "fetches the record of patient "+patients[0]+" with its old shared secret")
	if err := w.old.Sync(ctx, patients); err != nil {
		w.step(ctx, "oldsupplier", "is refused: "+err.Error())
		return
	}
	w.step(ctx, "oldsupplier", "gets it")
}

// Describe returns what readers need to know about a technique.
func Describe(t attacker.Technique) report.Attack {
	a := report.Attack{ID: t.ID, Name: t.Name, Title: t.Title, Story: t.Story, Reads: t.Reads, Beyond: t.Beyond, Evidence: t.Evidence}
	for _, c := range t.Classes() {
		a.Model = append(a.Model, string(c))
	}
	for _, v := range t.Needs {
		a.Needs = append(a.Needs, report.VantageWords(v))
	}
	for _, asset := range t.Has {
		a.Needs = append(a.Needs, report.AssetWords(asset))
	}
	for _, trait := range t.Against {
		a.Against = append(a.Against, string(trait))
	}
	return a
}
