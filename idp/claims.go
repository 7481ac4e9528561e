package idp

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"thiefbox/sim/fapi"
)

// What is told about a person: by scope (OIDC Core s5.4) at userinfo, and by the claims parameter (s5.5) in
// the ID token or at userinfo.

// scopeClaims says which claims a scope stands for.
var scopeClaims = map[string][]string{
	"profile": {"name", "family_name", "given_name", "preferred_username", "gender", "birthdate", "zoneinfo", "locale", "updated_at"},
	"email":   {"email", "email_verified"},
	"phone":   {"phone_number", "phone_number_verified"},
	"address": {"address"},
}

// claimsSupported is every claim that can be had of anybody. Gender is not: it is told of those only whose
// configuration says it, since it does not follow from a name.
func claimsSupported() []string {
	out := []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"}
	for _, scope := range []string{"profile", "email", "phone", "address"} {
		out = append(out, scopeClaims[scope]...)
	}
	return slices.DeleteFunc(out, func(claim string) bool { return claim == "gender" })
}

// claim is what is known of a person under a name of OIDC Core s5.1; nil for nothing. What the
// configuration does not say is made up from her name, so that every test person has plausible claims, and
// equal ones each time. Addresses and numbers lead nowhere: .test is reserved (RFC 6761), and so are
// numbers that begin with +47 000.
func (u *User) claim(name string) any {
	if v, ok := u.Claims[name]; ok {
		return v
	}
	given, family := u.names()
	switch name {
	case "sub":
		return u.Subject
	case "name":
		return orNothing(u.Name)
	case "given_name":
		return orNothing(given)
	case "family_name":
		return orNothing(family)
	case "preferred_username":
		return u.Username
	case "email":
		return u.Username + "@people.thiefbox.test"
	case "email_verified":
		return true
	case "phone_number":
		return "+47 000 " + strconv.Itoa(10000+int(u.number()%90000))
	case "phone_number_verified":
		return false
	case "address":
		return u.address()
	case "birthdate":
		return strconv.Itoa(1950+int(u.number()%50)) + "-" + twoDigits(1+u.number()/50%12) + "-" + twoDigits(1+u.number()/600%28)
	case "zoneinfo":
		return "Europe/Oslo"
	case "locale":
		return "nb-NO"
	case "updated_at":
		return int64(1767225600) // 2026-01-01: nobody changes
	}
	return nil
}

func orNothing(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func twoDigits(n uint32) string { return strconv.Itoa(int(100 + n))[1:] }

func (u *User) names() (given, family string) {
	i := strings.LastIndexByte(u.Name, ' ')
	if i < 0 {
		return u.Name, ""
	}
	return u.Name[:i], u.Name[i+1:]
}

// number is the same for the same person, and most often another for another.
func (u *User) number() uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(u.Subject)) // never fails
	return h.Sum32()
}

func (u *User) address() map[string]string {
	street := "Prøveveien " + strconv.Itoa(1+int(u.number()%99))
	return map[string]string{
		"formatted": street + "\n0000 Ingensteds\nNorway", "street_address": street, "postal_code": "0000",
		"locality": "Ingensteds", "country": "Norway",
	}
}

// claimsRequest is the claims parameter (OIDC Core s5.5). A nil wish asks for a claim and no more.
type claimsRequest struct {
	Userinfo map[string]*claimWish `json:"userinfo"`
	IDToken  map[string]*claimWish `json:"id_token"`
}

// claimWish asks for a claim, or for one with a certain value. Essential is a word to the person and her
// server and makes no claim come about; for acr it is more (level.go).
type claimWish struct {
	Essential bool              `json:"essential"`
	Value     json.RawMessage   `json:"value"`
	Values    []json.RawMessage `json:"values"`
}

const maxClaims = 8 << 10

