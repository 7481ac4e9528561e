package fhirmock

import (
	"context"
	"net/http"

	"thiefbox/sim/event"
	"thiefbox/sim/party"
)

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{api: a, http: r, now: a.Party.Clock.Now(), dialect: a.Party.Dialect()}
	if a.isMetadata(r) {
		a.serveMetadata(w, v)
		return
	}
	v.listProofs()
	if err := a.serve(w, v); err != nil {
		a.refuse(r.Context(), w, v, err)
	}
}

func (a *API) serve(w http.ResponseWriter, v *visit) error {
	var p *problem
	if v.route, p = a.route(w, v.http); p != nil {
		return p
	}
	if p := acceptable(v.http, v.route.params); p != nil {
		return p
	}
	if v.route.interaction == capabilities {
		a.send(w, v, http.StatusOK, a.capabilityStatement())
		return nil
	}
	ctx := v.http.Context()
	if err := a.admit(ctx, v); err != nil {
		return err
	}
	if err := party.Enforce(ctx, a.Party, v, stepUpGuards); err != nil {
		return err
	}
	found, err := a.find(ctx, v)
	if err != nil {
		return err
	}
	if v.used.scheme == schemeDPoP {
		if err := party.Enforce(ctx, a.Party, v, onceGuards); err != nil {
			return err
		}
	}
	a.Party.Tell(ctx, event.Access{
		Node: a.node, Interaction: string(v.route.interaction), Resource: found.what, Patients: found.patients,
		Subject: v.claims.Subject, Client: v.claims.ClientID, Token: v.claims.JTI,
	})
	for name, value := range found.headers {
		w.Header().Set(name, value)
	}
	a.send(w, v, http.StatusOK, found.body)
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
	if v.claims.X5T() != "" {
		if p := v.readCertificate(); p != nil {
			return p
		}
		if err := party.Enforce(ctx, a.Party, v, certificateGuards); err != nil {
			return err
		}
	}
	if v.used.scheme != schemeDPoP {
		return nil
	}
	if p := v.readProof(); p != nil {
		return p
	}
	return party.Enforce(ctx, a.Party, v, proofGuards)
}
