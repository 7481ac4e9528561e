package fapi

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	jose "github.com/go-jose/go-jose/v4"
)

// FuzzParseJWT: what is taken is canonical (it can be put together again from its parts, to the
// letter) and means the same to go-jose's strict JSON.
func FuzzParseJWT(f *testing.F) {
	f.Add(rfc9449API)
	f.Add(must(AccessToken{Subject: "berg", Audience: Audience{Values: []string{"a"}}}.Sign(ecTestKey("ec"))))
	f.Add(compact(`{"alg":"none"}`, `{"a":[{"b":"\""}]}`, ""))
	f.Add(compact(`{"alg":"none","\u0061lg":"ES256"}`, `{}`, ""))
	key := ecTestKey("ec").Public().Key
	f.Fuzz(func(t *testing.T, in string) {
		parsed, err := ParseJWT(in)
		if (parsed == nil) != (err != nil) {
			t.Fatalf("expected a JWT or an error, got %v and %v", parsed, err)
		}
		if err != nil {
			return
		}
		header, _, _ := strings.Cut(in, ".")
		if again := header + "." + b64([]byte(parsed.Payload)) + "." + b64(parsed.signature); again != in || parsed.Compact != in {
			t.Fatalf("expected one spelling, got %q and %q", in, again)
		}
		var members map[string]any
		if err := parsed.Claims(&members); err != nil || members == nil {
			t.Fatalf("expected an object with no name twice, got %s, %v", parsed.Payload, err)
		}
		if err := parsed.VerifyTrustingAlg(key); err == nil && parsed.Header.Alg == "" {
			t.Fatal("expected nothing to verify without an alg")
		}
	})
}

