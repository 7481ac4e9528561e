package fapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// strictB64 refuses the bits that the last character leaves over.
var strictB64 = base64.RawURLEncoding.Strict()

func b64(b []byte) string {
	if len(b) == sha256.Size { // a hash, as most are: its text fits on the stack
		var text [43]byte
		strictB64.Encode(text[:], b)
		return string(text[:])
	}
	return strictB64.EncodeToString(b)
}

func appendB64(to, b []byte) []byte { return strictB64.AppendEncode(to, b) }

// unb64Text reads text in base64url.
func unb64Text(part, s string) (string, error) {
	w := workbenches.Get().(*workbench)
	defer workbenches.Put(w)
	b, err := appendUnb64(w.json[:0], part, s)
	if err != nil {
		return "", err
	}
	w.json = b
	return string(b), nil
}

// appendUnb64 reads base64url without padding (RFC 7515 s2) into a buffer of the caller's. encoding/base64 would
// pass over line breaks, and then one signature would have many spellings.
func appendUnb64(to []byte, part, s string) ([]byte, error) {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		return nil, fmt.Errorf("expected %s in base64url without padding, got it with a line break", part)
	}
	b, err := strictB64.AppendDecode(to, []byte(s))
	if err != nil {
		return nil, fmt.Errorf("expected %s in base64url without padding, got %s", part, oddBase64(s, err))
	}
	return b, nil
}

// oddBase64 names what usually is wrong with text that is no base64url.
func oddBase64(s string, err error) string {
	switch {
	case strings.ContainsAny(s, "+/"):
		return "the alphabet of plain base64, with + and /: take base64url (RFC 4648 s5), which has - and _"
	case strings.HasSuffix(s, "="):
		return "it padded with =: leave that out (RFC 7515 s2)"
	case strings.ContainsAny(s, " \t"):
		return "white space in it, such as after a word in front"
	case strings.ContainsAny(s, "%"):
		return "it percent-encoded once too often"
	}
	return err.Error()
}

// Hash is the base64url SHA-256 of an ASCII string: S256 challenges (RFC 7636 s4.2), ath (RFC 9449
// s4.1), and names for secrets.
func Hash(s string) string {
	sum := digest(s)
	return b64(sum[:])
}

// digest is SHA-256. What is hashed here is the size of a token or a proof, and so never leaves the stack.
func digest(s string) [sha256.Size]byte {
	return sha256.Sum256(append(make([]byte, 0, 2048), s...))
}
