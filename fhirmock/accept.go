package fhirmock

import (
	"mime"
	"net/http"
	"strings"

	"thiefbox/fhirmock/interact"
)

// acceptable refuses callers who want another format than JSON. _format goes before Accept (R4 http,
// "Content Types and encodings"). Who reads a Binary and does not ask for FHIR gets what is in it.
func acceptable(v *visit) *problem {
	r, params := v.http, v.route.Params
	if v.route.Type == "Binary" && v.route.Kind == interact.Read && params["_format"] == nil && !strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "json") {
		v.route.raw = true
		return nil
	}
	if v.route.Kind == interact.ExportFile && strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "ndjson") {
		return nil
	}
	if formats, there := params["_format"]; there {
		for _, f := range formats {
			// A plus in a query is a space, and callers forget to escape it.
			if !isJSON(strings.ReplaceAll(f, " ", "+")) {
				return notAcceptable("_format", f)
			}
		}
		return nil
	}
	accept := r.Header.Values("Accept")
	if len(accept) == 0 {
		return nil
	}
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			if isJSON(strings.TrimSpace(item)) {
				return nil
			}
		}
	}
	return notAcceptable("Accept", strings.Join(accept, ", "))
}

// isJSON tells whether a media range covers application/fhir+json of FHIR 4.0.
func isJSON(mediaRange string) bool {
	if mediaRange == "application/fhir+json" {
		return true
	}
	t, params, err := mime.ParseMediaType(mediaRange)
	if err != nil || params["q"] == "0" || params["fhirversion"] != "" && params["fhirversion"] != "4.0" {
		return false
	}
	switch t {
	case "application/fhir+json", "application/json", "text/json", "json", "application/*", "*/*":
		return true
	}
	return false
}

func notAcceptable(what, got string) *problem {
	return &problem{status: http.StatusNotAcceptable, code: "not-supported", safe: "this API speaks application/fhir+json of FHIR 4.0",
		detail: what + ": expected application/fhir+json, got " + quoted(got)}
}
