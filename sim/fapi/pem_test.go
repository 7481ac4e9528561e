package fapi

import (
	"crypto/x509"
	"encoding/pem"
	"testing"
)

func TestPrivatePEM(t *testing.T) {
	for alg, key := range keys() {
		block, rest := pem.Decode(key.PrivatePEM())
		if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
			t.Fatalf("%s: expected one PEM block, got %q", alg, key.PrivatePEM())
		}
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		check(t, err)
		if equal, ok := private.(interface{ Equal(any) bool }); ok && !equal.Equal(key.private) {
			t.Errorf("%s: expected the key itself", alg)
		}
	}
}
