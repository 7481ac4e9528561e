package serve

import (
	_ "embed"
	"net/http"
)

// pathFavicon is where browsers look for a picture of a site that names none. A 404 there is the first thing that a
// developer sees in the console, and is not what is wrong.
const pathFavicon = "/favicon.ico"

//go:embed favicon.svg
var favicon []byte

// serveFavicon is a picture whatever its name ends in: browsers go by the type.
func serveFavicon(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "expected GET or HEAD, got "+r.Method)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "max-age=86400")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(favicon) // the reader may have gone; there is nobody to tell
}
