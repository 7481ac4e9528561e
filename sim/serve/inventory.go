package serve

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"thiefbox/fhirmock"
	"thiefbox/idp"
	"thiefbox/sim/control"
)

// What an issuer publishes of itself: the authorization server at its root, the API below it, and what is there to
// drive it by. That last part rules over nothing, and gives out what went over the wire: it is for tests on one
// machine, and whoever can reach the port may use it.

// Own is the party of this package's endpoints in an inventory.
const Own control.Party = "serve"

// gives says what some of this package's paths give out or take in; the others, nothing of anybody's.
var gives = map[string]control.DataClass{
	"": control.SensitiveHealth, "/": control.SensitiveHealth, // the screen shows the latest requests
	pathEvents: control.SensitiveHealth, pathHAR: control.SensitiveHealth, pathRequests: control.SensitiveHealth, pathWhy: control.PersonalData,
	pathExpect: control.PersonalData, pathCallback: control.PersonalData, pathToken: control.PersonalData, pathTestToken: control.PersonalData,
	pathEHR: control.PersonalData,
}

// Endpoints lists what an issuer serves.
func Endpoints() ([]control.Endpoint, error) {
	var doc struct {
		Paths map[string]map[string]any
	}
	if err := yaml.Unmarshal([]byte(openAPI), &doc); err != nil {
		return nil, err
	}
	var out []control.Endpoint
	for _, e := range idp.Endpoints() {
		e.Path = "{issuer}" + e.Path
		out = append(out, e)
	}
	for _, e := range fhirmock.Endpoints(stepUps) {
		e.Path = strings.Replace(e.Path, "{base}", "{issuer}"+pathFHIR, 1)
		if !strings.HasPrefix(e.Path, "{issuer}") {
			e.Path += "/{issuer}" + pathFHIR // RFC 9728 s3.1: behind the well-known part
		}
		out = append(out, e)
	}
	out = append(out, control.Endpoint{Party: Own, Path: "/", Methods: []string{http.MethodGet, http.MethodHead}, Title: "the issuers there are", Data: control.NoData})
	out = append(out, control.Endpoint{Party: Own, Path: pathFavicon, Methods: []string{http.MethodGet, http.MethodHead}, Title: "a picture for browsers", Data: control.NoData})
	for _, path := range slices.Sorted(maps.Keys(own)) {
		if path == "/" {
			continue // the same as the one without
		}
		shown, title := path, "the screen: what is here, and the latest requests"
		if strings.HasSuffix(path, "/") {
			shown += "{party}/{name}"
		}
		e := control.Endpoint{Party: Own, Path: "{issuer}" + shown, Data: control.NoData, Title: title}
		if class, known := gives[path]; known {
			e.Data = class
		}
		if path == pathTestToken {
			e.Path = path // of one issuer, and at the root
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if own[path][method] == nil {
				continue
			}
			if e.Methods = append(e.Methods, method); method == http.MethodGet {
				e.Methods = append(e.Methods, http.MethodHead)
			}
		}
		if s := summary(doc.Paths[shown]); s != "" {
			e.Title = s
		}
		out = append(out, e)
	}
	return out, nil
}

// summary is the first that the document has for a path, by method.
func summary(methods map[string]any) string {
	for _, name := range []string{"get", "post", "put", "patch", "delete"} {
		if m, ok := methods[name].(map[string]any); ok {
			if s, ok := m["summary"].(string); ok {
				return s
			}
		}
	}
	return ""
}
