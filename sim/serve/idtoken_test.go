package serve

import (
	"slices"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// Spring Security, and whoever else goes by OpenID Connect's defaults, takes an ID token signed with RS256 and no other.
// FAPI 2.0 forbids that algorithm.
func TestAlgorithmOfIDTokens(t *testing.T) {
	s := start(t, Config{})
	for profile, want := range map[string]string{"bcp": "RS256", "legacy": "RS256", "fapi2-dpop": "ES256"} {
		t.Run(profile, func(t *testing.T) {
			a := newApp(t, s, issuer(t, s, profile), "web-app")
			m, err := fapi.ParseMetadata(a.get(a.issuer.URL + "/.well-known/openid-configuration").body)
			if err != nil || !slices.Contains(m.IDTokenAlgs, want) || slices.Contains(m.IDTokenAlgs, "RS256") != (want == "RS256") {
				t.Errorf("expected the metadata to offer %s, got %v, %v", want, m.IDTokenAlgs, err)
			}
			token, err := fapi.ParseJWT(a.redeem(a.code("berg").Get("code")).member("id_token"))
			if err != nil || token.Header.Alg != want {
				t.Fatalf("expected an ID token signed with %s, got %+v, %v", want, token, err)
			}
			if !strings.Contains(a.published(), token.Header.Kid) {
				t.Errorf("expected its key %s to be published, got %s", token.Header.Kid, a.published())
			}
		})
	}
}
