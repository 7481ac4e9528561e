package sim

import (
	"encoding/hex"
	"slices"
	"sync"

	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// stock is what follows from a seed alone: keys and certificates, secrets, and the marks by which a leak is
// recognised. It is made when it is first asked for, since most runs need little of it, and never changed,
// so whoever makes many worlds of one seed lets them share it: each gets what it would have made itself.
type stock struct {
	memo *fapi.Memo // of cryptography; nil for a stock of one world

	dice *dice.Dice // never drawn from: only its forks are
	ring *dice.Dice // of keys

	mu      sync.Mutex
	keys    map[string]*fapi.Key
	pairs   map[string]*fapi.KeyPair // by the name of the key
	secrets map[string]string        // by owner
	stolen  map[string]*fapi.Key     // by their JWK: keys that were read out of what a thief took; nil for a stock of one world

	canaries  string            // one after the other, in the order of the patients
	protected map[string]string // patients by canary
	mark      string            // of the thief's writing
}

// newSharedStock is a stock for many worlds, which also remembers what their cryptography gave: with the same keys,
// they sign and verify the same bytes over and over.
func newSharedStock(seed uint64) *stock {
	s := newStock(seed)
	s.memo, s.stolen = fapi.NewMemo(), map[string]*fapi.Key{}
	return s
}

func newStock(seed uint64) *stock {
	s := &stock{dice: dice.New(seed), keys: map[string]*fapi.Key{}, pairs: map[string]*fapi.KeyPair{}, secrets: map[string]string{}}
	s.ring = s.dice.Fork("keys")
	s.drawCanaries()
	// The thief puts a mark of his own into what he writes, so that it is recognised wherever it is stored.
	s.mark = "mark-" + s.dice.Fork("mark").ID()[:16]
	return s
}

// drawCanaries marks each patient's records, so that a leak is recognised wherever it surfaces.
func (s *stock) drawCanaries() {
	patients := population().patients
	s.protected = make(map[string]string, len(patients))
	marks := make([]byte, 8*len(patients))
	_, _ = s.dice.Fork("canaries").Read(marks)
	all := make([]byte, 0, len(marks)*4)
	for mark := range slices.Chunk(marks, 8) {
		all = hex.AppendEncode(append(all, "canary-"...), mark)
	}
	s.canaries = string(all)
	for _, id := range patients {
		s.protected[s.canary(id)] = id
	}
}

// canary is the mark of a patient's records, empty for one that there is not.
func (s *stock) canary(patient string) string {
	i, there := population().place[patient]
	if !there {
		return ""
	}
	each := len(s.canaries) / len(population().patients)
	return s.canaries[i*each : (i+1)*each]
}

func (s *stock) secret(owner string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	secret, made := s.secrets[owner]
	if !made {
		secret = s.dice.TokenOf("secret of " + owner)
		s.secrets[owner] = secret
	}
	return secret
}

func (s *stock) key(name string) *fapi.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedKey(name)
}

func (s *stock) lockedKey(name string) *fapi.Key {
	if key := s.keys[name]; key != nil {
		return key
	}
	key, err := fapi.NewES256Key(name, s.ring.Fork(name))
	if err != nil {
		panic("sim: dice do not run out: " + err.Error())
	}
	if s.memo != nil {
		key = key.Remembering(s.memo)
	}
	s.keys[name] = key
	return key
}

// read reads a private JWK. The keys that a thief can take are those of the stock, so there are few.
func (s *stock) read(jwk []byte) (*fapi.Key, error) {
	if s.memo == nil {
		return fapi.ParseKey(jwk)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := s.stolen[string(jwk)]; key != nil {
		return key, nil
	}
	key, err := fapi.ParseKey(jwk)
	if err == nil {
		key = key.Remembering(s.memo)
		s.stolen[string(jwk)] = key
	}
	return key, err
}

// pair is a key with its certificate, which sign makes if there is none yet. What sign puts into it must
// follow from the name and the seed.
func (s *stock) pair(name string, sign func(*fapi.Key) (*fapi.KeyPair, error)) *fapi.KeyPair {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pair := s.pairs[name]; pair != nil {
		return pair
	}
	pair, err := sign(s.lockedKey(name))
	if err != nil {
		panic("sim: cannot make a certificate: " + err.Error()) // templates and keys are our own
	}
	s.pairs[name] = pair
	return pair
}
