package client

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"thiefbox/sim/control"
	"thiefbox/sim/party"
)

// Links into the EHR come from outside: from a portal, a message, another system. What they say about where
// to go is a wish, and these guards judge it.

// onward is where a link wants the browser to be sent, and reference which API a link wants a record from.
type (
	onward    struct{ to, own string }
	reference struct {
		api string
		own []string
	}
)

var (
	onwardGuards = []control.Guard[onward]{
		{Control: control.ClientOnward, Check: checkOnward, Answer: noSuchLink},
	}
	apiGuards = []control.Guard[reference]{
		{Control: control.ClientAPI, Check: checkAPI, Answer: noSuchLink},
	}
	noSuchLink = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "This link does not work here."}
)

// checkOnward: SP 5.3.3.1-4. Without it the browser is sent anywhere.
func checkOnward(o *onward) (string, error) {
	if o.to == o.own || strings.HasPrefix(o.to, o.own+"/") {
		return o.to, nil
	}
	return o.to, control.Expected("address to go on to", "a page of "+o.own, o.to)
}

// checkAPI: BCP s4.9.1. Without it the client takes its token wherever a link says the API is.
func checkAPI(r *reference) (string, error) {
	if slices.Contains(r.own, r.api) {
		return r.api, nil
	}
	return r.api, control.ExpectedFix("API", strings.Join(r.own, " or "), r.api, "set the client up for the API, if it is one")
}

// goOn sends the browser on to another page, with what it brought: GET /continue?to=URL. Pages that
// somebody has to come back from, such as those of a portal, point here.
func (e *EHR) goOn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	to, err := url.Parse(q.Get("to"))
	if err != nil || !to.IsAbs() {
		return malformed("continue: expected an absolute URL to go on to, got %q", q.Get("to"))
	}
	wish := &onward{to.String(), strings.TrimSuffix(e.redirectURI, "/callback")}
	if err := party.Enforce(r.Context(), e.protocol.party, wish, onwardGuards); err != nil {
		return err
	}
	q.Del("to")
	for name, values := range to.Query() {
		q[name] = values
	}
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

// apiOf is the API that a link to a record names; the EHR's own if it names none.
func (e *EHR) apiOf(r *http.Request) (string, error) {
	api := r.URL.Query().Get("api")
	if api == "" {
		return e.fhirBase, nil
	}
	if u, err := url.Parse(api); err != nil || u.Scheme != "https" || u.Host == "" {
		return "", malformed("api: expected the https URL of an API, got %q", api)
	}
	return api, party.Enforce(r.Context(), e.protocol.party, &reference{api, []string{e.fhirBase}}, apiGuards)
}
