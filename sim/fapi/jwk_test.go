package fapi

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// A good JWK of each kind, of which the tests spoil one member.
const (
	ecX = `"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"`
	ecY = `"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"`
	ec  = `{"kty":"EC","crv":"P-256",` + ecX + `,` + ecY + `}`
	edX = `"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
	ed  = `{"kty":"OKP","crv":"Ed25519",` + edX + `}`
)

func rsaJWK(bits uint, e string) string {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return fmt.Sprintf(`{"kty":"RSA","e":%q,"n":%q}`, e, b64(n.SetBit(n, 0, 1).Bytes()))
}

func TestParsePublicRefuses(t *testing.T) {
	for name, test := range map[string]struct{ jwk, spoil, by, want string }{
		"nothing":                    {"", "", "", "not a JWK"},
		"no object":                  {`"EC"`, "", "", "expected a JSON object"},
		"an array":                   {`[` + ec + `]`, "", "", "expected a JSON object"},
		"null":                       {"null", "", "", "expected a JSON object"},
		"two objects":                {ec + ec, "", "", "expected a JSON object"},
		"no type":                    {ec, `"kty":"EC",`, ``, `got kty ""`},
		"the type in small letters":  {ec, `"EC"`, `"ec"`, `got kty "ec"`},
		"the name in capitals":       {ec, `"kty"`, `"KTY"`, `got kty ""`},
		"the type as a number":       {ec, `"EC"`, `2`, "expected kty to be a string"},
		"the type as null":           {ec, `"EC"`, `null`, "expected kty to be a string"},
		"the type twice":             {ec, `{`, `{"kty":"EC",`, `"kty" twice`},
		"twice, once in disguise":    {ec, `{`, `{"\u006bty":"EC",`, `"kty" twice`},
		"symmetric":                  {`{"kty":"oct","k":"AAAA"}`, "", "", `got kty "oct"`},
		"for encryption":             {ec, `{`, `{"use":"enc",`, "expected a JWK for signatures"},
		"another curve":              {ec, "P-256", "P-384", "expected x to be 48 octets long, got 32"},
		"no curve":                   {ec, `"crv":"P-256",`, "", `crv ""`},
		"the curve of Bitcoin":       {ec, "P-256", "secp256k1", `crv "secp256k1"`},
		"no x":                       {ec, ecX + `,`, "", "expected x to be 32 octets long, got 0"},
		"no y":                       {ec, `,` + ecY, "", "expected y to be 32 octets long, got 0"},
		"x too short":                {ec, ecX, `"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"`, "got 31"},
		"x too long":                 {ec, ecX, `"x":"AAB_zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURQ"`, "got 34"},
		"x with padding":             {ec, `VEU"`, `VEU="`, "base64url without padding"},
		"x in plain base64":          {ec, `x_FE`, `x/FE`, "base64url without padding"},
		"x with bits left over":      {ec, `VEU"`, `VEV"`, "base64url without padding"},
		"x with a line break":        {ec, `f83O`, `f83\nO`, "line break"},
		"x as a number":              {ec, ecX, `"x":1`, "expected x to be a string"},
		"y of another point":         {ec, `x_FE`, `x_FF`, "not a JWK of a key"},
		"the point at infinity":      {ec, ecX + "," + ecY, `"x":"` + b64(make([]byte, 32)) + `","y":"` + b64(make([]byte, 32)) + `"`, "not a JWK of a key"},
		"kid as a number":            {ec, `{`, `{"kid":1,`, "expected kid to be a string"},
		"alg as an array":            {ec, `{`, `{"alg":["ES256"],`, "expected alg to be a string"},
		"Ed25519 too short":          {ed, edX, `"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"`, "got 31"},
		"Ed25519 called EC":          {ed, "OKP", "EC", `got kty "EC"`},
		"Ed25519 of order 1":         {ed, edX, `"x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`, "low-order"},
		"Ed25519 of order 4":         {ed, edX, `"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`, "low-order"},
		"X25519":                     {ed, "Ed25519", "X25519", `crv "X25519"`},
		"RSA of 2047 bits":           {rsaJWK(2047, "AQAB"), "", "", "2048 to 8192 bits, got 2047"},
		"RSA of 8193 bits":           {rsaJWK(8193, "AQAB"), "", "", "2048 to 8192 bits, got 8193"},
		"RSA without n":              {`{"kty":"RSA","e":"AQAB"}`, "", "", "expected n to be"},
		"RSA without e":              {rsaJWK(2048, ""), "", "", "expected e to be"},
		"RSA with e=1":               {rsaJWK(2048, "AQ"), "", "", "odd number from 3"},
		"RSA with an even e":         {rsaJWK(2048, "BA"), "", "", "odd number from 3"},
		"RSA with e over 2^31":       {rsaJWK(2048, "gAAAAQ"), "", "", "odd number from 3"},
		"RSA with a very large e":    {rsaJWK(2048, "_____________w"), "", "", "odd number from 3"},
		"RSA with a zero before e":   {rsaJWK(2048, "AAEAAQ"), "", "", "without leading zero"},
		"RSA with a zero before n":   {rsaJWK(2048, "AQAB"), `"n":"gAAA`, `"n":"AIAA`, "without leading zero"},
		"RSA whose n is not base64":  {rsaJWK(2048, "AQAB"), `"n":"`, `"n":"!`, "base64url without padding"},
		"bytes that are not UTF-8":   {ec, `{`, "{\"kid\":\"\xff\",", "UTF-8"},
		"a name twice further down":  {ec, `{`, `{"x":{"a":1,"a":2},`, `"a" twice`},
		"with something behind it":   {ec + " x", "", "", "expected a JSON object"},
		"with a byte order mark":     {"\ufeff" + ec, "", "", "expected a JSON object"},
		"a name that is not decoded": {ec, `"kty"`, `"k\\ty"`, `got kty ""`},
	} {
		t.Run(name, func(t *testing.T) {
			jwk := test.jwk
			if test.spoil != "" {
				if jwk = strings.Replace(jwk, test.spoil, test.by, 1); jwk == test.jwk {
					t.Fatalf("there is no %q to spoil in %s", test.spoil, jwk)
				}
			}
			p, err := ParsePublic([]byte(jwk))
			refused(t, err, test.want)
			if p != nil {
				t.Errorf("expected no key with the error, got %+v", p)
			}
		})
	}
}

func TestParsePublicTakes(t *testing.T) {
	for name, test := range map[string]struct{ jwk, want string }{
		"EC":                        {ec, `{"crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"with space":                {" {\n\"kty\" : \"EC\",\t\"crv\":\"P-256\", " + ecX + "," + ecY + " }\r\n", `{"crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"without what is private":   {ec[:len(ec)-1] + `,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`, `{"crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"without what is unknown":   {ec[:len(ec)-1] + `,"ext":true,"key_ops":["verify"],"x5c":["junk"]}`, `{"crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"with its names":            {ec[:len(ec)-1] + `,"use":"sig","kid":"a\"b","alg":"ES256"}`, `{"use":"sig","kid":"a\"b","alg":"ES256","crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"with a name in disguise":   {strings.Replace(ec, "kty", `k\u0074y`, 1), `{"crv":"P-256","kty":"EC",` + ecX + `,` + ecY + `}`},
		"Ed25519":                   {ed, `{"crv":"Ed25519","kty":"OKP",` + edX + `}`},
		"RSA of 2048 bits, e=3":     {rsaJWK(2048, "Aw"), strings.Replace(rsaJWK(2048, "Aw"), `"kty":"RSA","e":"Aw"`, `"e":"Aw","kty":"RSA"`, 1)},
		"RSA of 8192 bits, e=65537": {rsaJWK(8192, "AQAB"), strings.Replace(rsaJWK(8192, "AQAB"), `"kty":"RSA","e":"AQAB"`, `"e":"AQAB","kty":"RSA"`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParsePublic([]byte(test.jwk))
			check(t, err)
			if string(p.JWK) != test.want {
				t.Errorf("expected %s, got %s", test.want, p.JWK)
			}
			again, err := ParsePublic(p.JWK)
			check(t, err)
			if again.Thumbprint != p.Thumbprint || !bytes.Equal(again.JWK, p.JWK) || again.ID != p.ID || again.Alg != p.Alg {
				t.Errorf("expected to read back what was written, got %+v", again)
			}
		})
	}
}

// Names and purpose do not change what a key is.
func TestThumbprintIgnoresNames(t *testing.T) {
	bare := must(ParsePublic([]byte(ec))).Thumbprint
	for _, extra := range []string{`"kid":"a"`, `"alg":"RS256"`, `"use":"sig"`, `"x5t":"a"`, `"d":"a"`} {
		if got := must(ParsePublic([]byte(`{` + extra + `,` + ec[1:]))).Thumbprint; got != bare {
			t.Errorf("with %s: expected %s, got %s", extra, bare, got)
		}
	}
}

func TestNewPublicRefuses(t *testing.T) {
	//lint:ignore SA1019 a point off the curve can only be made by hand
	offCurve := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).Public()
	for want, key := range map[string]any{"P-521, got one on P-224": p224, "got <nil>": nil, "wrong length": ed25519.PublicKey("short"), "got []uint8": []byte("secret"), "not on the curve": offCurve} {
		_, err := bareJWK(key)
		if err == nil || want != "not on the curve" && !strings.Contains(err.Error(), want) {
			t.Errorf("expected an error with %q, got %v", want, err)
		}
	}
}

func TestHasPrivate(t *testing.T) {
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		for form, jwk := range map[string]string{
			"first":           `{"` + name + `":"AAAA",` + ec[1:],
			"last":            ec[:len(ec)-1] + `,"` + name + `":"AAAA"}`,
			"twice":           `{"` + name + `":"AAAA","` + name + `":"",` + ec[1:],
			"empty":           `{"` + name + `":"",` + ec[1:],
			"null":            `{"` + name + `":null,` + ec[1:],
			"an object":       `{"` + name + `":{"` + name + `":1},` + ec[1:],
			"in disguise":     fmt.Sprintf(`{"\u%04x%s":"AAAA",%s`, name[0], name[1:], ec[1:]),
			"with space":      " \n{ \"" + name + "\" : \"AAAA\"}",
			"with junk UTF-8": "{\"\xff\":1,\"" + name + "\":1}",
		} {
			if !HasPrivate([]byte(jwk)) {
				t.Errorf("%s, %s: expected it to be private: %s", name, form, jwk)
			}
		}
	}
	for form, jwk := range map[string]string{
		"a public key":        ec,
		"another's, further":  ec[:len(ec)-1] + `,"note":{"d":"AAAA"}}`,
		"a value of the name": ec[:len(ec)-1] + `,"kid":"d"}`,
		"in capitals":         ec[:len(ec)-1] + `,"D":"AAAA"}`,
		"no object":           `["d"]`,
		"no JSON":             `{"d":`,
		"nothing":             ``,
		"space":               ` `,
	} {
		if HasPrivate([]byte(jwk)) {
			t.Errorf("%s: expected it not to be private: %s", form, jwk)
		}
	}
}

func TestJWKS(t *testing.T) {
	var public []Public
	for _, alg := range []string{"ES256", "PS256", "EdDSA"} {
		public = append(public, keys()[alg].Public())
	}
	back, err := ParseJWKS(JWKS(public...))
	check(t, err)
	if len(back) != len(public) {
		t.Fatalf("expected %d keys, got %d", len(public), len(back))
	}
	for i := range back {
		if back[i].Thumbprint != public[i].Thumbprint || back[i].ID != public[i].ID || back[i].Alg != public[i].Alg {
			t.Errorf("expected %s, got %s", public[i].JWK, back[i].JWK)
		}
	}
	if got := string(JWKS()); got != `{"keys":[]}` {
		t.Errorf("expected an empty set, got %s", got)
	}
}

func TestParseJWKS(t *testing.T) {
	for name, test := range map[string]struct {
		set  string
		want int // number of keys; -1 is an error
	}{
		"empty":                    {`{"keys":[]}`, 0},
		"unknown keys passed over": {`{"keys":[{"kty":"AKP"},` + ec + `,{"kty":"oct","k":"AA"},{},7,null]}`, 1},
		"keys for encryption":      {`{"keys":[{"use":"enc",` + ec[1:] + `]}`, 0},
		"other members":            {`{"issuer":"x","keys":[` + ed + `]}`, 1},
		"no keys":                  {`{}`, -1},
		"keys in capitals":         {`{"KEYS":[]}`, -1},
		"keys are null":            {`{"keys":null}`, -1},
		"keys are an object":       {`{"keys":` + ec + `}`, -1},
		"keys twice":               {`{"keys":[],"keys":[` + ec + `]}`, -1},
		"an array":                 {`[` + ec + `]`, -1},
		"a page instead of a set":  {`<html>`, -1},
		"nothing":                  {``, -1},
	} {
		got, err := ParseJWKS([]byte(test.set))
		if err != nil && test.want >= 0 || err == nil && len(got) != test.want {
			t.Errorf("%s: expected %d keys, got %d, %v", name, test.want, len(got), err)
		}
	}
}
