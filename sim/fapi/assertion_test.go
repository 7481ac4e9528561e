package fapi

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAssertion(t *testing.T) {
	key := ecTestKey("ec")
	a := NewAssertion("ehr", "https://as.test", now, time.Minute, "1")
	parsed := must(ParseJWT(must(a.Sign(key, "client-authentication+jwt"))))
	check(t, parsed.VerifyTrustingAlg(key.Public().Key))
	check(t, parsed.CheckTyp("client-authentication+jwt"))
	var back Assertion
	check(t, parsed.Claims(&back))
	if back.Issuer != "ehr" || back.Subject != "ehr" || !back.Audience.IsOnly("https://as.test") || back.IssuedAt != now.Unix() ||
		back.NotPrior != now.Unix() || back.Expires != now.Unix()+60 || back.JTI != "1" || parsed.Header.Kid != "ec" {
		t.Errorf("expected the claims of OIDC Core s9, got %+v", back)
	}
	if untyped := must(ParseJWT(must(a.Sign(key, "")))); untyped.Header.Typ != "" {
		t.Errorf("expected no typ, got %q", untyped.Header.Typ)
	}
	if empty := must(ParseJWT(must(Assertion{}.Sign(key, "")))); string(empty.Payload) != "{}" {
		t.Errorf("expected what is left empty to be left out, got %s", empty.Payload)
	}
}

func TestAudience(t *testing.T) {
	for name, test := range map[string]struct {
		json     string
		has      bool // "a" is among them
		only     bool // it is "a", as a string
		isAbsent bool
	}{
		"a string":            {`"a"`, true, true, false},
		"another string":      {`"b"`, false, false, false},
		"an empty string":     {`""`, false, false, false},
		"an array of one":     {`["a"]`, true, false, false},
		"an array of two":     {`["b","a"]`, true, false, false},
		"an array of another": {`["b"]`, false, false, false},
		"an array of none":    {`[]`, false, false, false},
		"a prefix":            {`"ab"`, false, false, false},
		"a string of two":     {`"a b"`, false, false, false},
		"null":                {`null`, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := Audience{Values: []string{"left over"}}
			check(t, json.Unmarshal([]byte(test.json), &a))
			if a.Has("a") != test.has || a.IsOnly("a") != test.only || a.IsZero() != test.isAbsent {
				t.Errorf("expected has %v, only %v, absent %v, got %+v", test.has, test.only, test.isAbsent, a)
			}
			if want := test.json; !test.isAbsent && a.String() != want {
				t.Errorf("expected it to be written as it came, %s, got %s", want, a)
			}
		})
	}
	for _, bad := range []string{`1`, `true`, `{}`, `{"a":"a"}`, `[1]`, `["a",null]`, `["a",["a"]]`} {
		var a Audience
		refused(t, json.Unmarshal([]byte(bad), &a), "expected aud to be a string or an array of strings")
	}
	if got := (Audience{}).String(); got != "" {
		t.Errorf("expected an absent audience to be empty, got %s", got)
	}
	if (Audience{}).IsOnly("") || (Audience{}).Has("") {
		t.Error("expected an absent audience to be nobody's")
	}
}

// TestAudienceRoundTrip: what is written is read back, and the form, string or array, survives.
func TestAudienceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Audience{Values: rapid.SliceOf(rapid.String()).Draw(t, "values"), Array: true}
		if len(want.Values) == 1 {
			want.Array = rapid.Bool().Draw(t, "array")
		}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Audience
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if got.Array != want.Array || !slices.Equal(got.Values, want.Values) {
			t.Fatalf("expected %+v, got %+v by way of %s", want, got, b)
		}
	})
}

func TestAudienceInClaims(t *testing.T) {
	for want, a := range map[string]Audience{
		`{}`:                {},
		`{"aud":[]}`:        {Array: true},
		`{"aud":"a"}`:       {Values: []string{"a"}},
		`{"aud":["a"]}`:     {Values: []string{"a"}, Array: true},
		`{"aud":["a","b"]}`: {Values: []string{"a", "b"}}, // two cannot be a string
	} {
		if got := string(must(json.Marshal(Assertion{Audience: a}))); got != want {
			t.Errorf("expected %s, got %s", want, got)
		}
	}
}
