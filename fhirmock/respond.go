package fhirmock

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"thiefbox/fhirmock/interact"
	"thiefbox/fhirmock/r4"
	"thiefbox/fhirmock/store"
	"thiefbox/sim/party"
)

// answer sends what became of a request that was served.
func (a *API) answer(w http.ResponseWriter, v *visit, done *interact.Response) {
	h := w.Header()
	if rec := done.Record; rec != nil {
		h.Set("ETag", rec.ETag())
		h.Set("Last-Modified", rec.Updated.UTC().Format(http.TimeFormat))
		if (len(done.Written) > 0 || v.route.Kind == interact.Create) && !rec.Deleted { // a conditional create names what was there
			h.Set("Location", interact.Location(a.Base, done))
		}
	}
	if done.ContentLocation != "" {
		h.Set("Content-Location", done.ContentLocation)
	}
	if done.Progress != "" {
		h.Set("X-Progress", done.Progress)
		h.Set("Retry-After", strconv.Itoa(done.RetryAfter))
	}
	if !done.Expires.IsZero() {
		h.Set("Expires", done.Expires.UTC().Format(http.TimeFormat))
	}
	body := done.Body
	switch {
	case v.route.Kind == interact.ExportFile:
		a.sendLines(w, v, done)
		return
	case done.Plain:
		a.begin(w, v, done.Status, len(body), plainJSON)
		_, _ = w.Write(body)
		return
	case v.route.raw && done.Status == http.StatusOK:
		a.sendContent(w, v, body)
		return
	case v.returns == "minimal" && done.Changes() && done.Record != nil:
		body = nil
	case v.returns == "OperationOutcome" && done.Changes() && done.Record != nil && done.Status != http.StatusNoContent:
		body = done.Outcome()
	}
	a.send(w, v, done.Status, body)
}

// sendContent sends what is in a Binary as itself. It was uploaded by somebody, so a browser must neither
// guess at it nor run it.
func (a *API) sendContent(w http.ResponseWriter, v *visit, body []byte) {
	n, err := r4.Parse(body)
	if err != nil {
		panic("fhirmock: " + err.Error()) // the engine wrote it
	}
	data, _ := base64.StdEncoding.DecodeString(n.String("data")) // it was validated
	a.begin(w, v, http.StatusOK, len(data), []string{n.String("contentType")})
	_, _ = w.Write(data)
}

// send writes an answer with the headers that all of them have.
func (a *API) send(w http.ResponseWriter, v *visit, status int, body []byte) {
	if v.route.Request != nil && v.route.Params.Get("_pretty") == "true" && len(body) > 0 {
		var b bytes.Buffer
		if json.Indent(&b, body, "", "  ") == nil {
			body = b.Bytes()
		}
	}
	speaks := v.speaks
	if speaks == nil {
		speaks = fhirJSON
	}
	a.begin(w, v, status, len(body), speaks)
	party.Send(w, body)
}

// sendLines sends NDJSON, a record at a time, however many there are. What further ones concern is told before
// they are sent.
func (a *API) sendLines(w http.ResponseWriter, v *visit, done *interact.Response) {
	a.begin(w, v, http.StatusOK, -1, ndjson)
	line := done.Body
	for {
		for _, r := range done.Lines {
			line = a.engine.Line(line, r, done.Show)
			if _, err := w.Write(line); err != nil {
				return // the caller has hung up
			}
			line = line[:0]
		}
		_, _ = w.Write(line)
		if done.More == nil || v.http.Context().Err() != nil {
			return
		}
		more, err := done.More()
		if err != nil {
			panic(http.ErrAbortHandler) // half a file must not pass for a whole one
		}
		if len(more.Lines) > 0 {
			a.tell(v.http.Context(), v, more)
			_ = v.hands(more) // it was begun, and is counted
		}
		done, line = more, line[:0]
	}
}

var (
	plainJSON = []string{"application/json"}
	ndjson    = []string{"application/fhir+ndjson"}
)

var fhirJSON = []string{"application/fhir+json; charset=utf-8"}

// requestID is what a caller may call a request by.
var requestID = regexp.MustCompile(`^[!-~]{1,128}$`)

// everyAnswer is shared by all answers: its values are never changed in place.
var everyAnswer = http.Header{
	"Cache-Control":                 {"no-store"},
	"X-Content-Type-Options":        {"nosniff"},
	"Content-Security-Policy":       {"default-src 'none'; sandbox"},
	"Access-Control-Expose-Headers": {"Content-Location, DPoP-Nonce, ETag, Last-Modified, Location, Purpose-Of-Use, Retry-After, WWW-Authenticate, X-Progress, x-fapi-interaction-id"},
}

func (a *API) begin(w http.ResponseWriter, v *visit, status, length int, contentType []string) {
	h := w.Header()
	maps.Copy(h, everyAnswer)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		h["Content-Type"] = contentType
		if length >= 0 {
			h.Set("Content-Length", strconv.Itoa(length))
		}
	}
	if v.broke != "" && status < http.StatusBadRequest { // who is shown this must know that it was not for everyday
		h.Set(headerPurpose, breaksGlass)
	}
	if id := v.http.Header.Get("X-Request-Id"); requestID.MatchString(id) { // R4 http, "Custom Headers"
		h.Set("X-Request-Id", id)
	}
	if nonce := a.freshNonce(v); nonce != "" {
		h.Set("DPoP-Nonce", nonce)
	}
	w.WriteHeader(status)
}

// marksIn finds the marks in what was written.
func (a *API) marksIn(r *store.Record) []string {
	if a.Marks == nil {
		return nil
	}
	return a.Marks(r.Append(nil, ""))
}

// now is the world's time, in which versions are dated.
func (a *API) now() time.Time { return a.Party.Clock.Now() }
