package idp

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"thiefbox/sim/fapi"
)

// keyring is the keys that sign what this server issues: one for each algorithm in use, and those that
// were replaced lately. Keys are made when they are first needed: an RSA key takes its time.
type keyring struct {
	mu      sync.Mutex
	make    func() *fapi.Key           // the key of Config.Key
	other   func(alg string) *fapi.Key // Config.OtherKeys
	usual   string                     // Config.IDTokenAlg
	algs    []string                   // that clients have registered for
	first   *fapi.Key                  // signs access tokens, and whatever no client wants otherwise
	others  map[string]*fapi.Key       // by algorithm
	retired []RetiredKey
}

// mostRetired are remembered. It takes an operator who is in great haste to lose one that is still published.
const mostRetired = 100

// RetiredKey signs nothing any more, and is published until what it signed has been verified.
type RetiredKey struct {
	Key   fapi.Public
	Until time.Time
}

// signer is the key for an algorithm; empty means the server's own choice.
func (k *keyring) signer(alg string) *fapi.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signerLocked(alg)
}

func (k *keyring) signerLocked(alg string) *fapi.Key {
	if k.first == nil {
		k.first = k.make()
	}
	if alg == "" || alg == k.first.Alg {
		return k.first
	}
	if k.others[alg] == nil {
		if k.others == nil {
			k.others = map[string]*fapi.Key{}
		}
		k.others[alg] = k.other(alg)
	}
	return k.others[alg]
}

// use makes room for the algorithms that a client has registered for. own is the algorithm of the server's
// choice, for which there is a key anyway.
func (k *keyring) use(c *Client, own string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, alg := range []string{c.IDTokenAlg, c.UserinfoAlg, c.ResponseAlg} {
		switch {
		case alg == "" || alg == own || slices.Contains(k.algs, alg):
		case k.other == nil:
			return fmt.Errorf("expected a client that takes signatures with %s, the one algorithm of this server, got one that wants %s", own, alg)
		default:
			k.algs = append(k.algs, alg)
		}
	}
	return nil
}

// algorithms lists those that something may be signed with, the server's own choice first.
func (k *keyring) algorithms(own string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	algs := []string{own}
	for _, alg := range k.algs {
		if alg != own {
			algs = append(algs, alg)
		}
	}
	return algs
}

// published are the keys to verify with, those in use first.
func (k *keyring) published(now time.Time) []fapi.Public {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := []fapi.Public{k.signerLocked("").Public()}
	for _, alg := range k.algs {
		if key := k.signerLocked(alg); key != k.first {
			out = append(out, key.Public())
		}
	}
	for _, r := range k.retired {
		if now.Before(r.Until) {
			out = append(out, r.Key)
		}
	}
	return out
}

// expired are the latest of those whose time is over.
func (k *keyring) expired(now time.Time) (out []fapi.Public) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.retired {
		if !now.Before(r.Until) {
			out = append(out, r.Key)
		}
	}
	return out
}

// signed tells whether one of the published keys made the signature, with its own algorithm.
func (k *keyring) signed(t *fapi.JWT, now time.Time) bool {
	for _, key := range fapi.PickKeys(k.published(now), t.Header.Kid, t.Header.Alg) {
		if t.CheckAlg([]string{key.Alg}) == nil && t.VerifyTrustingAlg(key.Key) == nil {
			return true
		}
	}
	return false
}

// rotate puts next in the place of the key with its algorithm.
func (k *keyring) rotate(next *fapi.Key, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.signerLocked("")
	if old.Alg == next.Alg {
		k.first = next
	} else {
		if old = k.others[next.Alg]; k.others == nil {
			k.others = map[string]*fapi.Key{}
		}
		if k.others[next.Alg] = next; !slices.Contains(k.algs, next.Alg) {
			k.algs = append(k.algs, next.Alg)
		}
	}
	if old != nil && old != next {
		k.retired = append(k.retired, RetiredKey{old.Public(), until})
		k.retired = k.retired[max(0, len(k.retired)-mostRetired):]
	}
}

// prepareKeys sees to the algorithms of a client that comes while the server runs. Metadata names them.
func (s *Server) prepareKeys(c *Client) error {
	err := s.keys.use(c, s.party.Dialect().TokenAlg)
	s.published.Store(nil)
	return err
}

// RotateKey signs with next from now on, in place of the key of the same algorithm. The old one stays in the JWK
// Set until overlap has passed, so that what it signed can be verified, and so that a verifier who keeps
// keys for a while is never without the right one: next stands in the set before anything is signed
// with it, and a verifier who does not know it yet asks again. An overlap of zero is the emergency: the
// key is lost, and nothing that it signed is to be believed any more.
func (s *Server) RotateKey(next *fapi.Key, overlap time.Duration) {
	s.keys.rotate(next, s.now().Add(overlap))
}
