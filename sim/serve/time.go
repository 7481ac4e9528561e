package serve

import (
	"net/http"
	"time"
)

// The clock of an issuer can be pushed ahead of the machine's: codes lapse and keys grow old without
// anybody waiting.

type clockState struct {
	Now   time.Time `json:"now"`
	Ahead Duration  `json:"ahead"` // of this machine's clock
}

func (i *Issuer) serveClock(w http.ResponseWriter, _ *http.Request) {
	now := i.tenant.clock.Now()
	answerJSON(w, http.StatusOK, clockState{now.UTC(), Duration(now.Sub(i.tenant.server.config.Now()).Round(time.Second))})
}

// moveClock takes {"advance": "10m"}.
func (i *Issuer) moveClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance Duration `json:"advance"`
	}
	if err := readJSON(w, r, &in); err != nil {
		badInput(w, err)
		return
	}
	if in.Advance <= 0 {
		refuse(w, http.StatusBadRequest, "invalid_request", `expected a duration ahead, such as {"advance": "10m"}: time does not run backwards; `+pathReset+" begins anew")
		return
	}
	i.Advance(time.Duration(in.Advance))
	i.serveClock(w, r)
}

// Advance pushes the issuer's clock ahead.
func (i *Issuer) Advance(d time.Duration) {
	i.tenant.clock.Advance(d)
	i.tenant.keepClock()
}
