package fapi

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// One correct JWT in three parts; each line below spoils one thing.
func TestParseJWTRefuses(t *testing.T) {
	const h, p, s = `{"alg":"ES256","typ":"JWT"}`, `{"sub":"berg"}`, "signature"
	good := compact(h, p, s)
	part := strings.Split(good, ".")
	for name, test := range map[string]struct{ jwt, want string }{
		"nothing":                     {"", "three parts joined by dots, got 1"},
		"one part":                    {part[0], "got 1"},
		"two parts":                   {part[0] + "." + part[1], "got 2"},
		"four parts":                  {good + ".", "got 4"},
		"the five parts of a JWE":     {good + ".a.b", "got 5"},
		"no header":                   {"." + part[1] + "." + part[2], "JWT header"},
		"no payload":                  {part[0] + ".." + part[2], "JWT payload"},
		"header with padding":         {base64.URLEncoding.EncodeToString([]byte(`{"alg":"ES256"}  `)) + "." + part[1] + "." + part[2], "JWT header: expected the part in base64url"},
		"payload with padding":        {part[0] + "." + part[1] + "=." + part[2], "JWT payload: expected the part in base64url"},
		"signature with padding":      {good + "=", "JWT signature: expected the part in base64url"},
		"header in plain base64":      {"+" + part[0][1:] + "." + part[1] + "." + part[2], "JWT header"},
		"signature in plain base64":   {part[0] + "." + part[1] + "./" + part[2][1:], "JWT signature"},
		"a space before":              {" " + good, "JWT header"},
		"a space behind":              {good + " ", "JWT signature"},
		"a line break behind":         {good + "\n", "JWT signature: expected the part in base64url without padding, got it with a line break"},
		"a line break within":         {part[0] + "." + part[1] + "." + part[2][:4] + "\r\n" + part[2][4:], "line break"},
		"a line break in the header":  {part[0][:4] + "\n" + part[0][4:] + "." + part[1] + "." + part[2], "line break"},
		"a zero byte":                 {good + "\x00", "JWT signature"},
		"bits left over":              {part[0] + "." + part[1][:len(part[1])-1] + "R." + part[2], "JWT payload: expected the part in base64url"},
		"one character too many":      {good + "A", "JWT signature"},
		"header is no JSON":           {compact(`alg`, p, s), "JWT header: expected a JSON object"},
		"header is a string":          {compact(`"alg"`, p, s), "JWT header: expected a JSON object"},
		"header is an array":          {compact(`[]`, p, s), "JWT header: expected a JSON object"},
		"header is null":              {compact(`null`, p, s), "JWT header: expected a JSON object"},
		"header ends early":           {compact(h[:len(h)-1], p, s), "JWT header"},
		"header goes on":              {compact(h+h, p, s), "JWT header"},
		"header is not UTF-8":         {compact("{\"kid\":\"\xff\"}", p, s), "JWT header: expected UTF-8"},
		"header with a byte mark":     {compact("\ufeff"+h, p, s), "JWT header"},
		"alg twice":                   {compact(`{"alg":"none","alg":"ES256"}`, p, s), `the member "alg" twice`},
		"alg twice, once disguised":   {compact(`{"alg":"none","\u0061lg":"ES256"}`, p, s), `the member "alg" twice`},
		"alg is a number":             {compact(`{"alg":1}`, p, s), "expected alg to be a string, got 1"},
		"alg is null":                 {compact(`{"alg":null}`, p, s), "expected alg to be a string"},
		"typ is an array":             {compact(`{"alg":"ES256","typ":["JWT"]}`, p, s), "expected typ to be a string"},
		"kid is an object":            {compact(`{"alg":"ES256","kid":{}}`, p, s), "expected kid to be a string"},
		"an extension to understand":  {compact(`{"alg":"ES256","crit":["b64"],"b64":false}`, p, s), `no extension that must be understood, got crit ["b64"]`},
		"an empty list of extensions": {compact(`{"alg":"ES256","crit":[]}`, p, s), "no extension"},
		"a name twice in the jwk":     {compact(`{"alg":"ES256","jwk":{"x":"a","x":"b"}}`, p, s), `the member "x" twice`},
		"payload is no JSON":          {compact(h, `berg`, s), "JWT payload: expected a JSON object"},
		"payload is a string":         {compact(h, `"berg"`, s), "JWT payload: expected a JSON object"},
		"payload is null":             {compact(h, `null`, s), "JWT payload: expected a JSON object"},
		"payload is not UTF-8":        {compact(h, "{\"sub\":\"\xc3\"}", s), "JWT payload: expected UTF-8"},
		"sub twice":                   {compact(h, `{"sub":"berg","sub":"lie"}`, s), `the member "sub" twice`},
		"sub twice, alike":            {compact(h, `{"sub":"berg","sub":"berg"}`, s), `the member "sub" twice`},
		"a name twice in cnf":         {compact(h, `{"cnf":{"jkt":"a","jkt":"b"}}`, s), `the member "jkt" twice`},
		"a name twice in an array":    {compact(h, `{"aud":[[{"a":1},{"a":1,"a":2}]]}`, s), `the member "a" twice`},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := ParseJWT(test.jwt)
			refused(t, err, test.want)
			if parsed != nil {
				t.Errorf("expected no JWT with the error, got %+v", parsed)
			}
		})
	}
}

