package profile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"thiefbox/sim/control"
)

func first(_ string, candidates []string) string { return candidates[0] }

func TestRoundTrip(t *testing.T) {
	for _, p := range control.Profiles() {
		for _, v := range []control.Profile{p, {Name: "bare-" + p.Name, Title: `a "bare" one: #1`, Dialect: p.Dialect}} {
			var b bytes.Buffer
			if err := Write(&b, v); err != nil {
				t.Fatal(err)
			}
			got, err := Parse("x/any.yaml", b.Bytes(), first)
			if err != nil || got != v {
				t.Errorf("expected %s back, got %+v, %v from\n%s", v.Name, got, err, b.String())
			}
		}
	}
}

func TestParseOnABase(t *testing.T) {
	got, err := Parse("dir/ours.prod.yaml", []byte("base: fapi2-dpop\ndialect:\n  access_token_lifetime: 5m\n"+
		"controls:\n  on: [rs/dpop-jti]\n  off:\n    - as/dpop-htu\n"), first)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := control.ProfileNamed("fapi2-dpop")
	if got.Name != "ours" || got.Dialect.AccessTokenLifetime != 5*time.Minute ||
		got.Controls != base.Controls.With(control.RSDPoPJTI).Without(control.ASDPoPHTU) {
		t.Errorf("expected the base with three changes, got %+v", got)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "expected one document",
		"- a":                            "1:1: the file: expected keys with values, got a list",
		"base: fapi3":                    `1:7: no profile is called "fapi3"`,
		"bse: legacy":                    `1:1: no key of the file is called "bse"`,
		"base: legacy\nbase: bcp":        "2:1: ",
		"base:":                          "1:1: the file: base has no value",
		"name: x":                        "expected a base or a dialect",
		"base: legacy\nname: bcp":        `2:7: the name "bcp" belongs`,
		"base: legacy\nname: [a]":        "2:7: name: expected one line of text, got a list",
		"dialect:\n  pkce: true":         "dialect: expected client_auth",
		"base: legacy\ndialect: 3":       "2:10: dialect: expected keys",
		"base: bcp\ndialect: {pkce: 1}":  "2:17: pkce: expected true or false",
		"base: bcp\ndialect: {pkse: 1}":  `2:11: no key of dialect is called "pkse"`,
		"base: bcp\ncontrols: {on: x}":   "2:16: controls.on: expected a list",
		"base: bcp\ncontrols: {on: [x]}": `2:17: no control is called "x"`,
		"base: bcp\ncontrols: {on: [rs/scope], off: [rs/scope]}": "2:34: rs/scope stands in on already",
		"base: bcp\ndialect: {client_auth: secret}":              "2:24: client_auth: expected one of",
		"base: bcp\ndialect: {access_token_lifetime: 5}":         "2:34: access_token_lifetime: expected a span",
		"base: bcp\ndialect: {access_token_lifetime: -5m}":       "access_token_lifetime: expected a span",
		"base: [":                           "expected YAML",
		"base: bcp\ndialect:\n\tpkce: true": "3:1: expected YAML, got a tab",
		"base: &a legacy":                   "expected one line of text, got an anchor",
		"base: legacy\n---\nbase: bcp\n":    "expected one document, got 2",
	} {
		_, err := Parse("f.yaml", []byte(text), first)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected an error with %q, got %v", text, want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("base: legacy\ncontrols: {on: [rs/scope]}")
	f.Add("dialect:\n  pkce: yes\n? a\n: b")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("f.yaml", []byte(text), first)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		if again, err := Parse("f.yaml", b.Bytes(), first); err != nil || again != p {
			t.Errorf("expected %+v back, got %+v, %v", p, again, err)
		}
	})
}
