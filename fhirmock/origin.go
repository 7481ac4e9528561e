package fhirmock

import "net/http"

// Pages of other origins (CORS, the Fetch standard) may call this API: who calls is proved by the token in a
// header, which a page must have been given, and no cookie goes along. So every origin may ask, none may ask with
// credentials of the browser's, and what an app has to read of an answer is exposed (respond.go).

const (
	corsMethods = "DELETE, GET, HEAD, PATCH, POST, PUT"
	// corsHeaders name what this API reads, and any other: real clients send headers of their makers' (X-Medplum), and the
	// star stands for all but Authorization.
	corsHeaders = "Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, Purpose-Of-Use, X-Security-Context, X-Tenant-ID, *"
)

// answerOrigin answers a question of a browser's that comes before a request (preflight), and says so: it brings no
// token and is told nothing about any record. To any other request of a page it adds what lets the page read
// the answer, a refusal too. A caller that is no page sends no Origin and gets no such headers.
func (a *API) answerOrigin(w http.ResponseWriter, r *http.Request) (answered bool) {
	if r.Header.Get("Origin") == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Vary", "Origin")
	w.WriteHeader(http.StatusNoContent)
	return true
}