// What looks odd and is right.
func TestParseJWTTakes(t *testing.T) {
	for name, test := range map[string]struct {
		header, payload string
		want            Header
	}{
		"everything":              {`{"typ":"a","alg":"b","kid":"c","jwk":{"d":[1, 2]}}`, `{}`, Header{Typ: "a", Alg: "b", Kid: "c", JWK: []byte(`{"d":[1, 2]}`)}},
		"an empty header":         {`{}`, `{}`, Header{}},
		"white space":             {" {\r\n\t\"alg\" : \"b\" } ", " { } ", Header{Alg: "b"}},
		"names with case":         {`{"alg":"b","ALG":"none"}`, `{"sub":"a","Sub":"b"}`, Header{Alg: "b"}},
		"only another name":       {`{"Alg":"b"}`, `{}`, Header{}},
		"the same name deeper":    {`{"alg":"b","x":{"alg":"c"}}`, `{"a":{"a":{"a":[{"a":1},{"a":1}]}}}`, Header{Alg: "b"}},
		"disguised letters":       {`{"\u0061lg":"\u0062"}`, `{}`, Header{Alg: "b"}},
		"other headers":           {`{"alg":"b","jku":"https://x.test","x5c":[]}`, `{}`, Header{Alg: "b"}},
		"no signature":            {`{"alg":"none"}`, `{}`, Header{Alg: "none"}},
		"brackets within strings": {`{"kid":"}],\"{["}`, `{"a":"\\","b":"\\\""}`, Header{Kid: `}],"{[`}},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := ParseJWT(compact(test.header, test.payload, ""))
			check(t, err)
			if fmt.Sprint(parsed.Header) != fmt.Sprint(test.want) || string(parsed.Payload) != test.payload {
				t.Errorf("expected %+v over %s, got %+v over %s", test.want, test.payload, parsed.Header, parsed.Payload)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	parsed := must(ParseJWT(compact(`{}`, `{"sub":"berg","SUB":"lie","Exp":9,"cnf":{"jkt":"a","JKT":"b"}}`, "")))
	var a AccessToken
	check(t, parsed.Claims(&a))
	// encoding/json would read lie, 9 and b.
	if a.Subject != "berg" || a.Expires != 0 || a.JKT() != "a" {
		t.Errorf("expected names to compare with case, got %+v", a)
	}
	for _, payload := range []string{`{"sub":1}`, `{"exp":"soon"}`, `{"exp":1e99}`, `{"aud":1}`, `{"cnf":"a"}`, `{"scope":1}`} {
		refused(t, must(ParseJWT(compact(`{}`, payload, ""))).Claims(&a), "JWT claims: ")
	}
}

func TestCheckAlg(t *testing.T) {
	for alg, ok := range map[string]bool{"ES256": true, "PS256": true, "EdDSA": true, "Ed25519": true,
		"": false, "none": false, "None": false, "HS256": false, "RS256": false, "es256": false, "ES256 ": false, "ES384": false} {
		err := (&JWT{Header: Header{Alg: alg}}).CheckAlg(Algorithms)
		if ok != (err == nil) {
			t.Errorf("%q: expected permitted to be %v, got %v", alg, ok, err)
		}
	}
	refused(t, (&JWT{Header: Header{Alg: "ES256"}}).CheckAlg(nil), `got "ES256"`)
}

func TestCheckTyp(t *testing.T) {
	for typ, ok := range map[string]bool{"dpop+jwt": true, "DPoP+JWT": true, "application/dpop+jwt": true, "Application/DPoP+jwt": true,
		"": false, "JWT": false, "at+jwt": false, "dpop": false, "dpop+jwt ": false, "text/dpop+jwt": false, "application/application/dpop+jwt": false} {
		err := (&JWT{Header: Header{Typ: typ}}).CheckTyp(TypProof)
		if ok != (err == nil) {
			t.Errorf("%q: expected %v, got %v", typ, ok, err)
		}
	}
}
