package fhirmock

import (
	"mime"
	"net/http"
	"strconv"
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
	accept := strings.Join(r.Header.Values("Accept"), ", ")
	if v.speaks = negotiated(accept); v.speaks == nil {
		return notAcceptable("Accept", accept)
	}
	return nil
}

// spoken are the names of FHIR's JSON, the proper one first. Who asks for another by name alone is answered by it (R4
// http, "Content Types and encodings").
var spoken = []struct {
	mediaType, family string
	header            []string
}{
	{"application/fhir+json", "application/*", fhirJSON},
	{"application/json", "application/*", plainJSON},
	{"text/json", "text/*", []string{"text/json"}},
	{"application/json+fhir", "application/*", fhirJSON}, // as it was called until 2016
}

// negotiated is the Content-Type that a caller likes best (RFC 9110 s12.5.1), or nil if he likes none.
func negotiated(accept string) []string {
	if accept == "" || accept == "application/fhir+json" || accept == "*/*" {
		return fhirJSON
	}
	var best []string
	liked := 0.0
	for _, s := range spoken {
		if q := quality(accept, s.mediaType, s.family); q > liked {
			best, liked = s.header, q
		}
	}
	return best
}

// quality is how much a media type is liked: what is said of it by name goes before what is said of its family, and of
// all. A range of another version of FHIR is none of ours.
func quality(accept, mediaType, family string) float64 {
	q, nearest := 0.0, 0
	for item := range strings.SplitSeq(accept, ",") {
		t, params, err := mime.ParseMediaType(strings.TrimSpace(item))
		if err != nil || params["fhirversion"] != "" && params["fhirversion"] != "4.0" {
			continue
		}
		near := 0
		switch t {
		case mediaType:
			near = 3
		case family:
			near = 2
		case "*/*":
			near = 1
		}
		if near == 0 || near <= nearest {
			continue
		}
		nearest, q = near, 1
		if raw, has := params["q"]; has {
			if q, err = strconv.ParseFloat(raw, 64); err != nil {
				q = 0
			}
		}
	}
	return q
}

// isJSON tells whether a Content-Type, or a _format, is the JSON of FHIR 4.0.
func isJSON(mediaType string) bool {
	if mediaType == "application/fhir+json" {
		return true
	}
	t, params, err := mime.ParseMediaType(mediaType)
	if err != nil || params["fhirversion"] != "" && params["fhirversion"] != "4.0" {
		return false
	}
	switch t {
	case "application/fhir+json", "application/json", "text/json", "application/json+fhir", "json":
		return true
	}
	return false
}

func notAcceptable(what, got string) *problem {
	return &problem{status: http.StatusNotAcceptable, code: "not-supported", safe: "this API speaks application/fhir+json of FHIR 4.0",
		detail: what + ": expected application/fhir+json, got " + quoted(got)}
}
