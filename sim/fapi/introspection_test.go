package fapi

import (
	"encoding/json"
	"testing"
)

func TestIntrospection(t *testing.T) {
	token := &AccessToken{Issuer: "https://as.test", Subject: "<a>", Audience: Audience{Values: []string{"a", "b"}}, Expires: 1, Confirmation: &Confirmation{JKT: "j"}}
	type answer struct {
		Active    bool   `json:"active"`
		TokenType string `json:"token_type,omitempty"`
		*AccessToken
	}
	for _, kind := range []string{"", "DPoP"} {
		if got, want := string(Introspection(token, kind)), string(must(json.Marshal(answer{true, kind, token}))); got != want {
			t.Errorf("expected %s, got %s", want, got)
		}
	}
	if got := string(Introspection(nil, "DPoP")); got != `{"active":false}` {
		t.Errorf("expected nothing else about an inactive token, got %s", got)
	}
	if !must(ParseIntrospection(Introspection(token, "Bearer"))).Active || must(ParseIntrospection(Introspection(nil, ""))).Active {
		t.Error("expected to read what was written")
	}
}

func TestParseIntrospection(t *testing.T) {
	for answer, want := range map[string]bool{`{"active":true}`: true, `{"active" : false, "sub":"a"}`: false, `{"a":{"active":false},"active":true}`: true} {
		if got := must(ParseIntrospection([]byte(answer))).Active; got != want {
			t.Errorf("%s: expected %t, got %t", answer, want, got)
		}
	}
	for _, answer := range []string{``, `[]`, `{}`, `{"active":"true"}`, `{"active":1}`, `{"active":null}`, `{"Active":true}`, `{"active":true,"active":false}`, `{"active":true`} {
		if _, err := ParseIntrospection([]byte(answer)); err == nil {
			t.Errorf("%s: expected an error", answer)
		}
	}
}
