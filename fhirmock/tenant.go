package fhirmock

import (
	"net/http"
	"slices"
	"strings"

	"thiefbox/fhirmock/people"
	"thiefbox/sim/control"
)

// Tenants. A supplier runs one system for many clinics, under one client id, and says with each request for which of them
// it asks: X-Tenant-ID, and the organisation number. The answer is then what that clinic's own system would get, which
// is less than the supplier may see. No specification has the header, and most APIs that serve several organisations
// have one of the kind. What it may name stands in the token, or in the registration behind it: the organisation itself, and
// for a supplier those whose records are in its hands. Without that check the header alone says who asks.

const headerTenant = "X-Tenant-Id"

// tenant is the organisation that a request names.
type tenant struct {
	number       string // nine digits; empty if it names none
	organization string // its id; the number if nobody has it
	taken        bool   // who calls is that organisation, whatever the token says
}

// tenantGuards stand before requests that name an organisation, and before no others.
var tenantGuards = []control.Guard[visit]{
	{Control: control.RSTenant, Check: checkTenant, Answer: control.Answer{
		Status: http.StatusForbidden, Code: "forbidden", Safe: "the access token is not one of the organisation that " + headerTenant + " names"}},
}

// readTenant takes the header apart. What is no organisation number is refused, whatever the profile.
func (v *visit) readTenant() *problem {
	values := v.http.Header[headerTenant]
	if len(values) == 0 {
		return nil
	}
	number := strings.TrimSpace(values[0])
	if len(values) > 1 || len(number) != 9 || strings.Trim(number, "0123456789") != "" {
		return &problem{status: http.StatusBadRequest, code: "invalid", safe: headerTenant + " takes one organisation number of nine digits",
			detail: "expected one organisation number of nine digits, got " + quoted(strings.Join(values, ", "))}
	}
	v.tenant = tenant{number: number, organization: number}
	all := v.api.People.Organizations()
	if i := slices.IndexFunc(all, func(o Organization) bool { return o.Number == number }); i >= 0 {
		v.tenant.organization = all[i].ID
	}
	return nil
}

// employer is the organisation that the token stands for: by its claim where it has one (HelseID), else by who its subject
// is here. It has an id, or a number that nobody has, or is "".
func (v *visit) employer() string {
	if number := v.claims.OrganisationNumber; number != "" {
		all := v.api.People.Organizations()
		if i := slices.IndexFunc(all, func(o Organization) bool { return o.Number == number }); i >= 0 {
			return all[i].ID
		}
		return number
	}
	caller := v.registered()
	if caller.Practitioner == "" {
		return caller.Organization
	}
	all := v.api.People.Practitioners()
	if i := slices.IndexFunc(all, func(p Practitioner) bool { return p.ID == caller.Practitioner }); i >= 0 {
		return all[i].Organization
	}
	return ""
}

// checkTenant: OWASP API1:2023. Who asks stands in the token.
func checkTenant(v *visit) (string, error) {
	own := v.employer()
	if !people.ActsFor(own, v.tenant.organization) {
		return v.tenant.number, control.ExpectedFix("organisation", "one that the token stands for, "+quoted(own), v.tenant.number,
			"leave the header out, or ask for a token in the name of that organisation")
	}
	return v.tenant.number, nil
}

// acts makes the caller the organisation that the request names. Where that is the token's own, nothing changes; nor where a
// person names one that her token stands for, as what she may see is less than what her clinic may.
func (v *visit) acts() {
	own, named := v.employer(), v.tenant.organization
	person := v.claims.Subject != v.claims.ClientID
	v.tenant.taken = named != own && !(person && people.ActsFor(own, named))
}
