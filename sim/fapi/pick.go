package fapi

import "slices"

// PickKeys returns the keys of a set that may have made a signature: those with its kid, and all of them
// where it names none. A kid should be unique and sometimes is not; then those keys are meant whose
// type and algorithm fit (SP 5.4.3; keys for encryption were left out when the set was read). A single
// key with the kid is returned whether it fits or not: that it does is for the verifier to check.
func PickKeys(keys []Public, kid, alg string) []Public {
	named := keys
	if kid != "" {
		named = withKid(keys, kid)
	}
	if len(named) < 2 {
		return named
	}
	var fitting []Public
	for i := range named {
		if named[i].fits(alg) {
			fitting = append(fitting, named[i])
		}
	}
	if fitting == nil {
		return named
	}
	return fitting
}

// withKid copies nothing where the kid is unique.
func withKid(keys []Public, kid string) []Public {
	first := slices.IndexFunc(keys, func(p Public) bool { return p.ID == kid })
	if first < 0 {
		return nil
	}
	named := keys[first : first+1 : first+1]
	for _, p := range keys[first+1:] {
		if p.ID == kid {
			named = append(named, p)
		}
	}
	return named
}

// fits tells whether a key can be used with an algorithm, by its type and by what its JWK says. EdDSA has
// two names (RFC 9864).
func (p *Public) fits(alg string) bool {
	plain := func(alg string) string {
		if alg == "Ed25519" {
			return "EdDSA"
		}
		return alg
	}
	return slices.Contains(algorithmsOf(p.Key), alg) && (p.Alg == "" || plain(p.Alg) == plain(alg))
}
