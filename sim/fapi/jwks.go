package fapi

import (
	"fmt"
	"slices"
)

// JWKS writes a JWK Set.
func JWKS(keys ...Public) []byte {
	b := []byte(`{"keys":[`)
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, k.JWK...)
	}
	return append(b, `]}`...)
}

// ParseJWKS reads a JWK Set. Keys that ParsePublic cannot use are passed over (RFC 7517 s5). What the keys point to is
// for reading: see lately.
func ParseJWKS(data []byte) ([]Public, error) {
	keys, known := keySets.get(data)
	if !known {
		text := string(data)
		var err error
		if keys, err = parseJWKS(text); err != nil {
			return nil, err
		}
		keySets.put(text, keys)
	}
	return slices.Clone(keys), nil
}

func parseJWKS(data string) ([]Public, error) {
	set, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("not a JWK Set: %w", err)
	}
	keys := set.get("keys")
	if keys == "" || keys[0] != '[' {
		return nil, fmt.Errorf("not a JWK Set: expected keys to be an array, got %.40s", keys)
	}
	var out []Public
	array := scanner{data: keys}
	array.array(func(jwk string) {
		if p, err := parsePublic(jwk); err == nil {
			out = append(out, *p)
		}
	})
	return out, nil
}

// HasPrivateInSet tells whether a key of a JWK Set shows its private part, or is symmetric.
func HasPrivateInSet(set []byte) bool {
	o, err := parseObject(string(set))
	if err != nil {
		return false
	}
	found := false
	keys := o.get("keys")
	if len(keys) == 0 || keys[0] != '[' {
		return false
	}
	array := scanner{data: keys}
	array.array(func(jwk string) { found = found || hasPrivate(jwk) })
	return found
}
