package fapi

import (
	"reflect"
	"regexp"
	"testing"

	strictjson "github.com/go-jose/go-jose/v4/json"
)

// fraction finds dates that are no whole numbers, which encoding/json does not read into an int64.
var fraction = regexp.MustCompile(`:\s*-?[0-9]+[.eE]`)

// readByHand says whether the claims of payload were read as go-jose's encoding/json reads them.
func readByHand[C any](t *testing.T, payload string) {
	t.Helper()
	parsed, err := ParseJWT(compact(`{}`, payload, ""))
	if err != nil || fraction.MatchString(payload) {
		return
	}
	var ours, theirs C
	err, want := parsed.Claims(&ours), strictjson.Unmarshal([]byte(payload), &theirs)
	if (err == nil) != (want == nil) || err == nil && !reflect.DeepEqual(ours, theirs) {
		t.Errorf("%s: expected %+v, %v, got %+v, %v", payload, theirs, want, ours, err)
	}
}

var payloads = []string{
	`{}`, `{"iss":"a","sub":"b","aud":"c","client_id":"d","scope":"e f","iat":1,"exp":2,"jti":"g","auth_time":3,"cnf":{"jkt":"h"},"nonce":"i","name":"j","nbf":4,"acr":"k","amr":["l","m"],"at_hash":"n"}`,
	`{"amr":["a",null]}`, `{"amr":null}`, `{"amr":[]}`, `{"amr":"a"}`, `{"amr":[1]}`, `{"acr":1}`,
	`{"iss":null,"sub":null,"aud":null,"client_id":null,"scope":null,"iat":null,"exp":null,"cnf":null,"nonce":null,"nbf":null}`,
	`{"aud":["a","b"],"scope":["a","b"]}`, `{"aud":[],"scope":[]}`, `{"aud":["a",null]}`, `{"aud":[1]}`, `{"aud":{}}`, `{"aud":[["a"]]}`, `{"aud":["a\u0041" , "b"]}`,
	`{"scope":1}`, `{"scope":["a",null]}`, `{"scope":"\u0041\ud800"}`,
	`{"iat":1.5}`, `{"iat":1e3}`, `{"exp":"1"}`, `{"exp":-0}`, `{"exp":-7}`, `{"exp":9223372036854775807}`, `{"exp":9223372036854775808}`, `{"nbf":true}`,
	`{"cnf":{}}`, `{"cnf":{"jkt":null}}`, `{"cnf":{"jkt":1}}`, `{"cnf":[]}`, `{"cnf":"a"}`, `{"cnf":{"JKT":"a","x":{"jkt":"b"}}}`,
	`{"ISS":"a","Exp":1}`, `{"sub":1}`, `{"sub":[]}`, `{"jti":"é\n\"\\"}`,
	`{"helseid://claims/client/claims/orgnr_parent":"123456789"}`,
}

func TestClaimsReadByHand(t *testing.T) {
	for _, payload := range payloads {
		readByHand[AccessToken](t, payload)
		readByHand[IDToken](t, payload)
		readByHand[Assertion](t, payload)
	}
}

func FuzzClaims(f *testing.F) {
	for _, payload := range payloads {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		readByHand[AccessToken](t, payload)
		readByHand[IDToken](t, payload)
		readByHand[Assertion](t, payload)
	})
}
