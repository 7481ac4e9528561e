package serve

import (
	"hash/fnv"
	"strconv"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
)

// What issuers in the shape of HelseID have besides: clients with tenancy, people with numbers in the registers, the
// types of authorization details.

const (
	scopeNational = " helseid://scopes/identity/pid helseid://scopes/identity/pid_pseudonym helseid://scopes/identity/security_level" +
		" helseid://scopes/identity/assurance_level helseid://scopes/identity/network helseid://scopes/hpr/hpr_number" +
		" helseid://scopes/client/client_name nhn:tillitsrammeverk:parameters nhn:sfm:journal-id"
	tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
)

var nationalGrants = []string{"authorization_code", "refresh_token", "client_credentials"}

// nationalSystems are registered where tokens have HelseID's shape.
var nationalSystems = []system{
	{id: "single-tenant", name: "Journal of one clinic", purpose: "acts for its clinic, and names a child organisation", scope: scopePeople + " " + scopeSystem + scopeNational,
		method: control.PrivateKeyJWT, grants: nationalGrants, redirects: true, organization: "granfjelldal", tenancy: idp.SingleTenant},
	{id: "multi-tenant", name: "Cloud journal", purpose: "names the clinic it acts for, which has delegated that to it", scope: scopePeople + " " + scopeSystem + scopeNational,
		method: control.PrivateKeyJWT, grants: nationalGrants, redirects: true, organization: "supplier", tenancy: idp.MultiTenant},
}

// systems are the clients of a tenant.
func (t *tenant) systems() []system {
	if t.named.Dialect.Shape != control.ShapeHelseID {
		return systems
	}
	return append(append([]system(nil), systems...), nationalSystems...)
}

// delegating are the clinics that have delegated to the multi-tenant client. Of the first it may name every child, of
// the second one alone.
var delegating = []string{"granfjelldal", "flaksvagoy"}

// tenancy is whom a client may act for. The children are made up: nine digits that follow from the parent's.
func (s *Server) tenancy(of system) idp.Tenancy {
	first, second := s.mustNumber(delegating[0]), s.mustNumber(delegating[1])
	switch of.tenancy {
	case idp.SingleTenant:
		return idp.Tenancy{Kind: idp.SingleTenant, Children: []string{childOf(s.mustNumber(of.organization))}}
	case idp.MultiTenant:
		return idp.Tenancy{Kind: idp.MultiTenant, Supplier: s.mustNumber(of.organization),
			Parents: map[string][]string{first: {}, second: {childOf(second)}}}
	}
	return idp.Tenancy{}
}

// childOf is the number of an organisation's one department.
func childOf(parent string) string {
	if n, err := strconv.Atoi(parent); err == nil {
		return strconv.Itoa(n + 1)
	}
	return ""
}

// detailTypes are those of every issuer: HelseID's structures are of use to whoever writes a client for it, whatever
// the profile; that they also come inside client assertions is the dialect's.
func (s *Server) detailTypes() []idp.DetailType {
	return []idp.DetailType{idp.PatientRecord(), idp.Organisation(), idp.Journal(), idp.Attest(idp.Register{Organisation: s.organisationName})}
}

// detailNames are the types every client may ask for.
var detailNames = []string{"patient_record", idp.TypeOrganisation, idp.TypeJournal, idp.TypeAttest}

func (s *Server) organisationName(number string) string {
	for _, o := range s.people.Organizations() {
		if o.Number == number {
			return o.Name
		}
	}
	return ""
}

// nationalID is the number of a test person who has none in the population: a doctor.
func (s *Server) nationalID(id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return fhirmock.SyntheticID(h.Sum32())
}

// practitionerClaims are what HelseID knows of a doctor.
func (s *Server) practitionerClaims(id, hpr string) map[string]any {
	claims := patientClaims(s.nationalID(id))
	number, err := strconv.Atoi(hpr)
	if err != nil {
		return claims
	}
	claims[claimHPR] = hpr
	claims["helseid://claims/hpr/hpr_details"] = map[string]any{ // where the number is one, unlike elsewhere
		"hpr_number": number, "no_hpr_number": false,
		"approvals": []any{map[string]any{
			"profession": "LE", "authorization": map[string]string{"value": "1", "description": "Autorisasjon"},
			"requisition_rights": []any{map[string]string{"value": "1", "description": "Full rekvisisjonsrett"}}, "specialities": []any{},
		}},
	}
	return claims
}

// patientClaims are what it knows of anybody.
func patientClaims(pid string) map[string]any {
	return map[string]any{claimPID: pid, claimPseudonym: pseudonym(pid)}
}

// screenNational adds to the first screen what somebody with a client for HelseID wants to know.
func (i *Issuer) screenNational(line func(name, format string, args ...any)) {
	line("Test tokens", "POST %s%s with any X-Auth-Key, as at HelseID's test token service", i.URL, pathTestToken)
	if i.tenant.named.Dialect.Shape != control.ShapeHelseID {
		return
	}
	s := i.tenant.server
	first, second := s.mustNumber(delegating[0]), s.mustNumber(delegating[1])
	line("Organisations", "single-tenant may name %s; multi-tenant NO:ORGNR:%s with any child, and NO:ORGNR:%s:%s", childOf(first), first, second, childOf(second))
}
