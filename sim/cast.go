package sim

import (
	"context"

	"thiefbox/attacker"
	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Scene is the circumstances a technique needs.
type Scene = attacker.Scene

// castPeople picks the two people of the play. The doctor is the first general practitioner; the thief
// is a doctor himself, the last one: he has an account, a panel and an honestly registered app, so
// that nothing he reads elsewhere can be excused as his own.
func (w *World) castPeople() {
	var doctors []fhirmock.Practitioner
	for _, p := range w.people.Practitioners() {
		if len(w.people.Entitled(fhirmock.Caller{Practitioner: p.ID})) > 0 {
			doctors = append(doctors, p)
		}
	}
	first, last := doctors[0], doctors[len(doctors)-1]
	w.doctor = w.newPerson(first.ID, first, issuer)
	w.mallory = w.newPerson(thief, last, issuer)
	w.patient = w.doctor.rights[0]
}

// accounts are the sign-ins at the authorization server: one for each practitioner.
func (w *World) accounts() []idp.User {
	var users []idp.User
	for _, p := range w.people.Practitioners() {
		users = append(users, idp.User{Subject: p.ID, Username: p.ID, Password: w.password(p.ID), Name: p.Name})
	}
	return users
}

func (w *World) password(user string) string { return w.secret("password of " + user) }

// callers tells the API who is behind a token's sub.
func (w *World) callers() map[string]fhirmock.Caller {
	m := map[string]fhirmock.Caller{}
	for _, p := range w.people.Practitioners() {
		m[p.ID] = fhirmock.Caller{Practitioner: p.ID}
	}
	clinic := w.doctorsClinic()
	m[ehrClientID] = fhirmock.Caller{Organization: clinic}
	m["supplier-cloud"] = fhirmock.Caller{Organization: clinic}
	m["supplier-2020"] = fhirmock.Caller{Organization: clinic}
	return m
}

func (w *World) doctorsClinic() string {
	for _, p := range w.people.Practitioners() {
		if p.ID == w.doctor.subject {
			return p.Organization
		}
	}
	return ""
}

const (
	scopeClinician = "openid offline_access user/*.rs"
	scopeBackend   = "system/*.rs"
)

// ehrCredentials are the web EHR's at an issuer. It uses the same id and key everywhere, as clients
// in a federation do; that is what makes it worth harvesting an assertion from.
func (w *World) ehrCredentials(at string) fapi.Credentials {
	c := w.credentials(ehrClientID, "ehr")
	c.Issuer, c.RedirectURI, c.Scope = at, ehrCallback, scopeClinician+" "+scopeBackend
	c.GrantTypes = []string{"authorization_code", "refresh_token", "client_credentials"}
	return c
}

func (w *World) supplierCredentials() fapi.Credentials {
	c := w.credentials("supplier-cloud", "supplier")
	c.Scope, c.GrantTypes = scopeBackend, []string{"client_credentials"}
	return c
}

func (w *World) oldSupplierCredentials() fapi.Credentials {
	return fapi.Credentials{
		Issuer: issuer, ClientID: "supplier-2020", AuthMethod: string(control.ClientSecretPost),
		Secret: w.secret("supplier-2020"), Scope: scopeBackend, GrantTypes: []string{"client_credentials"},
	}
}

func (w *World) mallorysCredentials() fapi.Credentials {
	c := w.credentials(thiefsClient, "mallory-app")
	c.RedirectURI = malloryURL + "/callback"
	c.Scope = "openid offline_access user/*.rs user/Observation.rs"
	c.GrantTypes = []string{"authorization_code", "refresh_token"}
	return c
}

// credentials speak the dialect of the day. Clients that moved to keys once had a secret, which the
// server still has on file: forgetting to delete it is half of the downgrade attacks.
func (w *World) credentials(clientID, key string) fapi.Credentials {
	d := w.Policy.Profile().Dialect
	c := fapi.Credentials{
		Issuer: issuer, ClientID: clientID, AuthMethod: string(d.ClientAuth), Secret: w.secret(clientID),
		DPoPJWK:           w.keys.get(key + "-dpop").PrivateJWK(),
		AssertionAudience: string(d.AssertionAudience), AssertionTyp: d.AssertionTyp,
	}
	if d.ClientAuth == control.PrivateKeyJWT {
		c.JWK = w.keys.get(key).PrivateJWK()
	}
	return c
}

func (w *World) registrations() []idp.Client {
	register := func(c fapi.Credentials, name, key string) idp.Client {
		reg := idp.Client{
			ID: c.ClientID, Name: name, AuthMethod: c.AuthMethod, Secret: c.Secret,
			GrantTypes: c.GrantTypes, Scope: c.Scope, Organisation: w.people.Organizations()[0].Number,
		}
		if c.RedirectURI != "" {
			reg.RedirectURIs = []string{c.RedirectURI}
		}
		if c.JWK != nil {
			reg.Keys = []fapi.Public{w.keys.get(key).Public()}
		}
		if c.DPoPJWK != nil {
			reg.DPoPKeys = []string{w.keys.get(key + "-dpop").Thumbprint()}
		}
		return reg
	}
	return []idp.Client{
		register(w.ehrCredentials(issuer), "Journal Web", "ehr"),
		register(w.supplierCredentials(), "Cloud Journal Services", "supplier"),
		register(w.oldSupplierCredentials(), "Journal Export 2020", "oldsupplier"),
		register(w.mallorysCredentials(), "Locum Helper", "mallory-app"),
	}
}

// introduce tells who takes part, and what must not leak.
func (w *World) introduce(ctx context.Context) {
	protected := make(map[string]string, len(w.canaries))
	for patient, canary := range w.canaries {
		protected[canary] = patient
	}
	w.tell(ctx, event.Protected{Canaries: protected})
	for _, a := range []event.Actor{
		{ID: w.doctor.id, Name: w.doctor.name, Role: event.RolePerson, Names: []string{w.doctor.subject}, Rights: w.doctor.rights},
		{ID: "ehr", Name: "Web EHR", Role: event.RoleClient, Hosts: []string{"ehr.thiefbox.test"}, Names: []string{ehrClientID}},
		{ID: "supplier", Name: "Multi-tenant supplier", Role: event.RoleClient, Names: []string{"supplier-cloud"}},
		{ID: "oldsupplier", Name: "Old supplier", Role: event.RoleClient, Names: []string{"supplier-2020"}},
		{ID: "as", Name: "Authorization server", Role: event.RoleAuthorizationServer, Hosts: []string{"as.thiefbox.test"}},
		{ID: "fhir", Name: "FHIR API", Role: event.RoleResourceServer, Hosts: []string{"fhir.thiefbox.test"}},
		{ID: "lab", Name: "Laboratory API", Role: event.RoleResourceServer, Hosts: []string{"lab.thiefbox.test"}},
		{ID: thief, Name: "Mallory, the thief", Role: event.RoleThief, Hosts: []string{"mallory.test", "rogue-as.test"},
			Names: []string{w.mallory.subject, thiefsClient, rogueIssuer + "|myself"}, Rights: w.mallory.rights},
	} {
		w.tell(ctx, a)
	}
}
