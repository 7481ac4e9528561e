package probe

import (
	"net/http"
	"net/url"
	"strings"
)

// DPoP proofs that are wrong in one thing, with a token that is right.

func badProof(mistake, control, title, fix string) Try {
	return Try{
		Name: "proof/" + mistake, Control: control, Title: title, Fix: fix, refusal: asBadProof, kinds: []Kind{DPoP},
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) { return b.carrying(token, mistake) })
			return err
		},
	}
}

const (
	fixBinding    = "compare the thumbprint of the proof's key (RFC 7638) with cnf.jkt of the token"
	fixClaims     = "refuse a proof that lacks jti, htm, htu or iat, before anything is compared"
	fixMethod     = "compare htm with the method of the request"
	fixURL        = "compare htu with the URL that clients know this API by, host and all, without query and fragment; behind a proxy, configure it"
	fixAth        = "compare ath with the base64url of the SHA-256 of the access token, and refuse a proof without it"
	fixTime       = "refuse a proof whose iat is more than some seconds from now, before or after"
	fixProofType  = "insist on the header typ dpop+jwt"
	fixProofAlg   = "give the verifier of proofs a list of asymmetric algorithms (ES256, PS256, EdDSA)"
	fixProofSig   = "verify the proof with the key in its header jwk"
	fixOnce       = "remember the jti of each proof for as long as its iat is acceptable, in a store that all nodes share, and refuse it the second time"
	fixOneProof   = "refuse a request under the scheme DPoP that has not exactly one DPoP header"
	fixProofNonce = "refuse a proof without a nonce that this API gave out lately, with use_dpop_nonce"
)

var proofTries = []Try{
	{
		Name: "proof/none", Control: "rs/dpop-one-proof", Title: "a bound access token without a proof", Fix: fixOneProof, refusal: asBadProof, kinds: []Kind{DPoP},
		run: func(b *bench) error {
			r, err := b.rightNow()
			if err == nil {
				r.Header.Del("DPoP")
			}
			return b.once(b.t.Certificate, r, err)
		},
	},
	{
		Name: "proof/two", Control: "rs/dpop-one-proof", Title: "two proofs in one request, both of them right", Fix: fixOneProof, refusal: asBadProof, kinds: []Kind{DPoP},
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) {
				r, err := b.carrying(token, "")
				if err != nil {
					return nil, err
				}
				second, err := b.carrying(token, "")
				if err == nil {
					r.Header.Add("DPoP", second.Header.Get("DPoP"))
				}
				return r, err
			})
			return err
		},
	},
	{
		Name: "proof/another-key", Control: "rs/dpop-binding", Title: "a proof by another client's key", Fix: fixBinding, refusal: asBadProof, kinds: []Kind{DPoP},
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) {
				return b.carryingTo(b.t.URL, token, ProofWish{Stranger: true, Nonce: b.nonce})
			})
			return err
		},
	},
	badProof("no-jti", "rs/dpop-claims", "a proof without jti", fixClaims),
	badProof("no-htm", "rs/dpop-claims", "a proof without htm", fixClaims),
	badProof("no-htu", "rs/dpop-claims", "a proof without htu", fixClaims),
	badProof("no-iat", "rs/dpop-claims", "a proof without iat", fixClaims),
	badProof("wrong-typ", "rs/dpop-typ", "a proof of the type JWT", fixProofType),
	badProof("no-typ", "rs/dpop-typ", "a proof that does not say it is one", fixProofType),
	badProof("alg-none", "rs/dpop-alg", "a proof with the algorithm none", fixProofAlg),
	badProof("public-key-as-secret", "rs/dpop-alg", "a proof signed with HS256 and the public key for a secret", fixProofAlg),
	{
		Name: "proof/weak-key", Control: "rs/dpop-alg", Title: "a token and a proof by an RSA key of 1024 bits", refusal: asBadProof, kinds: []Kind{DPoP},
		Gain: "whoever has a client's public key, which stands in every proof, can work out a key that is too short",
		Fix:  "refuse RSA keys of less than 2048 bits (SP 5.4.1)",
		run: func(b *bench) error {
			token, err := b.token("bound-to-weak-key")
			if err != nil {
				return err
			}
			_, err = b.send(b.t.Certificate, func() (*http.Request, error) { return b.carrying(token, "weak-key") })
			return err
		},
	},
	badProof("private-key-shown", "rs/dpop-private-key", "a proof that shows the private key", "refuse a proof whose jwk has private members: whoever reads the request has the key"),
	badProof("broken-signature", "rs/dpop-signature", "a proof with a letter of its signature changed", fixProofSig),
	badProof("zero-signature", "rs/dpop-signature", "a proof whose signature is all zeros", fixProofSig+"; bring the runtime up to date (CVE-2022-21449)"),
	badProof("wrong-htm", "rs/dpop-htm", "a proof for another method", fixMethod),
	badProof("wrong-htu", "rs/dpop-htu", "a proof for another path", fixURL),
	badProof("other-host", "rs/dpop-htu", "a proof for the same path at another host", fixURL),
	badProof("no-ath", "rs/dpop-ath", "a proof that names no access token", fixAth),
	badProof("wrong-ath", "rs/dpop-ath", "a proof for another access token", fixAth),
	badProof("iat-past", "rs/dpop-iat", "a proof of ten minutes ago", fixTime),
	badProof("iat-future", "rs/dpop-iat", "a proof dated ten minutes ahead", fixTime),
	badNonce("no-nonce", "", "a proof without a nonce"),
	badNonce("wrong-nonce", "wrong-nonce", "a proof with a nonce that nobody gave out"),
	replayed("proof/replayed", "rs/dpop-jti", "a whole request sent again, proof and all", func(*http.Request) {}),
	replayedWithCapitals(),
}

