package sim

import (
	"sync"

	"thiefbox/sim/dice"
	"thiefbox/sim/fapi"
)

// keyring makes the keys of a seed, and the certificates that go with them, when they are first asked for:
// most runs need few of them. They follow from the seed and are never changed, so whoever makes many
// worlds of one seed lets them share a ring; what is in it is the same as if each had made its own.
type keyring struct {
	dice  *dice.Dice
	mu    sync.Mutex
	made  map[string]*fapi.Key
	pairs map[string]*fapi.KeyPair // by the name of the key
}

func newKeyring(seed uint64) *keyring {
	return &keyring{dice: dice.New(seed).Fork("keys"), made: map[string]*fapi.Key{}, pairs: map[string]*fapi.KeyPair{}}
}

func (k *keyring) get(name string) *fapi.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.key(name)
}

func (k *keyring) key(name string) *fapi.Key {
	if key := k.made[name]; key != nil {
		return key
	}
	key, err := fapi.NewES256Key(name, k.dice.Fork(name))
	if err != nil {
		panic("sim: dice do not run out: " + err.Error())
	}
	k.made[name] = key
	return key
}

// pair is a key with its certificate, which sign makes if there is none yet. What sign puts into it must
// follow from the name and the seed.
func (k *keyring) pair(name string, sign func(*fapi.Key) (*fapi.KeyPair, error)) *fapi.KeyPair {
	k.mu.Lock()
	defer k.mu.Unlock()
	if pair := k.pairs[name]; pair != nil {
		return pair
	}
	pair, err := sign(k.key(name))
	if err != nil {
		panic("sim: cannot make a certificate: " + err.Error()) // templates and keys are our own
	}
	k.pairs[name] = pair
	return pair
}
