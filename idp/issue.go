package idp

import (
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"time"
	"unique"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Making tokens: everything has been judged, everything that can be used once has been.

func (s *Server) issueTokens(t *tokenRequest, a *award) (*fapi.TokenResponse, error) {
	life := s.accessTokenLifetime()
	if left := a.until.Sub(t.now); !a.until.IsZero() && left < life {
		life = left
	}
	access, err := s.issueAccessToken(t, a, life)
	if err != nil {
		return nil, err
	}
	response := &fapi.TokenResponse{
		IssuedType:  a.issuedType,
		AccessToken: access, TokenType: tokenType(t.proof.thumbprint()),
		ExpiresIn: int64(life.Seconds()), Scope: string(a.scope), Details: a.says.answer, RejectedScope: a.says.rejected, Launch: a.launch,
	}
	if a.refresh {
		response.RefreshToken = s.issueRefreshToken(t, a)
		if s.national() {
			response.RefreshExpiresIn = int64(s.lifetimes().Refresh.Seconds())
		}
	}
	if a.idToken {
		if response.IDToken, err = s.issueIDToken(t, a, access); err != nil {
			return nil, err
		}
	}
	return response, nil
}

func (s *Server) accessTokenLifetime() time.Duration {
	return cmp.Or(s.lifetimes().AccessToken, s.party.Dialect().AccessTokenLifetime)
}

// issued is an access token of this server (held.go says how it is remembered). Nobody changes the claims.
type issued struct {
	*grant
	claims *fapi.AccessToken
}

// tokenType (RFC 9449 s5): DPoP if there is a key, Bearer if there is none. A token that is bound to a
// certificate is a Bearer token too (RFC 8705 s3).
func tokenType(jkt string) string {
	if jkt == "" {
		return "Bearer"
	}
	return "DPoP"
}

// issueAccessToken makes a JWT (RFC 9068 s2.2). It names the client that asked for it, who is the one
// the grant was given to unless the profile does not care.
func (s *Server) issueAccessToken(t *tokenRequest, a *award, life time.Duration) (string, error) {
	expires := t.now.Add(life)
	claims := fapi.AccessToken{
		Issuer: s.issuer, Subject: a.subject(), Audience: audienceClaim(a.audience), ClientID: t.caller.client.ID, Scope: fapi.Scope(once(string(a.scope))),
		IssuedAt: t.now.Unix(), Expires: expires.Unix(), JTI: s.party.Dice.ID(), OrganisationNumber: t.caller.client.Organisation,
		Details: a.says.details, Actor: a.actor,
	}
	if a.user != nil {
		claims.AuthTime, claims.ACR = a.authTime.Unix(), a.acr // RFC 9470 s5
	}
	if jkt := t.proof.thumbprint(); jkt != "" {
		claims.Confirmation = &fapi.Confirmation{JKT: once(jkt)} // RFC 9449 s6.1
	} else if x5t := t.caller.binding(); x5t != "" {
		claims.Confirmation = &fapi.Confirmation{X5T: x5t} // RFC 8705 s3.1
	}
	if a.launch != nil {
		claims.Patient, claims.Encounter = a.launch.Patient, a.launch.Encounter
	}
	claims.FHIRUser = s.fhirUser(a.grant, a.scope)
	if s.national() {
		s.dress(&claims, t, a)
	}
	token, err := claims.Sign(s.keys.signer(""))
	if err != nil {
		return "", fmt.Errorf("signing an access token: %w", err)
	}
	s.holdToken(digestOf(token), issued{a.grant, &claims}, t.now, expires)
	s.party.Tell(t.ctx, event.Issued{Type: "access_token", ID: claims.JTI, Client: t.caller.client.ID, Subject: a.subject(), Scope: string(a.scope), Bound: claims.JKT(), Certificate: claims.X5T()})
	return token, nil
}

// once is a string that every token has the same copy of, so that none holds on to the request it came in.
func once(s string) string { return unique.Make(s).Value() }

// audienceClaim writes one audience as a string and several as an array (RFC 7519 s4.1.3).
func audienceClaim(audience []string) fapi.Audience {
	return fapi.Audience{Values: audience, Array: len(audience) != 1}
}

func (s *Server) issueRefreshToken(t *tokenRequest, a *award) string {
	token := s.party.Dice.Token()
	s.refreshTokens.add(digestOf(token), &refreshToken{grant: a.grant, retry: s.lifetimes().RefreshRetry}, t.now, t.now.Add(s.lifetimes().Refresh))
	s.party.Tell(t.ctx, event.Issued{Type: "refresh_token", ID: fapi.Hash(token), Client: t.caller.client.ID, Subject: a.subject(), Scope: string(a.grant.scope)})
	return token
}

// accessTokenHash is at_hash (OIDC Core s3.1.3.6): the left half of the hash that goes with the signature:
// SHA-256, but for Ed25519, which has SHA-512 inside. There is no s_hash
// but in the shape of HelseID: it protects ID tokens in the front channel, and here none goes there.
func accessTokenHash(token, alg string) string {
	if alg == "EdDSA" {
		sum := sha512.Sum512([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// issueIDToken (OIDC Core s2, s3.1.3.6).
func (s *Server) issueIDToken(t *tokenRequest, a *award, access string) (string, error) {
	name := ""
	if _, asked := a.claims.IDToken["name"]; asked || a.scope.Has("profile") { // what was not asked for is not told (OIDC Core s5.4)
		name = a.user.Name
	}
	more := a.idTokenClaims()
	if s.national() {
		more = s.nationalIDClaims(a, more)
	}
	key := s.keys.signer(firstOf(a.client.IDTokenAlg, s.keys.usual))
	token, err := fapi.IDToken{
		Issuer: s.issuer, Subject: a.subject(), Audience: audienceClaim([]string{t.caller.client.ID}),
		IssuedAt: t.now.Unix(), Expires: t.now.Add(s.lifetimes().IDToken).Unix(), AuthTime: a.authTime.Unix(),
		Nonce: a.code.nonce, ACR: a.acr, AMR: a.amr, AtHash: accessTokenHash(access, key.Alg), Name: name, FHIRUser: s.fhirUser(a.grant, a.scope), More: more,
	}.Sign(key)
	if err != nil {
		return "", fmt.Errorf("signing an ID token: %w", err)
	}
	s.party.Tell(t.ctx, event.Issued{Type: "id_token", ID: fapi.Hash(token), Client: t.caller.client.ID, Subject: a.subject()})
	return token, nil
}
