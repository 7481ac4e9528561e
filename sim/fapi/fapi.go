// Package fapi is the wire artefacts of FAPI 2.0: keys, JWTs, DPoP proofs, client assertions, access
// tokens, client certificates, PKCE, and what FAPI 2.0 Message Signing adds: request objects, signed responses, signed introspection.
//
// Making is permissive, because the thief uses it too: a claim left empty is left out, any header can
// be written. Checking is strict: one function a rule, absence fails, and what a check needs (the
// time, the key, the expected value) is an argument that cannot be forgotten. Which checks are made is
// not decided here; that is what controls are for.
//
// Begin with jwt.go (taking a JWT apart, strictly), verify.go and sign.go; proof.go, assertion.go and
// token.go are the three kinds of JWT, request.go and response.go those of Message Signing; jwk.go and key.go
// are the two halves of a key, and algorithm.go says what both can be. Client certificates are made in
// certificate.go and checked in mtls.go and dn.go.
//
// Signatures are made and verified with Go's own crypto; memo.go remembers what came of it, for many worlds of
// one seed. What comes with every request is read and written by hand: public JWKs (jwk.go), claims (claims.go,
// compose.go), introspection answers. go-jose reads and writes private keys, and tests hold all of it against go-jose
// and encoding/json. The package imports nothing of ours.
package fapi
