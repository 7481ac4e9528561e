package serve

import (
	"maps"
	"net/http"

	"thiefbox/sim/fapi"
)

func (i *Issuer) serveAwkward(w http.ResponseWriter, _ *http.Request) {
	f := &i.tenant.faults
	f.mu.Lock()
	out := awkwardState{Seed: f.seed, Share: maps.Clone(f.awkward), Ways: map[string]string{}}
	f.mu.Unlock()
	if out.Share == nil {
		out.Share = map[string]float64{}
	}
	for name, way := range ways {
		out.Ways[name] = way.does
	}
	answerJSON(w, http.StatusOK, out)
}

// setAwkward takes {"preset": true} or {"share": {"reject-nonce": 0.5}}, and a seed.
func (i *Issuer) setAwkward(w http.ResponseWriter, r *http.Request) {
	var in awkwardState
	err := readJSON(w, r, &in)
	if err == nil && in.Preset == (in.Share != nil) {
		refuse(w, http.StatusBadRequest, "invalid_request", `expected {"preset": true}, or {"share": {...}} with a share of the calls for each way`)
		return
	}
	if err == nil {
		err = i.Awkward(in.Seed, in.Share)
	}
	if err != nil {
		badInput(w, err)
		return
	}
	i.serveAwkward(w, r)
}

func (i *Issuer) clearAwkward(w http.ResponseWriter, r *http.Request) {
	_ = i.Awkward(0, map[string]float64{}) // no way is none that could be mistyped
	i.serveAwkward(w, r)
}

func proofNonce(compact string) string {
	return claim(compact, func(p fapi.Proof) string { return p.Nonce })
}
