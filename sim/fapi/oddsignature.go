package fapi

import "fmt"

// ecdsaOctets is how long the signature of an algorithm is: r and s side by side (RFC 7518 s3.4).
var ecdsaOctets = map[string]int{"ES256": 64, "ES384": 96, "ES512": 132}

// OddSignature says what is wrong with the form of a signature, if its form alone is wrong; empty if it may be one.
// Crypto libraries other than those for JOSE make ECDSA signatures in ASN.1 DER, a sequence of two integers, and
// those verify everywhere but here.
func (t *JWT) OddSignature() string {
	want, ecdsa := ecdsaOctets[t.Header.Alg]
	switch got := len(t.signature); {
	case got == 0:
		return "none"
	case !ecdsa || got == want:
		return ""
	case t.signature[0] == 0x30 && got > 2 && (int(t.signature[1]) == got-2 || int(t.signature[1]) == 0x81):
		return fmt.Sprintf("one in ASN.1 DER, of %d octets, where %s has %d", got, t.Header.Alg, want)
	default:
		return fmt.Sprintf("one of %d octets, where %s has %d", got, t.Header.Alg, want)
	}
}
