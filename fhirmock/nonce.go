package fhirmock

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// nonces are the DPoP nonces of an API (RFC 9449 s9). They are computed, not stored: the nonce of a
// minute is a MAC over its number, so every node knows every nonce. The current one and the one before
// are good, which gives a client one to two minutes.
type nonces struct {
	key  [32]byte
	last atomic.Pointer[nonceOf]
}

// nonceOf is the nonce of a minute. The one before is worked out when it is asked for, which is seldom.
type nonceOf struct {
	minute  int64
	current string
}

func (n *nonces) at(now time.Time) *nonceOf {
	minute := now.Unix() / 60
	if p := n.last.Load(); p != nil && p.minute == minute {
		return p
	}
	p := &nonceOf{minute, n.of(minute)}
	n.last.Store(p)
	return p
}

func (n *nonces) of(minute int64) string {
	mac := hmac.New(sha256.New, n.key[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(minute)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (n *nonces) valid(nonce string, now time.Time) bool {
	p := n.at(now)
	return nonce == p.current || nonce == n.of(p.minute-1)
}

// freshNonce is what to offer with the answer: nothing to those who do not speak DPoP, and nothing to
// those whose proof has the current nonce. It depends on no control, so that clients send nonces
// whether or not anybody looks.
func (a *API) freshNonce(v *visit) string {
	if len(v.proofs) == 0 && (v.used == nil || v.used.scheme != schemeDPoP) {
		return ""
	}
	current := a.nonces.at(v.now).current
	if v.proof != nil && v.proof.Claims.Nonce == current {
		return ""
	}
	return current
}

// derived is a key for another purpose than nonces, which outlives a restart where theirs does.
func (a *API) derived(purpose string) [16]byte {
	mac := hmac.New(sha256.New, a.nonces.key[:])
	mac.Write([]byte(purpose))
	return [16]byte(mac.Sum(nil))
}

func (a *API) derivedCipher(purpose string) cipher.Block {
	key := a.derived(purpose)
	c, err := aes.NewCipher(key[:])
	if err != nil {
		panic("fhirmock: " + err.Error()) // a key of 16 bytes always makes one
	}
	return c
}
