package idp

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"thiefbox/sim/control"
	"thiefbox/sim/fapi"
)

// visit is a request to userinfo before it is put together.
type visit struct {
	method, scheme, token string
	proof                 fapi.Proof
	key                   *fapi.Key
	noProof               bool
	pair                  *fapi.KeyPair // shown in the handshake; nil for none
}

// userinfo shows a token, and once more with the nonce if it is asked for one.
func (a *app) userinfo(t fapi.TokenResponse, spoils ...func(*visit)) answer {
	a.l.t.Helper()
	for try := 0; ; try++ {
		v := &visit{method: http.MethodGet, scheme: t.TokenType, token: t.AccessToken, key: a.dpop}
		if a.dialect.Constraint == control.MTLS {
			v.pair = a.pair
		}
		v.proof = fapi.NewProof(v.method, a.l.issuer+pathUserinfo, v.token, a.l.clock.Now(), a.l.dice.ID())
		v.proof.Nonce = a.nonce
		for _, spoil := range spoils {
			spoil(v)
		}
		r := httptest.NewRequest(v.method, a.l.issuer+pathUserinfo, nil)
		if v.pair != nil {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{v.pair.Certificate}}
		}
		r.Header.Set("Authorization", v.scheme+" "+v.token)
		if v.scheme == "DPoP" && !v.noProof {
			r.Header.Set("DPoP", must(v.proof.Sign(v.key)))
		}
		ans := a.l.do(r)
		if nonce := ans.Header.Get("DPoP-Nonce"); nonce != "" && try == 0 {
			a.nonce = nonce
			if ans.by == control.ASDPoPNonce.ID {
				if ans.StatusCode != http.StatusUnauthorized || !strings.Contains(ans.Header.Get("WWW-Authenticate"), `error="use_dpop_nonce"`) {
					a.l.t.Errorf("expected to be asked for a nonce as RFC 9449 s9 has it, got %d %v", ans.StatusCode, ans.Header)
				}
				continue
			}
		}
		return ans
	}
}

// wrongExhibits show a good token in the wrong way.
func wrongExhibits() []wrong {
	spoiled := func(name string, spoil func(*visit), cs ...*control.Control) wrong {
		return wrong{name: name, by: cs, do: func(l *lab) answer {
			return l.ehr.userinfo(l.ehr.newFlow().tokens().tokens(l.t), spoil)
		}}
	}
	c := control.ASUserinfoProof
	return []wrong{
		spoiled("under Bearer", func(v *visit) { v.scheme = "Bearer" }, c),
		spoiled("no proof", func(v *visit) { v.noProof = true }, c),
		spoiled("another key", func(v *visit) { v.key = key("mallory") }, c),
		spoiled("for another token", func(v *visit) { v.proof.ATH = fapi.Hash("x") }, c),
		spoiled("for no token", func(v *visit) { v.proof.ATH = "" }, c),
		spoiled("for another endpoint", func(v *visit) { v.proof.HTU = testIssuer + pathToken }, control.ASDPoPHTU),
		spoiled("for another method", func(v *visit) { v.proof.HTM = http.MethodPost }, control.ASDPoPHTM),
	}
}

// A proof is used once here as everywhere.
func TestUserinfoProofOnce(t *testing.T) {
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	l.ehr.userinfo(tokens)
	same := func(v *visit) { v.proof.JTI = "the same" }
	if a := l.ehr.userinfo(tokens, same); !a.succeeded() {
		t.Fatal(a.by, a.fault)
	}
	a := l.ehr.userinfo(tokens, same)
	if a.expect(t, control.ASDPoPJTI, 401, "invalid_dpop_proof"); !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_dpop_proof"`) {
		t.Errorf("expected a challenge, got %q", a.Header.Get("WWW-Authenticate"))
	}
}

// POST is as good as GET (OIDC Core s5.3.1).
func TestUserinfoByPost(t *testing.T) {
	l := newLab(t, strict(t))
	a := l.ehr.userinfo(signIn(t, l), func(v *visit) { v.method, v.proof.HTM = http.MethodPost, http.MethodPost })
	if a.str(t, "sub") != "berg" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %s", a.StatusCode, a.body)
	}
}

