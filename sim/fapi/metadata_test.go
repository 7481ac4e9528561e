package fapi

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Each member of a document has a line in its type and one in its reader. A type that has one more than
// its reader is noticed here.
func TestEveryMemberIsRead(t *testing.T) {
	everyMember(t, ParseMetadata)
	everyMember(t, ParseTokenResponse)
}

func everyMember[D any](t *testing.T, parse func([]byte) (D, error)) {
	t.Helper()
	var want D
	v := reflect.ValueOf(&want).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case string:
			f.SetString("text of " + v.Type().Field(i).Name)
		case bool:
			f.SetBool(true)
		case int64:
			f.SetInt(42)
		case []string:
			f.Set(reflect.ValueOf([]string{"a", "text of " + v.Type().Field(i).Name}))
		case json.RawMessage:
			f.SetBytes([]byte(`[{"a":1}]`))
		case MTLSAliases:
			for j := range f.NumField() {
				f.Field(j).SetString("alias " + f.Type().Field(j).Name)
			}
		case *Launch:
			needed := true
			f.Set(reflect.ValueOf(&Launch{Patient: "p", Encounter: "e", Context: json.RawMessage(`[{"reference":"a/1"}]`), NeedBanner: &needed, Intent: "i", StyleURL: "s", Tenant: "t"}))
		default:
			t.Fatalf("%s: expected a type of member that is known here, got %s", v.Type().Field(i).Name, f.Type())
		}
	}
	if m, ok := any(want).(Metadata); ok {
		for _, m := range []Metadata{m, {}, {Issuer: "<&>"}} {
			if got, want := string(m.JSON()), string(must(json.Marshal(m))); got != want {
				t.Errorf("expected %s, got %s", want, got)
			}
		}
	}
	got, err := parse(must(json.Marshal(want)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v, %v", want, got, err)
	}
}

func TestMetadataRefuses(t *testing.T) {
	for document, want := range map[string]string{
		`[]`:                            "expected a JSON object",
		`{"issuer":"a","issuer":"b"}`:   `"issuer" twice`,
		`{"issuer":1}`:                  "expected issuer to be a string",
		`{"scopes_supported":"a b"}`:    "scopes_supported: expected an array",
		`{"scopes_supported":["a",1]}`:  "scopes_supported: expected strings",
		`{"mtls_endpoint_aliases":"x"}`: "expected mtls_endpoint_aliases to be an object",
		`{"mtls_endpoint_aliases":{"token_endpoint":1}}`:   "expected token_endpoint to be a string",
		`{"require_pushed_authorization_requests":"true"}`: "expected require_pushed_authorization_requests to be true or false",
	} {
		_, err := ParseMetadata([]byte(document))
		refused(t, err, want)
	}
	m, err := ParseMetadata([]byte(`{"issuer":null,"Issuer":"a","x":{"issuer":"b"}}`))
	if err != nil || m.Issuer != "" {
		t.Errorf("expected no issuer, got %q, %v", m.Issuer, err)
	}
}
