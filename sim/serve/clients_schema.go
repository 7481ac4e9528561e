package serve

import (
	"encoding/json"
	"reflect"
	"strings"

	"thiefbox/idp"
)

// The JSON Schema of the clients' file, for editors that complete and check it while it is written. It is read off
// the types that the file is read into, so it names what is taken and nothing else.

// described says what a member is for, where its name does not.
var described = map[string]string{
	"jwks_file":                         "A JWK Set with public keys, beside the file",
	"jwks":                              "The same, written out",
	"organization":                      "A test organisation: the client sees its patients when it acts in its own name, and its number goes into the client's tokens; nobody's if left out",
	"registered_for":                    "The test organisation that clients act for who register themselves (RFC 7591)",
	"issuers":                           "Names of issuers where this holds; everywhere if left out",
	"tenancy":                           "Whom the client may act for, under HelseID",
	"response_modes":                    "The only ones it may ask for (FAPI 2.0 MS 5.3.3)",
	"require_signed_request_object":     "It pushes signed request objects and nothing else (RFC 9101 s10.5)",
	"sign_in_as":                        "A test person who is signed in without pages, where no hint names another",
	"sign_in_by_hint":                   "Whom login_hint names is signed in without pages",
	"consent":                           "Agree in her name",
	"sign_out_revokes":                  "Who signs out withdraws all that she allowed in that session",
	"lifetimes":                         "How long things live; 0 is the default",
	"tls_client_auth_subject_dn":        "The client's name in its certificate (RFC 8705 s2.1.2)",
	"authorization_signed_response_alg": "Signs the authorization responses that it asks to have signed",
	"dpop_bound_access_tokens":          "No token is given to it without a proof (RFC 9449 s5.2)",
	"tls_client_certificate_bound_access_tokens": "Its tokens are bound to its certificate (RFC 8705 s3.4)",
}

// choices are the values of members that have few.
var choices = map[string][]string{
	"token_endpoint_auth_method":        {"private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "self_signed_tls_client_auth"},
	"grant_types":                       {"authorization_code", "client_credentials", "refresh_token", tokenExchange},
	"response_types":                    {"code"},
	"response_modes":                    {"query", "jwt", "query.jwt"},
	"authorization_signed_response_alg": {"PS256", "ES256"},
	"id_token_signed_response_alg":      idp.SigningAlgorithms(),
	"userinfo_signed_response_alg":      idp.SigningAlgorithms(),
}

// ClientsSchema is the JSON Schema (2020-12) of a file for Config.ClientsFile.
func ClientsSchema() []byte {
	schema := schemaOf("", reflect.TypeFor[clientsFile]())
	schema["$schema"], schema["title"] = "https://json-schema.org/draft/2020-12/schema", "Clients and settings of thiefbox serve"
	text, _ := json.MarshalIndent(schema, "", "  ") // texts and maps marshal
	return append(text, '\n')
}

func schemaOf(name string, t reflect.Type) map[string]any {
	s := map[string]any{}
	if about := described[name]; about != "" {
		s["description"] = about
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(name, t.Elem())
	case reflect.Bool:
		s["type"] = "boolean"
	case reflect.Slice:
		s["type"], s["items"] = "array", schemaOf(name, t.Elem())
		delete(s["items"].(map[string]any), "description")
	case reflect.Map:
		s["type"] = "object"
		if name == "lifetimes" {
			s["additionalProperties"], s["properties"] = false, lifetimesSchema()
		} else if t.Elem().Kind() != reflect.Interface {
			s["additionalProperties"] = schemaOf("", t.Elem())
		}
	case reflect.Struct:
		s["type"], s["additionalProperties"] = "object", false
		s["properties"] = propertiesOf(t)
		if t == reflect.TypeFor[fileClient]() {
			s["required"] = []string{"client_id"}
		}
	default:
		s["type"] = "string"
		if few := choices[name]; few != nil {
			s["enum"] = few
		}
	}
	return s
}

func propertiesOf(t reflect.Type) map[string]any {
	all := map[string]any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-":
		case option == "inline":
			for inner, schema := range propertiesOf(f.Type) {
				all[inner] = schema
			}
		default:
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			all[name] = schemaOf(name, f.Type)
		}
	}
	return all
}

func lifetimesSchema() map[string]any {
	all := map[string]any{}
	for _, k := range idp.LifetimeKinds() {
		all[k.Name] = map[string]any{"description": "Of " + k.Of + ": " + k.Shortest.String() + " to " + k.Limit.String(), "type": []string{"string", "number"}}
	}
	return all
}
