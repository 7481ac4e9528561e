package serve

import (
	"cmp"
	"maps"
	"strings"
)

// The person of a test token, and the grounds on which she opens records.

// registered is what the registers say of a test person.
type registered struct{ id, pid, hpr, name string }

// register looks a person up by her national id; an empty one is the first doctor.
func (s *Server) register(pid string) (registered, bool) {
	for _, p := range s.people.Practitioners() {
		if own := s.nationalID(p.ID); pid == "" || pid == own {
			return registered{p.ID, own, p.HPR, p.Name}, true
		}
	}
	for _, p := range s.people.Patients() {
		if pid == p.NationalID {
			return registered{p.ID, p.NationalID, "", p.Name}, true
		}
	}
	return registered{}, false
}

// addTestUser adds what is said about the person. What is given stands; what registers are asked for is added where
// they know her.
func (i *Issuer) addTestUser(q *testTokenRequest, claims map[string]any) {
	if !q.WithoutDefaultUserClaims && !q.UserClaimsParametersGeneration.noDefaults {
		who, _ := i.tenant.server.register("")
		maps.Copy(claims, map[string]any{
			"sub": who.id, claimPID: who.pid, claimHPR: who.hpr, "name": strings.ToUpper(who.name), claimLevel: "4", claimAssurance: "high",
			claimNetwork: "internett", "idp": "testidp-oidc", "amr": []string{"pwd"}, "auth_time": claims["nbf"],
		})
	}
	u := q.UserClaimsParameters
	if q.UserClaimsParametersGeneration.noValues {
		u = testUser{}
	}
	if u.Pid != "" {
		for _, name := range []string{"sub", "name", claimHPR} {
			delete(claims, name) // of the person by default
		}
		i.lookUp(q, u.Pid, claims)
	}
	put(claims, map[string]string{
		claimPID: u.Pid, claimPseudonym: u.PidPseudonym, claimHPR: u.HprNumber, "name": u.Name, "given_name": u.GivenName,
		"middle_name": u.MiddleName, "family_name": u.FamilyName, "idp": u.IdentityProvider, claimLevel: u.SecurityLevel,
		claimAssurance: u.AssuranceLevel, claimNetwork: u.Network, "sub": u.Subject, "sid": u.Sid,
	})
	if u.Amr != "" {
		claims["amr"] = []string{u.Amr}
	}
	pid, _ := claims[claimPID].(string)
	if q.SetPidPseudonym && pid != "" {
		claims[claimPseudonym] = pseudonym(pid)
	}
	if q.SetSubject && pid != "" && u.Subject == "" {
		claims["sub"] = pseudonym(pid)
	}
}

// lookUp asks the registers about a person that was named. One whom this place knows is known to the FHIR API by her
// id, which is her sub here.
func (i *Issuer) lookUp(q *testTokenRequest, pid string, claims map[string]any) {
	who, known := i.tenant.server.register(pid)
	claims["sub"] = cmp.Or(who.id, pseudonym(pid))
	if !known {
		return
	}
	if q.GetPersonFromPersontjenesten || q.OnlySetNameForPerson {
		claims["name"] = strings.ToUpper(who.name)
		if given, family, ok := cutLast(who.name); ok && !q.OnlySetNameForPerson {
			claims["given_name"], claims["family_name"] = strings.ToUpper(given), strings.ToUpper(family)
		}
	}
	if q.GetHprNumberFromHprregisteret && who.hpr != "" {
		claims[claimHPR] = who.hpr
	}
}

func cutLast(name string) (before, after string, ok bool) {
	at := strings.LastIndexByte(name, ' ')
	if at < 0 {
		return name, "", false
	}
	return name[:at], name[at+1:], true
}

// testAttest is an attest of health personnel as it stands in a token. Parameters have names such as
// practitionerLegalEntityId, and dontSetPractitionerHprNr for a part to leave out.
func (i *Issuer) testAttest(parameters map[string]any, claims map[string]any) map[string]any {
	given := map[string]any{}
	for name, value := range parameters {
		given[strings.ToLower(name)] = value
	}
	said := func(name, otherwise string) string {
		text, _ := given[strings.ToLower(name)].(string)
		return cmp.Or(text, otherwise)
	}
	number := i.tenant.server.mustNumber("granfjelldal")
	place := func(prefix string) map[string]any {
		return map[string]any{"id": said(prefix+"Id", number), "name": said(prefix+"Name", i.tenant.server.organisationName(number)),
			"system": said(prefix+"System", "urn:oid:2.16.578.1.12.4.1.4.101"), "authority": said(prefix+"Authority", "https://www.brreg.no")}
	}
	code := func(prefix, system, value, text string) map[string]any {
		return map[string]any{"code": said(prefix+"Code", value), "text": said(prefix+"Text", text), "system": said(prefix+"System", system),
			"assigner": said(prefix+"Assigner", "https://www.helsedirektoratet.no/")}
	}
	number4, _ := claims[claimHPR].(string)
	pid, _ := claims[claimPID].(string)
	practitioner := map[string]any{
		"identifier": map[string]any{"id": pid, "system": said("PractitionerIdentifierSystem", "urn:oid:2.16.578.1.12.4.1.4.1"),
			"authority": said("PractitionerIdentifierAuthority", "https://www.skatteetaten.no")},
		"hpr_nr": map[string]any{"id": number4, "system": said("PractitionerHprNrSystem", "urn:oid:2.16.578.1.12.4.1.4.4"),
			"authority": said("PractitionerHprNrAuthority", "https://www.helsedirektoratet.no/")},
		"authorization": code("PractitionerAuthorization", "urn:oid:2.16.578.1.12.4.1.1.9060", "LE", "Lege"),
		"legal_entity":  place("PractitionerLegalEntity"), "point_of_care": place("PractitionerPointOfCare"), "department": place("PractitionerDepartment"),
	}
	selected, isBool := given["carerelationshipdecisionrefuserselected"].(bool)
	care := map[string]any{
		"healthcare_service":     code("CareRelationshipHealthcareService", "urn:oid:2.16.578.1.12.4.1.1.8663", "KX17", "Fastlege, liste uten fast lege"),
		"purpose_of_use":         code("CareRelationshipPurposeOfUse", "urn:oid:2.16.840.1.113883.1.11.20448", "TREAT", "Behandling"),
		"purpose_of_use_details": code("CareRelationshipPurposeOfUseDetails", "urn:oid:2.16.578.1.12.4.1.1.9151", "15", "Helsetjenester i hjemmet"),
		"decision_ref":           map[string]any{"id": said("CareRelationshipDecisionRefId", "1"), "user_selected": selected || !isBool},
	}
	patient := map[string]any{"point_of_care": place("PatientsPointOfCare"), "department": place("PatientsDepartment")}
	for _, part := range []struct {
		of   map[string]any
		name string
		flag string
	}{
		{practitioner, "hpr_nr", "PractitionerHprNr"}, {practitioner, "authorization", "PractitionerAuthorization"},
		{practitioner, "department", "PractitionerDepartment"}, {care, "healthcare_service", "CareRelationshipHealthcareService"},
		{care, "purpose_of_use_details", "CareRelationshipPurposeOfUseDetails"}, {patient, "point_of_care", "PatientsPointOfCare"},
		{patient, "department", "PatientsDepartment"},
	} {
		if left, _ := given[strings.ToLower("DontSet"+part.flag)].(bool); left {
			delete(part.of, part.name)
		}
	}
	return map[string]any{"type": "nhn:tillitsrammeverk:parameters", "practitioner": practitioner, "care_relationship": care, "patients": []any{patient}}
}
