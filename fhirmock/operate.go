package fhirmock

import (
	"strconv"
	"time"

	"thiefbox/sim/fapi"
)

// What an operator changes while an API runs, besides its policy.

// ProofWindow is how far the iat of a proof may lie from now.
func (a *API) ProofWindow() fapi.Window {
	if w := a.window.Load(); w != nil {
		return *w
	}
	return proofWindow
}

// SetProofWindow puts another window in force from the next request on. What is remembered of earlier
// proofs was filed under the old one: after widening, a proof from before can outlive its memory.
func (a *API) SetProofWindow(w fapi.Window) { a.window.Store(&w) }

// ForgetKeys has the keys of the authorization server fetched anew when the next token comes, as whoever replaced
// them can ask of the APIs that he runs.
func (a *API) ForgetKeys() {
	s := a.authority
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.searchedAt = nil, time.Time{}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s" }
