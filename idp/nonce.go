package idp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
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

type nonces struct {
	key []byte
	// made are those of one minute and the two before it: they are asked for at every request.
	made atomic.Pointer[goodNonces]
}

type goodNonces struct {
	step int64
	good [nonceSteps]string // the newest first
}

func newNonces(key []byte, d *dice.Dice) *nonces {
	if len(key) == 0 {
		key = make([]byte, sha256.Size)
		_, _ = d.Fork("dpop-nonce").Read(key) // dice never fail
	}
	return &nonces{key: key}
}

// at returns the nonces that are good at a moment.
func (n *nonces) at(now time.Time) *goodNonces {
	step := now.Unix() / int64(nonceStep/time.Second)
	m := n.made.Load()
	if m == nil || m.step != step {
		m = &goodNonces{step: step}
		for back := range m.good {
			m.good[back] = n.of(step - int64(back))
		}
		n.made.Store(m)
	}
	return m
}

// current is the nonce to hand out now.
func (n *nonces) current(now time.Time) string { return n.at(now).good[0] }

// valid tells whether the nonce was made here lately.
func (n *nonces) valid(nonce string, now time.Time) bool {
	ok := 0
	for _, good := range n.at(now).good {
		ok |= subtle.ConstantTimeCompare([]byte(nonce), []byte(good))
	}
	return ok == 1
}

func (n *nonces) of(step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step))
	mac := hmac.New(sha256.New, n.key)
	mac.Write(b[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
