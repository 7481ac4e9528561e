package fapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// AssertionType is the client_assertion_type of private_key_jwt (RFC 7523 s2.2).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Assertion is the claims of a client assertion (OIDC Core s9).
type Assertion struct {
	Issuer   string   `json:"iss,omitempty"`
	Subject  string   `json:"sub,omitempty"`
	Audience Audience `json:"aud,omitzero"`
	IssuedAt int64    `json:"iat,omitempty"`
	NotPrior int64    `json:"nbf,omitempty"`
	Expires  int64    `json:"exp,omitempty"`
	JTI      string   `json:"jti,omitempty"`
}

// NewAssertion returns the claims of an assertion that lives for d.
func NewAssertion(clientID, audience string, now time.Time, d time.Duration, jti string) Assertion {
	return Assertion{
		Issuer: clientID, Subject: clientID, Audience: Audience{Values: []string{audience}},
		IssuedAt: now.Unix(), NotPrior: now.Unix(), Expires: now.Add(d).Unix(), JTI: jti,
	}
}

// Sign makes the assertion. An empty typ leaves the header out.
func (a Assertion) Sign(key *Key, typ string) (string, error) {
	return Sign(Header{Typ: typ, Kid: key.ID}, a, key)
}

// Audience is an aud claim, which JSON writes as a string or as an array (RFC 7519 s4.1.3). FAPI 2.0
// cares which: see IsOnly.
type Audience struct {
	Values []string
	Array  bool
}

// IsOnly tells whether the claim is exactly the string want, not an array (SP 5.3.2.1-8).
func (a Audience) IsOnly(want string) bool {
	return !a.Array && len(a.Values) == 1 && a.Values[0] == want
}

// Has tells whether want is among the audiences.
func (a Audience) Has(want string) bool {
	for _, v := range a.Values {
		if v == want {
			return true
		}
	}
	return false
}

// String writes the claim as JSON does; an absent one is empty.
func (a Audience) String() string {
	if a.IsZero() {
		return ""
	}
	b, _ := a.MarshalJSON()
	return string(b)
}

// IsZero lets encoding/json leave an absent audience out.
func (a Audience) IsZero() bool { return len(a.Values) == 0 && !a.Array }

// MarshalJSON writes a string if that is what it is: one value, not an array.
func (a Audience) MarshalJSON() ([]byte, error) {
	switch {
	case !a.Array && len(a.Values) == 1:
		return json.Marshal(a.Values[0])
	case len(a.Values) == 0:
		return []byte("[]"), nil
	}
	return json.Marshal(a.Values)
}

// UnmarshalJSON reads a string or an array of strings. A null is an absent claim.
func (a *Audience) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*a = Audience{}
		return nil
	}
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = Audience{Values: []string{one}}
		return nil
	}
	many, err := stringsOf(data)
	if err != nil {
		return fmt.Errorf("expected aud to be a string or an array of strings, got %.80s", data)
	}
	*a = Audience{Values: many, Array: true}
	return nil
}

// stringsOf reads an array of strings; encoding/json would take a null in it for an empty one.
func stringsOf(data []byte) ([]string, error) {
	var many []*string
	if err := json.Unmarshal(data, &many); err != nil {
		return nil, err
	}
	out := make([]string, 0, len(many))
	for _, s := range many {
		if s == nil {
			return nil, errors.New("expected strings, got null")
		}
		out = append(out, *s)
	}
	return out, nil
}
