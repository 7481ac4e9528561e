package fapi

import (
	"encoding/json"
	"fmt"
)

// JWKS writes a JWK Set.
func JWKS(keys ...Public) []byte {
	set := struct {
		Keys []json.RawMessage `json:"keys"`
	}{Keys: []json.RawMessage{}}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.JWK)
	}
	b, err := json.Marshal(set)
	if err != nil {
		panic("fapi: cannot write a JWK Set of parsed keys: " + err.Error())
	}
	return b
}

// ParseJWKS reads a JWK Set. Keys that ParsePublic cannot use are passed over (RFC 7517 s5).
func ParseJWKS(data []byte) ([]Public, error) {
	set, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("not a JWK Set: %w", err)
	}
	var keys []json.RawMessage
	if err := json.Unmarshal(set.get("keys"), &keys); err != nil || keys == nil {
		return nil, fmt.Errorf("not a JWK Set: expected keys to be an array, got %.40s", set.get("keys"))
	}
	var out []Public
	for _, raw := range keys {
		if p, err := ParsePublic(raw); err == nil {
			out = append(out, *p)
		}
	}
	return out, nil
}
