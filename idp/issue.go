package idp

import (
	"fmt"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// Making tokens: everything has been judged, everything that can be used once has been.

func (s *Server) issueTokens(t *tokenRequest, a *award) (*fapi.TokenResponse, error) {
	life := s.party.Dialect().AccessTokenLifetime
	access, err := s.issueAccessToken(t, a, life)
	if err != nil {
		return nil, err
	}
	response := &fapi.TokenResponse{
		AccessToken: access, TokenType: tokenType(t.proof.thumbprint()),
		ExpiresIn: int64(life.Seconds()), Scope: string(a.scope),
	}
	if a.refresh {
		response.RefreshToken = s.issueRefreshToken(t, a)
	}
	if a.idToken {
		if response.IDToken, err = s.issueIDToken(t, a); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// issued is what is kept of an access token. Nobody changes the claims.
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
		Issuer: s.issuer, Subject: a.subject(), Audience: audienceClaim(a.audience), ClientID: t.caller.client.ID, Scope: a.scope,
		IssuedAt: t.now.Unix(), Expires: expires.Unix(), JTI: s.party.Dice.ID(), OrganisationNumber: t.caller.client.Organisation,
	}
	if a.user != nil {
		claims.AuthTime = a.authTime.Unix()
	}
	if jkt := t.proof.thumbprint(); jkt != "" {
		claims.Confirmation = &fapi.Confirmation{JKT: jkt} // RFC 9449 s6.1
	} else if x5t := t.caller.binding(); x5t != "" {
		claims.Confirmation = &fapi.Confirmation{X5T: x5t} // RFC 8705 s3.1
	}
	token, err := claims.Sign(s.key())
	if err != nil {
		return "", fmt.Errorf("signing an access token: %w", err)
	}
	s.accessTokens.add(digestOf(token), &issued{a.grant, &claims}, t.now, expires)
	s.party.Tell(t.ctx, event.Issued{Type: "access_token", ID: claims.JTI, Client: t.caller.client.ID, Subject: a.subject(), Scope: string(a.scope), Bound: claims.JKT(), Certificate: claims.X5T()})
	return token, nil
}

// audienceClaim writes one audience as a string and several as an array (RFC 7519 s4.1.3).
func audienceClaim(audience []string) fapi.Audience {
	return fapi.Audience{Values: audience, Array: len(audience) != 1}
}

func (s *Server) issueRefreshToken(t *tokenRequest, a *award) string {
	token := s.party.Dice.Token()
	s.refreshTokens.add(digestOf(token), a.grant, t.now, t.now.Add(refreshLifetime))
	s.party.Tell(t.ctx, event.Issued{Type: "refresh_token", ID: fapi.Hash(token), Client: t.caller.client.ID, Subject: a.subject(), Scope: string(a.grant.scope)})
	return token
}

// issueIDToken (OIDC Core s2, s3.1.3.6).
func (s *Server) issueIDToken(t *tokenRequest, a *award) (string, error) {
	name := ""
	if a.scope.Has("profile") { // what was not asked for is not told (OIDC Core s5.4)
		name = a.user.Name
	}
	token, err := fapi.IDToken{
		Issuer: s.issuer, Subject: a.subject(), Audience: audienceClaim([]string{t.caller.client.ID}),
		IssuedAt: t.now.Unix(), Expires: t.now.Add(idTokenLifetime).Unix(), AuthTime: a.authTime.Unix(),
		Nonce: a.code.nonce, Name: name,
	}.Sign(s.key())
	if err != nil {
		return "", fmt.Errorf("signing an ID token: %w", err)
	}
	s.party.Tell(t.ctx, event.Issued{Type: "id_token", ID: fapi.Hash(token), Client: t.caller.client.ID, Subject: a.subject()})
	return token, nil
}
