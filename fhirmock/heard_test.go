package fhirmock

import (
	"fmt"
	"strings"
	"testing"

	"thiefbox/sim/fapi"
)

// What was heard is what taking it apart gives, however many tokens come; what cannot be taken apart, or is very
// long, is not kept.
func TestHeard(t *testing.T) {
	token := func(jti string) string {
		compact, err := fapi.ForgeUnsigned(fapi.Header{Typ: fapi.TypAccessToken}, fapi.AccessToken{Subject: "berg", JTI: jti})
		if err != nil {
			t.Fatal(err)
		}
		return compact
	}
	var h heard
	for i := range 3 * mostHeard {
		compact := token(fmt.Sprint(i))
		for range 2 {
			got, err := h.read(compact)
			if err != nil || got.claims.JTI != fmt.Sprint(i) || got.jwt.Compact != compact || got.hash != fapi.Hash(compact) {
				t.Fatalf("token %d: got %+v, %v", i, got, err)
			}
		}
	}
	if n := len(h.young) + len(h.old); n > 2*mostHeard {
		t.Errorf("expected at most %d tokens to be kept, got %d", 2*mostHeard, n)
	}
	if h.get(token("0")) != nil || h.get(token(fmt.Sprint(3*mostHeard-1))) == nil {
		t.Error("expected the first token to be forgotten, and the last one not")
	}
	long := token(strings.Repeat("x", longestHeard))
	if _, err := h.read(long); err != nil || h.get(long) != nil {
		t.Errorf("expected a long token not to be kept, %v", err)
	}
	if _, err := h.read("no token"); err == nil || h.get("no token") != nil {
		t.Errorf("expected no token to be refused, got %v", err)
	}
}
