package report

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"thiefbox/sim/event"
)

func unsignedJWT(header, claims string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(header)) + "." + b64([]byte(claims)) + ".c2ln"
}

// Signed requests, answers and introspection open like other JWTs, and what they hold is known again where
// it turns up plain.
func TestSignedMessagesAreOpened(t *testing.T) {
	object := unsignedJWT(`{"typ":"oauth-authz-req+jwt","alg":"ES256"}`, `{"iss":"ehr","state":"a-state-of-some-length","nbf":1}`)
	response := unsignedJWT(`{"alg":"ES256"}`, `{"iss":"as","code":"a-code-of-some-length","state":"a-state-of-some-length"}`)
	answer := unsignedJWT(`{"typ":"token-introspection+jwt","alg":"ES256"}`, `{"iss":"as","token_introspection":{"active":true}}`)
	for name, c := range map[string]struct {
		m    event.Message
		kind string
		want string
	}{
		"request object": {event.Message{Method: "POST", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			Body: []byte("client_id=ehr&request=" + object)}, kindState, "a-state-of-some-length"},
		"authorization response": {event.Message{Method: "GET", URL: "https://ehr.test/callback?response=" + response}, kindCode, "a-code-of-some-length"},
		"introspection answer":   {event.Message{Status: 200, Header: http.Header{"Content-Type": {"application/token-introspection+jwt"}}, Body: []byte(answer)}, kindIntrospection, answer},
	} {
		opened := Decode(c.m)
		if len(opened) != 1 || opened[0].Name != name || !strings.Contains(opened[0].Claims, `"iss"`) {
			t.Errorf("%s: expected it to be opened, got %+v", name, opened)
		}
		found := map[string]string{}
		secretsOf(c.m, func(kind, value string) { found[kind] = value })
		if found[c.kind] != c.want {
			t.Errorf("%s: expected the %s in it to be found, got %v", name, c.kind, found)
		}
	}
}
