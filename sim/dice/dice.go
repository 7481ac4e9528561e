// Package dice is the only randomness a world has.
//
// Every secret, identifier and choice is drawn from a named stream that grows out of one seed, so a
// run repeats to the byte, and drawing more from one stream disturbs no other. The generator is
// SHA-256 in counter mode over a 32-byte key: under Secure, whose key comes from the operating
// system, the same code yields credentials with the 128 bits of entropy FAPI 2.0 SP 5.4.1 asks for.
package dice

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"sync"
)

// Dice is one stream of random bytes. It is safe for concurrent use; determinism needs a stream
// per actor, which is what Fork is for.
type Dice struct {
	mu   sync.Mutex
	key  [sha256.Size]byte
	ctr  uint64
	pool [sha256.Size]byte
	left int // bytes at the end of pool that nobody has drawn yet
}

// New returns the root stream of a simulated world. Never use it for a server strangers can reach.
func New(seed uint64) *Dice {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	return &Dice{key: sha256.Sum256(append([]byte("thiefbox seed "), b[:]...))}
}

// Secure returns a stream keyed by the operating system's generator, for `serve`.
func Secure() *Dice {
	d := &Dice{}
	_, _ = rand.Read(d.key[:]) // crypto/rand.Read never fails: it ends the program instead
	return d
}

// Fork returns the stream with the given name. Equal names give equal streams.
func (d *Dice) Fork(name string) *Dice { return &Dice{key: d.fork(name)} }

func (d *Dice) fork(name string) [sha256.Size]byte {
	// The buffer is large enough for any name in use, and then stays on the stack.
	from := append(append(make([]byte, 0, 128), "fork "...), d.key[:]...)
	return sha256.Sum256(append(from, name...))
}

// TokenOf is Fork(name).Token(), for who draws nothing else from that stream.
func (d *Dice) TokenOf(name string) string {
	child := Dice{key: d.fork(name)}
	var b [32]byte
	child.read(b[:])
	return token(b)
}

// Read fills p. It never fails; the error is there to be an io.Reader.
func (d *Dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read(p)
	return len(p), nil
}

func (d *Dice) read(p []byte) {
	for n := 0; n < len(p); {
		if d.left == 0 {
			d.refill()
		}
		c := copy(p[n:], d.pool[len(d.pool)-d.left:])
		d.left -= c
		n += c
	}
}

func (d *Dice) refill() {
	var block [sha256.Size + 8]byte
	copy(block[:], d.key[:])
	binary.BigEndian.PutUint64(block[sha256.Size:], d.ctr)
	d.ctr++
	d.pool, d.left = sha256.Sum256(block[:]), len(d.pool)
}

// Token returns an unguessable string of 32 random bytes in base64url, 43 characters long: twice the
// entropy FAPI 2.0 SP 5.4.1 demands of tokens and codes, and a valid PKCE verifier (RFC 7636 s4.1).
func (d *Dice) Token() string {
	var b [32]byte
	_, _ = d.Read(b[:])
	return token(b)
}

func token(b [32]byte) string {
	var text [43]byte
	base64.RawURLEncoding.Encode(text[:], b[:])
	return string(text[:])
}

// ID returns a random identifier of 16 bytes in hexadecimal, for jti and the like.
func (d *Dice) ID() string {
	var b [16]byte
	_, _ = d.Read(b[:])
	var text [32]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}

// IntN returns a number in [0,n). It panics if n is not positive, as math/rand does.
func (d *Dice) IntN(n int) int {
	if n <= 0 {
		panic("dice: IntN needs a positive bound")
	}
	// Rejection sampling: the leftover at the top of the range would favour small numbers.
	limit := ^uint64(0) - ^uint64(0)%uint64(n)
	for {
		var b [8]byte
		_, _ = d.Read(b[:])
		if v := binary.BigEndian.Uint64(b[:]); v < limit {
			return int(v % uint64(n))
		}
	}
}
