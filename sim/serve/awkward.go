package serve

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"thiefbox/sim/dice"
)

// A server that is right and still awkward: what clients must cope with and never meet on a developer's
// machine, as Pebble does for ACME. Each way has a name and a share of the calls it strikes; the seed
// makes the sequence repeat.

// awkwardState is how awkward an issuer is.
type awkwardState struct {
	Seed  uint64             `json:"seed"`
	Share map[string]float64 `json:"share"` // of the calls that each way strikes
	// Preset, in a request, asks for a sensible mix.
	Preset bool              `json:"preset,omitempty"`
	Ways   map[string]string `json:"ways,omitempty"` // in an answer: what there is
}

// Awkward sets how awkward the issuer is: the share of calls that each way strikes, from 0 to 1. A nil
// map is the preset.
func (i *Issuer) Awkward(seed uint64, share map[string]float64) error {
	return i.tenant.faults.be(seed, share)
}

func (f *faults) be(seed uint64, share map[string]float64) error {
	if share == nil {
		share = map[string]float64{}
		for name, w := range ways {
			share[name] = w.usual
		}
	}
	for name, s := range share {
		if _, ok := ways[name]; !ok {
			return fmt.Errorf("expected a way to be awkward to be one of %s, got %q", strings.Join(slices.Sorted(maps.Keys(ways)), ", "), name)
		}
		if !(s >= 0 && s <= 1) {
			return fmt.Errorf("expected the share of %s to be from 0 to 1, got %g", name, s)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seed, f.dice = seed, dice.New(seed)
	f.awkward = maps.Clone(share)
	maps.DeleteFunc(f.awkward, func(_ string, s float64) bool { return s == 0 })
	return nil
}

// strikes throws the dice for a way.
func (f *faults) strikes(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	share := f.awkward[name]
	if share == 0 {
		return false
	}
	const sides = 1 << 20
	return float64(f.dice.IntN(sides)) < share*sides
}

// awkwardly serves a call in the ways that strike it. They are asked in the order of their names, so
// that a seed and a sequence of calls make the same sequence of answers.
func (i *Issuer) awkwardly(w http.ResponseWriter, r *http.Request, h http.Handler, to, path string) {
	names := slices.Sorted(maps.Keys(ways))
	for _, name := range names {
		if before := ways[name].before; before != nil && i.tenant.faults.strikes(name) {
			if did := before(i, w, r, path); did != "" {
				i.struck(r.Context(), name, did)
				if !ways[name].goesOn {
					return
				}
			}
		}
	}
	answer := &letter{header: w.Header()}
	h.ServeHTTP(answer, r)
	for _, name := range names {
		if after := ways[name].after; after != nil && i.tenant.faults.strikes(name) {
			if did := after(i, answer, r, path); did != "" {
				i.struck(r.Context(), name, did)
			}
		}
	}
	i.changeNonce(answer, r)
	w.WriteHeader(cmp.Or(answer.code, http.StatusOK))
	_, _ = w.Write(answer.body.Bytes()) // the reader may have gone; there is nobody to tell
}
