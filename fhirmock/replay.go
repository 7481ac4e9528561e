package fhirmock

import (
	"crypto/sha256"
	"sync"
	"time"

	"thiefbox/sim/dice"
)

// ReplayMemory remembers proofs that were used, and the key of the nonces. The nodes of one API share
// one; each node has others of its own. It is safe for concurrent use; the zero value is empty.
//
// Proofs are filed by when they may be forgotten, in slots of half a minute, so that forgetting is
// dropping a whole slot: nothing ever scans. Only proofs that passed every check come here, so filling
// the memory takes a client with a valid token; when it is full nothing more is let through, since to
// forget early would let a replay pass.
type ReplayMemory struct {
	mu    sync.Mutex
	slots map[int64]map[proofID]int64 // slot to proof to the Unix nanosecond it is forgotten at
	size  int
	most  int // for tests; 0 stands for mostProofs

	misses misses
	keeper Keeper // nil if nothing outlives the process
	name   string // what it calls this memory
	rates  rates
	handed volumes

	glasses glasses

	nonceOnce sync.Once
	nonceKey  *nonces
}

// proofID is a hash of key and jti: of fixed length however long the jti, and nobody can burn a jti for
// somebody else's key (RFC 9449 s11.1).
type proofID [16]byte

const (
	slotLength = 30 * time.Second
	mostProofs = 1 << 19 // 7,000 a second for the 80 s that the oldest may stay; 20 MB
)

// NewReplayMemory returns an empty memory.
func NewReplayMemory() *ReplayMemory { return &ReplayMemory{} }

// Keeper keeps proofs for memories that outlive the process. Each memory has a name.
type Keeper interface {
	// Keep returns when the proof is kept until a moment. Several may be on their way at a time.
	Keep(memory, proof string, now, until time.Time) error
	// Kept shows all that there are.
	Kept(see func(memory, proof string, until time.Time)) error
}

// KeptBy has a memory read back from a keeper, and every proof kept there from now on, before it passes.
func (m *ReplayMemory) KeptBy(k Keeper, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keeper, m.name = k, name
	return k.Kept(func(memory, proof string, until time.Time) {
		if memory == name && len(proof) == len(proofID{}) {
			m.file(proofID([]byte(proof)), until)
		}
	})
}

// use is the answer of ReplayMemory.use.
type use int

const (
	first use = iota
	seen
	full
	unkept
)

// use remembers a proof until a moment, unless it is remembered already. The question and the
// remembering are one step: of two simultaneous uses one is the first.
func (m *ReplayMemory) use(thumbprint, jti string, now, until time.Time) use {
	sum := sha256.Sum256([]byte(thumbprint + "\x00" + jti))
	id := proofID(sum[:16])
	u := m.remember(id, now, until)
	if u == first && m.keeper != nil && until.After(now) && m.keeper.Keep(m.name, string(id[:]), now, until) != nil {
		return unkept
	}
	return u
}

func (m *ReplayMemory) remember(id proofID, now, until time.Time) use {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	for _, slot := range m.slots {
		if end, there := slot[id]; there && now.UnixNano() < end {
			return seen
		}
	}
	if !until.After(now) {
		return first // an old proof, which only a server that does not look at iat lets this far
	}
	most := m.most
	if most == 0 {
		most = mostProofs
	}
	if m.size >= most {
		return full
	}
	m.file(id, until)
	return first
}

func (m *ReplayMemory) file(id proofID, until time.Time) {
	n := slotOf(until)
	slot := m.slots[n]
	if slot == nil {
		if m.slots == nil {
			m.slots = map[int64]map[proofID]int64{}
		}
		slot = map[proofID]int64{}
		m.slots[n] = slot
	}
	before := len(slot)
	slot[id] = until.UnixNano()
	m.size += len(slot) - before
}

// forget drops the slots that are over. There are never more than four.
func (m *ReplayMemory) forget(now time.Time) {
	current := slotOf(now)
	for n, slot := range m.slots {
		if n < current {
			m.size -= len(slot)
			delete(m.slots, n)
		}
	}
}

func slotOf(t time.Time) int64 { return t.UnixNano() / int64(slotLength) }

// noncesOf returns the nonces of the API, whose key the first node to ask draws, if it is given none.
func (m *ReplayMemory) noncesOf(key []byte, d *dice.Dice) *nonces {
	m.nonceOnce.Do(func() {
		m.nonceKey = &nonces{}
		if len(key) > 0 {
			copy(m.nonceKey.key[:], key)
			return
		}
		_, _ = d.Fork("dpop-nonce").Read(m.nonceKey.key[:]) // Dice never fail
	})
	return m.nonceKey
}
