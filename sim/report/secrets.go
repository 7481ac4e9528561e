package report

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"thiefbox/sim/event"
)

// Kinds of secret, as their stable names call them: "<access_token 1>".
const (
	kindAccessToken   = "access_token"
	kindRefreshToken  = "refresh_token"
	kindIDToken       = "id_token"
	kindCode          = "code"
	kindVerifier      = "code_verifier"
	kindAssertion     = "client_assertion"
	kindProof         = "proof"
	kindNonce         = "nonce"
	kindState         = "state"
	kindCookie        = "cookie"
	kindSecret        = "client_secret"
	kindPassword      = "password"
	kindRequestURI    = "request_uri"
	kindRequestObject = "request_object"
	kindResponse      = "authorization_response"
	kindIntrospection = "introspection_answer"
	kindInteraction   = "interaction"
	kindKey           = "private_key"
	kindModulus       = "modulus"
	kindJWT           = "jwt"
)

// secretFields are the parameters and JSON members that hold a secret, wherever they stand: query,
// form, hidden field, JSON.
var secretFields = map[string]string{
	"access_token": kindAccessToken, "token": kindAccessToken, "refresh_token": kindRefreshToken,
	"id_token": kindIDToken, "id_token_hint": kindIDToken, "code": kindCode, "code_verifier": kindVerifier,
	"client_assertion": kindAssertion, "assertion": kindAssertion, "client_secret": kindSecret, "secret": kindSecret,
	"password": kindPassword, "request_uri": kindRequestURI, "request": kindRequestObject, "response": kindResponse,
	"state": kindState, "nonce": kindNonce, "interaction": kindInteraction, "session": kindCookie,
}

// kinds are those that names of secrets begin with.
var kinds = map[string]bool{
	kindAccessToken: true, kindRefreshToken: true, kindIDToken: true, kindCode: true, kindVerifier: true, kindAssertion: true, kindProof: true,
	kindNonce: true, kindState: true, kindCookie: true, kindSecret: true, kindPassword: true, kindRequestURI: true, kindRequestObject: true,
	kindResponse: true, kindIntrospection: true, kindInteraction: true, kindKey: true, kindModulus: true, kindJWT: true,
}

// shortest is the length below which a value is no secret but a word: "allow", "b", "active".
const shortest = 12

// secretsOf calls found for every secret in a message, in a fixed order. A secret can come up more than once.
func secretsOf(m event.Message, found func(kind, value string)) {
	secretsInURL(m.URL, found)
	secretsInHeader(m.Header, found)
	secretsInBody(m.Header.Get("Content-Type"), m.Body, found)
}

func secretsInURL(raw string, found func(kind, value string)) {
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	secretsInPairs(u.RawQuery, found)
	secretsInPairs(u.Fragment, found)
}

func secretsInPairs(s string, found func(kind, value string)) {
	eachPair(s, func(name, value string) {
		field(name, value, found)
	})
}

