package serve

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// The national test token service, as a drop-in: a test that asks HelseID's for tokens asks here by changing the base
// URL alone. Any key in X-Auth-Key will do; the issuer is this one, whatever environment is asked for. The tokens
// are those of Mint, and what can be wrong with them are mistakes.go's.

// testTokenAnswer is what the service says.
type testTokenAnswer struct {
	IsError bool              `json:"isError"`
	Success *testTokenSuccess `json:"successResponse,omitempty"`
	Error   *testTokenError   `json:"errorResponse,omitempty"`
}

type testTokenSuccess struct {
	AccessToken string `json:"accessTokenJwt"`
	Proof       string `json:"dPoPProof,omitempty"`
}

type testTokenError struct {
	Message string `json:"errorMessage"`
}

func (i *Issuer) serveTestToken(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Auth-Key") == "" {
		answerJSON(w, http.StatusUnauthorized, testTokenAnswer{IsError: true, Error: &testTokenError{"expected the header X-Auth-Key, got none; any key will do here"}})
		return
	}
	minted, err := i.testToken(http.MaxBytesReader(w, r.Body, maxKept))
	if err != nil {
		answerJSON(w, http.StatusBadRequest, testTokenAnswer{IsError: true, Error: &testTokenError{err.Error()}})
		return
	}
	answerJSON(w, http.StatusOK, testTokenAnswer{Success: &testTokenSuccess{minted.AccessToken, minted.Proof}})
}

func (i *Issuer) testToken(body io.Reader) (Minted, error) {
	var q testTokenRequest
	if err := json.NewDecoder(body).Decode(&q); err != nil {
		return Minted{}, fmt.Errorf("expected a JSON object as the test token service takes it: %w", err)
	}
	client := *i.Client("machine")
	if text := q.DPoPProofParameters.PrivateKeyForProofCreation; text != "" {
		key, err := fapi.ParseKey([]byte(text))
		if err != nil {
			return Minted{}, fmt.Errorf("privateKeyForProofCreation: expected a private JWK: %w", err)
		}
		client.Key = key
	}
	claims, err := i.testClaims(&q)
	if err != nil {
		return Minted{}, err
	}
	want := Mint{Audience: q.Audience, Claims: claims, Bearer: !q.CreateDPoPTokenWithDPoPProof, Lifetime: q.ExpirationParameters.lifetime()}
	p := q.DPoPProofParameters
	if q.CreateDPoPTokenWithDPoPProof {
		if p.HtuClaimValue == "" {
			return Minted{}, fmt.Errorf("dPoPProofParameters: expected htuClaimValue, the URL of the request, got none")
		}
		want.Proof = &MintProof{Method: p.HtmClaimValue, URL: p.HtuClaimValue, Nonce: i.testNonce()}
		if p.InvalidDPoPProofParameters != mistakenKey {
			want.Proof.Mistake = string(p.InvalidDPoPProofParameters)
		}
	}
	return i.mintFor(want, &client, q.typ(), q.mistakes()...)
}

// testNonce: HelseID's APIs ask for none, and where this one does, a good one is needed.
func (i *Issuer) testNonce() string {
	if slices.Contains(i.tenant.policy.Profile().Controls.Controls(), control.RSDPoPNonce) {
		return ""
	}
	return "none"
}

func (e testExpiration) lifetime() Duration {
	days := max(e.ExpirationTimeInDays, 0)
	return Duration(time.Duration(min(max(e.ExpirationTimeInSeconds, 0)+days*24*3600, 10*365*24*3600)) * time.Second)
}

func (q *testTokenRequest) typ() string {
	if strings.EqualFold(q.HeaderParameters.Typ, "jwt") {
		return "JWT"
	}
	return q.HeaderParameters.Typ
}

// mistakes are those that are asked for, in the token, by their names here.
func (q *testTokenRequest) mistakes() (names []string) {
	for _, m := range []struct {
		asked bool
		name  string
	}{
		{q.SignJwtWithInvalidSigningKey, "wrong-key"}, {q.SetInvalidIssuer, "wrong-issuer"}, {q.SetInvalidAudience, "wrong-audience"},
		{q.ExpirationParameters.SetExpirationTimeAsExpired, "expired"}, {q.DPoPProofParameters.InvalidDPoPProofParameters == mistakenKey, mistakenKey},
	} {
		if m.asked {
			names = append(names, m.name)
		}
	}
	return names
}

