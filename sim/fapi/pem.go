package fapi

import (
	"crypto/x509"
	"encoding/pem"
)

// PrivatePEM writes the whole key as PKCS #8, for languages whose libraries read no JWK.
func (k *Key) PrivatePEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		panic("fapi: cannot write a key that was made here: " + err.Error())
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
