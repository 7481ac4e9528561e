package fhirmock

import (
	"context"
	"net/http"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.answerOrigin(w, r) {
		return
	}
	v := &visit{api: a, http: r, now: a.Party.Clock.Now(), dialect: a.Party.Dialect()}
	if a.isMetadata(r) {
		a.serveMetadata(w, v)
		return
	}
	if a.isSMART(r) {
		a.serveSMART(w, v)
		return
	}
	v.listProofs()
	if err := a.serve(w, v); err != nil {
		a.refuse(r.Context(), w, v, err)
	}
}

func (a *API) serve(w http.ResponseWriter, v *visit) error {
	var err error
	if v.route, err = a.route(w, v.http); err != nil {
		return err
	}
	if p := v.readTenant(); p != nil {
		return p
	}
	ctx := v.http.Context()
	if v.route.old {
		if err := a.closed(ctx, w, v); err != nil {
			return err
		}
	}
	if p := acceptable(v); p != nil {
		return p
	}
	if v.route.Kind == interact.Capabilities {
		return a.serveCapabilities(w, v)
	}
	if err := v.readConditions(); err != nil {
		return err
	}
	if p := v.readPurpose(); p != nil {
		return p
	}
	v.door = newDoor(ctx, v)
	if err := a.admit(ctx, v); err != nil {
		return err
	}
	if v.route.Type != "" && !v.route.old {
		if err := v.door.steps(v.route.Type); err != nil {
			return err
		}
	}
	if err := a.readBody(w, v); err != nil {
		return err
	}
	if v.route.Type == "Subscription" {
		a.endSubscriptions()
	}
	done, err := a.engineOf(v).Do(v.door, v.route.Request)
	if err != nil {
		return err
	}
	if err := v.door.Settle(); err != nil {
		return err
	}
	if err := v.hands(done); err != nil {
		return err
	}
	if v.route.Kind == interact.Search && v.route.Type == "Patient" {
		v.missedOf(len(done.Patients))
	}
	a.tell(ctx, v, done)
	a.notify(ctx, done.Written)
	a.answer(w, v, done)
	return nil
}

// admit lets the caller through the door: whose token is it, and is it in the right hands?
func (a *API) admit(ctx context.Context, v *visit) error {
	if p := v.readCredentials(); p != nil {
		return p
	}
	if p := v.readToken(); p != nil {
		return p
	}
	// Whatever the guards will look at is fetched now, whether or not they are on: a control that is off
	// must change no message.
	v.key = a.authority.key(ctx, v.token.Header.Kid, v.token.Header.Alg)
	if v.dialect.Introspection {
		v.standing = a.authority.introspect(ctx, v.used.token, v.dialect.SignedIntrospection)
	}
	if err := party.Enforce(ctx, a.Party, v, tokenGuards); err != nil {
		return err
	}
	v.known = true
	if v.route.Type != "" { // the entries of a batch, and the types of an export, are asked about one by one
		if err := v.door.Enters(v.route.Kind, v.route.Type); err != nil {
			return err
		}
	}
	if v.route.override != "" {
		if err := party.Enforce(ctx, a.Party, v, overrideGuards); err != nil {
			return err
		}
	}
	if v.route.old {
		v.admitted = true
		return nil
	}
	if err := party.Enforce(ctx, a.Party, v, schemeGuards); err != nil {
		return err
	}
	if v.claims.X5T() != "" {
		if p := v.readCertificate(); p != nil {
			return p
		}
		if err := party.Enforce(ctx, a.Party, v, certificateGuards); err != nil {
			return err
		}
	}
	if v.used.scheme == schemeDPoP {
		if p := v.readProof(); p != nil {
			return p
		}
		if err := party.Enforce(ctx, a.Party, v, proofGuards); err != nil {
			return err
		}
	}
	v.admitted = true
	if v.tenant.number != "" {
		if err := party.Enforce(ctx, a.Party, v, tenantGuards); err != nil {
			return err
		}
		v.acts()
	}
	if err := v.counts(ctx); err != nil {
		return err
	}
	return a.breaking(v)
}

// counts asks whether the caller has asked too much, or had too much.
func (v *visit) counts(ctx context.Context) error {
	if err := party.Enforce(ctx, v.api.Party, v, missGuards); err != nil {
		return err
	}
	return party.Enforce(ctx, v.api.Party, v, volumeGuards)
}

// tell puts into the log what was served and what was stored.
func (a *API) tell(ctx context.Context, v *visit, done *interact.Response) {
	told := v.door.toldBesides(done.Patients)
	a.auditServed(v, done, told)
	for _, r := range done.Written {
		a.Party.Tell(ctx, event.Written{
			Node: a.node, Interaction: string(v.route.Kind), Resource: r.Type + "/" + r.ID, Version: r.Version, Patients: r.Patients,
			Subject: v.claims.Subject, Client: v.claims.ClientID, Token: v.claims.JTI, Marks: a.marksIn(r), Deleted: r.Deleted,
		})
	}
	if len(done.Written) > 0 && !done.Shows {
		return
	}
	shown := done.Patients
	if done.Status == http.StatusNotModified { // that the record is there, and has not changed
		shown, told = nil, done.Patients
	}
	a.Party.Tell(ctx, event.Access{
		Node: a.node, Interaction: string(v.route.Kind), Resource: done.Resource, Patients: shown,
		Subject: v.claims.Subject, Client: v.claims.ClientID, Token: v.claims.JTI, Told: told,
	})
}
