package idp

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
	"thiefbox/sim/party"
)

// From details that were asked for to those that stand in a token.

// detailsFor is what a token is to carry of what was granted: all of it, or what the request asks for.
func (s *Server) detailsFor(t *tokenRequest, granted []detail) ([]detail, error) {
	asked, err := s.readDetails(t.caller.client, t.form.get("authorization_details"), s.national())
	if err != nil || asked == nil {
		return granted, err
	}
	return asked, party.Enforce(t.ctx, s.party, &narrowing{asked, granted}, detailGuards)
}

// national tells whether the dialect has HelseID's forms.
func (s *Server) national() bool { return s.party.Dialect().Shape == control.ShapeHelseID }

// addAssertionDetails adds what a client wrote into its assertion, for this token alone (HelseID: assertion_details).
// A structure that was granted with the authorization request is not given once more.
func (s *Server) addAssertionDetails(t *tokenRequest, a *award) error {
	text := t.caller.claims.Details
	if len(text) == 0 || !s.national() {
		return nil
	}
	more, err := s.readDetails(t.caller.client, string(text), true)
	if err != nil {
		return nationalFault(err)
	}
	for _, d := range more {
		if slices.ContainsFunc(a.details, func(g detail) bool { return g.kind == d.kind }) {
			return doubleStructure(d.kind.Name)
		}
		if d.kind.Name == TypeOrganisation && a.code != nil {
			return hid("1009", "expected organisation numbers in the request object where a code is redeemed, got them in the client assertion")
		}
	}
	a.inside = more
	return nil
}

// nationalFault answers at the token endpoint, whose clients know no invalid_authorization_details.
func nationalFault(err error) error {
	if f, ok := err.(*fault); ok && f.code == "invalid_authorization_details" {
		f.code = "invalid_request"
	}
	return err
}

func doubleStructure(name string) *fault {
	text := "HID-DOUBLE-STRUCTURE: " + name + " came with the authorization request and in the client assertion; send it in one of them"
	return faultOf(http.StatusBadRequest, "access_denied", text, text)
}

// granted is what the details of an award come to.
type granted struct {
	details  json.RawMessage // for the token
	answer   json.RawMessage // for the token response: only what came as authorization_details
	claims   map[string]any
	rejected string // scopes
}

// grantDetails has each type say what enters the token.
func (s *Server) grantDetails(a *award) error {
	if len(a.details)+len(a.inside) == 0 {
		return nil
	}
	var inToken []detail
	var rejected []string
	a.says.claims = map[string]any{}
	for _, d := range slices.Concat(a.details, a.inside) {
		result := DetailResult{Detail: d.text}
		if d.kind.Grant != nil {
			var err error
			if result, err = d.kind.Grant(DetailGrant{a.client, a.user, d.text}); err != nil {
				return detailFault(d.kind.Name, err)
			}
		}
		maps.Copy(a.says.claims, result.Claims)
		rejected = append(rejected, result.Rejected...)
		if len(result.Detail) > 0 {
			inToken = append(inToken, detail{d.kind, result.Detail})
		}
	}
	a.says.details, a.says.answer = writeDetails(inToken), writeDetails(a.details)
	a.scope, a.says.rejected = without(a.scope, rejected)
	return nil
}

// without takes scopes out of a scope, and returns those that were in it.
func without(scope fapi.Scope, rejected []string) (left fapi.Scope, dropped string) {
	if len(rejected) == 0 {
		return scope, ""
	}
	var keep, drop []string
	for v := range strings.FieldsSeq(string(scope)) {
		if slices.Contains(rejected, v) {
			drop = append(drop, v)
		} else {
			keep = append(keep, v)
		}
	}
	return fapi.Scope(strings.Join(keep, " ")), strings.Join(drop, " ")
}