func readClaims(parameter string) (c claimsRequest, err error) {
	if parameter == "" {
		return c, nil
	}
	if len(parameter) > maxClaims {
		return c, malformed("expected claims of at most %d characters, got %d", maxClaims, len(parameter))
	}
	if err := json.Unmarshal([]byte(parameter), &c); err != nil {
		return c, malformed("claims: expected a JSON object with userinfo or id_token, got %.80q, of which is said: %v", parameter, err).because("OIDC Core s5.5", "send JSON, such as {\"id_token\":{\"acr\":null}}, percent-encoded once")
	}
	return c, nil
}

// text is the one value that is asked for, which must be a string.
func (w *claimWish) text(name string) (string, error) {
	values, err := w.texts(name)
	if err != nil || len(values) == 0 {
		return "", err
	}
	if len(values) > 1 {
		return "", malformed("claims: expected one value for %s, got %d", name, len(values)).because("OIDC Core s5.5.1", "ask for one value")
	}
	return values[0], nil
}

func (w *claimWish) texts(name string) (out []string, err error) {
	for _, v := range w.values() {
		var s string
		if json.Unmarshal(v, &s) != nil || s == "" {
			return nil, malformed("claims: expected the value of %s to be a string, got %s", name, v).because("OIDC Core s5.5.1", "put the value into quotes")
		}
		out = append(out, s)
	}
	return out, nil
}

func (w *claimWish) values() []json.RawMessage {
	if w == nil {
		return nil
	}
	if len(w.Value) > 0 {
		return append([]json.RawMessage{w.Value}, w.Values...)
	}
	return w.Values
}

// takes tells whether a value is one of those asked for, if any were.
func (w *claimWish) takes(value []byte) bool {
	wanted := w.values()
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(v json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(v), value) })
}

// told collects claims about a person. A name comes once, in whatever way it was asked for.
type told struct {
	user *User
	out  map[string]json.RawMessage
}

func (t told) add(name string, wish *claimWish) {
	if v := t.user.claim(name); v != nil {
		if encoded, err := json.Marshal(v); err == nil && wish.takes(encoded) {
			t.out[name] = encoded
		}
	}
}

// userinfoClaims are what userinfo says under a scope.
func (g *grant) userinfoClaims(scope fapi.Scope) map[string]json.RawMessage {
	t := told{g.user, map[string]json.RawMessage{}}
	for _, s := range strings.Fields(string(scope)) {
		for _, name := range scopeClaims[s] {
			t.add(name, nil)
		}
		for _, name := range nationalScopes[s] {
			t.add(name, nil)
		}
	}
	for name, wish := range g.claims.Userinfo {
		t.add(name, wish)
	}
	t.out["sub"], _ = json.Marshal(g.user.Subject) // strings always marshal
	return t.out
}

// fhirUser is who the person is at the API, as the URL of a resource, if the scope asks for it (SMART App Launch 2.2,
// "Scopes for requesting identity data"); empty if she is nobody there.
func (s *Server) fhirUser(g *grant, scope fapi.Scope) string {
	if g.user == nil || g.user.FHIRUser == "" || len(s.everyAPI) == 0 || !scope.Has("fhirUser") {
		return ""
	}
	for _, api := range g.resources {
		if slices.Contains(s.everyAPI, api) { // and not one that only some client calls
			return api + "/" + g.user.FHIRUser
		}
	}
	return s.everyAPI[0] + "/" + g.user.FHIRUser
}

// idTokenClaims are what the ID token says beyond the usual; nil for nothing.
func (g *grant) idTokenClaims() json.RawMessage {
	if len(g.claims.IDToken) == 0 {
		return nil
	}
	t := told{g.user, map[string]json.RawMessage{}}
	for name, wish := range g.claims.IDToken {
		if name != "sub" && name != "name" { // which stand there anyway
			t.add(name, wish)
		}
	}
	more, err := json.Marshal(t.out)
	if err != nil {
		return nil // raw messages that were marshalled before
	}
	return more
}