// testClaims are the claims of the token, over the usual ones of Mint.
func (i *Issuer) testClaims(q *testTokenRequest) (map[string]any, error) {
	now := i.tenant.clock.Now().Unix()
	claims := map[string]any{"nbf": now, "scope": nil, "client_id": nil, "sub": nil}
	if !q.WithoutDefaultClientClaims && !q.ClientClaimsParametersGeneration.noDefaults {
		maps.Copy(claims, i.defaultClientClaims())
	}
	if !q.ClientClaimsParametersGeneration.noValues {
		if err := q.ClientClaimsParameters.addTo(claims); err != nil {
			return nil, err
		}
	}
	i.addTestUser(q, claims)
	if q.CreateTillitsrammeverkClaims {
		claims["authorization_details"] = []any{i.testAttest(q.TillitsrammeverkClaimsParameters, claims)}
	}
	if x := q.TokenExchangeParameters; q.CreateTokenExchangeClaims {
		claims["act"] = map[string]string{"issuer": cmp.Or(x.Issuer, i.URL), "client_id": cmp.Or(x.ClientID, "exchanging-api"),
			"orgnr_parent": cmp.Or(x.OrgnrParent, i.tenant.server.mustNumber("granfjelldal"))}
	}
	for _, c := range q.APISpecificClaims {
		claims[c.Type] = c.Value
	}
	if claims["sub"] == nil && claims["client_id"] != nil {
		claims["sub"] = claims["client_id"]
	}
	return claims, nil
}

func (i *Issuer) defaultClientClaims() map[string]any {
	return map[string]any{
		"client_id": "machine", "client_amr": "private_key_jwt", "scope": strings.Fields(scopeSystem + " user/*.rs"),
		claimClientName: "Nightly batch", claimTenancy: "single-tenant", claimParent: i.tenant.server.mustNumber("granfjelldal"),
	}
}

// The names of HelseID's claims that tests ask for.
const (
	claimParent     = "helseid://claims/client/claims/orgnr_parent"
	claimChild      = "helseid://claims/client/claims/orgnr_child"
	claimSupplier   = "helseid://claims/client/claims/orgnr_supplier"
	claimTenancy    = "helseid://claims/client/client_tenancy"
	claimTenancyTTT = "helseid://claims/client/claims/client_tenancy" // as the service's documentation has it
	claimClientName = "helseid://claims/client/client_name"
	claimPID        = "helseid://claims/identity/pid"
	claimPseudonym  = "helseid://claims/identity/pid_pseudonym"
	claimLevel      = "helseid://claims/identity/security_level"
	claimAssurance  = "helseid://claims/identity/assurance_level"
	claimNetwork    = "helseid://claims/identity/network"
	claimHPR        = "helseid://claims/hpr/hpr_number"
	claimJournal    = "nhn:sfm:journal_id"
)

// put sets the claims whose values are not empty.
func put(claims map[string]any, values map[string]string) {
	for name, value := range values {
		if value != "" {
			claims[name] = value
		}
	}
}

func (c *testClient) addTo(claims map[string]any) error {
	put(claims, map[string]string{
		"client_id": c.ClientID, claimJournal: c.SfmJournalID, claimParent: c.OrgnrParent, claimChild: c.OrgnrChild, claimSupplier: c.OrgnrSupplier,
		"client_amr": c.ClientAuthenticationMethodsReferences, claimClientName: c.ClientName, "jti": c.Jti,
	})
	if len(c.Scope) > 0 {
		claims["scope"] = c.Scope
	}
	if len(c.AuthenticationMethodsReferences) > 0 {
		claims["amr"] = c.AuthenticationMethodsReferences
	}
	if c.ClientTenancy {
		claims[claimTenancy] = string(c.ClientTenancyType)
		claims[claimTenancyTTT] = string(c.ClientTenancyType)
	}
	jkt := c.CnfJkt
	if c.CnfPublicKey != "" {
		key, err := fapi.ParsePublic([]byte(c.CnfPublicKey))
		if err != nil {
			return fmt.Errorf("cnfPublicKey: expected a public JWK: %w", err)
		}
		jkt = key.Thumbprint
	}
	if jkt != "" {
		claims["cnf"] = map[string]string{"jkt": jkt}
	}
	return nil
}

// pseudonym is the sub of a person at HelseID, as far as is known: 32 bytes that follow from the national id.
func pseudonym(pid string) string {
	sum := sha256.Sum256([]byte("thiefbox test pseudonym " + pid))
	return base64.StdEncoding.EncodeToString(sum[:])
}
