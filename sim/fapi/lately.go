package fapi

import "sync"

// The same few documents are read again and again: every party of every world is shown the same metadata and keys,
// and a client shows the same key with every proof. What was read last is kept. What comes of reading depends on
// nothing but the text, so who reads cannot tell; nobody may change it.

var (
	documents = lately[Metadata]{most: 64, longest: 64 << 10}
	keySets   = lately[[]Public]{most: 64, longest: 64 << 10}
	headers   = lately[Header]{most: 512, longest: 1 << 10}  // by their text in base64url
	publics   = lately[*Public]{most: 512, longest: 1 << 10} // by their JWK
)

// lately is what was read of texts up to a length. When there are too many, all are forgotten: strangers, who may
// send as many as they like, cannot make it grow.
type lately[V any] struct {
	most, longest int

	mu   sync.RWMutex
	read map[string]V
}

func (l *lately[V]) get(text []byte) (V, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	v, ok := l.read[string(text)]
	return v, ok
}

func (l *lately[V]) getText(text string) (V, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	v, ok := l.read[text]
	return v, ok
}

func (l *lately[V]) put(text string, v V) {
	if len(text) > l.longest {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil || len(l.read) >= l.most {
		l.read = make(map[string]V)
	}
	l.read[text] = v
}
