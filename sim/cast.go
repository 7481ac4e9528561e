package sim

import (
	"context"
	"slices"
	"sync"

	"thiefbox/attacker"
	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Scene is the circumstances a technique needs.
type Scene = attacker.Scene

// folk is what every world wants to know of the population, which is the same in all of them. It is
// worked out once, and read only.
type folk struct {
	patients      []string       // ids
	place         map[string]int // of a patient among them
	practitioners []fhirmock.Practitioner
	first, last   fhirmock.Practitioner      // of those who have patients
	callers       map[string]fhirmock.Caller // who is behind a token's sub
	numbers       map[string]string          // of organisations
	// labelled is a diagnosis of a patient of the first's that is labelled as restricted, and result an
	// observation that is.
	labelled, result string
	// letter is a scanned one, about a patient whom the last does not treat.
	letter string
	// amended is an observation about the first patient of the first's that is not labelled.
	amended string
	// unknown is a patient whom neither of the two treats, with a record that nothing is labelled in that matters.
	unknown string
	// met is a patient whom the last has met, as any system may know.
	met string
}

var population = sync.OnceValue(func() *folk {
	people := fhirmock.Everybody()
	f := &folk{practitioners: people.Practitioners(), place: map[string]int{}, callers: map[string]fhirmock.Caller{}, numbers: map[string]string{}}
	for _, p := range people.Patients() {
		f.place[p.ID] = len(f.patients)
		f.patients = append(f.patients, p.ID)
	}
	for _, o := range people.Organizations() {
		f.numbers[o.ID] = o.Number
	}
	for _, p := range f.practitioners {
		caller := fhirmock.Caller{Practitioner: p.ID}
		f.callers[p.ID] = caller
		if len(people.Entitled(caller)) == 0 {
			continue
		}
		if f.first.ID == "" {
			f.first = p
		}
		f.last = p
	}
	f.met = metBy(people, f.last)
	f.unknown = unknownTo(people, f.first, f.last)
	f.letter = letterUnknownTo(people, f.last)
	f.labelled, f.result = restrictedOf(people, f.first, "Condition"), restrictedOf(people, f.first, "Observation")
	f.amended = ordinaryOf(people, f.first)
	for _, s := range []system{webEHR, cloudSupplier, oldSupplier, laboratorySystem, portal, reminderService, ownSystem, resultInbox} {
		f.callers[s.id] = fhirmock.Caller{Organization: f.employer(s)}
	}
	return f
})

// unknownTo is the first patient whom none of these treats, and whose name and address are no secret.
func unknownTo(people *fhirmock.People, them ...fhirmock.Practitioner) string {
	var theirs []string
	for _, p := range them {
		theirs = append(theirs, people.Entitled(fhirmock.Caller{Practitioner: p.ID})...)
	}
	for _, r := range people.Records("Patient") {
		if r.Confidentiality == 0 && !slices.Contains(theirs, r.ID) {
			return r.ID
		}
	}
	return ""
}

// metBy is the first patient with whom a practitioner had an encounter that is no secret.
func metBy(people *fhirmock.People, p fhirmock.Practitioner) string {
	for _, r := range people.Records("Encounter") {
		if r.Confidentiality == 0 && slices.Contains(r.References("participant"), "Practitioner/"+p.ID) {
			return r.Patients[0]
		}
	}
	return ""
}

// restrictedOf is the first record of a type that is labelled as restricted, of a patient of a practitioner's.
func restrictedOf(people *fhirmock.People, p fhirmock.Practitioner, resourceType string) string {
	mine := people.Entitled(fhirmock.Caller{Practitioner: p.ID})
	for _, r := range people.Records(resourceType) {
		if r.Confidentiality != 0 && slices.Contains(mine, r.Patients[0]) {
			return r.Type + "/" + r.ID
		}
	}
	return ""
}

// shared is the first patient whom both the doctor and the thief treat.
func (w *World) shared() string {
	for _, id := range w.doctor.rights {
		if slices.Contains(w.mallory.rights, id) {
			return id
		}
	}
	return ""
}

// ordinaryOf is the id of an observation that is not labelled, of a practitioner's first patient.
func ordinaryOf(people *fhirmock.People, p fhirmock.Practitioner) string {
	first := people.Entitled(fhirmock.Caller{Practitioner: p.ID})[0]
	for _, r := range people.Records("Observation") {
		if r.Confidentiality == 0 && r.Patients[0] == first {
			return r.ID
		}
	}
	return ""
}

// employer is the organisation a system belongs to: the doctor's clinic, unless it has its own.
func (f *folk) employer(s system) string {
	if s.organization == "" {
		return f.first.Organization
	}
	return s.organization
}

// castPeople picks the two people of the play. The doctor is the first general practitioner; the thief
// is a doctor himself, the last one: he has an account, a panel and an honestly registered app, so
// that nothing he reads elsewhere can be excused as his own.
func (w *World) castPeople() {
	w.doctor = w.newPerson(population().first.ID, population().first, issuer)
	w.mallory = w.newPerson(thief, population().last, issuer)
	w.patient = w.doctor.rights[0]
	w.mallory.rights = slices.DeleteFunc(w.mallory.rights, func(id string) bool { return id == w.blocker() })
}

// accounts are the sign-ins at the authorization server: one for each practitioner.
func (w *World) accounts() []idp.User {
	users := make([]idp.User, 0, len(population().practitioners))
	for _, p := range population().practitioners {
		secrets := func() (password, code string) { return w.password(p.ID), w.code(p.ID) }
		users = append(users, idp.User{Subject: p.ID, Username: p.ID, Secrets: secrets, Name: p.Name, FHIRUser: "Practitioner/" + p.ID})
	}
	return users
}

func (w *World) password(user string) string { return w.secret("password of " + user) }

// code is what her key card shows.
func (w *World) code(user string) string { return w.secret("code of " + user)[:6] }

const (
	scopeClinician = "openid profile offline_access user/*.rs"
	scopeBackend   = "system/*.rs"
)

// system is a client system as it is registered.
type system struct {
	id, name    string
	key         string             // in the stock; "" for one that has none
	method      control.ClientAuth // "" speaks the dialect of the day
	redirectURI string
	scope       fapi.Scope
	grants      []string
	// selfSigned: where others have a certificate of an authority, this one has made its own.
	selfSigned bool
	// details are the types of authorization details it may ask for; api is the API it is when it is called, and
	// downstream those it calls in turn.
	details    []string
	elements   []string // of records; nil for all
	api        string
	downstream []string
	// organization is whose number goes into its tokens: an id of the population; "" for the doctor's clinic.
	organization string
}

var (
	webEHR = system{
		id: ehrClientID, name: "Journal Web", key: "ehr", redirectURI: ehrCallback, scope: scopeClinician + " " + scopeBackend,
		grants: []string{"authorization_code", "refresh_token", "client_credentials"},
	}
	cloudSupplier = system{
		id: supplierClientID, name: "Cloud Journal Services", key: "supplier", scope: scopeBackend, grants: []string{"client_credentials"},
		organization: "supplier", selfSigned: true,
	}
	// The old supplier has not changed a line since 2020.
	oldSupplier = system{
		id: "supplier-2020", name: "Journal Export 2020", method: control.ClientSecretPost, scope: scopeBackend,
		grants: []string{"client_credentials"}, organization: "oldsupplier",
	}
	// The thief's app is registered for sign-in by people, for everything people may see
	// and for writing allergies and observations.
	locumHelper = system{
		id: thiefsClient, name: "Locum Helper", key: "mallory-app", redirectURI: malloryURL + "/callback",
		scope: "openid fhirUser offline_access launch launch/patient patient/*.rs user/*.rs user/Observation.rs user/AllergyIntolerance.cu user/Observation.cu", grants: []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"},
		details: []string{"patient_record"}, api: thiefsAPI, downstream: []string{fhirBase},
	}
)

// credentials are what a system authenticates with at an issuer, without its private keys: clients
// are handed those, and only a thief needs them written down. Systems that moved to keys once had a
// secret, which the server still has on file: forgetting to delete it is half of the downgrade attacks.
func (w *World) credentials(s system, at string) fapi.Credentials {
	d := w.Policy.Profile().Dialect
	method := s.method
	if method == "" {
		method = d.ClientAuth
	}
	if method == control.TLSClientAuth && s.selfSigned {
		method = control.SelfSignedTLSClientAuth
	}
	return fapi.Credentials{
		Issuer: at, ClientID: s.id, AuthMethod: string(method), Secret: w.secret(s.id), RedirectURI: s.redirectURI,
		Scope: s.scope, GrantTypes: s.grants, AssertionAudience: string(d.AssertionAudience), AssertionTyp: d.AssertionTyp,
		CertificateBound: s.key != "" && d.Constraint == control.MTLS,
	}
}

// authKey is the key a system authenticates with; nil if it has a secret. proofKey signs its proofs.
func (w *World) authKey(s system) *fapi.Key {
	if s.key == "" || w.Policy.Profile().Dialect.ClientAuth != control.PrivateKeyJWT {
		return nil
	}
	return w.stock.key(s.key)
}

// publicKey is what a system's assertions are verified with, which anybody can have: nil if it has a secret.
func (w *World) publicKey(s system) []byte {
	if k := w.authKey(s); k != nil {
		return k.Public().JWK
	}
	return nil
}

func (w *World) proofKey(s system) *fapi.Key {
	if s.key == "" || w.Policy.Profile().Dialect.Constraint != control.DPoP {
		return nil
	}
	return w.stock.key(s.key + "-dpop")
}

// registrationToken is what a system's registration is managed with.
func (w *World) registrationToken(s system) string { return w.secret("registration of " + s.id) }

// stolenCredentials are a system's credentials with its keys written out, as a thief gets them.
func (w *World) stolenCredentials(s system) fapi.Credentials {
	c := w.credentials(s, issuer)
	c.RegistrationToken = w.registrationToken(s)
	if k := w.authKey(s); k != nil {
		c.JWK = k.PrivateJWK()
	}
	if k := w.proofKey(s); k != nil {
		c.DPoPJWK = k.PrivateJWK()
	}
	return withCertificate(c, w.certificate(s))
}

func (w *World) registrations() []idp.Client {
	var out []idp.Client
	for _, s := range append(w.systems(), w.cast.systems()...) {
		c := w.credentials(s, issuer)
		reg := idp.Client{
			ID: s.id, Name: s.name, AuthMethod: c.AuthMethod, Secret: c.Secret,
			CertificateBound: c.CertificateBound,
			GrantTypes:       s.grants, Scope: s.scope, Organisation: population().numbers[population().employer(s)],
			RegistrationToken: w.registrationToken(s), DetailTypes: s.details, RecordElements: s.elements, API: s.api, Downstream: s.downstream,
			EHR: w.scene.AppThere && s.id == webEHR.id,
		}
		if s.redirectURI != "" {
			reg.RedirectURIs = []string{s.redirectURI}
		}
		if k := w.authKey(s); k != nil {
			reg.Keys = []fapi.Public{k.Public()}
		}
		if k := w.proofKey(s); k != nil {
			reg.DPoPKeys = []string{k.Thumbprint()}
		}
		w.registerCertificate(&reg, s)
		out = append(out, reg)
	}
	return out
}

// introduce tells who takes part, and what must not leak.
func (w *World) introduce(ctx context.Context) {
	w.tell(ctx, event.Protected{Canaries: w.stock.protected, Marks: map[string]string{w.stock.mark: thief}})
	if also := w.inConfidence(); also != nil {
		w.tell(ctx, event.Protected{Canaries: also})
	}
	for _, a := range w.sceneActors([]event.Actor{
		{ID: w.doctor.id, Name: w.doctor.name, Role: event.RolePerson, Names: []string{w.doctor.subject}, Rights: w.doctor.rights},
		{ID: "ehr", Name: "Web EHR", Role: event.RoleClient, Hosts: []string{"ehr.thiefbox.test"}, Names: []string{ehrClientID}},
		{ID: "supplier", Name: "Multi-tenant supplier", Role: event.RoleClient, Names: []string{"supplier-cloud"}},
		{ID: "oldsupplier", Name: "Old supplier", Role: event.RoleClient, Names: []string{"supplier-2020"}},
		{ID: "as", Name: "Authorization server", Role: event.RoleAuthorizationServer, Hosts: []string{"as.thiefbox.test"}},
		{ID: "fhir", Name: "FHIR API", Role: event.RoleResourceServer, Hosts: []string{"fhir.thiefbox.test"}},
		{ID: "lab", Name: "Laboratory API", Role: event.RoleResourceServer, Hosts: []string{"lab.thiefbox.test"}},
		{ID: thief, Name: "Mallory, the thief", Role: event.RoleThief, Hosts: []string{"mallory.test", "rogue-as.test", hopHost},
			Names: w.ownSystemToo([]string{w.mallory.subject, thiefsClient, rogueIssuer + "|myself", rogueFHIR + "/Practitioner/myself"}), Rights: w.mallory.rights, Allowance: w.scene.Allowance},
	}) {
		w.tell(ctx, a)
	}
}
