package fapi

import (
	"encoding/json"
	"fmt"
	"strings"
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
	// Details are what HelseID takes here for one token: organisation numbers and the like, an object or an array.
	Details json.RawMessage `json:"assertion_details,omitempty"`
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
	return string(a.append(nil))
}

// IsZero lets encoding/json leave an absent audience out.
func (a Audience) IsZero() bool { return len(a.Values) == 0 && !a.Array }

// MarshalJSON writes a string if that is what it is: one value, not an array.
func (a Audience) MarshalJSON() ([]byte, error) { return a.append(nil), nil }

func (a Audience) append(b []byte) []byte {
	if !a.Array && len(a.Values) == 1 {
		return appendString(b, a.Values[0])
	}
	b = append(b, '[')
	for i, v := range a.Values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, v)
	}
	return append(b, ']')
}

// UnmarshalJSON reads a string or an array of strings. A null is an absent claim.
func (a *Audience) UnmarshalJSON(data []byte) error {
	*a = Audience{}
	if string(data) == "null" {
		return nil
	}
	return a.read(string(data))
}

// read takes valid JSON.
func (a *Audience) read(data string) error {
	if data[0] == '"' {
		*a = Audience{Values: []string{unquote(data)}}
		return nil
	}
	many, err := stringsOf(data)
	if err != nil {
		return fmt.Errorf("expected aud to be a string or an array of strings, got %.80s", data)
	}
	*a = Audience{Values: many, Array: true}
	return nil
}

// stringsOf reads a valid JSON array of strings; encoding/json would take a null in it for an empty one.
func stringsOf(data string) (out []string, err error) {
	if data[0] != '[' {
		return nil, fmt.Errorf("expected an array, got %.40s", data)
	}
	out = make([]string, 0, strings.Count(data, ",")+1)
	s := scanner{data: data}
	s.array(func(v string) {
		if v[0] != '"' {
			err = fmt.Errorf("expected strings, got %.40s", v)
			return
		}
		out = append(out, unquote(v))
	})
	return out, err
}
