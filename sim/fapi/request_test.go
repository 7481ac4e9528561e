package fapi

import (
	"encoding/json"
	"reflect"
	"testing"
)

func testRequest() RequestObject {
	return RequestObject{
		Issuer: "ehr", Audience: Audience{Values: []string{"https://as.test"}}, IssuedAt: 1, NotPrior: 2, Expires: 3, JTI: "j",
		Parameters: map[string][]string{
			"client_id": {"ehr"}, "resource": {"https://a.test", "https://b.test"}, "max_age": {"300"}, "state": {`å"&`},
			"claims": {`{"id_token":{"acr":null}}`}, "authorization_details": {`[{"type":"x"}]`},
		},
	}
}

// What is written is JSON of the right types, and is read back as it was (RFC 9101 s4).
func TestRequestObject(t *testing.T) {
	made := must(testRequest().Sign(ecTestKey("ec"), TypRequest))
	got := must(ParseRequestObject(made))
	if got.JWT.Header.Typ != TypRequest || got.JWT.Header.Kid != "ec" || !reflect.DeepEqual(got.Claims, testRequest()) {
		t.Errorf("expected what was written, got %+v", got)
	}
	check(t, got.JWT.VerifyTrustingAlg(ecTestKey("ec").Public().Key))
	m := decode(t, []byte(got.JWT.Payload))
	if _, list := m["resource"].([]any); !list || m["max_age"] != 300.0 || m["aud"] != "https://as.test" {
		t.Errorf("got %v", m)
	}
	if _, object := m["claims"].(map[string]any); !object {
		t.Errorf("expected claims to be an object, got %v", m["claims"])
	}
	if again := must(testRequest().Sign(ecTestKey("ec"), TypRequest)); again != made {
		t.Error("expected the same request object again")
	}
}

func TestRequestObjectReadsWhatOthersWrite(t *testing.T) {
	got := must(ParseRequestObject(compact(`{"alg":"ES256"}`, `{"iss":"a","sub":"a","aud":["x","y"],"exp":5.5,"resource":"https://a.test",
		"state":null,"max_age":"60","prompt":"login","vector":true,"nbf":1}`, "s"))).Claims
	want := map[string][]string{"resource": {"https://a.test"}, "max_age": {"60"}, "prompt": {"login"}, "vector": {"true"}}
	if !reflect.DeepEqual(got.Parameters, want) || got.Expires != 5 || !got.Audience.Has("y") {
		t.Errorf("expected %v, got %+v", want, got)
	}
}

// A parameter's name may be anything: it comes from whoever asks for a request object to be signed.
func TestRequestObjectEscapesNames(t *testing.T) {
	odd := `a":1,"iss` + "\t"
	made := must(RequestObject{Issuer: "ehr", Parameters: map[string][]string{odd: {"x"}, "resource": {"a", "b"}}}.Sign(ecTestKey("ec"), ""))
	got := must(ParseRequestObject(made)).Claims
	if got.Issuer != "ehr" || !reflect.DeepEqual(got.Parameters[odd], []string{"x"}) || len(got.Parameters) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestRequestObjectRefuses(t *testing.T) {
	for payload, want := range map[string]string{
		`{"aud":7}`:                "expected aud to be",
		`{"exp":"soon"}`:           "expected exp to be a number",
		`{"iss":["a"]}`:            "expected iss to be a string",
		`{"scope":["a","b"]}`:      "expected scope to be one value",
		`{"resource":["a",7]}`:     "expected strings",
		`{"state":"a","state":""}`: "twice",
	} {
		_, err := ParseRequestObject(compact(`{"alg":"ES256"}`, payload, "s"))
		refused(t, err, want)
	}
	_, err := ParseRequestObject("a.b.c.d.e")
	refused(t, err, "three parts")
}

func TestSignedIntrospection(t *testing.T) {
	in := SignedIntrospection{Issuer: "https://as.test", Audience: Audience{Values: []string{"api"}}, IssuedAt: 7, Answer: Introspection(&AccessToken{JTI: "j"}, "DPoP")}
	jwt := must(ParseJWT(must(in.Sign(ecTestKey("ec")))))
	var out SignedIntrospection
	check(t, jwt.Claims(&out))
	check(t, jwt.CheckTyp(TypIntrospection))
	if !reflect.DeepEqual(in, out) {
		t.Errorf("expected %+v, got %+v", in, out)
	}
	if s := must(ParseIntrospection(out.Answer)); !s.Active || s.JTI != "j" {
		t.Errorf("got %+v", s)
	}
	for _, payload := range []string{`{}`, `{"token_introspection":null}`, `{"token_introspection":"yes"}`, `{"iss":7,"token_introspection":{}}`} {
		if err := must(ParseJWT(compact(`{}`, payload, ""))).Claims(&out); err == nil {
			t.Errorf("%s: expected an error", payload)
		}
	}
	if made := must(ParseJWT(must(SignedIntrospection{}.Sign(ecTestKey("ec"))))); string(made.Payload) != "{}" {
		t.Errorf("expected what is empty to be left out, got %s", made.Payload)
	}
}

func TestAuthorizationResponse(t *testing.T) {
	in := AuthorizationResponse{Issuer: "https://as.test", Audience: Audience{Values: []string{"ehr"}}, Expires: 7, Code: "c", State: "s"}
	jwt := must(ParseJWT(must(in.Sign(ecTestKey("ec")))))
	var out AuthorizationResponse
	check(t, jwt.Claims(&out))
	if !reflect.DeepEqual(in, out) || jwt.Header.Typ != "" {
		t.Errorf("expected %+v, got %+v under %+v", in, out, jwt.Header)
	}
	if !json.Valid([]byte(jwt.Payload)) {
		t.Errorf("got %s", jwt.Payload)
	}
}

func TestAlgorithmsNamed(t *testing.T) {
	if !reflect.DeepEqual(AlgorithmsNamed(""), Algorithms) || !reflect.DeepEqual(AlgorithmsNamed("national"), NationalAlgorithms) {
		t.Error("expected FAPI 2.0's by default, and the national ones by their name")
	}
}
