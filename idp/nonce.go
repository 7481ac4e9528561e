package idp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"thiefbox/sim/dice"
)

// DPoP nonces (RFC 9449 s8) without state: the nonce of a minute is an HMAC over that minute, so any
// number may be out there and nothing needs to be kept. A nonce is good for the minute it was made in
// and the two after it, so it outlives a slow client but not a lunch break.
const (
	nonceStep  = time.Minute
	nonceSteps = 3
)

type nonces struct{ key []byte }

func newNonces(d *dice.Dice) nonces {
	key := make([]byte, sha256.Size)
	_, _ = d.Read(key) // dice never fail
	return nonces{key}
}

// current is the nonce to hand out now.
func (n nonces) current(now time.Time) string { return n.of(now.Unix() / int64(nonceStep/time.Second)) }

// valid tells whether the nonce was made here lately.
func (n nonces) valid(nonce string, now time.Time) bool {
	step := now.Unix() / int64(nonceStep/time.Second)
	ok := 0
	for back := range int64(nonceSteps) {
		ok |= subtle.ConstantTimeCompare([]byte(nonce), []byte(n.of(step-back)))
	}
	return ok == 1
}

func (n nonces) of(step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step))
	mac := hmac.New(sha256.New, n.key)
	mac.Write(b[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
