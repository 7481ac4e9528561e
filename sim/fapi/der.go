package fapi

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"math/big"
)

// Go's crypto/ecdsa writes a signature as ASN.1, a SEQUENCE of two INTEGERs; a JWS has r and s side by
// side, as many octets each as a coordinate has (RFC 7518 s3.4). On P-256 every length fits into one
// octet, and it is done by hand; the other curves are rare and left to encoding/asn1.

// rawECDSA turns the ASN.1 form into that of a JWS.
func rawECDSA(der []byte, size int) ([]byte, error) {
	if size != octetsP256 {
		return rawByLibrary(der, size)
	}
	out := make([]byte, 64)
	rest, ok := bytes.CutPrefix(der, []byte{0x30, byte(len(der) - 2)})
	if rest, ok = takeInteger(rest, out[:32], ok); ok {
		rest, ok = takeInteger(rest, out[32:], ok)
	}
	if !ok || len(rest) > 0 {
		return nil, errors.New("an ECDSA signature made here does not parse")
	}
	return out, nil
}

// pair is an ECDSA signature in ASN.1.
type pair struct{ R, S *big.Int }

func rawByLibrary(der []byte, size int) ([]byte, error) {
	var p pair
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return nil, errors.New("an ECDSA signature made here does not parse")
	}
	out := make([]byte, 2*size)
	p.R.FillBytes(out[:size])
	p.S.FillBytes(out[size:])
	return out, nil
}

// takeInteger writes the INTEGER that der begins with into to, and returns what comes after it.
func takeInteger(der, to []byte, ok bool) ([]byte, bool) {
	if !ok || len(der) < 2 || der[0] != 2 || len(der)-2 < int(der[1]) {
		return nil, false
	}
	n, rest := bytes.TrimLeft(der[2:2+der[1]], "\x00"), der[2+der[1]:]
	if len(n) > len(to) {
		return nil, false
	}
	copy(to[len(to)-len(n):], n)
	return rest, true
}

// asn1ECDSA turns the form of a JWS into ASN.1.
func asn1ECDSA(raw []byte) []byte {
	if len(raw) != 2*octetsP256 {
		half := len(raw) / 2
		der, _ := asn1.Marshal(pair{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])}) // numbers always marshal
		return der
	}
	der := append(make([]byte, 0, 72), 0x30, 0)
	der = appendInteger(appendInteger(der, raw[:32]), raw[32:])
	der[1] = byte(len(der) - 2)
	return der
}

func appendInteger(der, n []byte) []byte {
	n = bytes.TrimLeft(n, "\x00")
	if len(n) == 0 || n[0] >= 0x80 { // or it would be nothing at all, or negative
		der = append(der, 2, byte(len(n)+1), 0)
	} else {
		der = append(der, 2, byte(len(n)))
	}
	return append(der, n...)
}
