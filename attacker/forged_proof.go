package attacker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// A forged proof is right in everything but one thing; each row is one thing. The thief has the
// token and has seen a proof of the client's, so he knows its public key.
func forgedProof(id, variant, title, story string, reads []string, forge func(g Ground, p fapi.Proof, victims fapi.Public) (string, error)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Needs: []event.Vantage{event.APIProxy}, Against: []Trait{ProofBound},
		Run: func(ctx context.Context, g Ground) error {
			l, err := stolenRequest(g, event.APIProxy, "/Patient/")
			if err != nil {
				return err
			}
			victims, err := l.publicKey()
			if err != nil {
				return err
			}
			to := record(g, otherThan(g, l.URL))
			a, err := newApp(ctx, g, noCredentials)
			if err != nil {
				return err
			}
			_, err = a.withNonce(to, func() (*http.Request, error) {
				proof, err := forge(g, a.proof(http.MethodGet, to, l.token), *victims)
				return withToken(get(ctx, to), "DPoP", l.token, proof), err
			})
			return err
		},
	})
}

func header(p fapi.Public) fapi.Header { return fapi.Header{Typ: fapi.TypProof, JWK: bare(p)} }

// bare is a JWK without its name and use, as proofs show it.
func bare(p fapi.Public) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(p.JWK, &members) != nil {
		return p.JWK
	}
	for _, m := range []string{"kid", "use", "alg"} {
		delete(members, m)
	}
	b, err := json.Marshal(members)
	if err != nil {
		return p.JWK
	}
	return b
}

var _ = forgedProof("D-15", "alg-none", "A proof with alg none",
	"The thief writes a proof that shows the victim's public key, names no algorithm and carries no signature.",
	[]string{"RFC 9449 s4.3-5", "FAPI 2.0 SP 5.4.1-3"},
	func(_ Ground, p fapi.Proof, victims fapi.Public) (string, error) {
		return fapi.ForgeUnsigned(header(victims), p)
	})

var _ = forgedProof("D-16", "public-key-as-secret", "A proof signed with the public key as a shared secret",
	"The thief writes a proof with the algorithm HS256, for which a careless library takes the public key as the secret.",
	[]string{"RFC 9449 s4.3-5", "RFC 8725 s2.1"},
	func(_ Ground, p fapi.Proof, victims fapi.Public) (string, error) {
		return fapi.ForgeHMAC(header(victims), p, victims)
	})

var _ = forgedProof("D-16/own-secret", "own-secret", "A proof signed with a shared secret of the thief's",
	"The thief writes a proof that shows a symmetric key of his own choosing, and signs with that: whoever takes a key from the header, of "+
		"whatever kind it is, finds the signature right.",
	[]string{"RFC 9449 s4.3-5, s4.3-7", "RFC 8725 s2.1"},
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		secret := []byte(g.Random())
		h := fapi.Header{Typ: fapi.TypProof, JWK: json.RawMessage(`{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString(secret) + `"}`)}
		return fapi.ForgeHMACWith(h, p, secret)
	})

var _ = forgedProof("D-17", "private-key-shown", "A proof that shows a private key",
	"The thief's proof shows his whole key, private part and all. A server that takes it would also take the proofs of a client that "+
		"leaks its key in every request, and nobody would notice.",
	[]string{"RFC 9449 s4.3-7", "CVE-2026-54431"},
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		key := g.Key("dpop")
		return fapi.Sign(fapi.Header{Typ: fapi.TypProof, JWK: key.PrivateJWK()}, p, key)
	})

var _ = forgedProof("D-18", "not-a-proof", "Another kind of JWT in place of a proof",
	"The thief presents a JWT with a proof's claims that does not say it is one. If its type is not looked at, any JWT a client's key "+
		"ever signs can be made to serve.",
	[]string{"RFC 9449 s11.5", "RFC 8725 s3.11"},
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		key := g.Key("dpop")
		return fapi.Sign(fapi.Header{Typ: "JWT", JWK: bare(key.Public())}, p, key)
	})

var _ = forgedProof("D-02/borrowed", "borrowed-key", "A proof that shows the victim's key and is signed by another",
	"The thief shows the victim's public key, which fits the token, and signs with his own.",
	[]string{"RFC 9449 s4.3-6"},
	func(g Ground, p fapi.Proof, victims fapi.Public) (string, error) {
		return fapi.Sign(header(victims), p, g.Key("dpop"))
	})

var _ = forgedProof("D-04/nameless", "nameless", "A proof without jti",
	"The thief leaves out the name by which a server would remember the proof.",
	[]string{"RFC 9449 s4.3-3"},
	func(g Ground, p fapi.Proof, _ fapi.Public) (string, error) {
		p.JTI = ""
		return p.Sign(g.Key("dpop"))
	})

var _ = forgedProof("J-16/proof", "zero-signature", "A proof whose signature is all zeros",
	"The thief shows the victim's public key and signs with 64 zero bytes, which some versions of Java took for anybody's signature on anything.",
	[]string{"CVE-2022-21449", "RFC 9449 s4.3-6", "FAPI 2.0 SP 6.6"},
	func(g Ground, p fapi.Proof, victims fapi.Public) (string, error) {
		signed, err := fapi.Sign(header(victims), p, g.Key("dpop"))
		return withZeroSignature(signed), err
	})