// FuzzParseObject: what is taken as an object is what encoding/json takes for one, if no name stands twice.
func FuzzParseObject(f *testing.F) {
	for _, in := range []string{
		`{"a":[1,-0.5e+7,{"b":null}],"c":"\u00e6\"\\\n","d":true}`, "\t{ } ", `{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":tru}`,
		`{"a":"\x"}`, `{"a":"\u12"}`, "{\"a\":\"\n\"}", `{"a":1,}`, `{"a" 1}`, `{,}`, `{"a":[1,]}`, `{"a":"`, `{"a":"\`, `[{}]`, `{}{}`, "{}\x00", `{"a":{"b":1,"b":2}}`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := parseObject(string(in))
		var theirs map[string]json.RawMessage
		isObject := utf8.Valid(in) && json.Unmarshal(in, &theirs) == nil && theirs != nil
		if err != nil {
			if isObject && !strings.HasSuffix(err.Error(), "twice") {
				t.Fatalf("expected %q to be an object, got %v", in, err)
			}
			return
		}
		if !isObject || len(o) != len(theirs) {
			t.Fatalf("expected what encoding/json reads in %q, got %d members", in, len(o))
		}
		for name, raw := range theirs {
			if o.get(name) != string(raw) {
				t.Fatalf("%q of %q: expected %s, got %s", name, in, raw, o.get(name))
			}
		}
	})
}

// FuzzParseProof: the quick reader of claims agrees with the one by reflection.
func FuzzParseProof(f *testing.F) {
	f.Add(rfc9449Token)
	f.Add(benchProof(ecTestKey("ec")))
	f.Add(must(Proof{}.Sign(must(ParseKey([]byte(edJWK))))))
	f.Fuzz(func(t *testing.T, in string) {
		p, err := ParseProof(in)
		if err != nil {
			return
		}
		var claims Proof
		if err := p.JWT.Claims(&claims); err != nil || claims != p.Claims {
			t.Fatalf("expected %+v, got %+v, %v", p.Claims, claims, err)
		}
		if len(p.Key.Thumbprint) != 43 || p.Key.Key == nil || HasPrivate(p.Key.JWK) {
			t.Fatalf("expected a public key with a thumbprint, got %+v", p.Key)
		}
		_ = p.JWT.VerifyTrustingAlg(p.Key.Key)
	})
}

// FuzzParsePublic: a key read here is the same key to go-jose, under the same thumbprint.
func FuzzParsePublic(f *testing.F) {
	for _, jwk := range []string{ec, ed, edJWK, rsaJWK(2048, "AQAB"), string(ecTestKey("ec").PrivateJWK()), `{"kty":"oct","k":"AA"}`} {
		f.Add([]byte(jwk))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = HasPrivate(in)
		p, err := ParsePublic(in)
		if err != nil {
			return
		}
		again, err := ParsePublic(p.JWK)
		if err != nil || again.Thumbprint != p.Thumbprint || !bytes.Equal(again.JWK, p.JWK) {
			t.Fatalf("expected to read back %s, got %+v, %v", p.JWK, again, err)
		}
		if rsaTooBigForJose(p) {
			return
		}
		var theirs jose.JSONWebKey
		if err := json.Unmarshal(p.JWK, &theirs); err != nil {
			t.Fatalf("go-jose does not take %s: %v", p.JWK, err)
		}
		print, err := theirs.Thumbprint(crypto.SHA256)
		if err != nil || b64(print) != p.Thumbprint || !theirs.IsPublic() {
			t.Fatalf("expected the public key %s, got %s, %v", p.Thumbprint, b64(print), err)
		}
		// What was read may be too odd for go-jose (a broken certificate beside the key), but if it
		// takes it, it takes the same.
		if json.Unmarshal(in, &theirs) == nil {
			if print, err := theirs.Thumbprint(crypto.SHA256); err != nil || b64(print) != p.Thumbprint {
				t.Fatalf("expected %s for %s, got %s, %v", p.Thumbprint, in, b64(print), err)
			}
		}
	})
}

func rsaTooBigForJose(p *Public) bool {
	key, ok := p.Key.(*rsa.PublicKey)
	return ok && key.N.BitLen() > jose.MaxRSAModulusBits
}

// FuzzSameURI: an equivalence, and one that a normal form decides.
func FuzzSameURI(f *testing.F) {
	for _, pair := range [][2]string{
		{"https://a.test", "HTTPS://A.test:443/"}, {"https://a.test/%7Eb/../c%2f", "https://a.test/c%2F?x#y"},
		{"https://a.test//b/.", "http://[::1]:80/æ"}, {"https://a.test/%4", "//a"}, {"http://\u212a/", "http://k/"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if SameURI(a, b) != SameURI(b, a) {
			t.Fatalf("%q and %q: expected the same both ways", a, b)
		}
		if a != "" && !SameURI(a, a) {
			t.Fatalf("%q: expected it to be the same as itself", a)
		}
		normal, err := normalURI(a)
		if err != nil {
			return
		}
		if again, err := normalURI(normal); err != nil || again != normal {
			t.Fatalf("%q: expected the normal form %q to be its own, got %q, %v", a, normal, again, err)
		}
		if !SameURI(a, normal) || !SameURI(a+"?b#c", a) && !strings.ContainsAny(a, "?#") {
			t.Fatalf("%q: expected it to be the same as %q, and with a query", a, normal)
		}
		if path := normal[len("https://"):]; strings.Count(path, "%2F") != strings.Count(strings.ToUpper(WithoutQuery(a)), "%2F") && !strings.Contains(a, ".") && !strings.Contains(strings.ToUpper(a), "%2E") {
			t.Fatalf("%q: expected encoded slashes to stay, got %q", a, normal)
		}
		if SameURI(a, b) != (a == b) {
			if other, err := normalURI(b); err != nil || other != normal {
				t.Fatalf("%q and %q: expected one normal form, got %q and %q, %v", a, b, normal, other, err)
			}
		}
	})
}

// FuzzParseRequestObject: what is read is written again with the same meaning.
func FuzzParseRequestObject(f *testing.F) {
	f.Add(must(testRequest().Sign(ecTestKey("ec"), TypRequest)))
	f.Add(compact(`{"alg":"none"}`, `{"resource":["a","b"],"claims":{"a":[1]},"max_age":1.5,"x":null,"y":true}`, ""))
	f.Fuzz(func(t *testing.T, in string) {
		r, err := ParseRequestObject(in)
		if err != nil {
			return
		}
		again, err := ParseRequestObject(must(ForgeUnsigned(Header{}, r.Claims)))
		if err != nil {
			t.Fatalf("%s: %v", r.JWT.Payload, err)
		}
		for name, values := range r.Claims.Parameters {
			if len(values) > 0 && values[0] != "" && len(again.Claims.Parameters[name]) != len(values) {
				t.Fatalf("%s: expected %s to be %q, got %q", r.JWT.Payload, name, values, again.Claims.Parameters[name])
			}
		}
	})
}
