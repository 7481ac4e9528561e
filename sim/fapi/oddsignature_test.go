package fapi

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestOddSignature(t *testing.T) {
	der := append([]byte{0x30, 69}, make([]byte, 69)...)
	for name, c := range map[string]struct {
		alg       string
		signature []byte
		want      string
	}{
		"as it should be":         {"ES256", make([]byte, 64), ""},
		"in DER":                  {"ES256", der, "ASN.1 DER, of 71 octets"},
		"of another curve":        {"ES384", make([]byte, 64), "64 octets, where ES384 has 96"},
		"none":                    {"ES256", nil, "none"},
		"RSA has any length":      {"PS256", make([]byte, 256), ""},
		"an algorithm of nobody":  {"ES257", make([]byte, 3), ""},
		"one octet is no DER yet": {"ES256", []byte{0x30}, "1 octets"},
	} {
		got := must(ParseJWT(b64([]byte(`{"alg":"`+c.alg+`"}`)) + ".e30." + base64.RawURLEncoding.EncodeToString(c.signature))).OddSignature()
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: expected %q, got %q", name, c.want, got)
		}
	}
}

// Who writes JWTs by hand is told which of the usual slips it was.
func TestOddBase64(t *testing.T) {
	for text, want := range map[string]string{
		"ab+/": "plain base64", "YQ==": "padded", "Bearer YQ": "white space", "YQ%3D": "percent-encoded", "a!b": "illegal",
	} {
		if _, err := unb64Text("x", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: expected %q, got %v", text, want, err)
		}
	}
}
