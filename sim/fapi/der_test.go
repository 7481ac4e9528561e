package fapi

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Both directions are those of encoding/asn1.
func TestECDSASignatureForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		half := func(name string) []byte {
			b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name)
			clear(b[:rapid.IntRange(0, 32).Draw(t, "zeros of "+name)])
			return b
		}
		r, s := half("r"), half("s")
		raw := append(r, s...)
		want := must(asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])}))
		if got := asn1ECDSA(raw); !bytes.Equal(got, want) {
			t.Fatalf("%x: expected %x, got %x", raw, want, got)
		}
		if got, err := rawECDSA(want, octetsP256); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%x: expected %x, got %x, %v", want, raw, got, err)
		}
		cut := rapid.IntRange(0, len(want)-1).Draw(t, "cut")
		if got, err := rawECDSA(want[:cut], octetsP256); err == nil {
			t.Fatalf("%x: expected an error, got %x", want[:cut], got)
		}
	})
}
