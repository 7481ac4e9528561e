package fapi

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"sync/atomic"
	"time"
)

// Memo remembers what cryptography gave, for whoever makes many worlds of one seed: their honest parties sign and
// verify the same bytes with the same keys, hundreds of times over. It changes how long a run takes and nothing else,
// because what it stands for are pure functions:
//
//   - a signature is remembered by key, algorithm and what was signed, and only where the algorithm gives the same one
//     each time (ECDSA as RFC 6979 has it, Ed25519, RSA PKCS #1; never PSS, which is salted afresh);
//   - that a signature verifies, by the whole key and the whole token, its algorithm among it. One that does not
//     verify is never remembered, so nothing that is found here was ever refused;
//   - that a certificate's chain leads to an authority, by all certificates and the moment of the check.
//
// Names are SHA-256 digests, in which every part is preceded by its length. At most mostMemories of each kind are
// kept; then all of the kind are forgotten, and it begins again.
//
// A nil Memo remembers nothing and is what servers for strangers, drills and single runs have. A Memo is safe for
// concurrent use, and starts empty.
type Memo struct {
	signatures, signaturesRSA memories[[]byte]
	verified, verifiedRSA     memories[struct{}]
	chains                    memories[struct{}]
}

// mostMemories of each kind: on P-256 they take about 5 MiB in all. A matrix of the whole catalogue makes some 6,000.
const mostMemories = 1 << 14

// NewMemo returns a memo that remembers nothing yet.
func NewMemo() *Memo { return new(Memo) }

// Tally is how often something was asked for, and how often it had to be done. The difference was remembered.
type Tally struct{ Asked, Done int }

// Tallies are those of a memo, by operation: with RSA, and with all other keys.
type Tallies struct{ Signatures, SignaturesRSA, Verifications, VerificationsRSA, Chains Tally }

// Tallies returns what was asked for and done so far.
func (m *Memo) Tallies() Tallies {
	return Tallies{m.signatures.tally(), m.signaturesRSA.tally(), m.verified.tally(), m.verifiedRSA.tally(), m.chains.tally()}
}

// Verify is VerifyTrustingAlg, unless this token has been verified with this key before.
func (m *Memo) Verify(t *JWT, key crypto.PublicKey) error {
	if m == nil {
		return t.VerifyTrustingAlg(key)
	}
	n := newNamer()
	if !n.key(key) {
		n.end()
		return t.VerifyTrustingAlg(key)
	}
	addPart(n, t.Header.Alg)
	addPart(n, t.input) // header and claims
	addPart(n, t.signature)
	verified := &m.verified
	if _, is := key.(*rsa.PublicKey); is {
		verified = &m.verifiedRSA
	}
	_, err := verified.get(n.name(), func() (struct{}, error) { return struct{}{}, t.VerifyTrustingAlg(key) })
	return err
}

// CheckChain is CheckChain, unless this chain has passed before.
func (m *Memo) CheckChain(leaf *x509.Certificate, intermediates, trusted []*x509.Certificate, now time.Time) error {
	if m == nil {
		return CheckChain(leaf, intermediates, trusted, now)
	}
	n := newNamer()
	addPart(n, leaf.Raw)
	for _, list := range [][]*x509.Certificate{intermediates, trusted} {
		n.number(int64(len(list)))
		for _, c := range list {
			addPart(n, c.Raw)
		}
	}
	n.number(now.Unix())
	n.number(int64(now.Nanosecond()))
	_, err := m.chains.get(n.name(), func() (struct{}, error) {
		return struct{}{}, CheckChain(leaf, intermediates, trusted, now)
	})
	return err
}

// sign is what a key does that remembers what it has signed.
func (m *Memo) sign(k *Key, alg string, input []byte) ([]byte, error) {
	hash, pss := rsaAlgorithm(alg)
	if m == nil || pss {
		return k.sign(alg, input)
	}
	signatures := &m.signatures
	if hash != 0 {
		signatures = &m.signaturesRSA
	}
	n := newNamer()
	addPart(n, k.public.Thumbprint) // the whole key: a public half has one private one
	addPart(n, alg)
	addPart(n, input)
	return signatures.get(n.name(), func() ([]byte, error) { return k.sign(alg, input) })
}

// memories are results of one kind, by name. An error is no result, and is not kept.
type memories[V any] struct {
	mu          sync.RWMutex
	known       map[[sha256.Size]byte]V
	asked, done atomic.Int64
}

// get returns what is remembered, or finds out. Two who ask at once may both find out, and find the same.
func (s *memories[V]) get(name [sha256.Size]byte, find func() (V, error)) (V, error) {
	s.asked.Add(1)
	s.mu.RLock()
	v, found := s.known[name]
	s.mu.RUnlock()
	if found {
		return v, nil
	}
	s.done.Add(1)
	v, err := find()
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= mostMemories {
		s.known = map[[sha256.Size]byte]V{}
	}
	s.known[name] = v
	return v, nil
}

func (s *memories[V]) tally() Tally { return Tally{int(s.asked.Load()), int(s.done.Load())} }
