package fhirmock

import (
	"sync"

	"thiefbox/sim/fapi"
)

// heard are access tokens as they were taken apart: a client sends its own with each request. Nothing about them is
// judged here, and whoever asks gets what taking them apart would give. Like verified it keeps two generations, so
// it is bounded, and strangers who fill it make others' tokens be taken apart once more.
type heard struct {
	mu         sync.Mutex
	young, old map[string]*apart
}

// apart is a token taken apart. It is shared, and never changed.
type apart struct {
	jwt    *fapi.JWT
	claims fapi.AccessToken
	hash   string
}

const (
	mostHeard    = 512 // in a generation
	longestHeard = 8 << 10
)

func (h *heard) read(compact string) (*apart, error) {
	if t := h.get(compact); t != nil {
		return t, nil
	}
	jwt, err := fapi.ParseJWT(compact)
	if err != nil {
		return nil, err
	}
	t := &apart{jwt: jwt, hash: fapi.Hash(compact)}
	if err := jwt.Claims(&t.claims); err != nil {
		return nil, err
	}
	h.put(t)
	return t, nil
}

func (h *heard) get(compact string) *apart {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.young[compact]; t != nil {
		return t
	}
	return h.old[compact]
}

func (h *heard) put(t *apart) {
	if len(t.jwt.Compact) > longestHeard {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.young == nil || len(h.young) >= mostHeard {
		h.young, h.old = map[string]*apart{}, h.young
	}
	h.young[t.jwt.Compact] = t
}
