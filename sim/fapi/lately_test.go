package fapi

import (
	"fmt"
	"strings"
	"testing"
)

func TestLately(t *testing.T) {
	l := lately[int]{most: 4, longest: 3}
	for i := range 40 {
		text := fmt.Sprint(i)
		l.put(text, i)
		if got, ok := l.get([]byte(text)); !ok || got != i {
			t.Errorf("expected %d, got %d, %v", i, got, ok)
		}
		if len(l.read) > l.most {
			t.Fatalf("expected at most %d texts, got %d", l.most, len(l.read))
		}
	}
	l.put("long", 1)
	if _, ok := l.getText("long"); ok {
		t.Error("expected a long text not to be kept")
	}
}

// Who is handed what was read before can do with his copy what he likes, and what cannot be read stays so.
func TestReadTwice(t *testing.T) {
	jwk := ecTestKey("twice").Public().JWK
	set := JWKS(ecTestKey("twice").Public())
	for range 2 {
		p, err := ParsePublic(jwk)
		check(t, err)
		keys, err := ParseJWKS(set)
		check(t, err)
		if p.ID != "twice" || len(keys) != 1 || keys[0].ID != "twice" {
			t.Fatalf("expected the key as it was published, got %q and %v", p.ID, keys)
		}
		p.ID, keys[0].ID = "changed", "changed"
		_, err = ParsePublic([]byte(strings.Replace(string(jwk), "P-256", "P-257", 1)))
		refused(t, err, "P-257")
	}
}
