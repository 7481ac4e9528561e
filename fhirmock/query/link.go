package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// Link is how a mark came: in a link, which is made for one caller. Of whom it was made for it has a code that nobody
// can make without the key, and nobody can read: who finds somebody's link in a log is not told whose it is.
type Link struct{ raw, text, code string }

// linkCode is how long a code is: 16 characters, which nobody guesses at the rate of a server's answers.
const linkCode = 12

// link joins a place and the code of the caller for whom it is meant.
func (b Blind) link(text, caller string) string { return text + "~" + b.code(text, caller) }

// MadeFor tells whether a link was made for a caller, by his name, and stands as it was made.
func (l Link) MadeFor(b Blind, caller string) bool {
	return hmac.Equal([]byte(l.code), []byte(b.code(l.text, caller)))
}

func (b Blind) code(text, caller string) string {
	mac := hmac.New(sha256.New, b[:])
	mac.Write([]byte(text + " " + caller)) // no text has a space
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:linkCode])
}

// parseLink takes a link's value apart and reads the place in it. What has no code, or one of another length, is none of
// this server's.
func parseLink(s string, into any) (Link, bool) {
	text, code, _ := strings.Cut(s, "~")
	if len(s) > 8192 || len(code) != base64.RawURLEncoding.EncodedLen(linkCode) {
		return Link{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	return Link{raw: s, text: text, code: code}, err == nil && len(b) <= 4096 && json.Unmarshal(slices.Concat([]byte("{"), b, []byte("}")), into) == nil
}
