package serve

import (
	"encoding/json"
	"fmt"
	"strings"
)

// What the national test token service is asked (TTT, POST /v2/create-test-token-with-key). The names are its own;
// case does not matter, members it has and this server has not are passed over, and words may come as their numbers,
// since clients that are generated from its description send those.

type testTokenRequest struct {
	Audience string

	ClientClaimsParametersGeneration generation
	UserClaimsParametersGeneration   generation
	WithoutDefaultClientClaims       bool
	WithoutDefaultUserClaims         bool

	CreateDPoPTokenWithDPoPProof bool
	CreateTillitsrammeverkClaims bool
	CreateTokenExchangeClaims    bool
	SignJwtWithInvalidSigningKey bool
	SetInvalidIssuer             bool
	SetInvalidAudience           bool

	GetPersonFromPersontjenesten     bool
	OnlySetNameForPerson             bool
	GetHprNumberFromHprregisteret    bool
	SetPidPseudonym                  bool
	SetSubject                       bool
	ExpirationParameters             testExpiration
	HeaderParameters                 struct{ Typ string }
	ClientClaimsParameters           testClient
	UserClaimsParameters             testUser
	TillitsrammeverkClaimsParameters map[string]any
	DPoPProofParameters              testProof
	APISpecificClaims                []struct{ Type, Value string }
	TokenExchangeParameters          struct{ Issuer, ClientID, OrgnrParent string }
}

type testExpiration struct {
	SetExpirationTimeAsExpired bool
	// Seconds and days; what is not positive is not there: clients send the smallest number there is for that.
	ExpirationTimeInSeconds, ExpirationTimeInDays int64
}

type testClient struct {
	Scope                                  []string
	ClientID, SfmJournalID                 string
	OrgnrParent, OrgnrChild, OrgnrSupplier string
	ClientTenancy                          bool
	ClientTenancyType                      tenancyWord
	AuthenticationMethodsReferences        []string
	ClientAuthenticationMethodsReferences  string
	ClientName, Jti, CnfJkt, CnfPublicKey  string
}

type testUser struct {
	Pid, PidPseudonym, HprNumber                    string
	Name, GivenName, MiddleName, FamilyName         string
	IdentityProvider, SecurityLevel, AssuranceLevel string
	Network, Amr, Subject, Sid                      string
}

type testProof struct {
	HtuClaimValue, HtmClaimValue, PrivateKeyForProofCreation string
	InvalidDPoPProofParameters                               proofWord
}

// generation says which claims are made: the defaults, the values that are given, or both. Nothing said is both.
type generation struct{ noDefaults, noValues bool }

// UnmarshalJSON reads a word or its number.
func (g *generation) UnmarshalJSON(data []byte) error {
	n, err := word(data, "None", "Default", "ParameterValues", "DefaultWithParameterValues",
		"GenerateNone", "GenerateOnlyDefault", "GenerateOnlyFromNonEmptyParameterValues", "GenerateDefaultWithClaimsFromNonEmptyParameterValues")
	g.noValues, g.noDefaults = n%4 == 1, n%4 == 2
	return err
}

// tenancyWord is a claim's value.
type tenancyWord string

// UnmarshalJSON reads a word or its number.
func (t *tenancyWord) UnmarshalJSON(data []byte) error {
	n, err := word(data, "MultiTenant", "SingleTenant", "None")
	*t = tenancyWord([]string{"multi-tenant", "single-tenant", "none"}[n])
	return err
}

// proofWord is the name of a mistake in a proof, or in the token that goes with it; empty for none.
type proofWord string

// invalidProofs are the mistakes by their numbers: their names there, and here.
var invalidProofs = []struct{ there, here string }{
	{"None", ""}, {"DontSetHtuClaimValue", "no-htu"}, {"DontSetHtmClaimValue", "no-htm"}, {"SetIatValueInThePast", "iat-past"},
	{"SetIatValueInTheFuture", "iat-future"}, {"DontSetAthClaimValue", "no-ath"}, {"DontSetAlgHeader", "no-alg"}, {"DontSetJwkHeader", "no-jwk"},
	{"DontSetJtiClaim", "no-jti"}, {"SetAlgHeaderToASymmetricAlgorithm", "public-key-as-secret"}, {"SetPrivateKeyInJwkHeader", "private-key-shown"},
	{"SetInvalidTypHeaderValue", "wrong-typ"}, {"SetAnInvalidSignature", "broken-signature"}, {"SetAnInvalidJktValueInToken", mistakenKey},
}

// mistakenKey is the one of them that is in the token.
const mistakenKey = "bound-to-another-key"

// UnmarshalJSON reads a word or its number.
func (p *proofWord) UnmarshalJSON(data []byte) error {
	var names []string
	for _, m := range invalidProofs {
		names = append(names, m.there)
	}
	n, err := word(data, names...)
	*p = proofWord(invalidProofs[n].here)
	return err
}

// word is the place of a word in a list; data may also be the place itself. A null is the first.
func word(data []byte, list ...string) (int, error) {
	var text string
	if json.Unmarshal(data, &text) == nil {
		for i, w := range list {
			if strings.EqualFold(w, text) || text == "" {
				return i, nil
			}
		}
	}
	var n int
	if json.Unmarshal(data, &n) == nil && n >= 0 && n < len(list) {
		return n, nil
	}
	return 0, fmt.Errorf("expected one of %s, or its number, got %s", strings.Join(list, ", "), data)
}
