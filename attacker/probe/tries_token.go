package probe

// Access tokens that are wrong in one thing, sent as the honest one is sent.

func badToken(mistake, control, title, fix string, kinds ...Kind) Try {
	return Try{
		Name: "token/" + mistake, Control: control, Title: title, Fix: fix, refusal: asBadToken, kinds: kinds,
		run: func(b *bench) error {
			token, err := b.token(mistake)
			if err != nil {
				return err
			}
			_, err = b.rightly(token)
			return err
		},
	}
}

func badScope(mistake, title string) Try {
	t := badToken(mistake, "rs/scope", title, "ask for a scope at every route, and refuse a token without it; a token that is valid is not yet a token for this")
	t.refusal = asNarrow
	return t
}

const (
	fixExpiry    = "verify exp, and refuse a token that has none; allow seconds for clocks, not hours"
	fixAlg       = "give the verifier the list of algorithms that the issuer signs with; never take the algorithm, or the kind of key, from the token"
	fixSignature = "verify the signature with the keys of the issuer's jwks_uri, found by kid, and with no other: not one the token brings along"
	fixAudience  = "set the audience that the verifier insists on to this API's identifier; most libraries check none unless told"
	fixType      = "insist on the header typ at+jwt (or application/at+jwt); libraries call it the required type or typ validation"
	fixCnf       = "refuse tokens without cnf: an API that takes both kinds protects neither"
)

var tokenTries = []Try{
	badToken("expired", "rs/token-expiry", "an access token that expired an hour ago", fixExpiry),
	badToken("no-exp", "rs/token-expiry", "an access token without an expiry", fixExpiry),
	badToken("not-before", "rs/token-not-before", "an access token that begins to be valid in an hour", "verify nbf where it is there"),
	badToken("wrong-key", "rs/token-signature", "an access token that another key has signed, under the name of the right one", fixSignature),
	badToken("unknown-key", "rs/token-signature", "an access token under a key that nobody publishes", fixSignature),
	badToken("own-key", "rs/token-signature", "an access token that brings the thief's key along in its header", fixSignature),
	badToken("broken-signature", "rs/token-signature", "an access token with a letter of its signature changed", fixSignature),
	badToken("zero-signature", "rs/token-signature", "an access token whose signature is all zeros", fixSignature+"; bring the runtime up to date (CVE-2022-21449)"),
	badToken("alg-none", "rs/token-alg", "an access token with the algorithm none", fixAlg),
	badToken("public-key-as-secret", "rs/token-alg", "an access token signed with HS256 and the issuer's public key for a secret", fixAlg),
	badToken("empty-secret", "rs/token-alg", "an access token signed with HS256 and no secret", fixAlg),
	badToken("wrong-issuer", "rs/token-issuer", "an access token that names another issuer", "compare iss with the issuer that this API trusts, to the letter"),
	badToken("wrong-audience", "rs/token-audience", "an access token for another API", fixAudience),
	badToken("no-audience", "rs/token-audience", "an access token for no API", fixAudience),
	badToken("id-token", "rs/token-type", "an ID token, which many parties see", fixType),
	badToken("wrong-typ", "rs/token-type", "an access token of the type JWT", fixType),
	badToken("no-typ", "rs/token-type", "an access token that does not say it is one", fixType),
	badScope("wrong-scope", "an access token whose scope is for nothing here"),
	badScope("no-scope", "an access token without a scope"),
	badToken("unbound", "rs/sender-bound", "an access token that is bound to no key, as a bearer token", fixCnf, DPoP, MTLS),
	boundToAnother(),
	badToken("bearer-scheme", "rs/dpop-scheme", "a bound access token under the scheme Bearer, with its proof", "refuse the scheme Bearer where the token has cnf.jkt (RFC 9449 s7.2)", DPoP),
	{
		Name: "token/bearer-without-proof", Control: "rs/dpop-scheme", Title: "a bound access token under the scheme Bearer, without a proof",
		Fix: "refuse the scheme Bearer where the token has cnf.jkt (RFC 9449 s7.2)", refusal: asBadToken, kinds: []Kind{DPoP},
		run: func(b *bench) error {
			token, err := b.token("bearer-scheme")
			if err != nil {
				return err
			}
			r, err := b.bare()
			if err == nil {
				r.Header.Set("Authorization", token.Scheme+" "+token.Text)
			}
			return b.once(b.t.Certificate, r, err)
		},
	},
	withdrawn,
}

// boundToAnother may be called the token's fault or the proof's (RFC 9449 s4.3-12, s7.1).
func boundToAnother() Try {
	t := badToken("bound-to-another-key", "rs/dpop-binding", "an access token that is bound to another key than the proof's", fixBinding, DPoP)
	t.refusal = asBadProof
	return t
}

// withdrawn is shown when it is good, then withdrawn, then shown again.
var withdrawn = Try{
	Name: "token/withdrawn", Control: "rs/token-revoked", Title: "an access token that was withdrawn at the authorization server", refusal: asBadToken,
	Fix: "ask the authorization server about each token (RFC 7662), and keep its answer for seconds at most",
	needs: func(b *bench) string {
		if b.introspects {
			return ""
		}
		return "the API asks the authorization server about no token, so that one that is withdrawn works until it expires (SP 5.3.4-3)"
	},
	prepare: func(b *bench) (bool, error) {
		var err error
		if b.kept, err = b.token(""); err != nil {
			return false, err
		}
		x, err := b.rightly(b.kept)
		return x.ok(), err
	},
	run: func(b *bench) error {
		if err := b.g.Withdraw(b.ctx, b.kept); err != nil {
			return err
		}
		_, err := b.rightly(b.kept)
		return err
	},
}