func badNonce(name, mistake, title string) Try {
	return Try{
		Name: "proof/" + name, Control: "rs/dpop-nonce", Title: title, Fix: fixProofNonce, refusal: asNoNonce, kinds: []Kind{DPoP},
		needs: func(b *bench) string {
			if b.nonces {
				return ""
			}
			return "the API gives no nonces (RFC 9449 s9 leaves them to it): proofs can be made in advance"
		},
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			r, err := b.carryingTo(b.t.URL, token, ProofWish{Mistake: mistake})
			return b.once(b.t.Certificate, r, err)
		},
	}
}

// replayed sends a request that was served once more, as it was but for a change.
func replayed(name, control, title string, change func(*http.Request)) Try {
	return Try{
		Name: name, Control: control, Title: title, Fix: fixOnce, refusal: asBadProof, kinds: []Kind{DPoP},
		prepare: func(b *bench) (bool, error) {
			x, err := b.honest()
			return x.ok(), err
		},
		run: func(b *bench) error { return b.again(change) },
	}
}

// again sends the latest right request once more.
func (b *bench) again(change func(*http.Request)) error {
	r, err := b.bare()
	if err == nil {
		r.Header = b.served.Asked.Header.Clone()
		change(r)
	}
	return b.once(b.t.Certificate, r, err)
}

func replayedWithCapitals() Try {
	t := replayed("proof/replayed-with-capitals", "rs/dpop-jti-spelling", "a whole request sent again, with the host in capitals", func(r *http.Request) { r.Host = strings.ToUpper(r.URL.Host) })
	t.needs = hostHasLetters
	t.implied = func(b *bench) (string, error) {
		if _, err := b.honest(); err != nil {
			return "", err
		}
		if err := b.again(func(*http.Request) {}); err != nil {
			return "", err
		}
		return ifServed(b.sent[len(b.sent)-1], "the API takes a whole request again as it is: see proof/replayed"), nil
	}
	return t
}

func hostHasLetters(b *bench) string {
	u, err := url.Parse(b.t.URL)
	if err == nil && strings.ToUpper(u.Host) != u.Host {
		return ""
	}
	return "the host of the URL has no letters to write in capitals"
}

// rightNow is the honest request, after one that was served: with its nonce, if it takes one.
func (b *bench) rightNow() (*http.Request, error) {
	token, err := b.token("")
	if err != nil {
		return nil, err
	}
	return b.carrying(token, "")
}
