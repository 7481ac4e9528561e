package fapi

import (
	"crypto/ed25519"
	"testing"
)

// SP 5.4.3: among keys of one name the one is meant that can have made the signature.
func TestPickKeys(t *testing.T) {
	ec := ecTestKey("ec").Public()
	ec.ID, ec.Alg = "same", "ES256"
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	edKey, err := newKey("same", "EdDSA", private)
	if err != nil {
		t.Fatal(err)
	}
	ed := edKey.Public()
	lone := ecTestKey("lone").Public()
	lone.ID, lone.Alg = "lone", "ES256"
	set := []Public{ec, ed, lone}
	for _, c := range []struct {
		kid, alg string
		want     []string // thumbprints
	}{
		{"same", "ES256", []string{ec.Thumbprint}}, {"same", "EdDSA", []string{ed.Thumbprint}}, {"same", "Ed25519", []string{ed.Thumbprint}},
		{"same", "PS256", []string{ec.Thumbprint, ed.Thumbprint}}, {"lone", "none", []string{lone.Thumbprint}},
		{"", "ES256", []string{ec.Thumbprint, lone.Thumbprint}}, {"other", "ES256", nil},
	} {
		got := PickKeys(set, c.kid, c.alg)
		if len(got) != len(c.want) {
			t.Errorf("kid %q, alg %q: expected %d keys, got %d", c.kid, c.alg, len(c.want), len(got))
			continue
		}
		for i := range got {
			if got[i].Thumbprint != c.want[i] {
				t.Errorf("kid %q, alg %q: expected key %s, got %s", c.kid, c.alg, c.want[i], got[i].Thumbprint)
			}
		}
	}
	if len(PickKeys(nil, "", "ES256")) != 0 {
		t.Error("expected no key of an empty set")
	}
}
