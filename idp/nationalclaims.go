package idp

import (
	"encoding/json"
	"slices"
	"strings"

	"thiefbox/sim/fapi"
)

// Access tokens in the shape of HelseID: the scope as a list, the names of its claims, everything that is a number
// written as text. Which claims enter is for the API to say (Resource.Claims). The sub stays what it is everywhere
// here, where HelseID has a hash of the national id.

// The names of HelseID's claims.
const (
	claimPID       = "helseid://claims/identity/pid"
	claimPseudonym = "helseid://claims/identity/pid_pseudonym"
	claimLevel     = "helseid://claims/identity/security_level"
	claimAssurance = "helseid://claims/identity/assurance_level"
	claimNetwork   = "helseid://claims/identity/network"
	claimHPR       = "helseid://claims/hpr/hpr_number"
	claimHPRMore   = "helseid://claims/hpr/hpr_details"
	claimName      = "helseid://claims/client/client_name"
	claimTenancy   = "helseid://claims/client/client_tenancy"
	claimParent    = "helseid://claims/client/claims/orgnr_parent"
	claimChild     = "helseid://claims/client/claims/orgnr_child"
	claimSupplier  = "helseid://claims/client/claims/orgnr_supplier"
	claimJournal   = "nhn:sfm:journal_id"
)

// nationalIDP is who signs people in, as HelseID's test environment has it.
const nationalIDP = "testidp-oidc"

// NationalClaims are all claims of HelseID that an API can have in its tokens.
func NationalClaims() []string {
	return []string{claimPID, claimPseudonym, claimLevel, claimAssurance, claimNetwork, claimHPR, "name",
		claimName, claimTenancy, claimParent, claimChild, claimSupplier, claimJournal}
}

// nationalScopes are HelseID's scopes for what is told about a person, at userinfo.
var nationalScopes = map[string][]string{
	"helseid://scopes/identity/all":             {claimPID, claimPseudonym, claimLevel, claimAssurance, claimNetwork},
	"helseid://scopes/identity/pid":             {claimPID},
	"helseid://scopes/identity/pid_pseudonym":   {claimPseudonym},
	"helseid://scopes/identity/security_level":  {claimLevel},
	"helseid://scopes/identity/assurance_level": {claimAssurance},
	"helseid://scopes/identity/network":         {claimNetwork},
	"helseid://scopes/hpr/hpr_number":           {claimHPR, claimHPRMore},
}

// dress gives an access token the shape.
func (s *Server) dress(t *fapi.AccessToken, q *tokenRequest, a *award) {
	t.ScopeList, t.JTI = true, strings.ToUpper(t.JTI)
	client := q.caller.client
	more := map[string]any{"nbf": t.IssuedAt, "client_amr": client.AuthMethod}
	if a.user != nil {
		more["amr"], more["idp"], more["sid"] = a.amr, nationalIDP, a.sid
	}
	wanted := s.claimsOf(a.audience)
	known := s.nationalClaims(a)
	known[claimName], known[claimTenancy] = orNothing(client.Name), firstOf(client.Tenancy.Kind, "none")
	known[claimSupplier] = orNothing(client.Tenancy.Supplier)
	for name, value := range known {
		if value != nil && slices.Contains(wanted, name) {
			more[name] = value
		}
	}
	for name, value := range a.says.claims { // which the client asked for by a structure of its own
		if name == claimParent {
			t.OrganisationNumber, _ = value.(string)
		} else {
			more[name] = value
		}
	}
	if client.Tenancy.Kind == MultiTenant && a.says.claims[claimParent] == nil {
		t.OrganisationNumber = "" // it acts for nobody in particular
	}
	t.More, _ = json.Marshal(more) // texts and numbers marshal
}

// nationalClaims are what is known of the person.
func (s *Server) nationalClaims(a *award) map[string]any {
	known := map[string]any{}
	if a.user == nil {
		return known
	}
	for _, name := range []string{claimPID, claimPseudonym, claimHPR} {
		known[name] = a.user.claim(name)
	}
	if a.user.Name != "" {
		known["name"] = strings.ToUpper(a.user.Name)
	}
	known[claimLevel], known[claimAssurance], known[claimNetwork] = "3", "substantial", "internett"
	if i := s.rankOf(a.acr); i >= 0 && s.levels[i].Code {
		known[claimLevel], known[claimAssurance] = "4", "high"
	}
	return known
}

// nationalIDClaims add to the ID token what HelseID's says of the person, by scope.
func (s *Server) nationalIDClaims(a *award, more json.RawMessage) json.RawMessage {
	all := map[string]any{"idp": nationalIDP, "sid": a.sid}
	if a.code != nil && a.code.stateHash != "" {
		all["s_hash"] = a.code.stateHash
	}
	_ = json.Unmarshal(more, &all) // an object, or nothing
	known := s.nationalClaims(a)
	for scope := range strings.FieldsSeq(string(a.scope)) {
		for _, name := range nationalScopes[scope] {
			if known[name] != nil {
				all[name] = known[name]
			}
		}
	}
	text, _ := json.Marshal(all) // texts marshal
	return text
}

// claimsOf is what the APIs of an audience want in their tokens.
func (s *Server) claimsOf(audience []string) (names []string) {
	for _, api := range audience {
		if r := s.resources[api]; r != nil {
			names = append(names, r.Claims...)
		}
	}
	return names
}
