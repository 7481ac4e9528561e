package serve

import (
	"bytes"
	"net/http"

	"thiefbox/sim/report"
)

// serveHAR is the traffic of the issuer as an HTTP archive, without secrets; interaction=ID keeps the exchanges with
// that x-fapi-interaction-id.
func (i *Issuer) serveHAR(w http.ResponseWriter, r *http.Request) {
	events := i.Events()
	if id := r.URL.Query().Get("interaction"); id != "" {
		events = within(events, interaction(events, id))
	}
	var b bytes.Buffer
	if err := report.WriteHAR(&b, events); err != nil {
		refuse(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="thiefbox.har"`)
	write(w, http.StatusOK, "application/json", b.Bytes())
}
