package idp

import (
	"sync"
	"testing"
	"time"

	"thiefbox/sim/fapi"
)

var oneRSAKey = sync.OnceValues(func() (*fapi.Key, error) { return fapi.NewRSAKey("rsa-1", "PS256") })

func rsaKey(t testing.TB) *fapi.Key {
	t.Helper()
	k, err := oneRSAKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publishedKeys(t testing.TB, l *lab) []fapi.Public {
	t.Helper()
	keys, err := fapi.ParseJWKS(l.get(l.at.jwks).body)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func kids(keys []fapi.Public) (ids []string) {
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// The next key signs at once, and the old one can be verified with until the overlap is over.
func TestRotateKey(t *testing.T) {
	l := newLab(t, strict(t))
	before := signIn(t, l)
	l.RotateKey(key("as-2"), time.Hour)
	after := signIn(t, l)
	for _, c := range []struct{ token, kid string }{{before.AccessToken, "as-1"}, {after.AccessToken, "as-2"}, {after.IDToken, "as-2"}} {
		parsed, err := fapi.ParseJWT(c.token)
		if err != nil || parsed.Header.Kid != c.kid || !l.keys.signed(parsed, l.clock.Now()) {
			t.Errorf("expected a token signed by %s, which is published, got kid %s (%v)", c.kid, parsed.Header.Kid, err)
		}
	}
	if got := kids(publishedKeys(t, l)); len(got) != 2 || got[0] != "as-2" || got[1] != "as-1" {
		t.Errorf("expected the new key before the old one, got %v", got)
	}
	l.clock.Advance(time.Hour)
	if got := kids(publishedKeys(t, l)); len(got) != 1 || got[0] != "as-2" {
		t.Errorf("expected the old key to be gone, got %v", got)
	}
}

// A key that was replaced before the server was started again is published for as long as it was to be.
func TestRetiredBefore(t *testing.T) {
	l := newLabWith(t, strict(t), testIssuer, func(c *Config) { c.Retired = []RetiredKey{{key("as-0").Public(), c.Party.Clock.Now().Add(time.Hour)}} })
	if got := kids(publishedKeys(t, l)); len(got) != 2 || got[1] != "as-0" {
		t.Errorf("expected the one from before too, got %v", got)
	}
	l.clock.Advance(time.Hour)
	if got := kids(publishedKeys(t, l)); len(got) != 1 {
		t.Errorf("expected it to be gone, got %v", got)
	}
}

// In an emergency the old key is gone at once, and hints it signed are not believed either.
func TestRotateKeyAtOnce(t *testing.T) {
	l := newLab(t, strict(t))
	tokens := signIn(t, l)
	l.RotateKey(key("as-2"), 0)
	if got := kids(publishedKeys(t, l)); len(got) != 1 || got[0] != "as-2" {
		t.Errorf("expected the new key alone, got %v", got)
	}
	if _, err := l.readHint(tokens.IDToken); err == nil {
		t.Error("expected an ID token of a lost key not to be believed")
	}
}

// A key of another algorithm stands beside the first, and the same key put in again replaces nothing.
func TestRotateOtherKeys(t *testing.T) {
	l := newLab(t, strict(t))
	l.RotateKey(rsaKey(t), time.Hour)
	l.RotateKey(key("as-1"), time.Hour)
	if got := kids(publishedKeys(t, l)); len(got) != 2 || got[0] != "as-1" || got[1] != "rsa-1" {
		t.Errorf("got %v", got)
	}
}

// Rotation while tokens are made and keys are asked for.
func TestRotateKeyConcurrently(t *testing.T) {
	l := newLab(t, strict(t))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(2)
		go func() { defer wg.Done(); l.RotateKey(key([]string{"as-2", "as-3"}[i%2]), time.Minute) }()
		go func() { defer wg.Done(); l.keys.published(l.clock.Now()); l.keys.signer("") }()
	}
	wg.Wait()
}

// A client that comes later gets its algorithm too, and one that wants what the server has not is refused.
func TestRegisterForAnAlgorithm(t *testing.T) {
	l := newLab(t, strict(t))
	c := l.ehr.registration(allGrants)
	c.IDTokenAlg = "PS256"
	if err := l.Register(c); err == nil {
		t.Error("expected a server with one key to refuse")
	}
	l = newLabWith(t, strict(t), testIssuer, func(c *Config) { c.OtherKeys = func(string) *fapi.Key { return rsaKey(t) } })
	if err := l.Register(c); err != nil {
		t.Fatal(err)
	}
	if got := mustParse(t, signIn(t, l).IDToken).Header.Alg; got != "PS256" {
		t.Errorf("expected an ID token signed with PS256, got %s", got)
	}
	if algs := l.get(l.issuer + wellKnownOpenID).json(t)["id_token_signing_alg_values_supported"].([]any); len(algs) != 2 {
		t.Errorf("expected both algorithms in the metadata, got %v", algs)
	}
}