// Without a token, or with one that is no good, there is a challenge and no claim.
func TestUserinfoWithoutGoodToken(t *testing.T) {
	l := newLab(t, strict(t))
	for header, want := range map[string]string{
		"":                 `DPoP realm="https://as.example", algs=`,
		"Basic abc":        `DPoP realm="https://as.example", algs=`,
		"Bearer nonsense":  `Bearer realm="https://as.example", error="invalid_token"`,
		"DPoP nonsense":    `DPoP realm="https://as.example", error="invalid_token"`,
		"DPoP":             `DPoP realm="https://as.example", error="invalid_token"`,
		"Bearer \x00\xff|": `Bearer realm="https://as.example", error="invalid_token"`,
	} {
		r := httptest.NewRequest(http.MethodGet, l.at.userinfo, nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if a := l.do(r); a.StatusCode != 401 || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), want) || a.fault == "" {
			t.Errorf("%q: got %d %q", header, a.StatusCode, a.Header.Get("WWW-Authenticate"))
		}
	}
	tokens := signIn(t, l)
	l.ehr.revoke(tokens.AccessToken)
	l.ehr.userinfo(tokens).expect(t, nil, 401, "invalid_token")
	own := l.ehr.clientCredentials().tokens(t)
	a := l.ehr.userinfo(own)
	if a.expect(t, nil, 403, "insufficient_scope"); !strings.Contains(a.Header.Get("WWW-Authenticate"), `scope="openid"`) {
		t.Errorf("expected the scope in the challenge, got %q", a.Header.Get("WWW-Authenticate"))
	}
}

// What userinfo says follows the scope of the token (OIDC Core s5.4), and the subject is the ID token's.
func TestUserinfoFollowsScope(t *testing.T) {
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) { c.Clients[0].Scope = "openid offline_access profile email phone address" })
	f := l.ehr.newFlow()
	f.request.Set("scope", "openid offline_access profile email phone address")
	tokens := f.tokens().tokens(t)
	info := l.ehr.userinfo(tokens).json(t)
	for _, name := range claimsSupported()[10:] {
		if info[name] == nil && name != "gender" { // which nobody has said
			t.Errorf("expected the claim %s, got %v", name, info)
		}
	}
	id := claimsOf[fapi.IDToken](t, tokens.IDToken)
	if info["sub"] != id.Subject || info["given_name"] != "Kari" || info["family_name"] != "Berg" || info["email"] != "kberg@people.thiefbox.test" {
		t.Errorf("got %v", info)
	}
	narrow := l.ehr.call(pathToken, map[string][]string{"grant_type": {grantRefreshToken}, "refresh_token": {tokens.RefreshToken}, "scope": {"openid email"}}).tokens(t)
	if info := l.ehr.userinfo(narrow).json(t); len(info) != 3 || info["email_verified"] != true {
		t.Errorf("expected sub and email alone, got %v", info)
	}
}

// A client that has registered an algorithm gets a JWT, addressed to it (OIDC Core s5.3.2).
func TestUserinfoSigned(t *testing.T) {
	other := rsaKey(t)
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) {
		c.Clients[0].UserinfoAlg, c.Clients[0].IDTokenAlg = "PS256", "PS256"
		c.OtherKeys = func(alg string) *fapi.Key { return other }
	})
	tokens := signIn(t, l)
	a := l.ehr.userinfo(tokens)
	if a.Header.Get("Content-Type") != "application/jwt" {
		t.Fatalf("expected application/jwt, got %v", a.Header)
	}
	for _, compact := range []string{string(a.body), tokens.IDToken} {
		parsed, err := fapi.ParseJWT(compact)
		if err != nil {
			t.Fatal(err)
		}
		var claims fapi.IDToken
		if err := parsed.Claims(&claims); err != nil || parsed.Header.Alg != "PS256" || !l.keys.signed(parsed, l.clock.Now()) ||
			claims.Issuer != testIssuer || !claims.Audience.Has("ehr") || claims.Subject != "berg" {
			t.Errorf("got %s signed with %s: %v", parsed.Payload, parsed.Header.Alg, err)
		}
	}
	if keys := publishedKeys(t, l); len(keys) != 2 || keys[0].Alg != "ES256" || keys[1].Alg != "PS256" {
		t.Errorf("expected both keys, got %v", keys)
	}
}

// A token that is bound to a certificate needs that certificate here too (RFC 8705 s3).
func TestUserinfoByCertificate(t *testing.T) {
	l := newLab(t, profile(t, "fapi2-mtls"))
	tokens := signIn(t, l)
	if a := l.ehr.userinfo(tokens); a.StatusCode != http.StatusOK {
		t.Errorf("expected to be told who signed in, got %d by %q (%s)", a.StatusCode, a.by, a.fault)
	}
	l.ehr.userinfo(tokens, func(v *visit) { v.pair = nil }).expect(t, control.ASUserinfoProof, 401, "invalid_token")
	l.ehr.userinfo(tokens, func(v *visit) { v.pair = l.other.pair }).expect(t, control.ASUserinfoProof, 401, "invalid_token")
	if m := publishedBy(t, l); m.MTLSAliases.TokenEndpoint != "" && m.MTLSAliases.UserinfoEndpoint == "" {
		t.Errorf("expected an alias of userinfo, got %+v", m.MTLSAliases)
	}
}