// eachPair goes through a query or form in the order it was written, which url.Values would lose.
func eachPair(s string, visit func(name, value string)) {
	for s != "" {
		var pair string
		pair, s, _ = strings.Cut(s, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 == nil && err2 == nil {
			visit(name, value)
		}
	}
}

func field(name, value string, found func(kind, value string)) {
	kind := secretFields[name]
	switch {
	case kind == "" || value == "":
	case kind == kindRequestURI:
		// Only the last part of urn:ietf:params:oauth:request_uri:… is unguessable.
		if i := strings.LastIndexByte(value, ':'); strings.HasPrefix(value, "urn:") && len(value)-i > shortest {
			found(kind, value[i+1:])
		}
	case kind == kindPassword || kind == kindSecret:
		found(kind, value)
	case len(value) >= shortest:
		found(kind, value)
		if kind == kindRequestObject || kind == kindResponse {
			inside(value, found)
		}
	}
}

// inside finds what a signed request or answer holds: it is signed, not hidden.
func inside(compact string, found func(kind, value string)) {
	p, ok := peek(compact)
	if !ok {
		return
	}
	for _, name := range []string{"code", "state", "nonce"} {
		field(name, p.claim(name), found)
	}
}

func secretsInHeader(h http.Header, found func(kind, value string)) {
	for _, v := range h["Authorization"] {
		secretsInAuthorization(v, found)
	}
	for _, v := range h["Dpop"] {
		if len(v) >= shortest {
			found(kindProof, v)
		}
	}
	for _, v := range h["Dpop-Nonce"] {
		if len(v) >= shortest {
			found(kindNonce, v)
		}
	}
	for _, v := range h["Cookie"] {
		for _, pair := range strings.Split(v, ";") {
			secretInCookie(pair, found)
		}
	}
	for _, v := range h["Set-Cookie"] {
		pair, _, _ := strings.Cut(v, ";")
		secretInCookie(pair, found)
	}
	for _, name := range []string{"Location", "Referer"} {
		for _, v := range h[name] {
			secretsInURL(v, found)
		}
	}
}

func secretsInAuthorization(v string, found func(kind, value string)) {
	scheme, credentials, ok := strings.Cut(v, " ")
	credentials = strings.TrimSpace(credentials)
	if !ok || credentials == "" {
		return
	}
	if !strings.EqualFold(scheme, "Basic") {
		if len(credentials) >= shortest {
			found(kindAccessToken, credentials)
		}
		return
	}
	if pair, err := base64.StdEncoding.DecodeString(credentials); err == nil {
		if _, secret, ok := strings.Cut(string(pair), ":"); ok && secret != "" {
			found(kindSecret, secret)
		}
	}
	found(kindSecret, credentials)
}

func secretInCookie(pair string, found func(kind, value string)) {
	_, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
	value = strings.Trim(value, `"`)
	if len(value) >= shortest {
		found(kindCookie, value)
	}
}

var inputTag = regexp.MustCompile(`<input\b[^>]*>`)
var inputName = regexp.MustCompile(`\bname="([^"]*)"`)
var inputValue = regexp.MustCompile(`\bvalue="([^"]*)"`)

func secretsInBody(contentType string, body []byte, found func(kind, value string)) {
	switch {
	case len(body) == 0 || isFHIR(contentType, body):
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		secretsInPairs(string(body), found)
	case strings.HasPrefix(contentType, "application/token-introspection+jwt"):
		found(kindIntrospection, string(body))
	case body[0] == '{' || body[0] == '[':
		secretsInJSON(body, found)
	case strings.HasPrefix(contentType, "text/html"):
		for _, tag := range inputTag.FindAllSubmatch(body, -1) {
			name, value := inputName.FindSubmatch(tag[0]), inputValue.FindSubmatch(tag[0])
			if name != nil && value != nil {
				field(string(name[1]), html.UnescapeString(string(value[1])), found)
			}
		}
	}
}

// isFHIR tells clinical content, in which "code" means a diagnosis.
func isFHIR(contentType string, body []byte) bool {
	if strings.Contains(contentType, "fhir") {
		return true
	}
	start := body[:min(len(body), 200)]
	return strings.Contains(string(start), `"resourceType"`)
}

// secretsInJSON goes through members in the order of their names, so that numbers are stable.
func secretsInJSON(body []byte, found func(kind, value string)) {
	var top any
	if json.Unmarshal(body, &top) == nil {
		secretsInValue("", top, found)
	}
}

// privateMembers are the secret parts of a JWK (RFC 7518 s6). The modulus is public, but it is the
// one thing in a run that no seed decides (crypto/rsa draws from the operating system), so it gets a
// name as well.
var privateMembers = map[string]string{
	"d": kindKey, "p": kindKey, "q": kindKey, "dp": kindKey, "dq": kindKey, "qi": kindKey, "k": kindKey, "n": kindModulus,
}

func secretsInValue(name string, value any, found func(kind, value string)) {
	switch value := value.(type) {
	case string:
		field(name, value, found)
	case []any:
		for _, v := range value {
			secretsInValue(name, v, found)
		}
	case map[string]any:
		_, isKey := value["kty"]
		for _, member := range sortedKeys(value) {
			if s, ok := value[member].(string); ok && isKey && privateMembers[member] != "" {
				found(privateMembers[member], s)
				continue
			}
			secretsInValue(member, value[member], found)
		}
	}
}
